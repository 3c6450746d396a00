"""The console's application: wires the fleet to the screens. What is shown is decided in the screens' own modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from console.chain.model import FleetState
from console.tui.acting import Acting
from console.tui.endings import Endings
from console.tui.looking import GROUP, Looking
from console.tui.messages import FleetChanged, LookMoved
from console.tui.plain_terminal import AsciiOnly, NoColours, few_colours, lacks_utf8
from console.tui.present.clock import Clock
from console.tui.present.permission_lines import ends
from console.tui.screens.base import BaseScreen
from console.tui.screens.fleet import FleetScreen
from console.tui.themes import THEMES, theme_name

if TYPE_CHECKING:
    from pathlib import Path

    from console.actions.started import Started
    from console.chain.filestore_lookup import Wanted
    from console.fleet.fleet import Fleet
    from console.settings import Settings
    from console.tui.jobs import Jobs


class HubhomesApp(Acting):
    """The console over FLEET, which runs as long as it does. `hub` (CLUSTER/HUB) or `filestore` is opened at once.

    `record` is the folder of the record of what is done; without one nothing is. `started` is how the fleet was chosen,
    for commands to copy. `clock` and `jobs` are given by tests. `ascii_only` None: as the locale says.
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
        Binding("H", "history", "history", show=False),
        Binding("comma", "show('settings')", "settings", show=False),
        Binding("question_mark", "help", "help", show=False),
    ]

    def __init__(
        self,
        fleet: Fleet,
        settings: Settings,
        *,
        hub: str | None = None,
        filestore: Wanted | None = None,
        clock: Clock | None = None,
        ascii_only: bool | None = None,
        jobs: Jobs | None = None,
        record: Path | None = None,
        started: Started | None = None,
    ) -> None:
        super().__init__(jobs=jobs, record=record, started=started)
        self.fleet = fleet
        self.settings = settings
        self.state: FleetState = fleet.state
        self.clock = clock or Clock()
        self.looking = Looking(self, fleet)
        self.endings = Endings(self._end_by_signal)
        self._ticker: Timer | None = None
        self._first_hub = hub
        self._first_filestore = filestore
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
            self.endings.watch()
        self.fleet.subscribe(self._newer_state)
        self.call_after_refresh(self._observe)
        self.call_after_refresh(self.begin_acting)
        if self._first_hub:
            self.open_hub(self._first_hub)
        if self._first_filestore:
            self.open_filestore(self._first_filestore)
        if self.settings.theme not in self.available_themes:
            words = f"there is no theme {self.settings.theme!r}: {self.theme} is shown; : lists them"
            self.call_after_refresh(self.say, words)

    def _end_by_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)

    async def on_unmount(self) -> None:
        await self.end_acting()
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
        if self._ticker is None and ends(self.state, self.clock.now()):
            self._ticker = self.set_interval(1.0, self.tick)

    def on_look_moved(self, _: LookMoved) -> None:
        self.repaint_screen()

    def tick(self) -> None:
        """What is left of a permission, each second; when none is left, silence."""
        if self._ticker is not None and not ends(self.state, self.clock.now()):
            self._ticker.stop()
            self._ticker = None
        if isinstance(self.screen, BaseScreen):
            self.screen.refresh_title()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a worker could not do is said on the status line; r tries again."""
        if (event.worker.group or "").startswith(GROUP):
            self.looking.settle(event.worker, event.state)
            self.repaint_screen()
        elif event.state is WorkerState.ERROR and event.worker.group in ("observation", "refresh"):
            self.say(f"the {event.worker.group} stopped: {event.worker.error}; r tries again", role="error")

    def action_look_again(self) -> None:
        """Observe every cluster now."""
        if any(worker.group == "observation" and worker.is_running for worker in self.workers):
            self.run_worker(self.fleet.refresh(), name="refresh", group="refresh", exclusive=True, exit_on_error=False)
            self.say("looking again at every cluster")
        else:
            self._observe()
