"""The console over the lamps: the engine's own toy, with a fleet whose permission the keys grant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from console.actions.offers import Offers
from console.chain.model import ClusterState, Finding, FleetState
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.jobs import Jobs
from console.tui.present.clock import Clock
from providers.kubernetes.permission import Permission
from tests.actions.conftest import Scene
from tests.actions.toy import NOW, hub_state
from tests.tui.driving import Console
from tests.tui.fakes import FakeFleet

BRIGHT = Finding(
    code="LMP01",
    severity="error",
    link="mounts",
    message="lamps a and b are on",
    cluster="earth",
    hub="staging",
    action="lamps",
)


class LampFleet(FakeFleet):
    """One cluster with one hub, two of whose lamps are on; PERMISSION is what its header tells."""

    def __init__(self, scene: Scene, permission: Permission) -> None:
        self._permission = permission
        super().__init__(self._state(scene.surroundings.production))
        self._production = scene.surroundings.production
        self.now: datetime = NOW

    def _state(self, production: bool) -> FleetState:
        hub = msgspec.structs.replace(hub_state(production=production), findings=(BRIGHT,))
        cluster = ClusterState(
            name="earth",
            provider="gcp",
            context="earth",
            state="observed",
            hubs=(hub,),
            observed_at=NOW,
            permission=self._permission.granted,
        )
        return FleetState(version=2, generated_at=NOW, clusters=(cluster,))

    def grant(self, cluster: str, level: str, *, minutes: float | None = None) -> None:
        self._permission.grant(level, until=self.now + timedelta(minutes=minutes or 15))  # type: ignore[arg-type]
        self.put(self._state(self._production))

    def revoke(self, cluster: str) -> None:
        self._permission.revoke()
        self.put(self._state(self._production))


class LampConsole(Console):
    """What a test sees and moves: the console, the lamps, the clock."""

    scene: Scene
    fleet: LampFleet
    jobs: Jobs

    async def settle(self) -> None:
        """Until nothing is under way, and it is drawn."""
        await self.jobs.settled()
        await self._pilot.pause()
        await self._pilot.pause()

    async def open(self) -> None:
        """From the fleet to the plan of what mends the finding."""
        await self.press("m")
        await self.settle()

    async def pass_time(self, minutes: float) -> None:
        """The clock moves on, and the header ticks."""
        self.fleet.now += timedelta(minutes=minutes)
        self.app.tick()
        await self._pilot.pause()


@asynccontextmanager
async def lamps(
    scene: Scene,
    *,
    size: tuple[int, int] = (80, 24),
    action: Any = None,
    names: tuple[str, ...] = ("lamps",),
    theme: str = "dark",
    ascii_only: bool = False,
) -> AsyncIterator[LampConsole]:
    """The console over SCENE; ACTION stands in for the lamps' own."""
    fleet, app, jobs = parts(scene, action=action, names=names, theme=theme, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = LampConsole(app, fleet, pilot)
        seen.scene, seen.jobs = scene, jobs
        await seen.settle()
        yield seen


def parts(
    scene: Scene,
    *,
    action: Any = None,
    names: tuple[str, ...] = ("lamps",),
    theme: str = "dark",
    ascii_only: bool = False,
) -> tuple[LampFleet, HubhomesApp, Jobs]:
    """The console over SCENE, not running."""
    used: Any = action or scene.action
    holder: list[LampFleet] = []
    permission = Permission(now=lambda: holder[0].now if holder else NOW)
    scene.surroundings.permission = permission
    fleet = LampFleet(scene, permission)
    holder.append(fleet)
    jobs = Jobs(scene.engine, scene.record, offers=Offers(lambda: names, lambda _name: used, lambda _name: False))
    clock = Clock(now=lambda: fleet.now, zone=NOW.tzinfo)
    app = HubhomesApp(fleet, Settings(theme=theme), clock=clock, ascii_only=ascii_only, jobs=jobs)  # type: ignore[arg-type]
    return fleet, app, jobs


def scene_in(folder: Path) -> Scene:
    """Lamps a and b are on, c is off: what is planned without being asked for more is to switch them off."""
    scene = Scene(folder)
    scene.lamps.light(a=True, b=True, c=False)
    return scene
