"""NFS shares of the premium accounts of a cluster's subscription."""

from __future__ import annotations

import asyncio
import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files.connection import CallBounds, storage_client
from providers.filestores.azure_files.errors import Gone
from providers.filestores.azure_files.firewall import is_open
from providers.filestores.azure_files.login import ChainLogin, Login, NoLogin
from providers.filestores.azure_files.pages import Asking, Pages
from providers.filestores.azure_files.place import Place, emulator
from providers.filestores.azure_files.resources import Account, Share
from providers.filestores.azure_files.shares import BACKEND, NodeSubnets, UsageAnswer, filestore
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from providers.filestores.shared import Shared

if TYPE_CHECKING:
    from azure.mgmt.storage.aio import StorageManagementClient

    from providers.filestores.azure_files.changes import AzureFilesChanges
    from providers.kubernetes.permission import Permission

ASKED_USAGES = 8
"""How many shares are asked how full they are: each is a request, all at once."""
AT_ONCE = 8
"""Requests on their way at once."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What all clusters of a subscription share: its premium accounts, its NFS shares with theirs, the snapshots by the
    id of their share, and what was refused."""

    accounts: tuple[Account, ...]
    pairs: tuple[tuple[Account, Share], ...]
    snapshots: Mapping[str, Sequence[Share]]
    refused: tuple[ProviderError, ...]


class AzureFiles:
    """Requests are waited for in the loop, and end with the task that waits; the chain of logins, and the import of
    Azure's libraries, block, and run in threads. ENVIRON names subscription and emulator where they are told there.

    Shares, and how full they are, are asked once for all clusters of a subscription; of each cluster its subnets."""

    name = BACKEND

    def __init__(
        self,
        *,
        bounds: CallBounds | None = None,
        environ: Mapping[str, str] = os.environ,
        login: Login | None = None,
    ) -> None:
        self._bounds = bounds or CallBounds()
        self._environ = environ
        self._given, self._chain = login, ChainLogin()
        self._subscriptions: Shared[Subscription] = Shared()
        self._fullnesses: Shared[Mapping[str, UsageAnswer]] = Shared()

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises ProviderError where it is not known which subscription, there is no login, or nothing is told."""
        place = self.place(scope)
        if place is None:
            return FilestoreListing()
        ends = asyncio.get_running_loop().time() + self._bounds.listing_s
        found = await self.subscription(place, scope)
        nodes, usages = await asyncio.gather(
            self.nodes(place, [account for account, _ in found.pairs], ends), self._usages(place, found, scope, ends)
        )
        return FilestoreListing(
            filestores=tuple(
                filestore(
                    account,
                    share,
                    snapshots=found.snapshots.get(share.id, ()),
                    usage=usages.get(share.id),
                    nodes=nodes,
                    now=scope.now,
                )
                for account, share in found.pairs
            ),
            refused=found.refused,
        )

    async def subscription(self, place: Place, scope: FilestoreScope) -> Subscription:
        """The whole; what the cluster's resource group has, where the whole may not be asked. Raises ProviderError."""
        key = (place.subscription, place.tenant)
        whole = msgspec.structs.replace(place, resource_group="", aks_cluster="")
        try:
            return await self._subscriptions.answer(key, scope, lambda: self._asked(whole, Asking.accounts))
        except ProviderError as error:
            if error.kind != "forbidden" or not place.resource_group:
                raise
            refused = error
        return await self._subscriptions.answer(
            (*key, place.resource_group),
            scope,
            lambda: self._asked(place, lambda asking: asking.accounts_of_group(refused)),
        )

    async def _asked(self, place: Place, accounts: Callable[[Asking], Awaitable[Pages[Account]]]) -> Subscription:
        ends = asyncio.get_running_loop().time() + self._bounds.listing_s
        async with self._asking(place, ends) as asking:
            found = await accounts(asking)
            premium = [account for account in found.items if (account.kind or "").lower() == "filestorage"]
            at_once = asyncio.Semaphore(AT_ONCE)
            listed = await asyncio.gather(*(_shares(asking, account, at_once) for account in premium))
        refused = (*found.refused, *(error for shares in listed for error in shares.refused))
        if any(error.kind == "unauthorized" for error in refused):
            self._login().forget(place)
        pairs = [
            (account, share)
            for account, shares in zip(premium, listed, strict=True)
            for share in shares.items
            if share.is_nfs and share.properties.snapshot_time is None
        ]
        return Subscription(
            accounts=tuple(sorted(premium, key=lambda account: account.id)),
            pairs=tuple(sorted(pairs, key=lambda pair: pair[1].id)),
            snapshots=_snapshots(listed),
            refused=refused,
        )

    async def _usages(
        self, place: Place, found: Subscription, scope: FilestoreScope, ends: float
    ) -> Mapping[str, UsageAnswer]:
        """By the share's id, of those that are asked."""
        chosen = _chosen(found.pairs, scope)
        if not chosen:
            return {}
        key = (place.subscription, place.tenant, *(share.id for _, share in chosen))
        return await self._fullnesses.answer(key, scope, lambda: self._asked_usages(place, chosen, ends))

    async def _asked_usages(
        self, place: Place, chosen: Sequence[tuple[Account, Share]], ends: float
    ) -> Mapping[str, UsageAnswer]:
        try:
            async with self._asking(place, ends) as asking:
                answers = await asyncio.gather(*(_usage(asking, account, share) for account, share in chosen))
        except ProviderError as error:
            answers = [UsageAnswer(unknown=error.message) for _ in chosen]
        return {share.id: answer for (_, share), answer in zip(chosen, answers, strict=True)}

    async def nodes(self, place: Place, accounts: Iterable[Account], ends: float) -> NodeSubnets:
        """Where the cluster's nodes are. Asked only where a firewall of ACCOUNTS could keep them out."""
        if all(is_open(account.properties) for account in accounts):
            return NodeSubnets()
        if not place.resource_group or not place.aks_cluster:
            return NodeSubnets(unknown="neither cluster.yaml nor the settings name AKS cluster and resource group")
        try:
            async with self._asking(place, ends) as asking:
                ids = await asking.node_subnets()
        except ProviderError as error:
            return NodeSubnets(unknown=error.message)
        except Gone:
            return NodeSubnets(unknown=f"there is no AKS cluster {place.aks_cluster}")
        return NodeSubnets(ids=ids, unknown="" if ids else "they are in a network that AKS keeps")

    async def changes(self) -> AzureFilesChanges:
        """What makes and grows shares, over the same logins."""
        from providers.filestores.azure_files.changes import AzureFilesChanges

        return AzureFilesChanges(self)

    def place(self, scope: FilestoreScope) -> Place | None:
        """Where SCOPE's shares are; None where its cluster is not on Azure. Raises ProviderError."""
        return Place.of(scope, self._environ)

    @property
    def bounds(self) -> CallBounds:
        return self._bounds

    @asynccontextmanager
    async def _asking(self, place: Place, ends: float) -> AsyncIterator[Asking]:
        """A connection to ask through until ENDS. Raises ProviderError."""
        async with self.connected(place) as client:
            yield Asking(client, place, request_s=self._bounds.request_s, ends=ends)

    @asynccontextmanager
    async def connected(
        self, place: Place, permission: Permission | None = None
    ) -> AsyncIterator[StorageManagementClient]:
        """A client that changes what PERMISSION lets out; None: nothing. Raises ProviderError."""
        login = self._login()
        endpoint = emulator(self._environ)
        try:
            async with storage_client(
                place, endpoint=endpoint, login=login, bounds=self._bounds, permission=permission
            ) as client:
                yield client
        except ProviderError as error:
            if error.kind in ("unauthorized", "forbidden"):
                login.forget(place)
            raise

    def _login(self) -> Login:
        return self._given or (NoLogin() if emulator(self._environ) else self._chain)


