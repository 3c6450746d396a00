"""Runs a plan that was approved: plans again, asks, locks, records, does each step, and looks whether it helped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from console.actions import entries, events
from console.actions.approval import check_approval
from console.actions.history import Run, by_id, open_runs, runs, state_of
from console.actions.lock import LeaseLock, Lock
from console.actions.plan import Plan, differences, same_digest
from console.actions.preview import Preview, check_permitted, check_undoable, planned, previewed
from console.actions.protocol import Action, Cancel, Context, Observe, Refused, Target
from console.actions.record import Record
from console.actions.refusals import DryRunRefused, PlanChanged, RightsMissing
from console.actions.registry import action as registered_action
from console.actions.running import Result, Running
from console.actions.verifying import Clock


class Engine:
    """Plans and runs actions in one fleet, and keeps the record of them.

    `observe` looks afresh; `find` gives an action by name. `verify_deadline_s` is how long it is looked for whether
    the finding is gone.
    """

    def __init__(
        self,
        observe: Observe,
        record: Record,
        *,
        lock: Lock | None = None,
        find: Callable[[str], Action] = registered_action,
        verify_deadline_s: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        self._observe = observe
        self._record = record
        self._lock = lock or LeaseLock()
        self._find = find
        self._verify_deadline_s = verify_deadline_s
        self._clock = clock or Clock()

    async def preview(self, target: Target) -> Preview:
        """The plan of now, and what can be asked about it; nothing changes.

        Raises Refused, ProviderError, RecordFailed.
        """
        action, plan, context = await self._planned(target)
        return await previewed(action, plan, context)

    async def run(
        self,
        target: Target,
        *,
        approved: Plan | str,
        confirmed: str = "",
        ticket: str = "",
        resumes: str | None = None,
        cancel: Cancel | None = None,
        tell: events.Tell = lambda _event: None,
    ) -> Result:
        """Does what the plan APPROVED (itself, or its digest) says; gives how it ended, failed and cancelled included.
        What the plan itself has settled, such as a size, is as it was approved.

        CONFIRMED is what was typed, TICKET why it is done; RESUMES is the run that this one finishes. Where nothing is
        left to do, nothing is done, whatever was approved. Raises Refused (see `refusals`) and ProviderError while
        nothing was changed yet, and RecordFailed whenever the record can't be written: then no further step is begun.
        """
        if isinstance(approved, Plan) and target.undoes is None:
            target = with_settled(target, approved, self._find(target.action))
        action, plan, context = await self._planned(target)
        if plan.empty:
            await self._close(target, resumes)
            return Result(outcome="nothing", plan=plan)
        check_same(approved, plan)
        check_approval(plan, context.fleet.hubs(), confirmed=confirmed)
        check_permitted(plan, context)
        context = msgspec.structs.replace(context, cancel=cancel or context.cancel)
        running = Running(
            action,
            plan,
            context,
            target,
            observe=self._observe,
            record=self._record,
            tell=tell,
            clock=self._clock,
            verify_deadline_s=self._verify_deadline_s,
        )
        async with self._lock.held(plan, context) as warning:
            await check_asked(action, plan, context)
            if warning:
                tell(events.Warned(run=running.id, message=warning))
            result = await running.run(ticket=ticket, resumes=resumes)
        if result.outcome in ("done", "not-verified"):
            await self._close(target, resumes)
        return result

    async def runs(self) -> tuple[Run, ...]:
        """Every run of the record, oldest first. Raises RecordFailed."""
        return runs((await asyncio.to_thread(self._record.read)).lines)

    async def open_runs(self) -> tuple[Run, ...]:
        """The runs that were cut short and are neither finished nor undone. Raises RecordFailed."""
        return open_runs(await self.runs())

    async def dismiss(self, run: str) -> None:
        """Closes a run as it is: one that was cut short is no longer offered, nor is a limit in time reminded of.

        Raises RecordFailed.
        """
        await self._end(run, "dismissed")

    async def _planned(self, target: Target) -> tuple[Action, Plan, Context]:
        undone = await self._to_undo(target.undoes) if target.undoes else None
        action = self._find(target.action)
        plan, context = await planned(action, target, self._observe, undone=undone, state=self._record.folder)
        return action, plan, context

    async def _to_undo(self, run: str) -> Run:
        """The run to take back. Raises Refused."""
        found = by_id(await self.runs(), run)
        if len(found) != 1:
            raise Refused(f"the record has no run {run}", next_step="hubhomes history")
        if state_of(found[0]) == "running":
            process = found[0].intent.process
            raise Refused(f"{run} is still running: process {process.pid} on {process.host}")
        check_undoable(found[0])
        return found[0]

    async def _close(self, target: Target, resumes: str | None) -> None:
        """Closes the runs that were cut short, and that this one has finished or taken back."""
        still_open = {run.id for run in await self.open_runs()}
        if target.undoes in still_open and target.undoes is not None:
            await self._end(target.undoes, "undone")
        if resumes in still_open and resumes is not None:
            await self._end(resumes, "finished")

    async def _end(self, run: str, outcome: entries.Ending) -> None:
        await asyncio.to_thread(self._record.append, entries.Ended(run=run, outcome=outcome))


def target_of(run: Run) -> Target:
    """What RUN was asked to do: planned again, it gives the rest."""
    plan = run.intent.plan
    return Target(
        action=plan.action, cluster=plan.cluster, hub=plan.hub, parameters=plan.parameters, undoes=plan.undoes
    )


def undo_target(run: Run) -> Target:
    """What takes RUN back."""
    return msgspec.structs.replace(target_of(run), undoes=run.id)


def with_settled(target: Target, approved: Plan, action: Action) -> Target:
    """TARGET, asked for with what the plan APPROVED has settled and nobody has said."""
    unsaid = (one.name for one in action.parameters if one.settled and not target.parameters.get(one.name))
    settled = {name: approved.parameters.get(name) for name in unsaid}
    return msgspec.structs.replace(target, parameters={**target.parameters, **settled}) if settled else target


def check_same(approved: Plan | str, plan: Plan) -> None:
    """Raises PlanChanged where PLAN is not what was APPROVED."""
    if isinstance(approved, Plan):
        if not same_digest(approved.digest, plan.digest):
            raise PlanChanged(plan, differences(approved, plan))
    elif not same_digest(approved, plan.digest):
        raise PlanChanged(plan, ())


async def check_asked(action: Action, plan: Plan, context: Context) -> None:
    """Raises RightsMissing or DryRunRefused where the API server or a cloud would refuse a step."""
    preview = await previewed(action, plan, context)
    if preview.denied:
        raise RightsMissing(preview.denied, context.who.kubernetes_user, remedy=preview.remedy)
    if preview.refusals:
        raise DryRunRefused(preview.refusals)
