"""History: what ran, who, when, how it ended; what runs now; what was cut short or is to be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from console.actions.engine import target_of, undo_target
from console.actions.history import Run
from console.tui.jobs import Jobs
from console.tui.messages import ItemChosen
from console.tui.present.history_lines import (
    RunRow,
    cut_short_words,
    head_line,
    record_lines,
    reminder_words,
    row_item,
    run_lines,
    run_rows,
    undo_refusal,
)
from console.tui.present.lines import Item, Line
from console.tui.present.lines import plain as text_of
from console.tui.screens.document import DocumentScreen
from console.tui.screens.panelled import PanelledScreen
from console.tui.widgets.lines import Lines


class HistoryScreen(PanelledScreen):
    """The record of JOBS, read when the screen is opened."""

    NAME = "HISTORY"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "What guided actions have done: what runs and what was cut short first, then the newest.",
        "Enter shows a run in full, or goes back to one that runs. u plans how to take it back, f the rest of one that",
        "was cut short; both are shown and approved like any other. x leaves such a one as it is.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("enter", "open", "open", key_display="Enter", tooltip="the run in full; back to one that runs"),
        Binding("u", "undo", "undo", tooltip="plan how to take it back"),
        Binding("f", "finish", "finish", tooltip="plan the rest of a run that was cut short"),
        Binding("x", "leave_it", "leave as is", tooltip="leave a run that was cut short as it is; remind no longer"),
        Binding("c", "copy", "copy", show=False, tooltip="copy the run in full"),
        Binding("r", "read", "read again", show=False, tooltip="read the record again"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        self._rows: dict[str, RunRow] = {}
        self._leaving = ""

    def on_mount(self) -> None:
        self.jobs.look()

    def notice(self) -> Line:
        """Nothing: all of it is in the list."""
        return ()

    def empty_words(self) -> tuple[str, ...]:
        if self.jobs.trouble:
            return ("The record can't be read: see above.",)
        if self.jobs.reading is None:
            return ("Reading the record …",)
        return ("Nothing was done yet: a (actions) on a hub or a cluster shows what can be.",)

    def paint(self) -> None:
        width, clock = self.size.width, self.console_app.clock
        rows, total = run_rows(self.jobs.runs, self.wanted)
        self._rows = {row.key: row for row in rows}
        top = record_lines(self.jobs.reading, self.jobs.trouble, str(self.jobs.record.file), width)
        heads = [*top, *([head_line(rows, width)] if rows else [])]
        self.query_one("#heads").styles.height = max(len(heads), 1)
        self.query_one("#heads", Lines).show(heads)
        self.share_height(total + len(top))
        self.show_items([row_item(row, rows, width, clock) for row in rows], total=total)
        self.show_filtered_title(len(rows), total, right=((f"{total} run{'' if total == 1 else 's'}", "strong"),))
        self.show_status(self._status())
        self.show_keys()
        self.paint_panel()

    def _status(self) -> Line:
        clock = self.console_app.clock
        found = [reminder_words(one, clock.now(), clock) for one in self.jobs.reminders(clock.now())]
        return ((" · ".join(found), "warning"),) if found else ((str(self.jobs.record.file), "quiet"),)

    def panel_body(self, height: int) -> list[Line]:
        row = self._row()
        return run_lines(row.run, self.size.width, self.console_app.clock, full=False)[:height] if row else []

    def _row(self) -> RunRow | None:
        key = self.cursor_key
        return self._rows.get(key) if key else None

    def on_item_chosen(self, message: ItemChosen) -> None:
        row = self._rows.get(message.key)
        if row is None:
            return
        job = self.jobs.of_run(row.run.id)
        if job is not None and (job.active or job.unseen):
            self.console_app.open_job(job)
        else:
            self.console_app.push_screen(RunScreen(self.jobs, row.run.id))

    def action_undo(self) -> None:
        row = self._row()
        if row is not None:
            undo(self, row.run)

    def action_finish(self) -> None:
        row = self._row()
        if row is None:
            return
        if row.run not in self.jobs.cut_short:
            self.console_app.say("only a run that was cut short can be finished")
            return
        self.console_app.open_action(target_of(row.run), resumes=row.run.id)

    def action_leave_it(self) -> None:
        """Leave it as it is; asked once more."""
        row = self._row()
        if row is None:
            return
        limited = [one.run for one in self.jobs.reminders(self.console_app.clock.now())]
        if row.run not in self.jobs.cut_short and row.run.id not in limited:
            self.console_app.say("it was not cut short, and nothing of it is to be taken back")
        elif self._leaving != row.run.id:
            self._leaving = row.run.id
            what = cut_short_words(row.run) if row.run in self.jobs.cut_short else "it is limited in time"
            self.console_app.say(f"{what}: x again leaves it as it is, and it is not asked about again", role="warning")
        else:
            self._leaving = ""
            self.jobs.dismiss(row.run.id)
            self.console_app.say(f"{row.run.id} is left as it is")

    def action_read(self) -> None:
        self.jobs.look()

    def action_copy(self) -> None:
        row = self._row()
        if row is not None:
            self.console_app.copy(run_text(row.run, self), f"run {row.run.id}")


class RunScreen(DocumentScreen):
    """One run in full."""

    NAME = "RUN"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "One run of the record: who, when, why, each step and how it went, what was seen afterwards, the same by hand.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "undo", tooltip="plan how to take it back"),
        Binding("c", "copy", "copy", tooltip="copy the run in full"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "app.leave", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, jobs: Jobs, run: str) -> None:
        super().__init__()
        self.jobs = jobs
        self._id = run

    def _run(self) -> Run | None:
        return next((one for one in self.jobs.runs if one.id == self._id), None)

    def document(self) -> list[Item]:
        run = self._run()
        return [Item(None, tuple(run_lines(run, self.size.width, self.console_app.clock)))] if run else []

    def paint(self) -> None:
        run = self._run()
        self.show_items(self.document(), total=0)
        where = f"{run.intent.plan.action}   {run.about}" if run else ""
        self.show_title(((f"RUN {self._id}   ", "strong"), (where, "")))
        self.show_status(((str(self.jobs.record.file), "quiet"),))
        self.show_keys()

    def action_undo(self) -> None:
        run = self._run()
        if run is not None:
            undo(self, run)

    def action_copy(self) -> None:
        run = self._run()
        if run is not None:
            self.console_app.copy(run_text(run, self), f"run {run.id}")


def undo(screen: HistoryScreen | RunScreen, run: Run) -> None:
    """Plan how RUN is taken back, or say why it can't be."""
    why = undo_refusal(run)
    if why:
        screen.console_app.say(why)
    else:
        screen.console_app.open_action(undo_target(run))


def run_text(run: Run, screen: HistoryScreen | RunScreen) -> str:
    """RUN as plain text, for the clipboard."""
    lines = run_lines(run, 200, screen.console_app.clock)
    return "\n".join([f"{run.id} {run.intent.plan.action} {run.about}", *(text_of(line) for line in lines)])
