"""One look at one cluster: a list of each kind, all at once, over a few connections.

The number of requests does not depend on the number of hubs, except where a list is forbidden for the whole cluster:
then it is asked for in each of the hubs' namespaces.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.decoding import Page
from providers.kubernetes.hub_values import HubSecret, hub_values, key_of
from providers.kubernetes.objects import HubValues
from providers.kubernetes.observation import ClusterObservation, Listing, Refusal
from providers.kubernetes.resources import Resource
from providers.kubernetes.share_creator import share_creator_logs

T = TypeVar("T")
U = TypeVar("U")

_OUTER: frozenset[ErrorKind] = frozenset({"no_context", "unreachable", "timeout", "tls", "unauthorized"})
_NAMESPACES_AT_ONCE = 8
_HUB = "metadata.name=hub"


async def observe(
    api: KubernetesApi,
    *,
    context: str,
    namespaces: Sequence[str],
    now: Callable[[], datetime],
    deadline_s: float = 60.0,
    first_answer_s: float = 8.0,
) -> ClusterObservation:
    """Everything that one pass finds. NAMESPACES are asked one by one where the whole cluster is forbidden.

    Raises ProviderError only when the cluster cannot be asked at all: nothing answered within FIRST_ANSWER_S, or
    every list failed for a reason outside the API. A list that is not complete by DEADLINE_S is refused as timed out.
    """
    look = _Look(api, tuple(dict.fromkeys(namespaces)), asyncio.get_running_loop().time() + deadline_s)
    before = api.requests
    user = asyncio.create_task(_within(first_answer_s, api.user()))
    lists = {name: asyncio.create_task(listing) for name, listing in look.lists().items()}
    try:
        who = await _unless_answered(user, list(lists.values()))
        found: dict[str, Any] = {name: await task for name, task in lists.items()}
        _raise_if_nothing_answered(list(found.values()))
        logs = await share_creator_logs(api, found["share_creator_jobs"].items)
    finally:
        for task in (user, *lists.values()):
            task.cancel()
    return ClusterObservation(
        context=context, observed_at=now(), share_creator_logs=logs, requests=api.requests - before, user=who, **found
    )


async def _within(seconds: float, question: Awaitable[U]) -> U:
    try:
        async with asyncio.timeout(seconds):
            return await question
    except TimeoutError as error:
        look = "look at the network, the VPN or bastion, and the API server"
        raise ProviderError("timeout", f"nothing answered within {seconds:g} s", next_step=look) from error


async def _unless_answered(user: asyncio.Task[str | None], lists: Sequence[asyncio.Task[Listing[Any]]]) -> str | None:
    """Who we are; when that cannot be asked, and no list was answered either, the reason is the whole cluster's."""
    try:
        return await user
    except ProviderError:
        if any(task.done() and not task.result().refusals for task in lists):
            return None
        raise


def _raise_if_nothing_answered(listings: Sequence[Listing[Any]]) -> None:
    refusals = [listing.refusals for listing in listings]
    if all(refused and refused[0].kind in _OUTER for refused in refusals):
        first = refusals[0][0]
        raise ProviderError(first.kind, first.message, next_step=first.next_step)


