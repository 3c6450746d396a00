"""What a test sees of the running console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from console.chain.filestore_lookup import Wanted
from console.chain.model import FleetState
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.widgets.line_list import LineList
from tests.tui.fakes import CLOCK, FakeFleet, incident


class Console:
    """The console under test, driven by keys."""

    def __init__(self, app: HubhomesApp, fleet: FakeFleet, pilot: Pilot[None]) -> None:
        self.app = app
        self.fleet = fleet
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._pilot.press(key)
            await self._handed_on()
        await self._pilot.pause()

    async def burst(self, *keys: str) -> None:
        """KEYS come together, before anything is done about the first."""
        for key in keys:
            character = {"slash": "/", "colon": ":"}.get(key, key if len(key) == 1 else None)
            self.app.post_message(events.Key(key, character))
        await self._pilot.pause()
        await self._handed_on()
        await self._pilot.pause()

    async def _handed_on(self) -> None:
        """Until every key has done what it does."""
        while self.app.handing_on and self.app.is_running:
            await self._pilot.pause()

    async def put(self, state: FleetState) -> None:
        """A newer snapshot arrives."""
        self.fleet.put(state)
        await self._pilot.pause()
        await self._pilot.pause()

    async def resize(self, columns: int, rows: int) -> None:
        await self._pilot.resize_terminal(columns, rows)
        await self._pilot.pause()

    @property
    def lines(self) -> list[str]:
        """The screen's text, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def listed(self) -> LineList:
        return self.app.screen.query_one(LineList)

    @property
    def cursor(self) -> str | None:
        return self.listed.cursor_key

    @property
    def keys(self) -> list[str]:
        """The keys of the list's items, top down."""
        return [item.key for item in self.listed.items if item.key]


@asynccontextmanager
async def console(
    state: FleetState | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    hub: str | None = None,
    filestore: Wanted | None = None,
    settings: Settings | None = None,
    ascii_only: bool = False,
) -> AsyncIterator[Console]:
    """The console over STATE, the incident by default."""
    fleet = FakeFleet(incident() if state is None else state)
    app = HubhomesApp(fleet, settings or Settings(), hub=hub, filestore=filestore, clock=CLOCK, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Console(app, fleet, pilot)
