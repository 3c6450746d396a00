"""Removes the helper pods of this console that were left behind on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.api_objects import present
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Need, Plan, Step
from console.actions.pods.deleting import delete, deletions_refused, of_pod, still_there
from console.actions.protocol import Context, Parameter, Refused
from console.chain.words import kubectl

if TYPE_CHECKING:
    from console.actions.history import Run
    from providers.kubernetes.objects import Pod

ORPHAN = "CLU07"


class RemoveHelperPods:
    """Deletes the pods that the finding names, each by its uid: another pod of the same name is left alone."""

    name = "remove-helper-pods"
    summary = "Remove the console's own helper pods that were left behind on a cluster."
    target = "cluster"
    parameters: tuple[Parameter, ...] = ()

    async def plan(self, context: Context) -> Plan:
        from providers.kubernetes.resources import PODS

        context.reached()
        pods = []
        for namespace, name in orphans(context):
            pod = await present(context, PODS, name, namespace=namespace)
            if pod is not None and pod.metadata.deletion_timestamp is None:
                pods.append(pod)
        kubeconfig_context = context.cluster.context
        return Plan(
            action=self.name,
            cluster=context.cluster.name,
            steps=tuple(_step(pod) for pod in pods),
            risk="the pod of somebody whose look takes longer than the deadline ends with it" if pods else "",
            notes=("they hold no data: what they had mounted stays as it is",) if pods else (),
            commands=tuple(
                kubectl(kubeconfig_context, "-n", pod.metadata.namespace, "delete", "pod", pod.metadata.name)
                for pod in pods
            ),
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return await deletions_refused(plan, context)

    async def run(self, step: Step, context: Context) -> Outcome:
        return await delete(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        left = await still_there(plan, context)
        if left:
            return Verdict(state="still", why=f"still there: {', '.join(left)}")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:  # noqa: ARG002 - the protocol's
        raise Refused("a helper pod that was removed stays so: whoever needs one starts another")


ACTION = RemoveHelperPods()


def orphans(context: Context) -> list[tuple[str, str]]:
    """Namespace and name of each pod that the cluster's findings name, in order."""
    subjects = [finding.subject for finding in context.cluster.findings if finding.code == ORPHAN]
    parts = [subject.split("/") for subject in subjects]
    return sorted((part[1], part[2]) for part in parts if len(part) == 3 and part[0] == "Pod")


def _step(pod: Pod) -> Step:
    metadata = pod.metadata
    purpose = metadata.labels.helper_purpose or "purpose unknown"
    return Step(
        key=f"{metadata.namespace}/{metadata.name}",
        what=f"delete pod {metadata.name} in {metadata.namespace}",
        before=f"of {metadata.labels.helper_owner or 'someone unknown'}: {purpose}",
        after="",
        needs=(Need("delete", "pods", metadata.namespace),),
        arguments=of_pod(metadata),
    )
