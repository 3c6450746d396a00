"""A cloud is a source of its own: it is asked whatever the API server says, and neither holds the other up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from console.chain.model import ClusterState, FleetState
from console.settings import Settings
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreListing, FilestoreScope, Usage
from providers.simulated.apiserver import SimulatedApiServer
from tests.fleet.test_fleet import SETTINGS, fleet_of, running, state_when
from tests.fleet.worlds import NOW, Contexts, FakeSources, Filestores, cluster, hub, inventory

TIB = 2**40
FULL = Filestore(
    id="homes",
    name="homes",
    backend="gcp-filestore",
    addresses=("10.2.0.2",),
    exports=("/homes",),
    state="ready",
    usage=Usage(used_bytes=TIB - 1, capacity_bytes=TIB, source="Cloud Monitoring", observed_at=NOW),
)
EXPIRED = ProviderError("unauthorized", "the token has expired", next_step="sign in")


class Cloud(Filestores):
    """Waits until `told` is set; `scopes` are those that it was asked for."""

    def __init__(
        self, answer: FilestoreListing | Exception, *, mute: bool = False, name: str = "gcp-filestore"
    ) -> None:
        super().__init__(answer)
        self.name = name  # type: ignore[misc]
        self.scopes: list[FilestoreScope] = []
        self.asked, self.told = asyncio.Event(), asyncio.Event()
        if not mute:
            self.told.set()

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        self.scopes.append(scope)
        self.asked.set()
        await self.told.wait()
        return await super().list_filestores(scope)


class Late(Contexts):
    """Connects once `through` is set."""

    def __init__(self, **servers: SimulatedApiServer) -> None:
        super().__init__(**servers)
        self.through = asyncio.Event()

    async def connect(self, context: str, **options: object) -> object:  # type: ignore[override]
        await self.through.wait()
        return await super().connect(context, **options)  # type: ignore[arg-type]


def earth(*contexts: object, clouds: Sequence[Filestores], **account: str) -> FakeSources:
    (connector,) = contexts or (Contexts(),)
    declared = inventory(cluster("earth", hub("earth"), **{"project": "earth-hubs", **account}))
    return FakeSources(connector, declared=declared, backends=clouds)  # type: ignore[arg-type]


def only(state: FleetState) -> ClusterState:
    return state.clusters[0]


def is_told(state: FleetState) -> bool:
    """Whether the share is shown to be full, on its hub."""
    return bool(state.clusters) and "FST04" in {one.code for one in only(state).hubs[0].findings}


def broken() -> Contexts:
    contexts = Contexts(earth=SimulatedApiServer())
    contexts.broken = ProviderError("no_context", "kubeconfig config, line 3: not YAML")
    return contexts


@pytest.mark.parametrize(
    ("contexts", "kind"),
    [
        (lambda: Contexts(), "no_context"),
        (broken, "no_context"),
        (lambda: Contexts(earth=EXPIRED), "unauthorized"),
        (lambda: Contexts(earth=ProviderError("unreachable", "refused")), "unreachable"),
        (lambda: Contexts(earth=RuntimeError("a mistake")), "internal"),
    ],
    ids=["no context", "broken kubeconfig", "401", "refused", "mistake"],
)
async def test_a_cluster_that_cannot_be_asked_has_its_filestores_and_their_trouble(contexts, kind) -> None:  # type: ignore[no-untyped-def]
    cloud = Cloud(FilestoreListing(filestores=(FULL,)))
    state = await fleet_of(earth(contexts(), clouds=[cloud])).once()
    found = only(state)
    assert found.error is not None
    assert (found.state, found.error.kind, found.filestores) == ("failed", kind, (FULL,))
    assert is_told(state)
    assert found.filestore_hubs == {"homes": ("prod",)}
    assert cloud.scopes[0].account == {"project": "earth-hubs"}
    assert (len(cloud.scopes), cloud.scopes[0].observation) == (1, None)
    assert cloud.scopes[0].declared == (("10.2.0.2", "/homes/prod"),)
    assert found.hubs[0].pv is None


async def test_the_account_is_the_settings_where_nothing_is_declared() -> None:
    cloud = Cloud(FilestoreListing())
    settings = Settings(accounts={"lab": {"project": "lab-hubs"}})
    await fleet_of(FakeSources(Contexts(), backends=[cloud]), settings, contexts=["lab"]).once()
    assert [scope.account for scope in cloud.scopes] == [{"project": "lab-hubs"}]


async def test_the_account_is_what_the_contexts_name_tells_where_no_kubeconfig_has_it() -> None:
    cloud = Cloud(FilestoreListing())
    name = "gke_earth-hubs_us-central1-b_earth"
    await fleet_of(FakeSources(Contexts(), backends=[cloud]), contexts=[name]).once()
    assert cloud.scopes[0].account["project"] == "earth-hubs"


async def test_a_mute_api_server_does_not_keep_the_cloud_from_being_shown() -> None:
    fleet = fleet_of(earth(Contexts(earth=None), clouds=[Cloud(FilestoreListing(filestores=(FULL,)))]))
    async with running(fleet):
        state = await state_when(fleet, is_told)
        assert (only(state).state, only(state).error) == ("observing", None)
        marks = {link.link: link.mark for link in only(state).hubs[0].links}
    assert (marks["filestore"], marks["pv"], marks["mounts"]) == ("broken", "pending", "pending")


async def test_a_mute_cloud_does_not_keep_the_cluster_from_being_shown() -> None:
    cloud = Cloud(FilestoreListing(), mute=True)
    fleet = fleet_of(earth(Contexts(earth=SimulatedApiServer()), clouds=[cloud]))
    async with running(fleet):
        state = await state_when(fleet, lambda state: bool(state.clusters) and only(state).observed_at is not None)
        assert only(state).state == "observing"
        assert only(state).hubs[0].pv is not None


async def test_that_a_cluster_is_away_is_said_while_its_cloud_is_mute() -> None:
    cloud = Cloud(FilestoreListing(), mute=True)
    fleet = fleet_of(earth(Contexts(earth=EXPIRED), clouds=[cloud]))
    async with running(fleet):
        state = await state_when(fleet, lambda state: bool(state.clusters) and only(state).error is not None)
        assert only(state).state == "failed"
        assert only(state).filestores_unknown == "gcp-filestore: not asked yet"


async def test_that_a_cluster_is_back_is_said_while_its_cloud_is_mute() -> None:
    contexts = Contexts(earth=EXPIRED)
    cloud = Cloud(FilestoreListing())
    fleet = fleet_of(earth(contexts, clouds=[cloud]))
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and only(state).state == "failed")
        await state_when(fleet, lambda state: only(state).filestores_unknown == "")
        cloud.told.clear()
        contexts.servers["earth"] = SimulatedApiServer()
        looking = asyncio.create_task(fleet.refresh())
        state = await state_when(fleet, lambda state: only(state).error is None and only(state).observed_at is not None)
        assert only(state).state == "observing"
        cloud.told.set()
        await looking


async def test_a_cloud_that_was_asked_without_the_cluster_is_asked_again_with_it_once() -> None:
    contexts = Late(earth=SimulatedApiServer())
    cloud = Cloud(FilestoreListing(filestores=(FULL,)))
    fleet = fleet_of(earth(contexts, clouds=[cloud]))
    async with running(fleet):
        await state_when(fleet, is_told)
        contexts.through.set()
        await state_when(fleet, lambda state: only(state).state == "observed")
        await fleet.refresh()
    assert [scope.observation is not None for scope in cloud.scopes] == [False, True, True]
    assert cloud.scopes[0].since == cloud.scopes[1].since, "what the account has is not asked for again"


async def test_a_refusal_is_not_asked_for_again() -> None:
    contexts = Late(earth=SimulatedApiServer())
    cloud = Cloud(EXPIRED)
    fleet = fleet_of(earth(contexts, clouds=[cloud]))
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and "expired" in only(state).filestores_unknown)
        contexts.through.set()
        await state_when(fleet, lambda state: only(state).state == "observed")
    assert len(cloud.scopes) == 1


async def test_other_backends_are_asked_behind_the_cluster_whether_it_answers_or_not() -> None:
    other = Cloud(FilestoreListing(), name="netapp")
    state = await fleet_of(earth(Contexts(earth=EXPIRED), clouds=[other])).once()
    assert [scope.observation for scope in other.scopes] == [None]
    assert only(state).filestores_unknown == ""
    seen = Cloud(FilestoreListing(), name="netapp")
    await fleet_of(earth(Contexts(earth=SimulatedApiServer()), clouds=[seen])).once()
    assert [scope.observation is not None for scope in seen.scopes] == [True]


async def test_a_mistake_of_a_backend_is_one_gap_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    sources = earth(Contexts(earth=SimulatedApiServer()), clouds=[Cloud(RuntimeError("password is hunter2"))])
    state = await fleet_of(sources).once()
    assert only(state).state == "observed"
    assert "RuntimeError" in only(state).filestores_unknown
    assert "hunter2" not in only(state).filestores_unknown + caplog.text
    assert "RuntimeError" in caplog.text


async def test_how_full_shares_are_is_kept_of_a_cluster_that_is_away() -> None:
    sources = earth(Contexts(earth=EXPIRED), clouds=[Cloud(FilestoreListing(filestores=(FULL,)))])
    await fleet_of(sources, SETTINGS).once()
    (sample,) = sources.kept.of("earth")["homes"]
    assert (sample.used_bytes, sample.source) == (TIB - 1, "Cloud Monitoring")
