"""The in-cluster NFS servers of the chart jupyterhub-home-nfs, read from what the API server already said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreListing, FilestoreScope, FilestoreState
from providers.kubernetes.objects import ContainerStatus, Deployment, Labels, Pod, Service
from providers.kubernetes.observation import ClusterObservation

EXPORTS = ("/", "/export")
"""The chart's one export: clients of NFSv4 see it as the root, those of NFSv3 by its path on the server."""
SERVER_CONTAINER = "nfs-server"
_SELECTABLE: Mapping[str, str] = {
    "app": "app",
    "component": "component",
    "release": "release",
    "app.kubernetes.io/name": "app_name",
    "app.kubernetes.io/component": "app_component",
    "app.kubernetes.io/instance": "app_instance",
}


class HomeNfs:
    """Lists the servers of one cluster. Sends nothing: Deployments, Services and pods are in the observation.

    `grace_s` is how long a server that has just started may still refuse what exists, where the scope does not say.
    """

    name = "home-nfs"

    def __init__(self, *, grace_s: float = 90.0) -> None:
        self._grace = timedelta(seconds=grace_s)

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises ProviderError where the cluster was not observed, or its Deployments may not be listed."""
        seen = scope.observation
        if seen is None:
            raise ProviderError("unreachable", f"{scope.cluster} was not observed")
        whole = next((refusal for refusal in seen.home_nfs_deployments.refusals if not refusal.namespace), None)
        if whole is not None:
            raise ProviderError(whole.kind, whole.message, next_step=whole.next_step)
        refused = {each.namespace: each for each in seen.home_nfs_deployments.refusals}
        return FilestoreListing(
            filestores=tuple(self._server(each, seen, scope) for each in seen.home_nfs_deployments.items),
            refused=tuple(
                ProviderError(each.kind, f"{each.kind}: list deployments in {place}", next_step=each.next_step)
                for place, each in sorted(refused.items())
            ),
        )

    def _server(self, deployment: Deployment, seen: ClusterObservation, scope: FilestoreScope) -> Filestore:
        namespace, name = deployment.metadata.namespace, deployment.metadata.name
        pods = [pod for pod in seen.home_nfs_pods.items if _is_of(pod, deployment)]
        services = [each for each in seen.services.items if _leads_to(each, deployment, pods)]
        unread = seen.home_nfs_pods.refusal(namespace)
        health = _Health(state="unknown", detail=f"its pod: {unread.message}") if unread else self._health(
            deployment, pods, scope
        )  # fmt: skip
        return Filestore(
            id=f"{self.name}/{namespace}/{name}",
            name=f"{namespace}/{name}",
            backend=self.name,
            addresses=tuple(address for service in services for address in _addresses(service)),
            exports=EXPORTS,
            state=health.state,
            detail=health.detail,
            namespace=namespace,
            state_since=health.since,
            zones=_zones(pods, seen),
            facts=_facts(pods, services),
        )

    def _health(self, deployment: Deployment, pods: list[Pod], scope: FilestoreScope) -> _Health:
        if deployment.spec.replicas == 0:
            return _Health(state="down", detail="its Deployment is scaled to 0")
        alive = [pod for pod in pods if pod.metadata.deletion_timestamp is None and pod.status.phase != "Failed"]
        if not alive:
            return _Health(state="down", detail="no pod of it runs")
        answers = [self._pod_health(pod, scope) for pod in alive]
        return min(answers, key=lambda health: _BEST_FIRST.index(health.state))

    def _pod_health(self, pod: Pod, scope: FilestoreScope) -> _Health:
        grace = self._grace if scope.grace_s is None else timedelta(seconds=scope.grace_s)
        server = next((each for each in pod.status.container_statuses if each.name == SERVER_CONTAINER), None)
        running = server.state.running if server else None
        if server is None or running is None:
            return _Health(state="down", detail=_why_down(pod, server), since=_since(pod, server))
        if running.started_at is not None and scope.now - running.started_at < grace:
            seconds = int((scope.now - running.started_at).total_seconds())
            detail = f"started {seconds} s ago: files may seem missing"
            return _Health(state="starting", detail=detail, since=running.started_at)
        if not server.ready:
            return _Health(state="degraded", detail="its pod is not ready", since=running.started_at)
        sick = [each.name for each in pod.status.container_statuses if not each.ready]
        if sick:
            return _Health(state="degraded", detail=f"{', '.join(sick)} does not run", since=running.started_at)
        return _Health(state="ready", detail="", since=running.started_at)


class _Health(msgspec.Struct, frozen=True, kw_only=True):
    state: FilestoreState
    detail: str
    since: datetime | None = None


_BEST_FIRST: tuple[FilestoreState, ...] = ("ready", "starting", "degraded", "down")


def _why_down(pod: Pod, server: ContainerStatus | None) -> str:
    waiting = server.state.waiting if server else None
    if waiting is not None:
        message = f": {waiting.message}" if waiting.message else ""
        return f"{SERVER_CONTAINER} is in {waiting.reason}{message}"
    terminated = server.state.terminated if server else None
    if terminated is not None:
        return f"{SERVER_CONTAINER} ended with exit code {terminated.exit_code} {terminated.reason}".rstrip()
    unscheduled = next((c for c in pod.status.conditions if c.type == "PodScheduled" and c.status == "False"), None)
    return f"its pod is not scheduled: {unscheduled.message}" if unscheduled else f"its pod is {pod.status.phase}"


def _since(pod: Pod, server: ContainerStatus | None) -> datetime | None:
    """When the pod began, where its server never ran; how long one that crashes is down is not told by the API."""
    return None if server is not None and server.restart_count else pod.status.start_time


def _is_of(pod: Pod, deployment: Deployment) -> bool:
    """Whether a pod is the Deployment's: named by it through its ReplicaSet."""
    if pod.metadata.namespace != deployment.metadata.namespace:
        return False
    owners = [owner.name for owner in pod.metadata.owner_references if owner.kind == "ReplicaSet"]
    return any(owner.rpartition("-")[0] == deployment.metadata.name for owner in owners) or (
        not owners and pod.metadata.name.startswith(f"{deployment.metadata.name}-")
    )


