"""A plan made from a fresh look, and what can be asked before it runs: rights, and what the server says to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from console.actions.approval import approval_needed
from console.actions.plan import Plan, Right
from console.actions.protocol import Action, Context, Observe, Refused, Target
from console.actions.refusals import NotPermittedYet
from console.actions.rights import rights

if TYPE_CHECKING:
    from pathlib import Path

    from console.actions.history import Run


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """`to_type` is what approving asks to be typed, None for nothing. `denied` are rights that we lack, and `remedy`
    what mends it where a cloud denies them; `unasked` are those that could not be asked for, and why, `refusals` what
    the server says to a dry run. `dry_run` False: it was not asked,
    since writing is not permitted now or nothing of the plan can be tried."""

    plan: Plan
    context: Context
    to_type: str | None = None
    denied: tuple[Right, ...] = ()
    unasked: Mapping[Right, str] = {}
    remedy: str = ""
    refusals: tuple[str, ...] = ()
    dry_run: bool = False


async def planned(
    action: Action, target: Target, observe: Observe, *, undone: Run | None, state: Path | None = None
) -> tuple[Plan, Context]:
    """The plan of now: of ACTION, or of taking UNDONE back, whose attachments are in STATE.

    Raises Refused, ProviderError, RecordFailed.
    """
    context = msgspec.structs.replace(await observe(target), state=state)
    if undone is None:
        return await action.plan(context), context
    plan = await action.undo_plan(undone, context)
    return msgspec.structs.replace(plan, undoes=undone.id), context


async def previewed(action: Action, plan: Plan, context: Context) -> Preview:
    """PLAN with what can be asked about it; nothing changes. Raises ProviderError."""
    to_type = approval_needed(plan, context.fleet.hubs())
    if plan.empty:
        return Preview(plan=plan, context=context)
    found = await rights(plan, context)
    may_send = permitted(plan, context)
    refusals = await action.preview(plan, context) if may_send and not found.denied else None
    return Preview(
        plan=plan,
        context=context,
        to_type=to_type,
        denied=found.denied,
        unasked=found.unasked,
        remedy=found.remedy,
        refusals=refusals or (),
        dry_run=refusals is not None,
    )


def permitted(plan: Plan, context: Context) -> bool:
    """Whether the cluster's permission of now lets out what PLAN sends."""
    if plan.permission == "none":
        return True
    from providers.kubernetes.permission import covers  # late: the front ends start without it

    return context.permission is not None and covers(context.permission.level(), plan.permission)


def check_permitted(plan: Plan, context: Context) -> None:
    """Raises NotPermittedYet where the cluster is read-only, or may only be probed."""
    if not permitted(plan, context):
        raise NotPermittedYet(
            f"{plan.cluster} is read-only here: this needs the permission to {plan.permission}",
            next_step=f"grant the permission to {plan.permission}; it ends by itself after some minutes",
        )


def check_undoable(run: Run) -> None:
    """Raises Refused where RUN can't be taken back."""
    plan = run.intent.plan
    if plan.undoes is not None:
        raise Refused(
            f"{run.id} took {plan.undoes} back itself", next_step=f"run {plan.action} again, with a fresh plan"
        )
    if run.undone:
        raise Refused(f"{run.id} was taken back already{f', by {run.undone_by}' if run.undone_by else ''}")
    if not run.left:
        stays = any(one.outcome is not None and one.outcome.stays for one in run.touched)
        what = "what was done in it stays" if stays else "changed nothing"
        raise Refused(f"{run.id}: {what}, and there is nothing to undo")
    final = [one.step.what for one in run.touched if not one.step.undo]
    if final:
        raise Refused(f"{run.id} can't be undone: {'; '.join(final[:3])}")
