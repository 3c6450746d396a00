"""What wants to be known on every screen: runs that go on, have ended, or were cut short; what is to be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.actions.history import Reminder, Run
from console.tui.jobs import Job
from console.tui.present.action_lines import words_of
from console.tui.present.clock import Clock
from console.tui.present.history_lines import cut_short_words, reminder_words
from console.tui.present.lines import Line, Role

_ENDED: dict[str, tuple[str, Role]] = {
    "done": ("✓ done and verified", "ok"),
    "not-verified": ("! done, not verified", "warning"),
    "failed": ("✗ failed", "error"),
    "cancelled": ("! stopped", "warning"),
    "nothing": ("✓ nothing was left to do", "ok"),
}


def notice_line(
    active: Sequence[Job],
    unseen: Sequence[Job],
    cut_short: Sequence[Run],
    limited: Sequence[Reminder],
    now: datetime,
    clock: Clock,
) -> Line:
    """The weightiest of them, how many more there are, and the key that leads there; () for none."""
    found: list[tuple[str, Role]] = []
    found += [(f"✗ {cut_short_words(run)}: finish or undo", "error") for run in cut_short]
    found += [_ended(job) for job in unseen]
    found += [(f"… {_name(job)} is running{_steps(job)}", "accent") for job in active]
    found += [(f"! {reminder_words(one, now, clock)}", "warning") for one in limited if one.due]
    found += [(reminder_words(one, now, clock), "quiet") for one in limited if not one.due]
    if not found:
        return ()
    (words, role), *rest = found
    more = f", and {len(rest)} more" if rest else ""
    return ((" H ", "strong"), (f" {words}{more}", role))


def _name(job: Job) -> str:
    return f"{words_of(job.target.action)} on {job.preview.plan.about if job.preview else job.target.cluster}"


def _steps(job: Job) -> str:
    steps = len(job.preview.plan.steps) if job.preview else 0
    return f", {job.progress.done} of {steps} steps done" if steps else ""


def _ended(job: Job) -> tuple[str, Role]:
    if job.result is None:
        return f"✗ {_name(job)} did not run: {job.problem.message if job.problem else 'broken off'}", "error"
    words, role = _ENDED[job.result.outcome]
    return f"{words}: {_name(job)}", role
