"""How far a run is, gathered from what it tells."""

from __future__ import annotations

from typing import Literal

import msgspec

from console.actions import events
from console.actions.outcomes import Verdict

StepState = Literal["waiting", "running", "done", "same", "failed", "stopped"]
"""same: it was so already. stopped: the run was stopped in it or before it."""

_LINES_KEPT = 3


class StepProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `words` say how it ended, `notes` what to do elsewhere, `said` are the last lines of its program;
    `total` and what follows None: not known."""

    state: StepState = "waiting"
    words: str = ""
    next_step: str = ""
    notes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    done: int | None = None
    total: int | None = None
    rate: float | None = None
    remaining_s: float | None = None


class RunProgress:
    """What is known of a run that goes on or has ended; `run` is "" until its intent is in the record."""

    def __init__(self) -> None:
        self.run = ""
        self.steps: dict[int, StepProgress] = {}
        self.warnings: list[str] = []
        self.verifying: events.Verifying | None = None
        self.verdict: Verdict | None = None
        self.stopped = False

    def step(self, number: int) -> StepProgress:
        """How step NUMBER, from 1, is."""
        return self.steps.get(number, StepProgress())

    @property
    def done(self) -> int:
        """How many steps were done."""
        return sum(one.state in ("done", "same") for one in self.steps.values())

    @property
    def current(self) -> int:
        """The step that was begun last; 0 before the first."""
        return max(self.steps, default=0)

    def take(self, event: events.Event) -> None:
        """Adds what EVENT tells."""
        self.run = event.run
        match event:
            case events.Warned():
                self.warnings.append(event.message)
            case events.StepStarted():
                self.steps[event.number] = StepProgress(state="running")
            case events.Progress():
                self._change(
                    event.number,
                    done=event.done,
                    total=event.total,
                    rate=event.rate,
                    remaining_s=event.remaining_s,
                )
            case events.Said():
                self._change(event.number, said=(*self.step(event.number).said, event.line)[-_LINES_KEPT:])
            case events.StepDone():
                state = "done" if event.outcome.changed else "same"
                self._change(event.number, state=state, words=event.outcome.what, notes=event.outcome.notes)
            case events.StepFailed():
                self._change(event.number, state="failed", words=event.message, next_step=event.next_step)
            case events.Verifying():
                self.verifying = event
            case events.Verified() | events.NotVerified():
                self.verdict = event.verdict
            case events.Cancelled():
                self._stop(event.done)

    def _stop(self, done: int) -> None:
        self.stopped = True
        if self.step(done + 1).state == "running":
            self._change(done + 1, state="stopped")

    def _change(self, number: int, **changes: object) -> None:
        self.steps[number] = msgspec.structs.replace(self.step(number), **changes)


def amount_words(step: StepProgress) -> str:
    """`12,000 of 90,000 · 3,100 a second · 25 s left`; "" where nothing is counted."""
    if step.done is None:
        return ""
    words = [f"{step.done:,}" + (f" of {step.total:,}" if step.total is not None else "")]
    if step.state == "running":
        words += [f"{step.rate:,.0f} a second"] if step.rate else []
        words += [f"{_span(step.remaining_s)} left"] if step.remaining_s is not None else []
    return " · ".join(words)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
