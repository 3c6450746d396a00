"""How a measurement is told: medians of interleaved rounds, a ratio, and the ratio that was aimed at."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Seconds of ours against seconds of theirs, one pair a round. `at_most` is the ratio aimed at."""

    what: str
    ours_s: Sequence[float]
    theirs_s: Sequence[float]
    against: str
    at_most: float | None = None

    def __str__(self) -> str:
        ratio = statistics.median(ours / theirs for ours, theirs in zip(self.ours_s, self.theirs_s, strict=True))
        aim = (
            ""
            if self.at_most is None
            else f"  aim ≤ {self.at_most:.2f}  {'met' if ratio <= self.at_most else 'MISSED'}"
        )
        return (
            f"{self.what}\n    ours {statistics.median(self.ours_s):.3f} s   "
            f"{self.against} {statistics.median(self.theirs_s):.3f} s   ratio {ratio:.2f}{aim}"
        )


def rounds(ours: Callable[[], float], theirs: Callable[[], float], *, count: int) -> tuple[list[float], list[float]]:
    """COUNT pairs of seconds after one warm-up of each, in turn, so that a slow moment of the machine hits both."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(count)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def seconds_of(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> float:
    """Wall seconds of a whole process. Raises RuntimeError with its last words when it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)}: exit {done.returncode}: {done.stderr.decode(errors='replace')[-800:]}"
        )
    return elapsed


def tell(row: Row | str) -> None:
    print(row, flush=True)
    sys.stdout.flush()
