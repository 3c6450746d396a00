"""How far a look has come: one line on stderr that is wiped again, on a terminal only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from console.chain.model import FleetState
from console.chain.words import count
from console.cli.output import over_itself

if TYPE_CHECKING:
    from types import TracebackType

    from console.fleet.fleet import Fleet
    from console.fleet.looks import LookProgress


class Progress:
    """Of the look at a fleet, while it is entered."""

    def __init__(self, fleet: Fleet, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""
        self._end = fleet.subscribe(self.show) if stream.isatty() else None

    def show(self, state: FleetState) -> None:
        line = progress_line(state)
        if line != self._shown:
            self._shown = line
            over_itself(line, self._stream)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._end is not None:
            self._end()
            over_itself("", self._stream)


def progress_line(state: FleetState) -> str:
    """How many clusters have answered, in words that fit 80 columns."""
    done = sum(cluster.state in ("observed", "failed", "offline") for cluster in state.clusters)
    return f"looking at {count(len(state.clusters), 'cluster')}: {done} answered"


class StatusLine:
    """Of looks inside hubs."""

    def __init__(self, doing: str) -> None:
        self._doing, self._finished = doing, 0
        self._shows = sys.stderr.isatty()

    def show(self, words: str) -> None:
        if self._shows:
            over_itself(f"{self._doing}: {words}")

    def tell(self, progress: LookProgress) -> None:
        self.show(progress.words)

    def done(self) -> None:
        self._finished += 1
        self.show(f"{self._finished} done")

    def end(self) -> None:
        if self._shows:
            over_itself()
