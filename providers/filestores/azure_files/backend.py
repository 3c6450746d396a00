"""NFS shares of the premium accounts of a cluster's subscription."""

from __future__ import annotations

import asyncio
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

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

ASKED_USAGES = 8
"""How many shares are asked how full they are: each is a request."""
AT_ONCE = 8
"""Requests on their way at once."""


class AzureFiles:
    """Requests are waited for in the loop, and end with the task that waits; the chain of logins, and the import of
    Azure's libraries, block, and run in threads. ENVIRON names subscription and emulator where they are told there."""

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

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises ProviderError where it is not known which subscription, there is no login, or nothing is told."""
        place = Place.of(scope, self._environ)
        if place is None:
            return FilestoreListing()
        ends = asyncio.get_running_loop().time() + self._bounds.listing_s
        endpoint = emulator(self._environ)
        login = self._given or (NoLogin() if endpoint else self._chain)
        try:
            async with storage_client(place, endpoint=endpoint, login=login, bounds=self._bounds) as client:
                asking = Asking(client, place, request_s=self._bounds.request_s, ends=ends)
                listing = await _Look(asking, place, scope).listing()
        except ProviderError as error:
            if error.kind in ("unauthorized", "forbidden"):
                login.forget(place)
            raise
        if any(error.kind == "unauthorized" for error in listing.refused):
            login.forget(place)
        return listing


class _Look:
    """One listing, from its accounts down to what its shares hold."""

    def __init__(self, asking: Asking, place: Place, scope: FilestoreScope) -> None:
        self._asking, self._place, self._scope = asking, place, scope
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def listing(self) -> FilestoreListing:
        found = await self._asking.accounts()
        accounts = [account for account in found.items if (account.kind or "").lower() == "filestorage"]
        listed = await asyncio.gather(*(self._shares(account) for account in accounts))
        pairs = [
            (account, share)
            for account, shares in zip(accounts, listed, strict=True)
            for share in shares.items
            if share.is_nfs and share.properties.snapshot_time is None
        ]
        nodes, usages = await asyncio.gather(self._nodes(accounts, pairs), self._usages(pairs))
        snapshots = _snapshots(listed)
        return FilestoreListing(
            filestores=tuple(
                filestore(
                    account,
                    share,
                    snapshots=snapshots.get(share.id, ()),
                    usage=usages.get(share.id),
                    nodes=nodes,
                    now=self._scope.now,
                )
                for account, share in sorted(pairs, key=lambda pair: pair[1].id)
            ),
            refused=(*found.refused, *(error for shares in listed for error in shares.refused)),
        )

    async def _shares(self, account: Account) -> Pages[Share]:
        async with self._at_once:
            return await self._asking.shares(account)

    async def _usages(self, pairs: Sequence[tuple[Account, Share]]) -> Mapping[str, UsageAnswer]:
        """By the share's id, of those that are asked."""
        chosen = _chosen(pairs, self._scope)
        answers = await asyncio.gather(*(self._usage(account, share) for account, share in chosen))
        return {share.id: answer for (_, share), answer in zip(chosen, answers, strict=True)}

    async def _usage(self, account: Account, share: Share) -> UsageAnswer:
        try:
            async with self._at_once:
                return UsageAnswer(used_bytes=await self._asking.used_bytes(account, share))
        except ProviderError as error:
            return UsageAnswer(unknown=error.message)
        except Gone:
            return UsageAnswer(unknown="the share is gone")

    async def _nodes(self, accounts: Sequence[Account], pairs: Sequence[tuple[Account, Share]]) -> NodeSubnets:
        """Asked only where a firewall could keep nodes out."""
        used = {account.id for account, _ in pairs}
        if all(is_open(account.properties) for account in accounts if account.id in used):
            return NodeSubnets()
        if not self._place.resource_group or not self._place.aks_cluster:
            return NodeSubnets(unknown="cluster.yaml names no AKS cluster and resource group")
        try:
            ids = await self._asking.node_subnets()
        except ProviderError as error:
            return NodeSubnets(unknown=error.message)
        except Gone:
            return NodeSubnets(unknown=f"there is no AKS cluster {self._place.aks_cluster}")
        return NodeSubnets(ids=ids, unknown="" if ids else "they are in a network that AKS keeps")


def _chosen(pairs: Sequence[tuple[Account, Share]], scope: FilestoreScope) -> list[tuple[Account, Share]]:
    """Whose usage is asked: all where they are few, else those that the cluster's volumes mount, as far as few."""
    if len(pairs) <= ASKED_USAGES:
        return list(pairs)
    volumes = scope.observation.persistent_volumes.items if scope.observation else ()
    paths = [re.sub("/+", "/", f"/{volume.spec.nfs.path}/") for volume in volumes if volume.spec.nfs is not None]
    mounted = [
        (account, share)
        for account, share in pairs
        if any(path.startswith(f"/{account.name}/{share.name}/") for path in paths)
    ]
    return mounted[:ASKED_USAGES]


def _snapshots(listed: Iterable[Pages[Share]]) -> Mapping[str, list[Share]]:
    """By the id of the share that they are of: Azure gives both the same."""
    found: defaultdict[str, list[Share]] = defaultdict(list)
    for share in (share for shares in listed for share in shares.items):
        if share.properties.snapshot_time is not None:
            found[share.id].append(share)
    return found
