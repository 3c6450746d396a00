"""How far the look at the fleet has come: one line on stderr that is wiped again, on a terminal only."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from console.chain.model import FleetState
from console.cli.output import counted

if TYPE_CHECKING:
    from types import TracebackType

    from console.fleet.fleet import Fleet


class Progress:
    """Shows the progress of a fleet while it is entered."""

    def __init__(self, fleet: Fleet, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""
        self._end = fleet.subscribe(self.show) if stream.isatty() else None

    def show(self, state: FleetState) -> None:
        line = progress_line(state)
        if line != self._shown:
            self._shown = line
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._end is not None:
            self._end()
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def progress_line(state: FleetState) -> str:
    """How many clusters have answered, in words that fit 80 columns."""
    done = sum(cluster.state in ("observed", "failed", "offline") for cluster in state.clusters)
    return f"looking at {counted(len(state.clusters), 'cluster')}: {done} answered"
