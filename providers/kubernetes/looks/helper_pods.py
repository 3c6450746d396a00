"""Helper pods in the API: made, waited for, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Pod
from providers.kubernetes.protocol import Transport
from providers.kubernetes.status_errors import StatusError, status_error

_TIMEOUT_S = 10.0
_REMOVALS: set[asyncio.Task[None]] = set()


class HelperPod(msgspec.Struct, frozen=True, kw_only=True):
    """A pod of hubhomes that is still there, whoever made it. `over`: it has ended and only its object is left."""

    namespace: str
    name: str
    owner: str
    purpose: str
    phase: str
    created_at: datetime | None

    @property
    def over(self) -> bool:
        return self.phase in ("Succeeded", "Failed")


async def create_pod(transport: Transport, manifest: dict[str, Any]) -> None:
    """Raises StatusError where the API server refuses, ProviderError where it can't be asked."""
    metadata = manifest["metadata"]
    response = await transport.request(
        "POST",
        resources.PODS.path(metadata["namespace"]),
        body=msgspec.json.encode(manifest),
        headers={"Content-Type": "application/json"},
        timeout_s=_TIMEOUT_S,
    )
    if response.status >= 300:
        raise status_error(response, f"create pods in namespace {metadata['namespace']}")


async def get_pod(api: KubernetesApi, namespace: str, name: str) -> Pod | None:
    """The pod; None when it is gone. Raises ProviderError."""
    try:
        return await api.get(resources.PODS, name, namespace=namespace)
    except StatusError as error:
        if error.status == 404:
            return None
        raise


async def remove_pod(transport: Transport, namespace: str, name: str) -> None:
    """Removes a pod of ours at once; one that is gone is no error. Raises ProviderError."""
    path = resources.PODS.path(namespace, name)
    response = await transport.request("DELETE", path, query={"gracePeriodSeconds": "0"}, timeout_s=_TIMEOUT_S)
    if response.status >= 300 and response.status != 404:
        raise status_error(response, f"delete pods/{name} in namespace {namespace}")


async def remove_whatever_comes(transport: Transport, namespace: str, name: str) -> None:
    """Removes a pod also when whoever waits for it is cancelled; where that fails, the pod's deadline ends it."""
    task = asyncio.create_task(_quietly(transport, namespace, name))
    _REMOVALS.add(task)
    task.add_done_callback(_REMOVALS.discard)
    await asyncio.shield(task)


async def all_removed(*, timeout_s: float = 5.0) -> None:
    """Waits for removals that go on behind cancelled looks: before a transport is closed."""
    if _REMOVALS:
        await asyncio.wait(set(_REMOVALS), timeout=timeout_s)


async def list_helper_pods(
    api: KubernetesApi, *, namespace: str = "", own: Callable[[str], bool] = lambda _: False
) -> tuple[HelperPod, ...]:
    """The helper pods of a namespace, or of all, oldest first, without those that OWN says are in use now.

    Raises ProviderError.
    """
    page = await api.list(resources.PODS, namespace=namespace, labels="hubhomes/owner")
    pods = [helper_pod(pod) for pod in page.items or () if not own(pod.metadata.name)]
    return tuple(sorted(pods, key=lambda pod: (pod.created_at is None, pod.created_at)))


def helper_pod(pod: Pod) -> HelperPod:
    labels = pod.metadata.labels
    return HelperPod(
        namespace=pod.metadata.namespace,
        name=pod.metadata.name,
        owner=pod.metadata.annotations.helper_owner or labels.helper_owner or "",
        purpose=labels.helper_purpose or "",
        phase=pod.status.phase,
        created_at=pod.metadata.creation_timestamp,
    )


async def _quietly(transport: Transport, namespace: str, name: str) -> None:
    for _ in range(2):
        try:
            return await remove_pod(transport, namespace, name)
        except ProviderError:
            continue
    return None
