"""The console itself, driven by keyboard, over the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.fleet.start import start_fleet
from console.settings import load_settings
from console.tui.app import HubhomesApp
from tests.lab.fleet import LabFleet
from tests.lab.hubs import BY_NAME, HUBS

pytestmark = pytest.mark.node

TALL = (160, 120)
"""Tall enough for a row of every hub: what is below the fold is not drawn."""
SEVERE = [hub for hub in HUBS if hub.expects and hub.expects[0].startswith(("PV", "DIR", "MNT1", "FST"))]


@pytest.fixture(params=[None])
async def console(
    lab: LabFleet, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[HubhomesApp]:
    """The console over the whole tree, or over the one cluster that the fixture's parameter names."""
    for name, value in lab.environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(Path(lab.environment["HUBHOMES_SETTINGS"]))
    fleet = start_fleet(settings, config=lab.config, cluster=request.param)
    yield HubhomesApp(fleet, settings, ascii_only=False)
    await fleet.close()


async def observed(pilot: Pilot[None], app: HubhomesApp) -> None:
    """Until every cluster was looked at, or said why not, and the screen shows it."""
    for _ in range(1000):
        states = [cluster.state for cluster in app.state.clusters]
        if states and all(state in ("observed", "failed") for state in states) and app.state.resolved:
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"the fleet was not observed: {states}")


def screen_text(app: HubhomesApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def test_the_fleet_shows_every_hub_with_its_worst_finding(console: HubhomesApp) -> None:
    async with console.run_test(size=TALL) as pilot:
        await observed(pilot, console)
        shown = screen_text(console)
        assert "EMULATED" in shown.splitlines()[0]
        worst = {
            hub.name: hub.findings[0].message for hub in console.state.hubs() if hub.cluster == "lab" and hub.findings
        }
        for hub in SEVERE:
            row = next((line for line in shown.splitlines() if f"lab/{hub.name} " in line), "")
            assert worst[hub.name][:20] in row, (hub.name, row)
        for cluster, words in {"expired": "credentials", "refused": "refused", "imposter": "certificate"}.items():
            assert any(cluster in line and words in line for line in shown.splitlines()), cluster


@pytest.mark.parametrize("console", ["lab"], indirect=True)
@pytest.mark.parametrize("name", ["creator-failed", "mount-denied", "pv-elsewhere"])
async def test_a_hub_is_opened_and_tells_its_cause(console: HubhomesApp, name: str) -> None:
    async with console.run_test(size=TALL) as pilot:
        await observed(pilot, console)
        await pilot.press("slash", *name, "enter", "enter")
        await pilot.pause()
        shown = screen_text(console)
        assert f"lab / {name}" in shown or f"lab/{name}" in shown
        finding = next(hub for hub in console.state.hubs() if hub.key == f"lab/{name}").findings[0]
        assert finding.code == BY_NAME[name].expects[0]
        assert finding.code in shown
        assert finding.message[:40] in shown