class _Look:
    """The lists of one pass."""

    def __init__(self, api: KubernetesApi, namespaces: tuple[str, ...], ends: float) -> None:
        self._api = api
        self._namespaces = namespaces
        self._ends = ends

    def lists(self) -> dict[str, Coroutine[Any, Any, Listing[Any]]]:
        """A list for each field of ClusterObservation. Services are all: an NFS server's may carry any label."""
        nfs = "app.kubernetes.io/component=nfs-server"
        return {
            "user_pods": self._listing(resources.PODS, labels="app=jupyterhub,component=singleuser-server"),
            "hub_values": self._hub_values(),
            "persistent_volumes": self._listing(resources.PERSISTENT_VOLUMES),
            "persistent_volume_claims": self._listing(resources.PERSISTENT_VOLUME_CLAIMS),
            "hub_deployments": self._listing(resources.DEPLOYMENTS, labels="app=jupyterhub,component=hub"),
            "services": self._listing(resources.SERVICES),
            "share_creator_jobs": self._listing(resources.JOBS, fields="metadata.name=nfs-share-creator"),
            "home_nfs_deployments": self._listing(resources.DEPLOYMENTS, labels=nfs),
            "home_nfs_pods": self._listing(resources.PODS, labels=nfs),
            "nodes": self._listing(resources.NODES),
            "helper_pods": self._listing(resources.PODS, labels="hubhomes/owner"),
            "mount_events": self._listing(resources.EVENTS, fields="reason=FailedMount"),
            "scheduling_events": self._listing(resources.EVENTS, fields="reason=FailedScheduling"),
        }

    async def _listing(self, resource: Resource[T], *, labels: str = "", fields: str = "") -> Listing[T]:
        try:
            page = await self._list(resource, "", labels, fields)
        except ProviderError as error:
            if error.kind == "forbidden" and resource.namespaced and self._namespaces:
                return await self._by_namespace(resource, labels, fields)
            return Listing(refusals=(_refusal(error, resource, ""),))
        return Listing(items=page.items or (), unreadable=page.unreadable)

    async def _by_namespace(self, resource: Resource[T], labels: str, fields: str) -> Listing[T]:
        few = asyncio.Semaphore(_NAMESPACES_AT_ONCE)

        async def ask(namespace: str) -> Page[T] | Refusal:
            async with few:
                try:
                    return await self._list(resource, namespace, labels, fields)
                except ProviderError as error:
                    return _refusal(error, resource, namespace)

        answers = await asyncio.gather(*(ask(namespace) for namespace in self._namespaces))
        pages = [answer for answer in answers if isinstance(answer, Page)]
        return Listing(
            items=tuple(item for page in pages for item in page.items or ()),
            refusals=tuple(answer for answer in answers if isinstance(answer, Refusal)),
            unreadable=tuple(name for page in pages for name in page.unreadable),
            partial=True,
        )

    async def _list(self, resource: Resource[T], namespace: str, labels: str, fields: str) -> Page[T]:
        try:
            async with asyncio.timeout_at(self._ends):
                return await self._api.list(resource, namespace=namespace, labels=labels, fields=fields)
        except TimeoutError as error:
            words = f"cannot list {resource.plural}: not complete when the look at the cluster had to end"
            raise ProviderError("timeout", words, next_step="refresh") from error

    async def _hub_values(self) -> Listing[HubValues]:
        unchanged = await self._unchanged_hub_values()
        if unchanged is not None:
            return Listing(items=unchanged)
        secrets = await self._listing(resources.HUB_SECRETS, fields=_HUB)
        known = self._api.known_hub_values
        values = await asyncio.to_thread(_decoded, secrets.items, dict(known))
        known.clear()
        known.update(values)
        return Listing(
            items=tuple(values.values()),
            refusals=secrets.refusals,
            unreadable=secrets.unreadable,
            partial=secrets.partial,
        )

    async def _unchanged_hub_values(self) -> tuple[HubValues, ...] | None:
        """What the last look decoded, when the Secrets' metadata (some hundred bytes a hub) are the same as then."""
        known = self._api.known_hub_values
        if not known:
            return None
        try:
            async with asyncio.timeout_at(self._ends):
                page = await self._api.list(resources.HUB_SECRETS, fields=_HUB, metadata_only=True)
        except (ProviderError, TimeoutError):
            return None
        keys = [key_of(secret) for secret in page.items or ()]
        if page.unreadable or known.keys() != set(keys):
            return None
        return tuple(known[key] for key in keys)


def _decoded(secrets: Sequence[HubSecret], known: dict[Any, HubValues]) -> dict[Any, HubValues]:
    alike: dict[bytes, HubValues] = {}
    keyed = {key_of(secret): secret for secret in secrets}
    return {key: known.get(key) or hub_values(secret, alike) for key, secret in keyed.items()}


def _refusal(error: ProviderError, resource: Resource[Any], namespace: str) -> Refusal:
    return Refusal(
        kind=error.kind,
        verb="list",
        resource=resource.plural,
        namespace=namespace,
        message=error.message,
        next_step=error.next_step,
    )
