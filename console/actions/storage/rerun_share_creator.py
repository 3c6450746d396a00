"""Runs the share creator of a hub once more, by the Job that is still there, and takes that away when it has succeeded.

The new Job stands beside the old one until it is done: whatever interrupts this, the chart's own Job is still there to
be run again, and its finding with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from console.actions.api_objects import refusals, writes_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.chain.words import kubectl
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.chain.model import Finding, HubState
    from providers.kubernetes.job_templates import Template

NAME, AGAIN = "nfs-share-creator", "nfs-share-creator-again"
_CODES = ("DIR01", "DIR02")
_KEPT_S, _DEADLINE_S = 600, 180
"""How long the new Job may stand when nobody takes it away, and how long it may run."""
_CREATE, _REMOVE = "create", "remove"


class RerunShareCreator:
    """For a share creator that failed, or that is there for minutes."""

    name = "rerun-share-creator"
    summary = "Run the share creator again that failed, or lingers, as the chart's own Job has it."
    target = "hub"
    parameters: tuple[Parameter, ...] = ()

    async def plan(self, context: Context) -> Plan:
        hub = context.hub
        assert hub is not None  # noqa: S101 - its target is a hub
        template = await _template(hub, context)
        found = [finding for finding in hub.findings if finding.code in _CODES]
        steps = (_create(hub, template), _remove(hub, template)) if template is not None and found else ()
        logs = kubectl(context.cluster.context, "-n", hub.namespace, "logs", f"job/{NAME}")
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            steps=steps,
            affects=Affects(hubs=(hub.key,) if steps else ()),
            risk="what made it fail may still be so: then it fails again, and all is as before" if steps else "",
            notes=tuple(f"it said: {line}" for one in found for line in _log(one)) if steps else (_why_not(template),),
            commands=(logs,) if steps else (),
            namespace=hub.namespace,
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return await refusals(
            (_made if step.key == _CREATE else _deleted)(step.arguments, context, dry_run=True) for step in plan.steps
        )

    async def run(self, step: Step, context: Context) -> Outcome:
        if step.key == _CREATE:
            return await _run_again(step.arguments, context)
        gone = await _deleted(step.arguments, context, dry_run=False)
        await _remove_again(step.arguments["namespace"], context)
        return Outcome(what=f"{NAME} is removed" if gone else f"{NAME} was gone already", changed=gone)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        context.reached()
        hub = context.hub
        assert hub is not None  # noqa: S101 - its target is a hub
        left = [finding.message for finding in hub.findings if finding.code in _CODES]
        template = await _template(hub, context)
        if left or (template is not None and template.uid == plan.steps[0].arguments["uid"]):
            return Verdict(state="still", why="; ".join(left) or f"Job {NAME} is still there")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:  # noqa: ARG002 - the protocol's
        raise Refused("a hub directory that was made stays so")


ACTION = RerunShareCreator()


def _log(finding: Finding) -> list[str]:
    """The last lines of the log that FINDING quotes; what follows from it stands behind them, and is not the log's."""
    return list(takewhile(lambda line: not line.startswith("so: "), finding.detail))[-3:]


async def _template(hub: HubState, context: Context) -> Template | None:
    from providers.kubernetes.job_templates import job_template

    return await job_template(context.reached(), hub.namespace, NAME)


def _why_not(template: Template | None) -> str:
    if template is None:
        return f"there is no Job {NAME}: it succeeded, or was never run; a deploy runs it"
    return f"Job {NAME} neither failed nor lingers"


def _create(hub: HubState, template: Template) -> Step:
    namespace = hub.namespace
    manifest = {
        **template.manifest,
        "metadata": {**template.manifest["metadata"], "name": AGAIN, "namespace": namespace},
        "spec": {
            **template.manifest["spec"],
            "backoffLimit": 1,
            "activeDeadlineSeconds": _DEADLINE_S,
            "ttlSecondsAfterFinished": _KEPT_S,
        },
    }
    rights = (("create", "jobs", "batch"), ("get", "jobs", "batch"), ("list", "pods", ""), ("get", "pods/log", ""))
    return Step(
        key=_CREATE,
        what=f"run the share creator of {namespace} again, as Job {AGAIN}",
        before=f"Job {NAME} is there, not done",
        after=f"Job {AGAIN}, of the same template, has succeeded",
        needs=tuple(Need(verb, resource, namespace, group) for verb, resource, group in rights),
        arguments={"namespace": namespace, "uid": template.uid, "manifest": manifest},
    )


def _remove(hub: HubState, template: Template) -> Step:
    return Step(
        key=_REMOVE,
        what=f"delete Job {NAME} in {hub.namespace}, and the one that has succeeded",
        before=f"Job {NAME} is there, not done",
        after="",
        needs=(Need("delete", "jobs", hub.namespace, "batch"),),
        arguments={"namespace": hub.namespace, "uid": template.uid},
    )


async def _made(arguments: Mapping[str, Any], context: Context, *, dry_run: bool) -> object:
    from providers.kubernetes.resources import JOBS

    return await writes_of(context).create(
        JOBS, arguments["manifest"], namespace=arguments["namespace"], token=arguments["uid"], dry_run=dry_run
    )


async def _deleted(arguments: Mapping[str, Any], context: Context, *, dry_run: bool) -> bool:
    from providers.kubernetes.resources import JOBS

    return await writes_of(context).delete(
        JOBS,
        NAME,
        namespace=arguments["namespace"],
        uid=arguments["uid"],
        propagation="Background",
        dry_run=dry_run,
    )


async def _remove_again(namespace: str, context: Context) -> None:
    """Takes our own Job away; one that stays goes by itself."""
    from providers.kubernetes.resources import JOBS

    writes = writes_of(context)
    there = await writes.metadata(JOBS, AGAIN, namespace=namespace)
    if there is not None:
        await writes.delete(JOBS, AGAIN, namespace=namespace, uid=there.uid, propagation="Background")


async def _run_again(arguments: Mapping[str, Any], context: Context) -> Outcome:
    """Makes the Job and waits for it. Raises Refused, with what it said last, where it fails or is not done in time."""
    from providers.kubernetes.job_runs import JobRun

    namespace = arguments["namespace"]
    job = JobRun(context.reached(), namespace, AGAIN, arguments["manifest"])
    if await job.failed_before():
        await _remove_again(namespace, context)
        await job.until_gone()
    await _made(arguments, context, dry_run=False)
    try:
        async for line in job.lines():
            context.cancel.check()
            context.say(line)
        if job.outcome == "succeeded":
            return Outcome(what=job.last or "it succeeded")
        raise Refused(
            f"the share creator failed again: {job.why}", next_step="mend what it says; fix-permissions may help"
        )
    except BaseException:
        await asyncio.shield(_quietly_removed(namespace, context))
        raise


async def _quietly_removed(namespace: str, context: Context) -> None:
    try:
        await _remove_again(namespace, context)
    except ProviderError:
        return  # it goes by itself