async def _shares(asking: Asking, account: Account, at_once: asyncio.Semaphore) -> Pages[Share]:
    async with at_once:
        return await asking.shares(account)


async def _usage(asking: Asking, account: Account, share: Share) -> UsageAnswer:
    try:
        return UsageAnswer(used_bytes=await asking.used_bytes(account, share))
    except ProviderError as error:
        return UsageAnswer(unknown=error.message)
    except Gone:
        return UsageAnswer(unknown="the share is gone")


def _chosen(pairs: Sequence[tuple[Account, Share]], scope: FilestoreScope) -> list[tuple[Account, Share]]:
    """Whose usage is asked: all where they are few, else those that the cluster mounts, live or declared, as far as
    few."""
    if len(pairs) <= ASKED_USAGES:
        return list(pairs)
    volumes = scope.observation.persistent_volumes.items if scope.observation else ()
    live = [volume.spec.nfs.path for volume in volumes if volume.spec.nfs is not None]
    paths = [re.sub("/+", "/", f"/{path}/") for path in (*live, *(path for _, path in scope.declared))]
    mounted = [
        (account, share)
        for account, share in pairs
        if any(path.startswith(f"/{account.name}/{share.name}/") for path in paths)
    ]
    return mounted[:ASKED_USAGES]


def _snapshots(listed: Iterable[Pages[Share]]) -> Mapping[str, list[Share]]:
    """By the id of the share that they are of: a snapshot has it as well, with nothing or its own time behind."""
    found: defaultdict[str, list[Share]] = defaultdict(list)
    for share in (share for shares in listed for share in shares.items):
        if share.properties.snapshot_time is not None:
            found[share.id.partition("?")[0]].append(share)
    return found
