"""The guided actions that this console has under way, whichever screen is shown, and the record of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import msgspec

from console.actions.engine import Engine
from console.actions.history import Reminder, Run, open_runs, reminders, runs
from console.actions.offers import Offers
from console.actions.preview import Preview
from console.actions.protocol import Cancel, Refused, Target
from console.actions.record import Reading, Record, RecordFailed
from console.actions.refusals import NotPermittedYet, PlanChanged
from console.actions.running import Result
from console.fleet.failures import log_unforeseen
from console.tui.present.run_progress import RunProgress
from providers.errors import ProviderError

Phase = Literal["new", "planning", "planned", "running", "ended"]
"""new: not planned yet. planned: there is a plan, or why there is none."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no plan, or why it did not run. `changes`: how the plan differs from the one that was approved."""

    message: str
    next_step: str = ""
    changes: tuple[str, ...] = ()


class Job:
    """One action, from its plan to its end. `changed` is called whenever there is something new to show."""

    def __init__(self, engine: Engine, target: Target, *, resumes: str | None, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self.target = target
        self.resumes = resumes
        self.phase: Phase = "new"
        self.preview: Preview | None = None
        self.locked = ""
        """Who else is at work there, or why nobody can be kept from it."""
        self.problem: Problem | None = None
        self.progress = RunProgress()
        self.result: Result | None = None
        self.cancel = Cancel()
        self.ticket = ""
        self.unseen = False
        """It has ended, or was refused, and no screen has shown it yet."""

    @property
    def active(self) -> bool:
        return self.phase == "running"

    def stop(self) -> None:
        """Asks the run to stop behind the step that it is in."""
        self.cancel.ask()
        self._changed()

    async def plan(self) -> None:
        """Makes the plan anew. What went wrong stands in `problem`."""
        self.problem = None
        await self._plan()

    async def _plan(self) -> None:
        self.phase = "planning"
        self._changed()
        try:
            preview = await self._engine.preview(self.target)
            self.locked = await lock_words(preview)
            self.preview = preview
        except Exception as error:  # noqa: BLE001 - a defect of an action is said here, and logged
            self.preview = None
            self.problem = self.problem or problem_of(error)
        self.phase = "planned"
        self._changed()

    async def run(self, confirmed: str) -> None:
        """Does what the plan says; where it does not even begin, `problem` says why, and there is a new plan."""
        assert self.preview is not None  # noqa: S101 - nothing else can be approved
        self.phase, self.problem, self.progress, self.cancel = "running", None, RunProgress(), Cancel()
        self._changed()
        try:
            self.result = await self._engine.run(
                self.target,
                approved=self.preview.plan,
                confirmed=confirmed,
                ticket=self.ticket,
                resumes=self.resumes,
                cancel=self.cancel,
                tell=self._tell,
            )
        except Exception as error:  # noqa: BLE001 - a defect of an action is said here, and logged
            self.unseen = True
            self.problem = problem_of(error)
            if self.progress.run:
                self.phase = "ended"
            else:
                await self._plan()
        else:
            self.phase, self.unseen = "ended", True
        self._changed()

    def _tell(self, event: Any) -> None:
        self.progress.take(event)
        self._changed()


class Jobs:
    """What is under way, and the record as it was last read. `alive` None: nothing of it was read yet."""

    def __init__(self, engine: Engine, record: Record, *, offers: Offers | None = None) -> None:
        self.engine = engine
        self.record = record
        self.offers = offers or Offers()
        self.changed: Callable[[], None] = lambda: None
        self.jobs: list[Job] = []
        self.reading: Reading | None = None
        self.runs: tuple[Run, ...] = ()
        self.cut_short: tuple[Run, ...] = ()
        self.trouble = ""
        """Why the record can't be read."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> tuple[Job, ...]:
        return tuple(job for job in self.jobs if job.active)

    @property
    def unseen(self) -> tuple[Job, ...]:
        return tuple(job for job in self.jobs if job.unseen and not job.active)

    def reminders(self, now: Any) -> tuple[Reminder, ...]:
        return reminders(self.runs, now)

    def job(self, target: Target, *, resumes: str | None = None) -> Job:
        """A new one for TARGET, not planned yet; RESUMES is the run that it finishes."""
        return Job(self.engine, target, resumes=resumes, changed=lambda: self.changed())

    def of_run(self, run: str) -> Job | None:
        """The one whose record is RUN."""
        return next((job for job in self.jobs if job.progress.run == run), None)

    def plan(self, job: Job) -> None:
        self._start(job.plan())

    def run(self, job: Job, confirmed: str = "") -> None:
        """Runs JOB beside everything else; the record is read again when it has ended."""
        self.jobs = [one for one in self.jobs if one.active or one.unseen or one is job]
        if job not in self.jobs:
            self.jobs.append(job)
        self._start(self._run(job, confirmed))

    async def _run(self, job: Job, confirmed: str) -> None:
        await job.run(confirmed)
        await self.read()

    async def read(self) -> None:
        """Reads the record again."""
        try:
            reading = await asyncio.to_thread(self.record.read)
        except RecordFailed as error:
            self.trouble = f"{error.message}{f': {error.next_step}' if error.next_step else ''}"
        else:
            self.trouble, self.reading = "", reading
            self.runs = runs(reading.lines)
            # A run of this very process without an end is one of ours that goes on.
            self.cut_short = open_runs(self.runs)
        self.changed()

    def look(self) -> None:
        """Reads the record beside everything else."""
        self._start(self.read())

    def dismiss(self, run: str) -> None:
        self._start(self._dismiss(run))

    async def _dismiss(self, run: str) -> None:
        try:
            await self.engine.dismiss(run)
        except RecordFailed as error:
            self.trouble = error.message
        await self.read()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Returns when nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Breaks off what still runs; the record says so."""
        for task in list(self._tasks):
            task.cancel()
        await self.settled()


def problem_of(error: Exception) -> Problem:
    """ERROR in words. Of a defect only the kind is shown: its text may hold anything."""
    if not isinstance(error, (Refused, ProviderError, RecordFailed)):
        log_unforeseen("a guided action", error)
        return Problem(message=f"a defect stopped it: {type(error).__name__}", next_step="hubhomes.log has the details")
    changes = error.differences or ("see the new plan",) if isinstance(error, PlanChanged) else ()
    if isinstance(error, NotPermittedYet):
        return Problem(message=error.message, next_step="w permits it; that ends by itself after some minutes")
    message = "what would be done has changed since you approved it" if changes else error.message
    return Problem(message=message, next_step="" if changes else error.next_step, changes=changes)


async def lock_words(preview: Preview) -> str:
    """Who else is at work where the plan would take the lock, or that nobody can be kept from it; "" for neither."""
    plan, context = preview.plan, preview.context
    if plan.empty or not plan.namespace or plan.permission != "write" or context.transport is None:
        return ""
    from providers.kubernetes.leases import Leases  # late: the front ends start without it

    leases = Leases(context.transport, timeout_s=context.settings.timeouts.request_s, now=context.now)
    try:
        held = await leases.holder(plan.namespace)
    except ProviderError as error:
        if error.kind == "forbidden":
            return f"nobody else can be kept from acting on {plan.place} meanwhile: {error.message}"
        return f"whether somebody else is at work is not known: {error.message}"
    return f"{held.holder} is at work there: {held.purpose}" if held else ""
