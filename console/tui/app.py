"""The console's application: wires the fleet to the screens. What is shown is decided in the screens' own modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from console.chain.model import FleetState
from console.tui.messages import FleetChanged
from console.tui.plain_terminal import AsciiOnly, NoColours, few_colours, lacks_utf8
from console.tui.present.clock import Clock
from console.tui.present.lines import Line
from console.tui.screens.base import BaseScreen
from console.tui.screens.fleet import FleetScreen
from console.tui.themes import THEMES, theme_name

if TYPE_CHECKING:
    from console.fleet.fleet import Fleet
    from console.settings import Settings


class HubhomesApp(App[None]):
    """The console over FLEET. `hub` (CLUSTER/HUB) is opened at once. `clock` is given by tests."""

    CSS_PATH = "styles/console.tcss"
    TITLE = "hubhomes"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", show=False),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("ctrl+p", "palette", "go to", show=False),
        Binding("comma", "show('settings')", "settings", show=False),
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
        self.said: Line = ()
        self._first_hub = hub
        self._own_filters: list[LineFilter] = []
        if self.no_color:
            self._own_filters.append(NoColours())
        if lacks_utf8() if ascii_only is None else ascii_only:
            self._own_filters.append(AsciiOnly())
        for theme in THEMES:
            self.register_theme(theme)
        few = few_colours(self.console.color_system) or self.no_color
        wanted = theme_name(settings.theme, few_colours=few)
        self.theme = wanted if wanted in self.available_themes else THEMES[0].name
        self.animation_level = "none"

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), *self._own_filters]

    def get_default_screen(self) -> Screen[None]:
        return FleetScreen()

    def on_mount(self) -> None:
        self.fleet.subscribe(lambda state: self.post_message(FleetChanged(state)))
        self.call_after_refresh(self._observe)
        if self._first_hub:
            self.open_hub(self._first_hub)

    def _observe(self) -> None:
        self.run_worker(self.fleet.run(), name="observation", group="observation", exclusive=True, exit_on_error=False)

    def on_fleet_changed(self, message: FleetChanged) -> None:
        self.state = message.state
        if isinstance(self.screen, BaseScreen):
            self.screen.repaint()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a worker could not do is said on the status line; r tries again."""
        if event.state is WorkerState.ERROR and event.worker.group in ("observation", "refresh"):
            self.say(f"the {event.worker.group} stopped: {event.worker.error}; r looks again", role="error")

    def action_look_again(self) -> None:
        """Observe every cluster now."""
        running = any(worker.group == "observation" and worker.is_running for worker in self.workers)
        if running:
            self.run_worker(self.fleet.refresh(), name="refresh", group="refresh", exclusive=True, exit_on_error=False)
        else:
            self._observe()

    def say(self, text: str, *, role: str = "quiet") -> None:
        """Say TEXT on the status line until the next key."""
        self.said = ((text, role),)  # type: ignore[assignment]
        if isinstance(self.screen, BaseScreen):
            self.screen.repaint()

    def unsay(self) -> None:
        """The status line says its own again."""
        if self.said:
            self.said = ()
            if isinstance(self.screen, BaseScreen):
                self.screen.repaint()

    def back(self) -> None:
        """To the screen before; from the first one nowhere."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def open_hub(self, key: str) -> None:
        from console.tui.screens.hub import HubScreen

        self.push_screen(HubScreen(key))
