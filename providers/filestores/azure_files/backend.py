"""NFS shares of the premium accounts of a cluster's subscription."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence

from providers.errors import ProviderError
from providers.filestores.azure_files.connection import CallBounds
from providers.filestores.azure_files.errors import Gone
from providers.filestores.azure_files.login import Login
from providers.filestores.azure_files.pages import Asking
from providers.filestores.azure_files.place import Place
from providers.filestores.azure_files.reach import Reach, Subscription
from providers.filestores.azure_files.resources import Account, Share
from providers.filestores.azure_files.shares import BACKEND, UsageAnswer, filestore
from providers.filestores.changes import FilestoreChanges
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from providers.filestores.shared import Shared

ASKED_USAGES = 8
"""How many shares are asked how full they are: each is a request, all at once."""


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
        self._reach = Reach(bounds=bounds or CallBounds(), environ=environ, login=login)
        self._fullnesses: Shared[Mapping[str, UsageAnswer]] = Shared()

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises ProviderError where it is not known which subscription, there is no login, or nothing is told."""
        place = self._reach.place(scope)
        if place is None:
            return FilestoreListing()
        ends = asyncio.get_running_loop().time() + self._reach.bounds.listing_s
        found = await self._reach.subscription(place, scope)
        nodes, usages = await asyncio.gather(
            self._reach.nodes(place, [account for account, _ in found.pairs], ends),
            self._usages(place, found, scope, ends),
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
            async with self._reach.asking(place, ends) as asking:
                answers = await asyncio.gather(*(_usage(asking, account, share) for account, share in chosen))
        except ProviderError as error:
            answers = [UsageAnswer(unknown=error.message) for _ in chosen]
        return {share.id: answer for (_, share), answer in zip(chosen, answers, strict=True)}

    async def changes(self) -> FilestoreChanges:
        """What makes and grows shares, over the same logins."""
        from providers.filestores.azure_files.changes import AzureFilesChanges

        return AzureFilesChanges(self._reach)


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
