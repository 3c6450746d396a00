"""What the snapshots and the published pictures show: the embedded fleet at a moment that stands still."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from functools import cache
from typing import NamedTuple

import msgspec

from console.chain.model import ClusterState, FleetState
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.fleet.start import demo_settings
from console.settings import Settings
from console.tui.app import HubhomesApp
from tests.tui.fakes import CLOCK, NOW, FakeFleet

TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
"""The terminal that every scenario assumes."""


class Scenario(NamedTuple):
    """A screen, reached by KEYS from the fleet."""

    name: str
    keys: tuple[str, ...]


SCENARIOS = (
    Scenario("fleet", ()),
    Scenario("hub", ("enter",)),
    Scenario("filestores", ("S",)),
    Scenario("findings", ("F",)),
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


def _aged(cluster: ClusterState) -> ClusterState:
    if cluster.error is None:
        return msgspec.structs.replace(cluster, observed_at=NOW - timedelta(seconds=12))
    began = msgspec.structs.replace(cluster.error, since=NOW - timedelta(minutes=3))
    findings = tuple(
        msgspec.structs.replace(finding, since=began.since) if finding.since == NOW else finding
        for finding in cluster.findings
    )
    return msgspec.structs.replace(cluster, error=began, findings=findings)


def demo_app(*, theme: str = "dark") -> HubhomesApp:
    """The console over the embedded fleet."""
    return HubhomesApp(FakeFleet(demo_state()), Settings(theme=theme), clock=CLOCK, ascii_only=False)
