"""How a cluster's subscription is reached, and what is asked of it both to list shares and to make them."""

from __future__ import annotations

import asyncio
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
from providers.filestores.azure_files.shares import NodeSubnets
from providers.filestores.protocol import FilestoreScope
from providers.filestores.shared import Shared

if TYPE_CHECKING:
    from azure.mgmt.storage.aio import StorageManagementClient

    from providers.kubernetes.permission import Permission

AT_ONCE = 8
"""Requests on their way at once."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What all clusters of a subscription share: its premium accounts, its NFS shares with theirs, the snapshots by the
    id of their share, and what was refused."""

    accounts: tuple[Account, ...]
    pairs: tuple[tuple[Account, Share], ...]
    snapshots: Mapping[str, Sequence[Share]]
    refused: tuple[ProviderError, ...]


class Reach:
    """Logins, connections and the bounds of both. ENVIRON names subscription and emulator where they are told there."""

    def __init__(self, *, bounds: CallBounds, environ: Mapping[str, str], login: Login | None = None) -> None:
        self.bounds = bounds
        self._environ = environ
        self._given, self._chain = login, ChainLogin()
        self._subscriptions: Shared[Subscription] = Shared()

    def place(self, scope: FilestoreScope) -> Place | None:
        """Where SCOPE's shares are; None where its cluster is not on Azure. Raises ProviderError."""
        return Place.of(scope, self._environ)

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
        ends = asyncio.get_running_loop().time() + self.bounds.listing_s
        async with self.asking(place, ends) as asking:
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

    async def nodes(self, place: Place, accounts: Iterable[Account], ends: float) -> NodeSubnets:
        """Where the cluster's nodes are. Asked only where a firewall of ACCOUNTS could keep them out."""
        if all(is_open(account.properties) for account in accounts):
            return NodeSubnets()
        if not place.resource_group or not place.aks_cluster:
            return NodeSubnets(unknown="neither cluster.yaml nor the settings name AKS cluster and resource group")
        try:
            async with self.asking(place, ends) as asking:
                ids = await asking.node_subnets()
        except ProviderError as error:
            return NodeSubnets(unknown=error.message)
        except Gone:
            return NodeSubnets(unknown=f"there is no AKS cluster {place.aks_cluster}")
        return NodeSubnets(ids=ids, unknown="" if ids else "they are in a network that AKS keeps")

    @asynccontextmanager
    async def asking(self, place: Place, ends: float) -> AsyncIterator[Asking]:
        """A connection to ask through until ENDS. Raises ProviderError."""
        async with self.connected(place) as client:
            yield Asking(client, place, request_s=self.bounds.request_s, ends=ends)

    @asynccontextmanager
    async def connected(
        self, place: Place, permission: Permission | None = None
    ) -> AsyncIterator[StorageManagementClient]:
        """A client that changes what PERMISSION lets out; None: nothing. Raises ProviderError."""
        login = self._login()
        endpoint = emulator(self._environ)
        try:
            async with storage_client(
                place, endpoint=endpoint, login=login, bounds=self.bounds, permission=permission
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


def _snapshots(listed: Iterable[Pages[Share]]) -> Mapping[str, list[Share]]:
    """By the id of the share that they are of: a snapshot has it as well, with nothing or its own time behind."""
    found: defaultdict[str, list[Share]] = defaultdict(list)
    for share in (share for shares in listed for share in shares.items):
        if share.properties.snapshot_time is not None:
            found[share.id.partition("?")[0]].append(share)
    return found
