"""Looks into the lab's hubs, by the rights that the documentation asks for: what is planted is found, nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from console.chain.model import FleetState, HubState
from console.fleet.start import start_fleet
from console.settings import load_settings
from tests.endtoend.conftest import LOOKER
from tests.kubernetes.looks.real import helper_pods
from tests.lab.fleet import LabFleet
from tests.lab.hubs import BY_NAME, HUBS

pytestmark = pytest.mark.node

PLANTED = [hub.name for hub in HUBS if hub.looks is not None]


@pytest.fixture(scope="module")
def states(lab: LabFleet, tmp_path_factory: pytest.TempPathFactory) -> tuple[FleetState, FleetState]:
    """The lab's own cluster, once an exporter was asked for sizes; and once every hub with something planted inside was
    looked into, side by side."""
    own = {"KUBECONFIG": str(lab.cluster.kubeconfig), "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("looks"))}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**lab.environment, **own}.items():
            environment.setenv(name, value)
        return asyncio.run(_told_and_looked(lab))


async def _told_and_looked(lab: LabFleet) -> tuple[FleetState, FleetState]:
    settings = load_settings(Path(lab.environment["HUBHOMES_SETTINGS"]))
    fleet = start_fleet(settings, config=lab.config, contexts=(LOOKER,), cluster="lab")
    try:
        await fleet.refresh()
        await fleet.ask_sizes("lab", "inside-homes")
        await fleet.refresh()
        told = fleet.state
        fleet.grant("lab", "probe")
        await asyncio.gather(*(fleet.look("lab", name, deep=True) for name in PLANTED))
        await fleet.refresh()
        return told, fleet.state
    finally:
        await fleet.close()


@pytest.fixture
def looked(states: tuple[FleetState, FleetState]) -> FleetState:
    return states[1]


def hub_of(state: FleetState, name: str) -> HubState:
    return next(hub for hub in state.hubs() if hub.name == name)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_inside_is_found_and_nothing_else(looked: FleetState, name: str) -> None:
    hub = hub_of(looked, name)
    told = {finding.code: (finding.message, *finding.detail) for finding in hub.findings}
    assert sorted(told) == sorted((*BY_NAME[name].expects, *(BY_NAME[name].looks or ()))), told


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("inside-homes", "HOM01", "1 home not owned by 1000:1000: bo"),
        ("inside-homes", "HOM02", "closed"),
        ("inside-homes", "HOM03", "core"),
        ("inside-homes", "HOM04", "away -> /etc"),
        ("inside-homes", "HOM05", "_shared is owned by root"),
        ("inside-homes", "HOM06", "former"),
        ("inside-homes", "HOM07", "gil"),
        ("inside-homes", "HOM10", "ana"),
        ("inside-root", "DIR04", "0:0 0700"),
        ("inside-gone", "DIR03", "beside it: inside-"),
        ("inside-slow", "EXP05", "one question to the file server takes "),
        ("inside-full", "HOM20", "the quota of namespace inside-full has no room for a helper pod"),
        ("inside-full", "HOM20", "exceeded quota"),
        ("inside-denied", "MNT11", "access denied by server"),
        ("inside-quota", "HOM08", "bo: 10 GiB of 10 GiB"),
        ("inside-quota", "HOM09", "chi: 9.4 GiB of 10 GiB"),
    ],
)
def test_it_says_what_and_whose(looked: FleetState, name: str, code: str, said: str) -> None:
    (finding,) = [each for each in hub_of(looked, name).findings if each.code == code]
    assert said in " ".join((finding.message, *finding.detail))


def test_an_exporter_tells_sizes_without_a_look(states: tuple[FleetState, FleetState]) -> None:
    homes = hub_of(states[0], "inside-homes").homes
    assert homes is not None
    assert sorted((row.user, row.mark, row.usage.source) for row in homes.rows if row.usage) == [
        ("ana", "unlooked", "exporter"),
        ("former", "unlooked", "exporter"),
    ]
    assert not homes.listed


def test_names_of_any_bytes_are_there(looked: FleetState) -> None:
    homes = hub_of(looked, "inside-homes").homes
    assert homes is not None
    shown = {row.name: row.shown for row in homes.rows}
    assert shown[b"-rf 'x'\n\xff"] == "-rf 'x'\\x0a\\xff"
    assert b"x" * 255 in shown


def test_each_was_seen_by_the_way_that_leads_there(looked: FleetState) -> None:
    ways = {name: look.through for name in PLANTED if (look := hub_of(looked, name).look) is not None}
    assert ways == {
        "inside-homes": "claim",
        "inside-root": "claim",
        "inside-gone": "export",
        "inside-denied": "claim",
        "inside-slow": "claim",
        "inside-full": "claim",
        "inside-quota": "server",
    }


def test_no_pod_is_left(looked: FleetState, lab: LabFleet) -> None:
    assert looked.clusters
    assert [name for name in helper_pods(lab.cluster) if name.startswith("hubhomes-look-")] == ["hubhomes-look-5tq2z"]
