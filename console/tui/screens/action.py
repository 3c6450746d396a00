"""Action: what exactly will happen, its approval, how it goes, whether it helped, and its number in the record."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.actions.engine import undo_target
from console.actions.offers import called
from console.chain.words import count
from console.tui.jobs import Job, Jobs
from console.tui.messages import CursorMoved, FieldEntered, ItemChosen
from console.tui.present.action_lines import (
    asked_words,
    change_lines,
    command_lines,
    granting_commands,
    has_diff,
    labelled,
    plan_lines,
    problem_lines,
    run_lines,
    verifying_lines,
    words_of,
)
from console.tui.present.approval_lines import approval_lines, ended_lines, panel_height, planning_lines, running_lines
from console.tui.present.history_lines import undo_refusal
from console.tui.present.lines import Item, Line, wrap
from console.tui.screens.permitting import Permitting
from console.tui.widgets.lines import Lines
from console.tui.widgets.page import Page

NAME_FIELD, TICKET_FIELD = "name", "ticket"
_KEYS: dict[str, tuple[str, ...]] = {
    "planned": ("run", "permit", "answers", "ticket", "diff", "commands", "copy", "again"),
    "running": ("leave_running", "commands"),
    "ended": ("undo", "again", "commands", "app.history"),
}


class ActionScreen(Permitting):
    """JOB, which goes on when the screen is left."""

    NAME = "ACTION"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "What exactly would be done: each step with its values before and after, the rights that it needs, whom it",
        "touches, how it is undone. Nothing changes before it is approved: Enter, and then Enter once more; where a",
        "production hub is touched or something is taken away, the hub's name is typed. It is planned again when it",
        "runs, and refused when anything is different. What was done is looked at, and kept in the record.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", "run", key_display="Enter", tooltip="approve the plan; it is asked once more"),
        Binding("w", "permit", "permit", tooltip="permit what it needs next on this cluster, for some minutes"),
        Binding("P", "give_back", "read-only", show=False, tooltip="give the permission back before it ends"),
        Binding("e", "answers", "change", tooltip="change what is asked for, where the action asks for something"),
        Binding("t", "ticket", "ticket", tooltip="why it is done, for the record"),
        Binding("d", "diff", "diff", tooltip="what goes and what comes, line by line, or the plan again"),
        Binding("K", "commands", "by hand", tooltip="show the commands that do the same"),
        Binding("c", "copy", "copy", show=False, tooltip="copy these commands, or those that give the missing rights"),
        Binding("r", "again", "plan again", tooltip="look at the cluster and plan again"),
        Binding("b", "leave_running", "leave it running", tooltip="leave the screen while it runs; H leads back"),
        Binding("u", "undo", "undo", tooltip="plan how to take back what was done"),
        Binding("H", "app.history", "history", tooltip="what ran, who, when; back to what runs"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc", tooltip="back; while it runs: stop it behind this step"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, jobs: Jobs, job: Job) -> None:
        super().__init__(jobs, job)
        self._confirming = ""
        self._commands = False
        self._diff = False

    def compose_body(self) -> ComposeResult:
        yield Page(id="list")
        yield Lines(id="panel")

    def on_mount(self) -> None:
        if self.job.phase == "new":
            self.plan()

    def plan(self) -> None:
        """Plan anew, where what planning needs is permitted."""
        self._confirming = ""
        if self.needed == "none" or self.permitted or self.job.preview is not None:
            self.jobs.plan(self.job)
        else:
            self.repaint()

    def refresh_title(self) -> None:
        """The header counts a permission down; with its end the rest of the screen changes, too."""
        super().refresh_title()
        if self.permission_turned and self.composed:
            self._show_panel()

    def notice(self) -> Line:
        return self.console_app.notice(without=self.job)

    def paint(self) -> None:
        job = self.job
        if job.phase != "running":
            job.unseen = False
        self._paint_title()
        self.query_one("#panel").styles.height = panel_height(self.size.width) + 1
        self.query_one(Page).show([Item(None, tuple(self._body()))])
        self._show_panel()
        self.show_status(self._status())
        self.show_keys()

    def _show_panel(self) -> None:
        below = self.query_one(Page).below
        words = f" {count(below, 'more line')}: space " if below else ""
        rule: Line = (("──", "rule"), (words, "strong"), ("─" * (self.size.width - 2 - len(words)), "rule"))
        self.query_one("#panel", Lines).show([rule, *self._panel()])

    def on_cursor_moved(self, message: CursorMoved) -> None:
        super().on_cursor_moved(message)
        self._show_panel()

    def _paint_title(self) -> None:
        target = self.job.target
        verb = "undo " if target.undoes else "finish " if self.job.resumes else ""
        title: Line = (
            (f"{verb}{words_of(target.action)}".upper(), "strong"),
            (f"   {called(target, self.state.clusters)}", "strong"),
        )
        if self._production():
            title = (*title, ("   PROD", "badge"))
        self.show_title(title)

    def _production(self) -> bool:
        target = self.job.target
        return any(hub.production for hub in self.state.hubs() if hub.key == f"{target.cluster}/{target.hub}")

    def _body(self) -> list[Line]:
        job, width = self.job, self.size.width
        lines: list[Line] = []
        if job.problem:
            lines += [*problem_lines(job.problem.message, job.problem.next_step, job.problem.changes, width), ()]
        preview = job.preview
        if job.phase == "new":
            return [*lines, *self._summary()]
        if preview is None or (job.phase == "planning" and not job.problem):
            words = f"   looking at {job.target.cluster} afresh, to plan …"
            return lines if job.phase == "planned" else [*lines, (), ((words, "quiet"),)]
        if self._diff:
            return [*lines, *change_lines(preview.plan, width)]
        if job.phase in ("running", "ended") and job.progress.run:
            return [*lines, *self._run_body()]
        return lines + plan_lines(
            preview,
            width,
            ticket=job.ticket,
            locked=job.locked,
            asked=self._asked(),
            commands=self._commands,
            full=False,
        )

    def _run_body(self) -> list[Line]:
        job, width = self.job, self.size.width
        plan = job.preview.plan if job.preview else None
        if plan is None:
            return []
        lines = [*run_lines(plan, job.progress, width), *verifying_lines(job.progress, width)]
        if self._commands:
            lines += [(), *command_lines(plan, width)]
        return lines

    def _summary(self) -> list[Line]:
        """What the action is, while there is no plan."""
        summary = self.jobs.offers.find(self.job.target.action).summary
        asked = self._asked()
        lines: list[Line] = [(), *(((f" {piece}", ""),) for piece in wrap(summary, self.size.width - 2))]
        return [*lines, (), *(labelled("with", asked, self.size.width) if asked else [])]

    def _asked(self) -> str:
        return asked_words(self.jobs.offers.find(self.job.target.action).parameters, dict(self.job.target.parameters))

    def _panel(self) -> list[Line]:
        job, width, preview = self.job, self.size.width, self.job.preview
        if job.phase == "running":
            looking = job.progress.verifying is not None
            stopping = job.cancel.asked
            return running_lines(preview.plan, stopping=stopping, looking=looking, width=width) if preview else []
        if job.phase == "ended":
            if job.result is None:
                return [((" It was broken off: H shows how far it came, to finish it or to take it back.", "error"),)]
            return ended_lines(job.result, width, undoable=self._undoable())
        if job.phase == "planning":
            return []
        self.see_permission()
        if preview is None:
            if not self.permitted:
                return planning_lines(job.target.cluster, self.minutes(), expired=self.expired, width=width)
            return [((" r tries again, Esc goes back.", ""),)]
        return approval_lines(
            preview,
            permitted=self.permitted,
            expired=self.expired,
            minutes=self.minutes(),
            confirming=self._confirming == preview.plan.digest,
            typing=self.typing,
            width=width,
        )[: panel_height(width)]

    def _status(self) -> Line:
        run = self.job.progress.run
        if self.job.phase == "running" and not run:
            return (("planning again, asking for rights, taking the lock …", "quiet"),)
        return ((f"record {run}", "quiet"),) if run else (("nothing was changed so far", "quiet"),)

    def key_bindings(self) -> list[Binding]:
        """Those of the keys that do something now."""
        phase = "planned" if self.job.phase in ("new", "planning") else self.job.phase
        hidden = self._useless()
        shown = (*_KEYS[phase], "app.help", "back")
        found = [one for one in super().key_bindings() if one.action in shown and one.action not in hidden]
        stops = self.job.phase == "running" and not self.job.cancel.asked
        return [replace(one, description="stop") if stops and one.action == "back" else one for one in found]

    def _useless(self) -> set[str]:
        """What would do nothing now."""
        target, preview = self.job.target, self.job.preview
        plan = preview.plan if preview else None
        return {
            *(["run"] * (plan is None or plan.empty or self.job.phase != "planned" or not self._may_run())),
            *(["permit"] * self.permitted),
            *(["answers"] * (target.undoes is not None or not self.jobs.offers.find(target.action).parameters)),
            *(["ticket", "copy"] * (plan is None or plan.empty)),
            *(["diff"] * (plan is None or not has_diff(plan))),
            *(["commands"] * (plan is None or not plan.commands)),
            *(["undo"] * (not self._undoable())),
        }

    def on_item_chosen(self, _: ItemChosen) -> None:
        self.action_run()

    def action_run(self) -> None:
        """Approve: the first Enter asks, the second runs; or a field for the name is opened."""
        job, preview = self.job, self.job.preview
        if job.phase != "planned" or preview is None or preview.plan.empty:
            return
        self.console_app.unsay()
        if not self._may_run():
            self.console_app.say("nothing runs yet: above is said what is missing", role="warning")
        elif preview.to_type is not None:
            self._confirming = preview.plan.digest
            self.ask(NAME_FIELD, placeholder=f"type  {preview.to_type}  to run it")
            self.call_after_refresh(self.repaint)
        elif self._confirming == preview.plan.digest:
            self._run("")
        else:
            self._confirming = preview.plan.digest
            self.repaint()

    def _may_run(self) -> bool:
        preview = self.job.preview
        return preview is not None and self.permitted and not preview.denied and not preview.refusals

    def on_field_entered(self, message: FieldEntered) -> None:
        job, preview = self.job, self.job.preview
        if message.what == TICKET_FIELD:
            job.ticket = message.text
            self.close_field()
            self.repaint()
        elif preview is not None and message.text in (preview.to_type, preview.plan.place):
            self.close_field()
            if self._confirming == preview.plan.digest and self._may_run():
                self._run(message.text)
            else:
                self.console_app.say("the plan is another one than when you began to type: look at it again")
        elif preview is not None:
            self.console_app.say(f"that is not {preview.to_type}: nothing runs", role="warning")

    def _run(self, confirmed: str) -> None:
        self._confirming, self._diff = "", False
        self.console_app.unsay()
        self.jobs.run(self.job, confirmed)

    def action_ticket(self) -> None:
        """Why it is done, for the record."""
        if self.job.phase == "planned":
            self.ask(TICKET_FIELD, self.job.ticket, placeholder="ticket: why it is done, for the record")

    def action_answers(self) -> None:
        """Change what is asked for."""
        if self.job.phase == "planned" and not self.job.target.undoes:
            self.console_app.ask_again(self)

    def action_diff(self) -> None:
        if self.job.preview and not self.job.preview.plan.empty:
            self._diff = not self._diff
            self.repaint()

    def action_commands(self) -> None:
        """Show the commands that do the same, or no longer."""
        plan = self.job.preview.plan if self.job.preview else None
        if plan is None or not plan.commands:
            self.console_app.say("no command does the same by hand")
            return
        self._commands, self._diff = not self._commands, False
        self.repaint()

    def action_copy(self) -> None:
        preview = self.job.preview
        if preview is None:
            return
        grants = granting_commands(preview)
        if grants:
            self.console_app.copy("\n".join(grants), "the commands by which an administrator gives the missing rights")
        elif preview.plan.commands:
            self.console_app.copy("\n".join(preview.plan.commands), "the commands that do the same by hand")
        else:
            self.console_app.copy(preview.plan.digest, f"the plan's digest {preview.plan.digest}")

    def action_again(self) -> None:
        """Plan again: with what is there now."""
        if self.job.phase == "running":
            return
        if self.job.phase == "ended":
            self.console_app.replace_action(self, self.job.target, resumes=self.job.resumes)
            return
        self.plan()

    def _undoable(self) -> bool:
        run = next((one for one in self.jobs.runs if one.id == self.job.progress.run), None)
        return run is not None and run.undoable

    def action_undo(self) -> None:
        """Plan how to take back what was done."""
        run = next((one for one in self.jobs.runs if one.id == self.job.progress.run), None)
        if self.job.phase != "ended" or run is None:
            return
        if not run.undoable:
            self.console_app.say(undo_refusal(run))
            return
        self.console_app.replace_action(self, undo_target(run))

    def action_leave_running(self) -> None:
        if self.job.phase == "running":
            self.console_app.back()
            self.console_app.say(f"{words_of(self.job.target.action)} goes on; H leads back to it")

    def action_back(self) -> None:
        """One step back: out of the question, out of the diff, out of the screen. While it runs: ask it to stop."""
        if self.job.phase == "running" and not self.job.cancel.asked:
            self.job.stop()
        elif self._confirming and self.job.phase == "planned":
            self._confirming = ""
            self.repaint()
        elif self._diff:
            self._diff = False
            self.repaint()
        else:
            self.console_app.back()
