"""Plans, runs and the record of them, as documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from console.actions.history import Run, StepRun, state_of
from console.actions.outcomes import Verdict
from console.actions.plan import Need, Right
from console.actions.preview import Preview
from console.actions.protocol import Refused, Target
from console.actions.record import Reading, RecordFailed
from console.actions.running import Result
from console.cli.contract import actions as contract
from console.cli.contract.base import VERSION
from console.cli.documents.base import at, seconds
from providers.errors import ProviderError


def plan(preview: Preview) -> contract.Plan:
    """What would be done, with what is known of the rights to it."""
    found = preview.plan
    denied, unasked = set(preview.denied), preview.unasked
    return contract.Plan(
        version=VERSION,
        action=found.action,
        cluster=found.cluster,
        hub=found.hub,
        parameters=dict(found.parameters),
        digest=found.digest,
        steps=tuple(
            contract.PlanStep(
                key=step.key,
                what=step.what,
                before=step.before,
                after=step.after,
                needs=tuple(need(one, denied=denied, unasked=unasked) for one in step.needs),
                undo=step.undo or None,
                destructive=step.destructive,
                diff=step.diff,
            )
            for step in found.steps
        ),
        affects=contract.PlanAffects(users=found.affects.users, hubs=found.affects.hubs),
        permission=found.permission,
        confirm=preview.to_type,
        risk=found.risk,
        notes=found.notes,
        commands=found.commands,
        lasts_s=found.lasts_s,
        undoes=found.undoes,
        undoable=found.undoable,
        refusals=preview.refusals if preview.dry_run else None,
    )


def need(right: Right, *, denied: set[Right], unasked: Mapping[Right, str]) -> contract.Need:
    granted = False if right in denied else None if right in unasked else True
    why = unasked.get(right, "")
    if isinstance(right, Need):
        return contract.Need(system="kubernetes", right=right.what, scope=right.namespace, granted=granted, why=why)
    return contract.Need(system=right.cloud, right=right.right, scope=right.scope, granted=granted, why=why)


def result(found: Result) -> contract.ActionResult:
    return contract.ActionResult(
        version=VERSION,
        action=found.plan.action,
        cluster=found.plan.cluster,
        hub=found.plan.hub,
        digest=found.plan.digest,
        run=found.run,
        outcome=found.outcome,
        message=found.message,
        next_step=found.next_step,
        verified=verified(found.verdict),
    )


def refused(target: Target, error: Refused | ProviderError | RecordFailed) -> contract.ActionResult:
    """A run that never began, or whose record can't be written."""
    return contract.ActionResult(
        version=VERSION,
        action=target.action,
        cluster=target.cluster,
        hub=target.hub,
        digest=None,
        run=None,
        outcome="unobserved" if isinstance(error, ProviderError) else "refused",
        message=error.message,
        next_step=error.next_step,
        verified=None,
    )


def history(reading: Reading, runs: Sequence[Run], *, file: Path, now: datetime) -> contract.History:
    bad = reading.bad
    return contract.History(
        version=VERSION,
        generated_at=seconds(now),
        file=str(file),
        bad=contract.BadRecordLine(number=bad.number, why=bad.why) if bad else None,
        torn=reading.torn,
        runs=tuple(run(one) for one in runs),
    )


def run(found: Run) -> contract.HistoryRun:
    intent = found.intent
    who = intent.who
    return contract.HistoryRun(
        id=found.id,
        at=seconds(found.at),
        ended_at=at(found.ended_at),
        state=state_of(found),
        message=found.ended.message if found.ended else "",
        action=intent.plan.action,
        cluster=intent.plan.cluster,
        hub=intent.plan.hub,
        who=contract.Actor(
            os_user=who.os_user,
            host=who.host,
            kubernetes_user=who.kubernetes_user,
            cloud_identity=who.cloud_identity,
        ),
        ticket=intent.ticket,
        digest=intent.digest,
        steps=tuple(steps(found.steps)),
        verified=verified(found.verdict),
        until=at(found.until),
        undoable=found.undoable,
        undoes=intent.plan.undoes,
        undone_by=found.undone_by,
        resumes=intent.resumes,
        commands=intent.plan.commands,
    )


def steps(found: Iterable[StepRun]) -> Iterable[contract.HistoryStep]:
    for one in found:
        step = one.step
        message = one.failure or (one.outcome.what if one.outcome else "")
        yield contract.HistoryStep(
            key=step.key,
            what=step.what,
            before=step.before,
            after=step.after,
            state="done" if one.outcome else "failed" if one.failure else "begun" if one.begun else "planned",
            message=message,
            notes=one.outcome.notes if one.outcome else (),
        )


def verified(verdict: Verdict | None) -> contract.Verified | None:
    return None if verdict is None else contract.Verified(state=verdict.state, why=verdict.why)
