"""`hubhomes history`: the record of what was done; whether it is whole; what to finish or to take back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from console.actions.folders import state_folder
from console.actions.history import Run, by_id, filtered, open_runs, reminders, runs, state_of
from console.actions.record import Reading, Record, RecordFailed, utc_now
from console.chain.words import count
from console.cli.action import run as run_action
from console.cli.action_command import Duration, answer_options, answers_of
from console.cli.exits import Exit
from console.cli.options import fleet_options, json_option, request_of
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width

if TYPE_CHECKING:
    from console.actions.protocol import Target


class Moment(click.ParamType[datetime]):
    """A day (2026-03-01), a time in UTC (2026-03-01T12:00), or how long ago (2h)."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            found = datetime.fromisoformat(str(value))
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        except ValueError:
            ago_s = Duration().convert(value, param, ctx)
            return utc_now() - timedelta(seconds=ago_s)


@click.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Say whether the record is whole; exit code 1 names the first bad line.")
@click.option("--cluster", metavar="C", help="Only runs on this cluster.")
@click.option("--hub", metavar="H", help="Only runs on this hub.")
@click.option("--action", metavar="ACTION", help="Only runs of this action.")
@click.option("--since", type=Moment(), help="Only runs since a day, a time in UTC, or 2h ago.")
@click.option("--who", metavar="NAME", help="Only runs of users whose name has NAME in it.")
@json_option
@click.pass_context
def history(context: click.Context, /, check: bool, as_json: bool, **wanted: Any) -> Exit | None:
    """What guided actions have done, newest first; what to finish, and what to take back."""
    if context.invoked_subcommand is not None:
        return None
    record = Record(state_folder())
    try:
        reading = record.read()
    except RecordFailed as error:
        return _failed(error)
    if check:
        return checked(reading, record)
    # The options of the whole command name a cluster or a hub as well.
    given = {name: context.obj.get(name) if value is None else value for name, value in wanted.items()}
    everything = runs(reading.lines)
    chosen = filtered(everything, **given)
    if as_json:
        from console.cli.documents.actions import history as document

        print_json(document(reading, chosen, file=record.file, now=utc_now()))
        return Exit.NONE
    if chosen:
        print_lines(run_lines(chosen, width=terminal_width(), colour=takes_colour(), unicode=takes_unicode()))
    elif everything:
        narrate(f"none of {count(len(everything), 'run')} fits what was asked for")
    else:
        narrate(f"no guided action has run yet: {record.file} would tell of it")
    started = request_of(context, {}).started
    for line in notices(reading, everything, utc_now()):
        narrate(started.words(line))
    return Exit.NONE


@history.command()
@click.argument("run")
@fleet_options
@answer_options
@json_option
@click.pass_context
def undo(context: click.Context, /, run: str, **options: Any) -> Exit:
    """Take a run back, by a plan of its own."""
    from console.actions.engine import undo_target

    found = _one(run)
    return _again(context, found, undo_target(found), options)


@history.command()
@click.argument("run")
@fleet_options
@answer_options
@json_option
@click.pass_context
def finish(context: click.Context, /, run: str, **options: Any) -> Exit:
    """Do the rest of a run that was cut short, by a fresh plan."""
    from console.actions.engine import target_of

    found = _one(run)
    return _again(context, found, target_of(found), options, resumes=found.id)


@history.command()
@click.argument("run")
def dismiss(run: str) -> Exit:
    """Leave a run that was cut short as it is, and no longer offer it."""
    from console.actions.entries import Ended

    try:
        Record(state_folder()).append(Ended(run=_one(run).id, outcome="dismissed"))
    except RecordFailed as error:
        return _failed(error)
    return Exit.NONE


def _again(
    context: click.Context, found: Run, target: Target, options: dict[str, Any], *, resumes: str | None = None
) -> Exit:
    answers = answers_of(options)
    if state_of(found) == "running":
        raise click.UsageError(f"{found.id} is still running: process {found.intent.process.pid}")
    request = request_of(context, {**options, "cluster": target.cluster, "hub": target.hub})
    return run_action(request, target, answers, resumes=resumes)


def _one(given: str) -> Run:
    """The run whose id starts with GIVEN. Raises UsageError."""
    try:
        found = by_id(runs(Record(state_folder()).read().lines), given)
    except RecordFailed as error:
        raise click.ClickException(error.message) from error
    if len(found) == 1:
        return found[0]
    if found:
        raise click.UsageError(f"{given} is the start of {len(found)} runs: {', '.join(run.id for run in found[:5])}")
    raise click.UsageError(f"the record has no run {given}: hubhomes history lists them")


def _failed(error: RecordFailed) -> Exit:
    narrate(f"hubhomes: {error.message}")
    if error.next_step:
        narrate(f"  next: {error.next_step}")
    return Exit.FAILED


def checked(reading: Reading, record: Record) -> Exit:
    """Says whether the record is whole."""
    if reading.bad is not None:
        print_lines([f"{record.file}:{reading.bad.number}: {reading.bad.why}"])
        return Exit.FAILED
    torn = "; a crash cut off its last line" if reading.torn else ""
    print_lines([f"{record.file}: {len(reading.lines)} lines, each follows from the one before{torn}"])
    return Exit.NONE


def notices(reading: Reading, everything: tuple[Run, ...], now: datetime) -> list[str]:
    """What wants to be looked at: a changed record, runs that were cut short, changes that are due to be undone."""
    lines = []
    if reading.bad is not None:
        lines.append(f"the record was changed or is not whole: line {reading.bad.number}: {reading.bad.why}")
    for run in open_runs(everything):
        done = sum(one.outcome is not None for one in run.steps)
        lines.append(
            f"{run.id} was cut short after {done} of {len(run.steps)} steps:"
            f" hubhomes history finish {run.id}, or undo, or dismiss"
        )
    for one in reminders(everything, now):
        due = "was due to be undone" if one.due else "is to be undone"
        lines.append(f"{one.action} {one.place} {due} at {one.until:%Y-%m-%d %H:%M}Z: hubhomes history undo {one.run}")
    return lines


def run_lines(found: tuple[Run, ...], *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """A table of runs, newest first."""
    from console.cli.table import Cell, Column, table

    colours = {"done": "green", "closed": None, "running": None}
    columns = [
        Column(heading="run"),
        Column(heading="at"),
        Column(heading="action"),
        Column(heading="where", least=10),
        Column(heading="who", least=8),
        Column(heading="steps", right=True),
        Column(heading="state"),
        Column(heading="undo"),
        Column(heading="why", least=8, sentences=True),
    ]
    rows = [
        [
            Cell(run.id),
            Cell(f"{run.at:%Y-%m-%d %H:%M}Z"),
            Cell(f"{run.intent.plan.action}{' (undo)' if run.intent.plan.undoes else ''}"),
            Cell(run.about),
            Cell(str(run.intent.who)),
            Cell(f"{sum(one.outcome is not None for one in run.steps)}/{len(run.steps)}"),
            Cell(state_of(run), colours.get(state_of(run), "red")),
            Cell("undone" if run.undone else "possible" if run.undoable else ""),
            Cell(run.intent.ticket),
        ]
        for run in reversed(found)
    ]
    return table(columns, rows, width=width, colour=colour, unicode=unicode)