def _leads_to(service: Service, deployment: Deployment, pods: list[Pod]) -> bool:
    if service.metadata.namespace != deployment.metadata.namespace or service.metadata.name.endswith("-metrics"):
        return False
    if service.metadata.name == deployment.metadata.name:
        return True
    selector = service.spec.selector
    return bool(selector) and any(_selects(selector, pod.metadata.labels) for pod in pods)


def _selects(selector: Mapping[str, str], labels: Labels) -> bool:
    """Whether every label is there. A label that is not among those read counts as absent."""
    return all(key in _SELECTABLE and getattr(labels, _SELECTABLE[key]) == value for key, value in selector.items())


def _addresses(service: Service) -> tuple[str, ...]:
    """What clients may mount from: the cluster IP, and the Service's names as the cluster's DNS has them."""
    name, namespace, ip = service.metadata.name, service.metadata.namespace, service.spec.cluster_ip
    names = (f"{name}.{namespace}.svc.cluster.local", f"{name}.{namespace}.svc", f"{name}.{namespace}")
    return (ip, *names) if ip and ip != "None" else names


def _zones(pods: list[Pod], seen: ClusterObservation) -> tuple[str, ...]:
    nodes = {pod.spec.node_name for pod in pods if pod.spec.node_name}
    zones = {node.metadata.labels.zone for node in seen.nodes.items if node.metadata.name in nodes}
    return tuple(sorted(zone for zone in zones if zone))


def _facts(pods: list[Pod], services: list[Service]) -> tuple[tuple[str, str], ...]:
    facts = [("service", f"{each.metadata.name} {each.spec.cluster_ip}".strip()) for each in services]
    for pod in pods:
        facts.append(("pod", pod.metadata.name))
        if pod.spec.node_name:
            facts.append(("node", pod.spec.node_name))
        restarts = sum(each.restart_count for each in pod.status.container_statuses)
        if restarts:
            facts.append(("restarts", str(restarts)))
    return tuple(facts)
