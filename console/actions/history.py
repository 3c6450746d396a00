"""The record as runs: how far each came, how it ended, which were cut short, and what is due to be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from console.actions.entries import (
    Attached,
    Ended,
    Entry,
    Intent,
    Line,
    StepBegun,
    StepDone,
    StepFailed,
    Verification,
)
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Step
from console.actions.processes import Life, Process, life

State = Literal["running", "open", "done", "not-verified", "failed", "cancelled", "interrupted", "closed"]
"""open: nothing tells how it ended, and its process is gone. closed: cut short, then finished, undone or dismissed."""


class StepRun(msgspec.Struct, frozen=True, kw_only=True):
    """How a step went. `begun` alone: it may or may not have been done, which only a look can tell."""

    step: Step
    begun: bool = False
    outcome: Outcome | None = None
    failure: str = ""
    attached: tuple[Attached, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `undone_by` is the run that took it back, `ended_at` when its last word was written."""

    id: str
    at: datetime
    intent: Intent
    steps: tuple[StepRun, ...] = ()
    verdict: Verdict | None = None
    ended: Ended | None = None
    ended_at: datetime | None = None
    undone_by: str | None = None

    @property
    def place(self) -> str:
        return self.intent.plan.place

    @property
    def about(self) -> str:
        return self.intent.plan.about

    @property
    def until(self) -> datetime | None:
        return self.ended.until if self.ended else None

    @property
    def touched(self) -> tuple[StepRun, ...]:
        """The steps that may have changed something."""
        return tuple(one for one in self.steps if one.begun)

    @property
    def undoable(self) -> bool:
        """Whether taking it back can be tried: something of it may be left, and every step of it can be undone."""
        plan = self.intent.plan
        touched = self.left and all(one.step.undo for one in self.touched)
        return touched and plan.undoes is None and not self.undone

    @property
    def left(self) -> bool:
        """Whether there may be something to take back: a step changed something, or how it ended is not known."""
        return any(one.outcome is None or (one.outcome.changed and not one.outcome.stays) for one in self.touched)

    @property
    def undone(self) -> bool:
        return self.undone_by is not None or (self.ended is not None and self.ended.outcome == "undone")


def runs(lines: Iterable[Line]) -> tuple[Run, ...]:
    """The runs of LINES, oldest first. Entries of a run whose intent is not there are left out."""
    intents: dict[str, Line] = {}
    entries: dict[str, list[Line]] = {}
    for line in lines:
        if isinstance(line.entry, Intent):
            intents[line.entry.run] = line
        elif line.entry.run in intents:
            entries.setdefault(line.entry.run, []).append(line)
    found = [_run(line, entries.get(run, [])) for run, line in intents.items()]
    undone = {
        run.intent.plan.undoes: run.id
        for run in found
        if run.intent.plan.undoes and run.ended and run.ended.outcome in ("done", "not-verified", "finished")
    }
    return tuple(msgspec.structs.replace(run, undone_by=undone.get(run.id)) for run in found)


def _run(begun: Line, lines: Sequence[Line]) -> Run:
    intent = begun.entry
    assert isinstance(intent, Intent)  # noqa: S101 - the caller chose it so
    verdicts = [line.entry.verdict for line in lines if isinstance(line.entry, Verification)]
    ends = [line for line in lines if isinstance(line.entry, Ended)]
    entries = [line.entry for line in lines]
    last = ends[-1] if ends else None
    return Run(
        id=intent.run,
        at=begun.at,
        intent=intent,
        steps=tuple(_step_run(step, entries) for step in intent.plan.steps),
        verdict=verdicts[-1] if verdicts else None,
        ended=last.entry if last and isinstance(last.entry, Ended) else None,
        ended_at=last.at if last else None,
    )


def _step_run(step: Step, entries: Sequence[Entry]) -> StepRun:
    own = [entry for entry in entries if getattr(entry, "key", None) == step.key]
    outcomes = [entry.outcome for entry in own if isinstance(entry, StepDone)]
    failures = [entry.message for entry in own if isinstance(entry, StepFailed)]
    return StepRun(
        step=step,
        begun=any(isinstance(entry, StepBegun) for entry in own),
        outcome=outcomes[-1] if outcomes else None,
        failure=failures[-1] if failures else "",
        attached=tuple(entry for entry in own if isinstance(entry, Attached)),
    )


def state_of(run: Run, *, alive: Callable[[Process], Life] = life) -> State:
    """How RUN stands. On another machine it counts as running: from here its process can't be asked."""
    if run.ended is None:
        return "open" if alive(run.intent.process) == "gone" else "running"
    outcome = run.ended.outcome
    return "closed" if outcome == "finished" or outcome == "undone" or outcome == "dismissed" else outcome


def open_runs(found: Iterable[Run], *, alive: Callable[[Process], Life] = life) -> tuple[Run, ...]:
    """Those that were cut short and are still to be finished or undone."""
    return tuple(run for run in found if state_of(run, alive=alive) in ("open", "interrupted"))


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was meant to stand until `until`, and stands still."""

    run: str
    action: str
    place: str
    until: datetime
    due: bool
    undoable: bool


def reminders(found: Iterable[Run], now: datetime) -> tuple[Reminder, ...]:
    """The changes limited in time that nobody has taken back, or made otherwise since, the soonest first."""
    found = tuple(found)
    standing = [
        Reminder(
            run=run.id,
            action=run.intent.plan.action,
            place=run.place,
            until=run.until,
            due=run.until <= now,
            undoable=run.undoable,
        )
        for run in found
        if run.until is not None and not run.undone and not _superseded(run, found)
    ]
    return tuple(sorted(standing, key=lambda one: one.until))


def _superseded(run: Run, found: Sequence[Run]) -> bool:
    """Whether a later run of the same action has made one of its changes otherwise."""
    own = {one.step.key for one in run.touched if not one.step.destructive}
    return any(
        later.at > run.at
        and (later.place, later.intent.plan.action) == (run.place, run.intent.plan.action)
        and later.ended is not None
        and later.ended.outcome in ("done", "not-verified")
        and own & {one.step.key for one in later.touched}
        for later in found
    )


def filtered(
    found: Iterable[Run],
    *,
    cluster: str | None = None,
    hub: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    who: str | None = None,
) -> tuple[Run, ...]:
    """Those of FOUND that fit all that is given; WHO is part of a user's name, on the machine or for Kubernetes."""
    return tuple(
        run
        for run in found
        if (cluster in (None, run.intent.plan.cluster))
        and hub in (None, run.intent.plan.hub)
        and action in (None, run.intent.plan.action)
        and (since is None or run.at >= since)
        and (who is None or who in run.intent.who.os_user or who in run.intent.who.kubernetes_user)
    )


def by_id(found: Iterable[Run], given: str) -> tuple[Run, ...]:
    """The runs whose id starts with GIVEN."""
    table: Mapping[str, Run] = {run.id: run for run in found}
    return (table[given],) if given in table else tuple(run for key, run in table.items() if key.startswith(given))
