"""Four clusters on four backends at once, one cloud mute and one refusing: the others are told as if alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.chain.filestore_words import unused
from console.chain.model import ClusterState, FleetState
from console.fleet.fleet import Fleet
from console.settings import Settings
from providers import pool
from providers.errors import ProviderError
from providers.filestores.registry import backends
from tests.fleet.clouds import (
    BACKEND,
    CLOUDS,
    EARTH,
    FOREST,
    FOREST_ACCOUNT,
    LAB,
    OCEAN,
    World,
    complete,
    four_clouds,
)
from tests.fleet.worlds import Contexts, FakeSources

ROOT = Path(__file__).parents[2]
EVERY = (*CLOUDS, LAB)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    yield monkeypatch
    pool.shutdown()


def led(environment: pytest.MonkeyPatch, world: World) -> World:
    for name, value in world.environment.items():
        environment.setenv(name, value)
    return world


def named(state: FleetState, name: str) -> ClusterState:
    return next(cluster for cluster in state.clusters if cluster.name == name)


async def test_each_hub_is_on_the_filestore_of_its_own_cloud(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with four_clouds(tmp_path) as world:
        state = await led(environment, world).fleet(*EVERY).once()
    assert complete(state, EVERY)
    for name in EVERY:
        cluster = named(state, name)
        (store,) = cluster.filestores
        assert (store.backend, store.state) == (BACKEND[name], "ready"), name
        assert cluster.hubs[0].backend == BACKEND[name]
        assert [one for one in cluster.findings if one.link == "cluster"] == []
        assert cluster.filestores_unknown == ""


async def test_each_cloud_tells_of_its_filestores_where_no_api_server_can_be_reached(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = ProviderError("unreachable", "no route to host")
    settings = Settings(accounts={FOREST: FOREST_ACCOUNT})
    async with four_clouds(tmp_path) as world:
        led(environment, world)
        sources = FakeSources(Contexts(**dict.fromkeys(CLOUDS, away)), backends=backends(settings.backends))
        state = await Fleet(sources, settings, contexts=CLOUDS, coalesce_s=0).once()
    for name in CLOUDS:
        cluster = named(state, name)
        assert (cluster.state, cluster.error and cluster.error.kind) == ("failed", "unreachable")
        (store,) = cluster.filestores
        assert (store.backend, store.state) == (BACKEND[name], "ready"), name
        assert [one.code for one in cluster.findings if one.link == "cluster"] == ["CLU01"]
        assert unused(cluster, store) is None


@pytest.mark.parametrize(
    ("mute", "refusing", "said"),
    [
        (FOREST, EARTH, "the API does not answer"),
        (EARTH, OCEAN, "the endpoint can't be reached"),
        (OCEAN, FOREST, "Azure's management API refuses connections"),
    ],
    ids=lambda value: BACKEND.get(value, ""),
)
async def test_a_mute_and_a_refusing_cloud_are_two_rows_that_say_so(
    mute: str, refusing: str, said: str, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    others = [name for name in EVERY if name not in (mute, refusing)]
    async with four_clouds(tmp_path, mute=mute, refusing=refusing) as world:
        fleet = led(environment, world).fleet(*EVERY, filestores_s=4.0)
        meanwhile: list[ClusterState] = []

        def look(state: FleetState) -> None:
            if not meanwhile and complete(state, others):
                meanwhile.append(named(state, mute))

        fleet.subscribe(look)
        state = await fleet.once()
    assert complete(state, others)
    # The mute cloud held nobody up: its own cluster was still waiting when the others were done.
    assert meanwhile[0].state == "observing"
    for name, words in ((mute, ("did not answer within", "no answer")), (refusing, (said,))):
        cluster = named(state, name)
        assert (cluster.state, cluster.error, cluster.hubs[0].name) == ("observed", None, "prod")
        assert (cluster.hubs[0].pv is not None and cluster.hubs[0].pv.exists) is True
        told = [one for one in cluster.findings if one.link == "cluster"]
        assert [(one.code, one.severity) for one in told] == [("CLU08", "warning")]
        assert any(word in told[0].message for word in words), told[0].message
        assert cluster.hubs[0].link("filestore").mark == "unobserved"
    for name in others:
        assert [one.code for one in named(state, name).findings if one.link == "cluster"] == []


ASK = """
import asyncio, json, sys
from console.settings import Settings
from console.fleet.fleet import Fleet
from console.fleet.sources import RealSources
from providers.simulated.apiserver import SimulatedApiServer
from tests.fleet.worlds import Contexts

names, first = json.loads(sys.argv[1]), sys.argv[2] == "first"
connector = Contexts(**{name: SimulatedApiServer() for name in names})
shown = asyncio.Event()

def loaded():
    families = {name.split(".")[0] for name in sys.modules}
    packages = {".".join(name.split(".")[:3]) for name in sys.modules if name.startswith("providers.filestores.")}
    clouds = {f"providers.filestores.{n}" for n in ("aws_efs", "gcp_filestore", "azure_files")}
    return {
        "sdks": sorted(families & {"boto3", "botocore", "google", "grpc", "azure", "msal", "requests"}),
        "adapters": sorted(packages & clouds),
    }

def look(state):
    at_first.setdefault("loaded", loaded())
    shown.set()

at_first = {}

class Sources(RealSources):
    def contexts(self): return connector.contexts()
    def connector(self): return connector

async def asked():
    settings = Settings()
    fleet = Fleet(Sources(settings, None), settings, contexts=names)
    fleet.subscribe(look)
    if not first:
        return await fleet.once()
    running = asyncio.create_task(fleet.run())
    await shown.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return fleet.state

state = asyncio.run(asked())
print(json.dumps({
    **(at_first["loaded"] if first else loaded()),
    "unknown": {cluster.name: cluster.filestores_unknown for cluster in state.clusters},
}))
"""


def asked(home: Path, *names: str, first: bool = False) -> dict[str, object]:
    """What a process with the default settings has loaded that looked at NAMES, or at its FIRST state of them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_"))}
    run = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(names), "first" if first else ""],
        env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    answer: dict[str, object] = json.loads(run.stdout)
    return answer


def test_a_fleet_on_no_cloud_loads_nothing_of_any(tmp_path: Path) -> None:
    answer = asked(tmp_path, "lab", "bare-metal")
    assert (answer["sdks"], answer["adapters"]) == ([], [])


def test_nothing_of_a_cloud_is_loaded_before_the_first_picture(tmp_path: Path) -> None:
    answer = asked(tmp_path, EARTH, OCEAN, first=True)
    assert (answer["sdks"], answer["adapters"]) == ([], [])


def test_a_cloud_is_loaded_by_its_own_clusters_alone_and_says_nothing_on_the_terminal(tmp_path: Path) -> None:
    answer = asked(tmp_path, OCEAN, "lab")
    assert answer["adapters"] == ["providers.filestores.aws_efs"]
    assert not {"google", "grpc", "azure"} & set(answer["sdks"])  # type: ignore[call-overload]
    unknown = answer["unknown"]
    assert isinstance(unknown, dict)
    assert "there are no AWS credentials" in unknown[OCEAN]
    assert unknown["lab"] == ""
