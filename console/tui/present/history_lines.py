"""The record as rows, one run in full, and what of it wants to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from console.actions.history import Reminder, Run, State, StepRun, state_of
from console.actions.preview import check_undoable
from console.actions.protocol import Refused
from console.actions.record import Reading
from console.chain.words import age, plain
from console.tui.present.action_lines import labelled, note_lines, words_of
from console.tui.present.clock import Clock
from console.tui.present.filters import Filter, Searchable
from console.tui.present.lines import Item, Line, Role, cut, fit, wrap

STATES: dict[State, tuple[str, str, Role]] = {
    "running": ("…", "running", "accent"),
    "open": ("✗", "cut short", "error"),
    "interrupted": ("✗", "cut short", "error"),
    "done": ("✓", "done, verified", "ok"),
    "not-verified": ("!", "not verified", "warning"),
    "failed": ("✗", "failed", "error"),
    "cancelled": ("!", "stopped", "warning"),
    "closed": ("–", "closed", "quiet"),
}
CLOSED_WORDS = {"finished": "finished later", "undone": "taken back", "dismissed": "left as it is"}


_WHEN, _SHORT_WHEN = "%Y-%m-%d %H:%M", "%m-%d %H:%M"


class RunRow(NamedTuple):
    """One run; `state` is how it stands."""

    run: Run
    state: State
    search: Searchable

    @property
    def key(self) -> str:
        return self.run.id


def run_rows(found: Iterable[Run], wanted: Filter) -> tuple[list[RunRow], int]:
    """Those that match WANTED, what runs or was cut short first, then the newest; and how many there are at all."""
    rows = [_row(run) for run in found]
    rows.sort(key=lambda row: row.run.at, reverse=True)
    rows.sort(key=lambda row: row.state not in ("running", "open", "interrupted"))
    return [row for row in rows if wanted.matches(row.search)], len(rows)


def _row(run: Run) -> RunRow:
    state, plan, who = state_of(run), run.intent.plan, run.intent.who
    words = (run.id, words_of(plan.action), plan.action, run.about, str(who), run.intent.ticket, STATES[state][1])
    fields = {
        "cluster": (plan.cluster.lower(),),
        "hub": ((plan.hub or "").lower(),),
        "is": (state, STATES[state][1].split(",")[0]),
    }
    return RunRow(run, state, Searchable(" ".join(words).lower(), fields))


def state_words(row: RunRow) -> str:
    """How it ended, in few words."""
    ended = row.run.ended.outcome if row.run.ended else ""
    return CLOSED_WORDS.get(ended, STATES[row.state][1])


def undo_words(run: Run, state: State) -> str:
    """Whether it was or can be taken back."""
    if run.undone:
        return "taken back"
    if state == "running":
        return ""
    return "possible" if run.undoable else "–"


def undo_refusal(run: Run) -> str:
    """Why RUN can't be taken back; "" where that can be tried."""
    try:
        check_undoable(run)
    except Refused as error:
        return error.message + (f": {error.next_step}" if error.next_step else "")
    return ""


class _Widths(NamedTuple):
    action: int
    place: int
    who: int
    why: int


