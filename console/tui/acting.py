"""From screen to screen where something is done: actions, what of them is under way, the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.tui.messages import JobsChanged
from console.tui.navigation import Navigation
from console.tui.present.lines import Line

if TYPE_CHECKING:
    from console.actions.offers import Place
    from console.actions.protocol import Target
    from console.actions.started import Started
    from console.chain.model import Finding
    from console.fleet.fleet import Fleet
    from console.settings import Settings
    from console.tui.jobs import Job, Jobs
    from console.tui.present.clock import Clock
    from console.tui.screens.action import ActionScreen


class Acting(Navigation):
    """What the screens ask of the application where something is to be done."""

    fleet: Fleet
    settings: Settings
    clock: Clock

    def __init__(self, *, jobs: Jobs | None, record: Path | None, started: Started | None) -> None:
        """JOBS is given by tests. RECORD is the folder of the record; without one nothing can be done."""
        super().__init__()
        self.started = started
        self._jobs = jobs
        self._record_folder = record
        self._leaving = False

    @property
    def record_folder(self) -> Path | None:
        """The folder of the record; None: this console keeps none."""
        return self._record_folder

    @property
    def jobs(self) -> Jobs | None:
        """What is under way, made when it is first asked for; None: this console keeps no record."""
        if self._jobs is None and self._record_folder is not None:
            from console.actions.engine import Engine
            from console.actions.record import Record
            from console.actions.registry import action
            from console.actions.surroundings import Surroundings
            from console.tui.jobs import Jobs

            record = Record(self._record_folder)
            surroundings = Surroundings(self.fleet, self.settings, now=self.clock.now)
            find = self.started.find(action) if self.started else action
            self._jobs = Jobs(Engine(surroundings.observe, record, find=find), record)
        if self._jobs is not None:
            self._jobs.changed = self._jobs_changed
        return self._jobs

    def as_started(self, text: str) -> str:
        """TEXT in which commands mean the fleet that is shown."""
        return self.started.words(text) if self.started else text

    def _jobs_changed(self) -> None:
        self.post_message(JobsChanged())

    def on_jobs_changed(self, _: JobsChanged) -> None:
        self.repaint_screen()

    def begin_acting(self) -> None:
        """Look what earlier runs have left to be done."""
        if self.jobs is not None:
            self.jobs.look()

    async def end_acting(self) -> None:
        """Break off what runs; the record says so."""
        if self._jobs is not None:
            await self._jobs.close()

    def notice(self, *, without: Job | None = None) -> Line:
        """What runs, has ended unseen, was cut short, or is to be taken back; () where nothing does. Of the action
        WITHOUT nothing is said: it is in view."""
        if self._jobs is None:
            return ()
        from console.tui.present.notices import notice_line

        jobs, now = self._jobs, self.clock.now()
        active = [job for job in jobs.active if job is not without]
        unseen = [job for job in jobs.unseen if job is not without]
        return notice_line(active, unseen, jobs.cut_short, jobs.reminders(now), now, self.clock)

    def open_actions(self, place: Place, findings: Sequence[Finding]) -> None:
        """Show the actions that fit PLACE, those that FINDINGS name first."""
        if self.jobs is None:
            self.say("this console keeps no record, and does nothing without one")
            return
        from console.tui.screens.actions import ActionsScreen

        self._push(ActionsScreen(str(place), self.jobs.offers.at(place, findings)))

    def mends(self, finding: Finding) -> bool:
        """Whether FINDING names an action that there is."""
        return self.jobs is not None and self.jobs.offers.named(finding)

    def mend(self, finding: Finding | None, filestores: tuple[str, ...] = ()) -> None:
        """Show the action that FINDING names; or say that there is none."""
        if self.jobs is None:
            self.say("this console keeps no record, and does nothing without one")
            return
        offer = self.jobs.offers.of(finding, filestores=filestores) if finding else None
        if offer is None:
            self.say("no guided action mends that: its next step says what to do" if finding else "nothing is to mend")
            return
        self.open_action(offer.target)

    def open_action(self, target: Target, *, resumes: str | None = None) -> None:
        """Plan TARGET on a screen of its own; what has to be said first is asked for."""
        if self.jobs is None:
            self.say("this console keeps no record, and does nothing without one")
            return
        from console.tui.screens.answers import AnswersScreen, answered, unanswered

        action = self.jobs.offers.find(target.action)
        if target.undoes or resumes:
            self._open(target, resumes)
        elif unanswered(action, target.parameters):
            self._push(AnswersScreen(action, target, lambda given: self._answered(target, given)))
        else:
            parameters = {**target.parameters, **answered(action, target.parameters)}
            self._open(_asked(target, parameters), resumes)

    def _answered(self, target: Target, given: Mapping[str, Any]) -> None:
        self.back()
        self._open(_asked(target, given), None)

    def ask_again(self, screen: ActionScreen) -> None:
        """What SCREEN's action is asked for, to be changed; then it is planned anew."""
        if self.jobs is None:
            return
        from console.tui.screens.answers import AnswersScreen

        job = screen.job
        action = self.jobs.offers.find(job.target.action)
        if not action.parameters:
            self.say("it is not asked for anything that could be changed")
            return

        def accept(given: Mapping[str, Any]) -> None:
            self.back()
            screen.job.target = _asked(job.target, given)
            screen.plan()

        self._push(AnswersScreen(action, job.target, accept))

    def replace_action(self, screen: ActionScreen, target: Target, *, resumes: str | None = None) -> None:
        """Plan TARGET in the place of SCREEN."""
        if self.screen is screen:
            self.back()
        self._open(target, resumes)

    def _open(self, target: Target, resumes: str | None) -> None:
        if self.jobs is not None:
            self.open_job(self.jobs.job(target, resumes=resumes))

    def open_job(self, job: Job) -> None:
        """Show JOB: one that was planned just now, or goes on."""
        from console.tui.screens.action import ActionScreen

        assert self.jobs is not None  # noqa: S101 - it is one of them
        self._push(ActionScreen(self.jobs, job))

    def action_history(self) -> None:
        """What ran, what runs, what was cut short."""
        if self.jobs is None:
            self.say("this console keeps no record")
            return
        from console.tui.screens.history import HistoryScreen

        if not isinstance(self.screen, HistoryScreen):
            self._push(HistoryScreen(self.jobs))

    async def action_quit(self) -> None:
        """Quit; while something runs, only when asked twice."""
        running = self._jobs.active if self._jobs else ()
        if running and not self._leaving:
            self._leaving = True
            self.say("something is running: quitting now breaks it off. Again quits; H leads to it", role="warning")
            return
        self.exit()

    def go(self, goal: str) -> None:
        """Leave the palette for GOAL; also for action:NAME:CLUSTER/HUB, or action:NAME:CLUSTER//FILESTORE."""
        kind, _, rest = goal.partition(":")
        if kind != "action":
            super().go(goal)
            return
        from console.actions.protocol import Target

        self.back()
        name, _, place = rest.partition(":")
        cluster, _, inner = place.partition("/")
        if inner.startswith("/"):
            self.open_action(Target(action=name, cluster=cluster, parameters={"filestore": inner[1:]}))
        else:
            self.open_action(Target(action=name, cluster=cluster, hub=inner or None))


def _asked(target: Target, parameters: Mapping[str, Any]) -> Target:
    import msgspec

    return msgspec.structs.replace(target, parameters=dict(parameters))
