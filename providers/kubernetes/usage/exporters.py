"""The pods that export how full a share is: node exporters that mount it, and the in-cluster server's own pod."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import Usage
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Pod
from providers.kubernetes.usage.metrics import directories_usage, share_usage
from providers.kubernetes.usage.shares import Claim, Share

VOLUME_EXPORTERS = "component=shared-volume-metrics"
DIRECTORY_EXPORTERS = "component=shared-dirsize-metrics"
NODE_EXPORTER_PORT, DIRSIZE_PORT, HOME_NFS_PORT = 9100, 8000, 7500
_SERVER_COMPONENT = "nfs-server"
_SERVER_EXPORTER, QUOTA_ENFORCER = "metrics-exporter", "enforce-xfs-quota"
_NAMESPACES_AT_ONCE = 4


class Exporter(msgspec.Struct, frozen=True, kw_only=True):
    """One metrics page. `read` makes a figure of its body, or raises ProviderError."""

    namespace: str
    pod: str
    port: int
    source: str
    read: Callable[..., Usage]


async def list_exporters(api: KubernetesApi, namespaces: Sequence[str], *, partial: bool) -> tuple[Pod, ...]:
    """The node exporters' pods: one list of the whole cluster; PARTIAL: one of each namespace. Raises ProviderError
    only for the whole cluster."""
    if not partial:
        return tuple((await api.list(resources.PODS, labels=VOLUME_EXPORTERS)).items or ())
    few = asyncio.Semaphore(_NAMESPACES_AT_ONCE)

    async def of(namespace: str) -> tuple[Pod, ...]:
        async with few:
            try:
                return tuple((await api.list(resources.PODS, namespace=namespace, labels=VOLUME_EXPORTERS)).items or ())
            except ProviderError:
                return ()

    return tuple(pod for pods in await asyncio.gather(*(of(each) for each in namespaces)) for pod in pods)


def exporters_of(share: Share, pods: Sequence[Pod]) -> Iterator[Exporter]:
    """The pages that tell of SHARE, the best first."""
    running = [pod for pod in pods if pod.status.phase == "Running" and pod.metadata.deletion_timestamp is None]
    yield from (_volume_exporter(pod) for pod in running if _mounts(pod, share))
    if share.server is not None:
        for pod in running:
            if pod.metadata.namespace == share.server[1] and pod.metadata.labels.app_component == _SERVER_COMPONENT:
                yield from _server_exporters(pod)


def _mounts(pod: Pod, share: Share) -> bool:
    if pod.metadata.labels.app_component == _SERVER_COMPONENT:
        return False
    claims = [volume.persistent_volume_claim for volume in pod.spec.volumes]
    return any(
        Claim(namespace=pod.metadata.namespace, name=claim.claim_name) in share.claims
        for claim in claims
        if claim is not None
    )


def _server_exporters(pod: Pod) -> Iterator[Exporter]:
    containers = {container.name for container in pod.spec.containers}
    if _SERVER_EXPORTER in containers:
        yield _volume_exporter(pod)
    if QUOTA_ENFORCER in containers:
        yield _exporter(pod, HOME_NFS_PORT, "sum of all homes", directories_usage)


def _volume_exporter(pod: Pod) -> Exporter:
    return _exporter(pod, NODE_EXPORTER_PORT, "node exporter", share_usage)


def _exporter(pod: Pod, port: int, what: str, read: Callable[..., Usage]) -> Exporter:
    namespace, name = pod.metadata.namespace, pod.metadata.name
    return Exporter(namespace=namespace, pod=name, port=port, source=f"{what} of {namespace}/{name}", read=read)