def _widths(rows: Sequence[RunRow], width: int) -> _Widths:
    """The columns by WIDTH: the time, the outcome and undo always, why only where there is room."""
    room = width - 3 - len(_when(width)) - 16 - 12 - 6
    longest = [
        max((len(text(row)) for row in rows), default=5)
        for text in (_action_words, lambda row: row.run.about, lambda row: row.run.intent.who.os_user)
    ]
    who = min(longest[2], 10, max(room // 5, 4))
    place = min(longest[1], max((room - who) // 2, room - who - longest[0], 5))
    action = min(max(longest[0], 6), room - who - place)
    return _Widths(action, place, who, max(room - action - place - who - 2, 0))


def _when(width: int) -> str:
    """A time as wide as those of the rows."""
    return datetime(2000, 1, 1).strftime(_WHEN if width >= 100 else _SHORT_WHEN)


def _action_words(row: RunRow) -> str:
    return f"{'undo ' if row.run.intent.plan.undoes else ''}{words_of(row.run.intent.plan.action)}"


def head_line(rows: Sequence[RunRow], width: int) -> Line:
    """The columns' names."""
    size = _widths(rows, width)
    text = f"   {fit('when', len(_when(width)))}  {fit('action', size.action)}"
    text += f"  {fit('where', size.place)}  {fit('who', size.who)}  {fit('outcome', 14)}  {fit('undo', 10)}"
    return ((cut(text + ("  why" if size.why >= 8 else ""), width), "quiet"),)


def row_item(row: RunRow, rows: Sequence[RunRow], width: int, clock: Clock) -> Item:
    """One row."""
    size, run = _widths(rows, width), row.run
    shape, _, role = STATES[row.state]
    line: Line = (
        (f" {shape} ", role),
        (run.at.astimezone(clock.zone).strftime(_WHEN if width >= 100 else _SHORT_WHEN), "quiet"),
        (f"  {fit(_action_words(row), size.action)}", "strong"),
        (f"  {fit(run.about, size.place, middle=True)}", ""),
        (f"  {fit(run.intent.who.os_user, size.who, middle=True)}", "quiet"),
        (f"  {fit(state_words(row), 14)}", role),
        (f"  {fit(undo_words(run, row.state), 10)}", "quiet"),
    )
    if size.why >= 8:
        line = (*line, (f"  {cut(plain(run.intent.ticket), size.why - 1)}", ""))
    return Item(run.id, (line,))


def record_lines(reading: Reading | None, trouble: str, file: str, width: int) -> list[Line]:
    """What is wrong with the record itself; nothing when it is whole."""
    if trouble:
        return [((cut(f" ✗ {plain(trouble)}", width), "error"),)]
    lines: list[Line] = []
    if reading is not None and reading.bad is not None:
        text = f" ✗ the record was changed, or is not whole: line {reading.bad.number}: {reading.bad.why}"
        lines.append(((cut(text, width), "error"),))
        lines.append(((cut(f"   {file}; what follows may not be as it was", width), "quiet"),))
    if reading is not None and reading.torn:
        lines.append(((cut(" ! a crash cut off the last line of the record; it is left out", width), "warning"),))
    return lines


def run_lines(run: Run, width: int, clock: Clock, *, full: bool = True) -> list[Line]:
    """RUN: who, when, why, each step and how it went, what was seen afterwards, the same by hand. FULL shows each
    step's sides to their end."""
    state, plan = state_of(run), run.intent.plan
    shape, _, role = STATES[state]
    ended = f", {clock.time_of_day(run.ended_at)}" if run.ended_at else ""
    row = RunRow(run, state, Searchable(""))
    lines: list[Line] = [((f" {shape} ", role), (f"{state_words(row)}{ended}", role))]
    if run.ended and run.ended.message:
        lines += labelled("", plain(run.ended.message), width)
    lines += labelled("began", clock.time_of_day(run.at), width)
    lines += labelled("who", plain(str(run.intent.who)), width)
    lines += labelled("ticket", plain(run.intent.ticket) or "none", width, "" if run.intent.ticket else "quiet")
    lines += labelled("plan", run.intent.digest, width)
    if plan.undoes:
        lines += labelled("undoes", plan.undoes, width)
    if run.intent.resumes:
        lines += labelled("finishes", run.intent.resumes, width)
    lines += labelled("undo", _undo_sentence(run), width)
    if run.until is not None:
        lines += labelled("until", clock.time_of_day(run.until), width, "warning")
    lines.append(())
    for number, step in enumerate(run.steps, start=1):
        lines += _step_lines(number, step, width, full=full)
    if run.verdict is not None:
        shown: dict[str, tuple[str, Role]] = {
            "gone": ("✓", "ok"),
            "still": ("✗", "error"),
            "unobserved": ("?", "accent"),
        }
        mark, colour = shown[run.verdict.state]
        gone = "verified" if run.verdict.why else "it was as planned"
        texts = {"gone": gone, "still": "it still stands", "unobserved": "it could not be told"}
        text = texts[run.verdict.state] + (f": {run.verdict.why}" if run.verdict.why else "")
        lines += [(), *labelled("looked", plain(text), width, mark=((f"{mark} ", colour),))]
    for index, command in enumerate(plan.commands):
        lines += labelled("same" if index == 0 else "", plain(command), width, "quiet")
    return lines


def _undo_sentence(run: Run) -> str:
    if run.undone_by:
        return f"taken back by {run.undone_by}"
    return undo_refusal(run) or "possible: u"


def _step_lines(number: int, one: StepRun, width: int, *, full: bool) -> list[Line]:
    shape: tuple[str, Role] = ("·", "quiet")
    words = "not begun"
    if one.outcome is not None:
        shape, words = ("✓", "ok"), one.outcome.what or "done"
    elif one.failure:
        shape, words = ("✗", "error"), one.failure
    elif one.begun:
        shape, words = ("?", "accent"), "begun; whether it was done only a look can tell"
    first, *more = wrap(plain(one.step.what), width - 8)
    lines: list[Line] = [((f" {shape[0]} ", shape[1]), (f"{number} ", "quiet"), (first, ""))]
    lines += [((f"     {piece}", ""),) for piece in more]
    before = " / ".join(map(str.strip, one.step.before.splitlines())) or "nothing"
    after = " / ".join(map(str.strip, one.step.after.splitlines())) or "nothing"
    was = wrap(plain(f"was {before}, then {after}"), width - 7)
    lines += [((f"     {piece}", "quiet"),) for piece in (was if full else [cut(plain(" ".join(was)), width - 7)])]
    notes = one.outcome.notes if one.outcome is not None else ()
    lines += [((f"     {piece}", ""),) for piece in wrap(plain(words), width - 7)]
    return [*lines, *note_lines(notes, width)]


def cut_short_words(run: Run) -> str:
    """How far a run came that was cut short."""
    done = sum(one.outcome is not None for one in run.steps)
    return f"{words_of(run.intent.plan.action)} on {run.about} was cut short after {done} of {len(run.steps)} steps"


def reminder_words(one: Reminder, now: datetime, clock: Clock) -> str:
    """A change that is limited in time, and how it stands with that."""
    what = f"{words_of(one.action)} on {one.place}"
    if one.due:
        return f"{what} was to be taken back {age(one.until, now)} ago"
    return f"{what} stands until {clock.time_of_day(one.until)[: 5 if one.until.date() == now.date() else 16]}"


def several(first: str, others: int) -> str:
    """FIRST, and how many more there are."""
    return f"{first}, and {others} more" if others else first
