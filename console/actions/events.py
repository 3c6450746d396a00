"""What a run tells while it goes on, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Step


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """`run` is the id in the record."""

    run: str


class Begun(_Event, frozen=True, kw_only=True, tag="begun"):
    """The intent is in the record; the first step follows."""

    steps: int


class Warned(_Event, frozen=True, kw_only=True, tag="warned"):
    """The run goes on all the same."""

    message: str


class StepStarted(_Event, frozen=True, kw_only=True, tag="step-started"):
    """`number` counts from 1."""

    number: int
    step: Step


class Progress(_Event, frozen=True, kw_only=True, tag="progress"):
    """How far a long step is. `total` and `remaining_s` None: not known; `rate` is items a second."""

    number: int
    done: int
    total: int | None
    rate: float | None
    remaining_s: float | None


class Said(_Event, frozen=True, kw_only=True, tag="said"):
    """A line that a program of the step has written, without what looks like a credential."""

    number: int
    line: str


class StepDone(_Event, frozen=True, kw_only=True, tag="step-done"):
    number: int
    step: Step
    outcome: Outcome


class StepFailed(_Event, frozen=True, kw_only=True, tag="step-failed"):
    number: int
    step: Step
    message: str
    next_step: str = ""


class Verifying(_Event, frozen=True, kw_only=True, tag="verifying"):
    """What was found is looked for again. `why` is what the last look said, "" before the first."""

    why: str
    remaining_s: float


class Verified(_Event, frozen=True, kw_only=True, tag="verified"):
    verdict: Verdict


class NotVerified(_Event, frozen=True, kw_only=True, tag="not-verified"):
    verdict: Verdict


class Cancelled(_Event, frozen=True, kw_only=True, tag="cancelled"):
    """`done` of `steps` steps were done; the one after them may be half done."""

    done: int
    steps: int


Event = (
    Begun | Warned | StepStarted | Progress | Said | StepDone | StepFailed
    | Verifying | Verified | NotVerified | Cancelled
)  # fmt: skip
Tell = Callable[[Event], None]


class Meter:
    """Makes Progress of counts: at most ten a second, with the rate over the whole step so far."""

    def __init__(self, run: str, number: int, tell: Tell, *, monotonic: Callable[[], float]) -> None:
        self._run = run
        self._number = number
        self._tell = tell
        self._monotonic = monotonic
        self._began = self._told = monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        now = self._monotonic()
        if now - self._told < 0.1 and done != total:
            return
        self._told = now
        passed_s = now - self._began
        rate = done / passed_s if passed_s > 0 and done else None
        rest = (total - done) / rate if rate and total is not None else None
        self._tell(Progress(run=self._run, number=self._number, done=done, total=total, rate=rate, remaining_s=rest))
