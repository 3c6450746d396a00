"""Deletes pods, each by its uid: another pod of the same name is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.actions.api_objects import present, refusals, writes_of
from console.actions.outcomes import Outcome
from console.actions.plan import Plan, Step
from console.actions.protocol import Context

if TYPE_CHECKING:
    from providers.kubernetes.objects import Metadata


def of_pod(metadata: Metadata) -> dict[str, Any]:
    """The arguments of a step that deletes this pod."""
    return {"namespace": metadata.namespace, "name": metadata.name, "uid": metadata.uid}


async def deletions_refused(plan: Plan, context: Context) -> tuple[str, ...]:
    """What the API server says against PLAN's steps. Raises ProviderError where it can't be asked."""
    return await refusals(_deleted(step, context, dry_run=True) for step in plan.steps)


async def delete(step: Step, context: Context) -> Outcome:
    """Deletes the pod of STEP. Raises ProviderError."""
    name = step.arguments["name"]
    if await _deleted(step, context, dry_run=False):
        return Outcome(what=f"{name} is going")
    return Outcome(what=f"{name} was gone already", changed=False)


async def still_there(plan: Plan, context: Context) -> list[str]:
    """The names of the pods of PLAN's steps that are there yet. Raises ProviderError."""
    from providers.kubernetes.resources import PODS

    left = []
    for step in plan.steps:
        pod = await present(context, PODS, step.arguments["name"], namespace=step.arguments["namespace"])
        if pod is not None and pod.metadata.uid == step.arguments["uid"]:
            left.append(pod.metadata.name)
    return left


async def _deleted(step: Step, context: Context, *, dry_run: bool) -> bool:
    """Whether the very pod of STEP was there to be deleted. Raises ProviderError."""
    from providers.kubernetes.resources import PODS

    pod = step.arguments
    return await writes_of(context).delete(
        PODS, pod["name"], namespace=pod["namespace"], uid=pod["uid"], dry_run=dry_run
    )
