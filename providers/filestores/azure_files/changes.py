"""Makes NFS shares in the premium accounts that there are, and grows them. An account is never made from here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files import wishes
from providers.filestores.azure_files.errors import Gone, Throttled
from providers.filestores.azure_files.orders import WRITE_RIGHT, Orders, ShareName
from providers.filestores.azure_files.rights import Permission as Granted
from providers.filestores.azure_files.rights import RightsAsking, given
from providers.filestores.azure_files.shares import NodeSubnets, filestore, host
from providers.filestores.changes import (
    Draft,
    Follow,
    Piece,
    Rights,
    Stopped,
    Unfit,
    Wish,
    check_permitted,
    rights_of,
    untold,
)

if TYPE_CHECKING:
    from providers.filestores.azure_files.place import Place
    from providers.filestores.azure_files.reach import Reach
    from providers.filestores.azure_files.resources import Account, Share
    from providers.filestores.protocol import Filestore, FilestoreScope
    from providers.kubernetes.permission import Permission

ROLE = "Storage Account Contributor"
"""The least of Azure's own roles that makes and grows shares."""
_GIB = 1024**3
_TRIES = 6
_LONGEST_WAIT_S = 60
_UNSURE_S = 2
"""How long after an answer that was lost it is looked whether the share is there."""

Order = Callable[[Orders], Awaitable[object]]


