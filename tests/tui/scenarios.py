"""What the snapshots and the published pictures show: the embedded fleet at a moment that stands still."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from console.actions.engine import Engine
from console.actions.protocol import Context, Target
from console.actions.surroundings import Surroundings
from console.chain.model import ClusterState, FleetState, HubState
from console.chain.users import UserServer
from console.fleet.fleet import Fleet
from console.fleet.look_requests import sentence
from console.fleet.sources import DemoSources
from console.fleet.start import demo_settings
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.jobs import Jobs
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.permission import Grantable, Granted
from tests.tui.fakes import CLOCK, NOW, FakeFleet
from tests.tui.past import week_on_call

TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
"""The terminal that every scenario assumes."""


JO = "jo@bastion"
BO = "bo"
LOOKED = ("earth/prod", "reef/prod")
PENDING = ClusterState(name="", provider="", context=None, state="pending")


class Scenario(NamedTuple):
    """A screen, reached by KEYS from the fleet."""

    name: str
    keys: tuple[str, ...]
    acts: bool = False
    """With a record: something can be done."""
    looked: bool = False
    """Somebody has looked inside two hubs already."""


SCENARIOS = (
    Scenario("fleet", ()),
    Scenario("hub", ("slash", *"earth/staging", "enter", "enter")),
    Scenario("hub-looked", ("slash", *"earth/prod", "enter", "enter"), looked=True),
    Scenario("look-asked", ("slash", *"earth/prod", "enter", "p")),
    Scenario("homes", ("slash", *"reef/prod", "enter", "h"), looked=True),
    Scenario("user", ("slash", *"user:bo", "enter", "enter"), looked=True),
    Scenario("filestores", ("S",)),
    Scenario("filestore", ("S", "enter")),
    Scenario("findings", ("F",)),
    Scenario("action", ("slash", *"earth", "slash", *"prod", "enter", "m", "w"), acts=True),
    Scenario("rebind", ("slash", *"earth/soils", "enter", "m", "w"), acts=True),
    Scenario("history", ("H",), acts=True),
    Scenario("help", ("question_mark",)),
)


def assume_terminal() -> None:
    """Make this process' environment that of TERMINAL, with colours."""
    os.environ.update(TERMINAL)
    os.environ.pop("NO_COLOR", None)


@cache
def demo_state() -> FleetState:
    """The embedded fleet, observed once at NOW; the failures began three minutes before. Not for a running loop."""
    fleet = Fleet(DemoSources(lambda: NOW), demo_settings(Settings()), now=lambda: NOW)
    state = asyncio.run(fleet.once())
    return msgspec.structs.replace(state, version=9, clusters=tuple(_aged(cluster) for cluster in state.clusters))


class Looked(NamedTuple):
    """The embedded fleet after jo has looked inside two hubs, and the servers of one user."""

    state: FleetState
    servers: tuple[UserServer, ...]


@cache
def looked_state() -> Looked:
    """Not for a running loop."""
    before = demo_state()
    state, servers = asyncio.run(_look_inside(LOOKED))
    looked = {hub.key: hub for hub in state.hubs()}
    permitted = Granted(probe_until=NOW + timedelta(minutes=14, seconds=32))
    clusters = (
        msgspec.structs.replace(
            cluster,
            hubs=tuple(_standing(looked[hub.key]) if hub.key in LOOKED else hub for hub in cluster.hubs),
            permission=permitted if any(hub.key in LOOKED for hub in cluster.hubs) else cluster.permission,
        )
        for cluster in before.clusters
    )
    return Looked(msgspec.structs.replace(before, clusters=tuple(clusters)), servers)


def _standing(hub: HubState) -> HubState:
    """HUB with a look that took as long as any other time."""
    return msgspec.structs.replace(hub, look=msgspec.structs.replace(hub.look, start_s=2.1)) if hub.look else hub


async def _look_inside(hubs: tuple[str, ...]) -> Looked:
    fleet = Fleet(DemoSources(lambda: NOW, at_once=True), demo_settings(Settings()), now=lambda: NOW, looker=lambda: JO)
    observing = asyncio.create_task(fleet.run())
    try:
        while not all(cluster.state in ("observed", "failed") for cluster in fleet.state.clusters or (PENDING,)):
            await asyncio.sleep(0.01)
        for key in hubs:
            cluster, _, hub = key.partition("/")
            fleet.grant(cluster, "probe")
            await fleet.look(cluster, hub)
        while any(hub.look is None for hub in fleet.state.hubs() if hub.key in hubs):
            await asyncio.sleep(0.01)
        return Looked(fleet.state, fleet.user_servers(BO))
    finally:
        observing.cancel()
        await fleet.close()


def _aged(cluster: ClusterState) -> ClusterState:
    if cluster.error is None:
        return msgspec.structs.replace(cluster, observed_at=NOW - timedelta(seconds=12))
    began = msgspec.structs.replace(cluster.error, since=NOW - timedelta(minutes=3))
    findings = tuple(
        msgspec.structs.replace(finding, since=began.since) if finding.since == NOW else finding
        for finding in cluster.findings
    )
    return msgspec.structs.replace(cluster, error=began, findings=findings)


class PermittingFleet(FakeFleet):
    """The embedded fleet standing still; what is permitted is so in WORKED_ON, on which actions are planned."""

    def __init__(self, state: FleetState, worked_on: Fleet) -> None:
        super().__init__(state)
        self._worked_on = worked_on

    def grant(self, cluster: str, level: Grantable, *, minutes: float | None = None) -> None:
        self._worked_on.grant(cluster, level, minutes=minutes)
        permission = self._worked_on.permission(cluster).granted
        self.put(
            msgspec.structs.replace(
                self.state,
                clusters=tuple(
                    msgspec.structs.replace(one, permission=permission) if one.name == cluster else one
                    for one in self.state.clusters
                ),
            )
        )

    def user_servers(self, user: str) -> tuple[UserServer, ...]:
        return looked_state().servers if user == BO else ()

    def look_words(self, cluster: str, hub: str) -> str:
        return sentence(LookRequest(namespace=hub, claim="home-nfs"), f"{cluster}/{hub}")

    async def close(self) -> None:
        await super().close()
        await self._worked_on.close()


def demo_app(
    *, theme: str = "dark", record: Path | None = None, looked: bool = False, ascii_only: bool = False
) -> HubhomesApp:
    """The console over the embedded fleet; with the record of a week in the folder RECORD."""
    settings = Settings(theme=theme)
    worked_on = Fleet(DemoSources(lambda: NOW, at_once=True), demo_settings(Settings()), only="earth", now=lambda: NOW)
    surroundings = Surroundings(worked_on, settings, now=lambda: NOW)

    async def observe(target: Target) -> Context:
        context = await surroundings.observe(target)
        who = msgspec.structs.replace(context.who, os_user="jo", host="bastion")
        return msgspec.structs.replace(context, who=who)

    jobs = None
    if record is not None:
        kept = week_on_call(record)
        jobs = Jobs(Engine(observe, kept), kept)
    fleet = PermittingFleet(looked_state().state if looked else demo_state(), worked_on)
    return HubhomesApp(fleet, settings, clock=CLOCK, ascii_only=ascii_only, jobs=jobs)  # type: ignore[arg-type]
