"""The console's application: wires the fleet to the screens. What is shown is decided in the screens' own modules."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from console.chain.model import FleetState
from console.tui.messages import FleetChanged
from console.tui.navigation import Navigation
from console.tui.plain_terminal import AsciiOnly, NoColours, few_colours, lacks_utf8
from console.tui.present.clock import Clock
from console.tui.screens.fleet import FleetScreen
from console.tui.themes import THEMES, theme_name

if TYPE_CHECKING:
    from console.fleet.fleet import Fleet
    from console.settings import Settings


class HubhomesApp(Navigation):
    """The console over FLEET, which runs as long as it does. `hub` (CLUSTER/HUB) is opened at once.

    `clock` is given by tests. `ascii_only` None: as the locale says.
    """

    CSS_PATH = "styles/console.tcss"
    TITLE = "hubhomes"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", show=False),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("ctrl+p", "palette", "go to", show=False),
        Binding("colon", "palette", "go to", show=False),
        Binding("comma", "show('settings')", "settings", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(
        self,
        fleet: Fleet,
        settings: Settings,
        *,
        hub: str | None = None,
        clock: Clock | None = None,
        ascii_only: bool | None = None,
    ) -> None:
        super().__init__()
        self.fleet = fleet
        self.settings = settings
        self.state: FleetState = fleet.state
        self.clock = clock or Clock()
        self._first_hub = hub
        self._plain_filters: list[LineFilter] = [NoColours()] if self.no_color else []
        if lacks_utf8() if ascii_only is None else ascii_only:
            self._plain_filters.append(AsciiOnly())
        for theme in THEMES:
            self.register_theme(theme)
        few = self.no_color or few_colours(self.console.color_system)
        wanted = theme_name(settings.theme, few_colours=few)
        self.theme = wanted if wanted in self.available_themes else THEMES[0].name
        self.animation_level = "none"

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), *self._plain_filters]

    def get_default_screen(self) -> Screen[None]:
        return FleetScreen()

    def on_mount(self) -> None:
        if not self.is_headless:
            ending = signal.SIGTERM
            asyncio.get_running_loop().add_signal_handler(ending, partial(self.exit, return_code=128 + ending))
        self.fleet.subscribe(self._newer_state)
        self.call_after_refresh(self._observe)
        if self._first_hub:
            self.open_hub(self._first_hub)
        if self.settings.theme not in self.available_themes:
            words = f"there is no theme {self.settings.theme!r}: {self.theme} is shown; : lists them"
            self.call_after_refresh(self.say, words)

    async def on_unmount(self) -> None:
        await self.fleet.close()

    def _fatal_error(self) -> None:
        """A defect's traceback, once the terminal is its owner's again. Textual's own shows the values of variables."""
        from rich.traceback import Traceback

        self.panic(Traceback(show_locals=False, width=None))

    def _newer_state(self, state: FleetState) -> None:
        self.post_message(FleetChanged(state))

    def _observe(self) -> None:
        self.run_worker(self.fleet.run(), name="observation", group="observation", exclusive=True, exit_on_error=False)

    def on_fleet_changed(self, message: FleetChanged) -> None:
        self.state = message.state
        self.repaint_screen()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a worker could not do is said on the status line; r tries again."""
        if event.state is WorkerState.ERROR and event.worker.group in ("observation", "refresh"):
            self.say(f"the {event.worker.group} stopped: {event.worker.error}; r tries again", role="error")

    def action_look_again(self) -> None:
        """Observe every cluster now."""
        if any(worker.group == "observation" and worker.is_running for worker in self.workers):
            self.run_worker(self.fleet.refresh(), name="refresh", group="refresh", exclusive=True, exit_on_error=False)
            self.say("looking again at every cluster")
        else:
            self._observe()