class AzureFilesChanges:
    """See `FilestoreChanges`. Azure answers when the share is there: nothing is under way for long.

    `sleep` is how it waits where Azure asks for fewer requests.
    """

    def __init__(self, reach: Reach, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._reach = reach
        self._sleep = sleep

    async def draft_creation(self, scope: FilestoreScope, wish: Wish) -> Draft:
        place = self._place(scope)
        found = await self._reach.subscription(place, msgspec.structs.replace(scope, since=None))
        account = wishes.account_of(wish, found.accounts, place, found.refused)
        whole = wishes.filled(wish, account)
        name = ShareName(
            subscription=place.subscription,
            resource_group=account.resource_group,
            account=account.name,
            share=whole.name.partition("/")[2],
        )
        async with self._ordering(place) as orders:
            share = await orders.share(name)
        nodes = await self._reach.nodes(place, [account], _ends(self._reach.bounds.listing_s))
        there = _there(account, share, nodes, scope) if share is not None else None
        return Draft(
            wish=whole,
            pieces=() if share is not None else (_creation(name, whole),),
            there=there,
            server=host(account),
            path=f"/{account.name}/{name.share}",
            notes=wishes.notes(whole, share),
            warnings=wishes.warnings(whole, account, nodes),
            commands=(wishes.creation_command(name, whole.capacity_gib or 0),),
            deletion=wishes.deletion_command(name) if share is None else "",
        )

    async def draft_growth(self, scope: FilestoreScope, filestore: Filestore, capacity_gib: int) -> Draft:
        place, name = self._place(scope), ShareName.of_id(filestore.id)
        if name is None:
            raise Unfit(f"{filestore.name} is no share of Azure: {filestore.id}")
        async with self._ordering(place) as orders:
            share = await orders.share(name)
        if share is None:
            raise Unfit(f"there is no share {name} any more", next_step="look again: hubhomes filestores")
        quota_gib = share.properties.share_quota or 0
        if capacity_gib < quota_gib:
            raise wishes.no_shrinking(name, share, capacity_gib)
        wish = Wish(name=filestore.name, share=name.share, capacity_gib=capacity_gib, tier=filestore.tier)
        return Draft(
            wish=wish,
            pieces=() if capacity_gib == quota_gib else (_growth(name, quota_gib, capacity_gib),),
            there=msgspec.structs.replace(filestore, capacity_bytes=quota_gib * _GIB),
            server=next(iter(filestore.addresses), ""),
            path=next(iter(filestore.exports), ""),
            notes=("its throughput grows with its size",) if filestore.tier in ("Premium_LRS", "Premium_ZRS") else (),
            warnings=wishes.size_warnings(capacity_gib, filestore.tier),
            commands=(wishes.growth_command(name, capacity_gib),),
        )

    def suitable_gib(self, filestore: Filestore, least_gib: float) -> int | None:
        return wishes.suitable_gib(filestore.tier, least_gib)

    async def rights(self, scope: FilestoreScope, pieces: Sequence[Piece]) -> Rights:
        """Asked of each storage account in which a share is made or grown."""
        named = rights_of(pieces)
        denied: dict[str, str] = {}
        try:
            for name, its in _by_account(pieces).items():
                permissions = await self._permissions(scope, name)
                denied |= {right: name.account for right in its if not given(permissions, right)}
        except (ProviderError, Unfit) as error:
            return untold(pieces, error)
        except Gone:
            return Rights(unknown=dict.fromkeys(named, "its storage account is no more"))
        if not denied:
            return Rights()
        accounts = ", ".join(dict.fromkeys(denied.values()))
        return Rights(denied=tuple(denied), next_step=f"ask for the role {ROLE} on storage account {accounts}")

    async def _permissions(self, scope: FilestoreScope, name: ShareName) -> tuple[Granted, ...]:
        place, request_s = self._place(scope), self._reach.bounds.request_s
        async with self._reach.connected(place) as client:
            return await RightsAsking(client, place, request_s=request_s, ends=_ends(request_s)).permissions(name)

    async def make(self, scope: FilestoreScope, piece: Piece, *, permission: Permission | None, follow: Follow) -> str:
        check_permitted(permission, piece.what)
        arguments: Mapping[str, Any] = piece.arguments
        name, quota_gib = msgspec.convert(arguments["share"], ShareName), int(arguments["quota_gib"])
        async with self._ordering(self._place(scope), permission) as orders:
            if arguments["order"] == "create":
                return await self._created(orders, name, quota_gib, follow)
            return await self._grown(orders, name, quota_gib, follow)

    async def _created(self, orders: Orders, name: ShareName, quota_gib: int, follow: Follow) -> str:
        share = await orders.share(name)
        if share is not None:
            # A second PUT would be taken as a change of what is there.
            wishes.check_nfs(name, share)
            return f"share {name} was there already"
        follow.say(f"asking Azure for share {name} of {quota_gib:,} GiB")

        async def is_there(orders: Orders) -> bool:
            return await orders.share(name) is not None

        await self._ordered(orders, lambda one: one.create(name, quota_gib), is_there, follow)
        return f"share {name} is there, with {quota_gib:,} GiB"

    async def _grown(self, orders: Orders, name: ShareName, quota_gib: int, follow: Follow) -> str:
        async def has_grown(orders: Orders) -> bool:
            share = await orders.share(name)
            if share is None:
                raise Unfit(f"there is no share {name} any more", next_step="look again: hubhomes filestores")
            return (share.properties.share_quota or 0) >= quota_gib

        if await has_grown(orders):
            return f"share {name} had {quota_gib:,} GiB already"
        follow.say(f"asking Azure for {quota_gib:,} GiB for share {name}")
        await self._ordered(orders, lambda one: one.set_quota(name, quota_gib), has_grown, follow)
        return f"share {name} has {quota_gib:,} GiB"

    async def _ordered(
        self, orders: Orders, order: Order, is_done: Callable[[Orders], Awaitable[bool]], follow: Follow
    ) -> None:
        """Sends ORDER until it is done: where Azure asks for patience, and where its answer is lost and a look finds
        nothing. Raises Stopped before it is sent again; ProviderError, Unfit."""
        for number in range(1, _TRIES + 1):
            if follow.stopped():
                raise Stopped
            try:
                await order(orders)
            except Gone as error:
                raise Unfit("its storage account is no more", next_step="look again: hubhomes filestores") from error
            except Throttled as error:
                if number == _TRIES:
                    raise
                await self._pause(min(error.after_s or _UNSURE_S, _LONGEST_WAIT_S), error.message, follow)
            except ProviderError as error:
                if error.kind not in ("unreachable", "timeout", "internal"):
                    raise
                follow.say(f"no answer that tells: {error.message}; looking whether it was done")
                if await is_done(orders):
                    return
                if error.kind == "internal" or number == _TRIES:
                    raise
                await self._pause(_UNSURE_S, "it was not done: asking again", follow)
            else:
                return

    async def _pause(self, seconds: float, why: str, follow: Follow) -> None:
        """Raises Stopped within a second of being asked to."""
        follow.say(why)
        left = seconds
        while left > 0:
            if follow.stopped():
                raise Stopped
            await self._sleep(min(1.0, left))
            left -= 1.0

    def _place(self, scope: FilestoreScope) -> Place:
        """Raises ProviderError; Unfit where the cluster is not on Azure."""
        place = self._reach.place(scope)
        if place is None:
            raise Unfit(f"{scope.cluster} is not on Azure")
        return place

    @asynccontextmanager
    async def _ordering(self, place: Place, permission: Permission | None = None) -> AsyncIterator[Orders]:
        """Each request has its own bound; all together take as long as somebody waits."""
        async with self._reach.connected(place, permission) as client:
            yield Orders(client, place, request_s=self._reach.bounds.request_s, ends=float("inf"))


def _by_account(pieces: Iterable[Piece]) -> Mapping[ShareName, tuple[str, ...]]:
    """The rights that are needed in each storage account, each told by one share of it."""
    shares = {piece.key: msgspec.convert(piece.arguments["share"], ShareName) for piece in pieces}
    firsts: dict[str, ShareName] = {}
    for name in shares.values():
        firsts.setdefault(f"{name.resource_group}/{name.account}", name)
    return {
        first: rights_of(piece for piece in pieces if shares[piece.key].account == first.account)
        for first in firsts.values()
    }


def _ends(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


def _there(account: Account, share: Share, nodes: NodeSubnets, scope: FilestoreScope) -> Filestore:
    """Raises Unfit where it is no NFS share."""
    wishes.check_nfs(f"{account.name}/{share.name}", share)
    return filestore(account, share, snapshots=(), usage=None, nodes=nodes, now=scope.now)


def _creation(name: ShareName, wish: Wish) -> Piece:
    return Piece(
        key=f"share {name}",
        what=f"make NFS share {name.share} in storage account {name.account}",
        before="",
        after=f"{wish.capacity_gib:,} GiB, {wish.tier}, in {wish.location}, NFS 4.1, root is not squashed",
        rights=(WRITE_RIGHT,),
        arguments={"order": "create", "share": msgspec.to_builtins(name), "quota_gib": wish.capacity_gib},
    )


def _growth(name: ShareName, quota_gib: int, wanted_gib: int) -> Piece:
    return Piece(
        key=f"quota {name}",
        what=f"set the quota of share {name}",
        before=f"{quota_gib:,} GiB",
        after=f"{wanted_gib:,} GiB",
        rights=(WRITE_RIGHT,),
        arguments={"order": "quota", "share": msgspec.to_builtins(name), "quota_gib": wanted_gib},
    )
