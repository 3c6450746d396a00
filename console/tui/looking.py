"""Looks inside hubs as the console runs them: one worker for each, what it told last, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from textual.worker import Worker, WorkerState

from console.chain.seen_model import SeenHome
from console.tui.messages import LookMoved
from console.tui.navigation import Navigation

if TYPE_CHECKING:
    from console.fleet.fleet import Fleet
    from console.fleet.looks import LookProgress

GROUP = "look"
PAINT_S = 0.2
"""How often the screen is drawn while entries come in."""


class Running(msgspec.Struct, kw_only=True):
    """A look under way. `rows` are the entries that have come so far, `stopping` that somebody stopped it."""

    worker: Worker[None] | None = None
    words: str = "asked for"
    read: int = 0
    counted: int = 0
    to_count: int = 0
    rows: list[SeenHome] = msgspec.field(default_factory=list)
    stopping: bool = False

    def take(self, progress: LookProgress) -> None:
        self.words, self.read = progress.words, progress.read
        self.counted, self.to_count = progress.counted, progress.to_count
        self.rows.extend(progress.rows)

    @property
    def sentence(self) -> str:
        """What it does now, with how far it has come."""
        if self.stopping:
            return "stopping: its helper pod is being removed"
        return f"{self.words} ({self.counted} of {self.to_count} counted)" if self.to_count else self.words


class Looking:
    """The looks of APP over FLEET. What is seen arrives with the fleet's state; here is only how far they are."""

    def __init__(self, app: Navigation, fleet: Fleet) -> None:
        self._app, self._fleet = app, fleet
        self._running: dict[str, Running] = {}
        self._ended: dict[str, str] = {}
        self._asked_sizes: set[str] = set()
        self._no_sizes: dict[str, str] = {}
        self._waits = False

    def at(self, hub: str) -> Running | None:
        """The look that runs at the hub CLUSTER/HUB."""
        return self._running.get(hub)

    def ended(self, hub: str) -> str:
        """Why the last look of this console at HUB came to nothing; "" where it did, or there was none."""
        return self._ended.get(hub, "")

    def why_no_sizes(self, hub: str) -> str:
        """Why no exporter tells the sizes of homes at HUB; "" where one does, or none was asked yet."""
        return self._no_sizes.get(hub, "")

    def ask_sizes(self, hub: str) -> None:
        """Ask the exporter of directory sizes at the hub CLUSTER/HUB, which needs no permission; once, as long as this
        console lives: a look asks it, too."""
        if hub not in self._asked_sizes:
            self._asked_sizes.add(hub)
            self._app.run_worker(self._sizes(hub), name=f"sizes {hub}", group="sizes", exit_on_error=False)

    async def _sizes(self, hub: str) -> None:
        from providers.errors import ProviderError

        cluster, _, name = hub.partition("/")
        try:
            await self._fleet.ask_sizes(cluster, name)
        except ProviderError as error:
            self._no_sizes[hub] = error.message
        self._paint_soon()

    def start(self, hub: str, *, homes: tuple[bytes, ...] = (), deep: bool = False) -> bool:
        """Look at the hub CLUSTER/HUB, DEEP one level deeper, or count the sizes of HOMES there. False: one is under
        way already."""
        if hub in self._running:
            return False
        self._ended.pop(hub, None)
        running = self._running[hub] = Running(to_count=len(homes))
        name = f"{GROUP} {hub}"
        running.worker = self._app.run_worker(
            self._look(hub, running, homes, deep), name=name, group=name, exit_on_error=False
        )
        return True

    def stop(self, hub: str) -> bool:
        """Stop the look at HUB: no more of it is shown from now on. False: none runs."""
        running = self._running.get(hub)
        if running is None or running.worker is None:
            return False
        if not running.stopping:
            running.stopping = True
            running.rows.clear()
            running.worker.cancel()
        return True

    def settle(self, worker: Worker[object], state: WorkerState) -> None:
        """A worker ended before it began, or by a defect: its look is over, too."""
        hub = worker.name.removeprefix(f"{GROUP} ")
        running = self._running.get(hub)
        if running is not None and running.worker is worker and state in (WorkerState.ERROR, WorkerState.CANCELLED):
            del self._running[hub]
            self._ended[hub] = "stopped" if state is WorkerState.CANCELLED else f"it broke off: {worker.error}"

    async def _look(self, hub: str, running: Running, homes: tuple[bytes, ...], deep: bool) -> None:
        from providers.errors import ProviderError

        def told(progress: LookProgress) -> None:
            if not running.stopping:
                running.take(progress)
                self._paint_soon()

        cluster, _, name = hub.partition("/")
        try:
            looked = await self._fleet.look(cluster, name, deep=deep, homes=homes, entries=not homes, tell=told)
            why = looked.failure.message if looked.failure else ""
        except ProviderError as error:
            why = self._ended[hub] = f"{error.message}; {error.next_step}" if error.next_step else error.message
        self._running.pop(hub, None)
        # On the status line of whatever is shown.
        self._app.say(f"{hub}: {why}" if why else f"looked inside {hub}", role="error" if why else "strong")

    def _paint_soon(self) -> None:
        """Many words in a short time are drawn once."""
        if not self._waits:
            self._waits = True
            self._app.set_timer(PAINT_S, self._paint)

    def _paint(self) -> None:
        self._waits = False
        self._app.post_message(LookMoved())
