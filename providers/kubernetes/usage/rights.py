"""Which ways of asking are open to us, says the API server: asked before anything goes through a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi

NODES, PODS = "nodes/proxy", "pods/proxy"
_AT_ONCE = 4


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """Why each way is closed; "" where it is open. `namespaces` are open for pods where the whole cluster is not."""

    nodes: str
    pods: str
    namespaces: Mapping[str, str] = {}

    def pods_refused(self, namespace: str) -> str:
        """Why no pod in NAMESPACE may be asked."""
        return self.namespaces.get(namespace, self.pods) if self.pods else ""


async def ask_rights(api: KubernetesApi) -> Rights:
    """Two reviews, of the whole cluster."""
    nodes, pods = await asyncio.gather(refused(api, NODES), refused(api, PODS))
    return Rights(nodes=nodes, pods=pods)


async def ask_rights_in(api: KubernetesApi, rights: Rights, namespaces: Iterable[str]) -> Rights:
    """RIGHTS with a review for each of NAMESPACES, where the right to pods of the whole cluster is missing."""
    names = sorted(set(namespaces))
    few = asyncio.Semaphore(_AT_ONCE)

    async def of(name: str) -> str:
        async with few:
            return await refused(api, PODS, name)

    answers = await asyncio.gather(*(of(name) for name in names))
    return msgspec.structs.replace(rights, namespaces=dict(zip(names, answers, strict=True)))


async def refused(api: KubernetesApi, resource: str, namespace: str = "") -> str:
    """Why RESOURCE may not be got in NAMESPACE, "" being the whole cluster; "" where it may."""
    try:
        allowed = await api.allowed("get", resource, namespace=namespace)
    except ProviderError as error:
        return error.message
    return "" if allowed else f"the right get {resource} is missing"
