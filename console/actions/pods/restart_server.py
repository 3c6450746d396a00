"""Ends one user's server, so that the hub starts a new one when they ask for it, with the mounts of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.api_objects import api_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.pods.deleting import delete, deletions_refused, of_pod, still_there
from console.actions.protocol import Context, Parameter, Refused
from console.chain.pods import username
from console.chain.words import kubectl, plain, some

if TYPE_CHECKING:
    from console.actions.history import Run
    from providers.kubernetes.objects import Pod

_SERVER = "singleuser-server"


class RestartServer:
    """Deletes the user's server pods, each by its uid. Only pods that the hub made for users are ever touched."""

    name = "restart-server"
    summary = "Restart the server of one user: its pod goes, and the hub starts a new one when they ask for it."
    target = "hub"
    parameters = (
        Parameter(
            name="user",
            kind="text",
            required=True,
            help="The user whose server it is, as the hub spells it.",
            of_home="user",
        ),
    )

    async def plan(self, context: Context) -> Plan:
        hub, user = context.hub, str(context.parameters.get("user") or "")
        assert hub is not None  # noqa: S101 - its target is a hub
        servers = await _servers(context, hub.namespace)
        pods = [pod for pod in servers if username(pod) == user and pod.metadata.deletion_timestamp is None]
        running = [pod for pod in pods if pod.status.phase == "Running"]
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters={"user": user},
            steps=tuple(_step(pod, user) for pod in pods),
            affects=Affects(users=(user,), hubs=(hub.key,)) if pods else Affects(),
            risk=f"what {plain(user)} has running is lost: kernels, terminals, what is not saved" if running else "",
            notes=("files are untouched", f"{plain(user)} starts a new server from the hub's page", *_told(pods))
            if pods
            else (f"{plain(user)} has no server; {_others(servers)}",),
            commands=tuple(
                kubectl(context.cluster.context, "-n", hub.namespace, "delete", "pod", pod.metadata.name)
                for pod in pods
            ),
            namespace=hub.namespace,
        )

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return await deletions_refused(plan, context)

    async def run(self, step: Step, context: Context) -> Outcome:
        return await delete(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        left = await still_there(plan, context)
        if left:
            return Verdict(state="still", why=f"still ending: {', '.join(left)}")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:  # noqa: ARG002 - the protocol's
        raise Refused("a server that was ended stays so: its user starts another")


ACTION = RestartServer()


async def _servers(context: Context, namespace: str) -> list[Pod]:
    """Every user's server of the hub. Raises ProviderError."""
    from providers.kubernetes.resources import PODS

    page = await api_of(context).list(PODS, namespace=namespace, labels=f"component={_SERVER}")
    return [pod for pod in page.items or () if pod.metadata.labels.app in (None, "jupyterhub")]


def _others(servers: list[Pod]) -> str:
    users = sorted({username(pod) for pod in servers})
    return f"those who have one: {plain(some(users, 8))}" if users else "nobody has one here"


def _told(pods: list[Pod]) -> list[str]:
    """Since when it is there, and what its containers wait for, as the kubelet has it: that changes by itself."""
    lines = []
    for pod in pods:
        began = pod.status.start_time or pod.metadata.creation_timestamp
        waiting = [status.state.waiting for status in pod.status.container_statuses]
        words = [f"since {began:%Y-%m-%d %H:%M} UTC"] if began is not None else []
        words += sorted({one.reason for one in waiting if one is not None and one.reason})
        lines.append(f"{pod.metadata.name}: {', '.join(words)}")
    return lines


def _step(pod: Pod, user: str) -> Step:
    metadata, phase = pod.metadata, pod.status.phase or "Pending"
    return Step(
        key=metadata.name,
        what=f"delete pod {metadata.name}, the server of {user}",
        before=phase,
        after="",
        needs=(Need("delete", "pods", metadata.namespace), Need("list", "pods", metadata.namespace)),
        destructive=phase == "Running",
        arguments=of_pod(metadata),
    )
