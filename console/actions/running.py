"""One run from its intent to its end: every step has a line in the record before it begins, and one when it is done."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import datetime
from typing import Literal

import msgspec

from console.actions import entries, events
from console.actions.attachments import Attachments
from console.actions.outcomes import Verdict
from console.actions.plan import Plan, Step, until
from console.actions.processes import this_process
from console.actions.protocol import Action, Cancelled, Context, Observe, Refused, Target
from console.actions.record import Record, RecordFailed
from console.actions.verifying import Clock, verified
from providers.errors import ProviderError

RunOutcome = Literal["done", "not-verified", "failed", "cancelled"]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. nothing: there was nothing to do, and nothing was recorded (`run` None)."""

    outcome: RunOutcome | Literal["nothing"]
    plan: Plan
    run: str | None = None
    message: str = ""
    next_step: str = ""
    verdict: Verdict | None = None


class _Stopped(Exception):
    """A step did not end well; the rest is left."""

    def __init__(self, outcome: Literal["failed", "cancelled"], message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.outcome: Literal["failed", "cancelled"] = outcome
        self.message = message
        self.next_step = next_step


class Running:
    """A run of PLAN. Only made once it was approved and everything was asked."""

    def __init__(
        self,
        action: Action,
        plan: Plan,
        context: Context,
        target: Target,
        *,
        observe: Observe,
        record: Record,
        tell: events.Tell,
        clock: Clock,
        verify_deadline_s: float,
    ) -> None:
        self._action = action
        self._plan = plan
        self._context = context
        self._target = target
        self._observe = observe
        self._record = record
        self._tell = tell
        self._clock = clock
        self._verify_deadline_s = verify_deadline_s
        self.id = new_id(clock.now())

    async def run(self, *, ticket: str, resumes: str | None) -> Result:
        """Records the intent, does every step, looks, records the end. Raises RecordFailed."""
        intent = entries.Intent(
            run=self.id,
            who=self._context.who,
            process=this_process(),
            digest=self._plan.digest,
            plan=self._plan,
            ticket=ticket,
            resumes=resumes,
        )
        await self._write(intent)
        self._context = msgspec.structs.replace(self._context, run=self.id, ticket=ticket)
        try:
            result = await self._recorded()
        except BaseException:
            # Written here and now: what is raised may be the end of the loop itself.
            with contextlib.suppress(RecordFailed):
                self._record.append(entries.Ended(run=self.id, outcome="interrupted"))
            raise
        stands = result.outcome in ("done", "not-verified")
        ended = entries.Ended(
            run=self.id,
            outcome=result.outcome,  # type: ignore[arg-type] # `nothing` is never a run's
            message=result.message,
            until=until(self._plan, self._clock.now()) if stands else None,
        )
        await self._write(ended)
        return result

    async def _recorded(self) -> Result:
        """The steps, then the look. Gives how it ended; the end itself is not in the record yet."""
        self._tell(events.Begun(run=self.id, steps=len(self._plan.steps)))
        try:
            for number, step in enumerate(self._plan.steps, start=1):
                await self._step(number, step)
        except _Stopped as stopped:
            return self._result(stopped.outcome, stopped.message, next_step=stopped.next_step)
        verdict = await verified(
            self._action,
            self._plan,
            self._target,
            self._observe,
            run=self.id,
            tell=self._tell,
            cancel=self._context.cancel,
            clock=self._clock,
            deadline_s=max(self._verify_deadline_s, self._plan.verified_within_s or 0),
        )
        await self._write(entries.Verification(run=self.id, verdict=verdict))
        if verdict.state == "gone":
            return self._result("done", verdict=verdict)
        return self._result("not-verified", verdict.why, verdict=verdict)

    async def _step(self, number: int, step: Step) -> None:
        """One step with its lines before and after. Raises _Stopped, RecordFailed."""
        if self._context.cancel.asked:
            raise self._cancelled(number)
        await self._write(entries.StepBegun(run=self.id, key=step.key))
        self._tell(events.StepStarted(run=self.id, number=number, step=step))
        try:
            outcome = await self._action.run(step, self._context_of(number, step))
        except Cancelled:
            raise self._cancelled(number) from None
        except (ProviderError, Refused) as error:
            raise await self._failed(number, step, error) from error
        await self._write(entries.StepDone(run=self.id, key=step.key, outcome=outcome))
        self._tell(events.StepDone(run=self.id, number=number, step=step, outcome=outcome))

    def _context_of(self, number: int, step: Step) -> Context:
        return msgspec.structs.replace(
            self._context,
            progress=events.Meter(self.id, number, self._tell, monotonic=self._clock.monotonic),
            say=lambda line: self._tell(events.Said(run=self.id, number=number, line=line)),
            attachments=Attachments(self._record.folder, self.id, step.key, attached=self._record.append),
        )

    async def _failed(self, number: int, step: Step, error: ProviderError | Refused) -> _Stopped:
        message, next_step = error.message, error.next_step
        await self._write(entries.StepFailed(run=self.id, key=step.key, message=message, next_step=next_step))
        self._tell(events.StepFailed(run=self.id, number=number, step=step, message=message, next_step=next_step))
        return _Stopped("failed", f"{step.what}: {message}", next_step)

    def _cancelled(self, number: int) -> _Stopped:
        steps = len(self._plan.steps)
        self._tell(events.Cancelled(run=self.id, done=number - 1, steps=steps))
        return _Stopped("cancelled", f"{number - 1} of {steps} steps were done")

    def _result(
        self, outcome: RunOutcome, message: str = "", *, next_step: str = "", verdict: Verdict | None = None
    ) -> Result:
        return Result(
            outcome=outcome, plan=self._plan, run=self.id, message=message, next_step=next_step, verdict=verdict
        )

    async def _write(self, entry: entries.Entry) -> None:
        await asyncio.to_thread(self._record.append, entry)


def new_id(now: datetime) -> str:
    """A run's id: sorts by time, and is short enough to be typed from its start."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
