"""Makes and grows the demo's filestores as clouds do: one request, then some looks until it is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from providers.filestores.changes import Draft, Follow, Piece, Rights, Stopped, Unfit, Wish, check_permitted, rights_of
from providers.filestores.protocol import Filestore, FilestoreListing, FilestoreScope
from providers.simulated.clouds import KINDS, Amazon, Kind

if TYPE_CHECKING:
    from providers.errors import ProviderError
    from providers.kubernetes.permission import Permission

Sleep = Callable[[float], Awaitable[object]]

_GIB = 1024**3
_LOOKS = 6
"""How many looks it takes until something is made."""
_PAUSE_S = 0.7


class Cloud(Protocol):
    """What is changed: a cloud's filestores by cluster, and what it says to who changes them, or may not."""

    name: str
    denials: dict[str, ProviderError]
    lacking: dict[str, tuple[str, ...]]
    silent: dict[str, str]

    def listing(self, cluster: str) -> FilestoreListing: ...

    def put(self, cluster: str, store: Filestore) -> None: ...


class SimulatedChanges:
    """See `FilestoreChanges`. What was begun stands still while nobody looks, and goes on when somebody does."""

    def __init__(self, cloud: Cloud, *, sleep: Sleep, resized: Callable[[str, Filestore], None]) -> None:
        self._cloud = cloud
        self._sleep = sleep
        self._resized = resized
        self._left: dict[tuple[str, str, str], int] = {}
        """How many looks are left, by cluster, filestore and piece."""

    async def draft_creation(self, scope: FilestoreScope, wish: Wish) -> Draft:
        """Raises Unfit, and the ProviderError that is the cluster's answer."""
        kind, stores = self._kind(), self._cloud.listing(scope.cluster).filestores
        whole = kind.filled(wish, scope, stores)
        there = next((store for store in stores if store.name == whole.name), None)
        pieces = [] if there is not None and there.state == "ready" else [_creation(kind, whole, self._cloud.name)]
        draft = Draft(
            wish=whole,
            pieces=(*pieces, *kind.parts(whole, scope, there)),
            there=there,
            warnings=kind.warnings(whole, stores),
            commands=(kind.command(whole, scope),) if pieces else (),
            notes=("it is being made already: this waits for it",) if pieces and there is not None else (),
            deletion=kind.deletion_command(whole, scope) if pieces else "",
        )
        planned = there or kind.begun(whole, scope, stores)
        server = next(iter(planned.addresses), "")
        return msgspec.structs.replace(draft, server=server, path=planned.exports[0])

    async def draft_growth(
        self,
        scope: FilestoreScope,  # noqa: ARG002 - the protocol's
        filestore: Filestore,
        capacity_gib: int,
    ) -> Draft:
        kind, now_gib = self._kind(), (filestore.capacity_bytes or 0) / _GIB
        smallest, step = kind.sizes(filestore.tier)
        if capacity_gib < now_gib:
            raise Unfit(f"{filestore.name} has {now_gib:,g} GiB already: it is not made smaller")
        if capacity_gib < smallest or capacity_gib % step:
            fitting = kind.suitable(filestore.tier, capacity_gib)
            raise Unfit(f"{filestore.tier} has sizes of {step} GiB from {smallest:,} on", next_step=f"--to {fitting}")
        busy = filestore.state == "updating"
        wish = Wish(name=filestore.name, capacity_gib=capacity_gib, tier=filestore.tier)
        pieces = (_growth(kind, filestore, capacity_gib),) if busy or capacity_gib > now_gib else ()
        notes = ("it is being changed already: the step waits for it",) if busy else ()
        server = next(iter(filestore.addresses), "")
        return Draft(
            wish=wish,
            pieces=pieces,
            there=filestore,
            server=server,
            path=filestore.exports[0],
            notes=notes,
            commands=(kind.growth_command(filestore, capacity_gib),),
        )

    def suitable_gib(self, filestore: Filestore, least_gib: float) -> int | None:
        return self._kind().suitable(filestore.tier, least_gib)

    async def rights(self, scope: FilestoreScope, pieces: Sequence[Piece]) -> Rights:
        named = rights_of(pieces)
        why = self._kind().unasked or self._cloud.silent.get(scope.cluster, "")
        if why:
            return Rights(unknown=dict.fromkeys(named, why))
        denied = tuple(right for right in named if right in self._cloud.lacking.get(scope.cluster, ()))
        return Rights(denied=denied, next_step="ask whoever keeps the account for these rights" if denied else "")

    async def make(self, scope: FilestoreScope, piece: Piece, *, permission: Permission | None, follow: Follow) -> str:
        check_permitted(permission, piece.what)
        denial = self._cloud.denials.get(scope.cluster)
        if denial is not None:
            raise denial
        do = {"filestore": self._created, "mount-target": self._mounted, "capacity": self._grown}
        return await do[piece.arguments["make"]](scope, piece.arguments, follow)

    async def _created(self, scope: FilestoreScope, arguments: Any, follow: Follow) -> str:
        wish = msgspec.convert(arguments["wish"], Wish)
        kind, stores = self._kind(), self._cloud.listing(scope.cluster).filestores
        store = next((one for one in stores if one.name == wish.name), None)
        if store is not None and store.state == "ready":
            return f"{wish.name} was there already"
        if store is None:
            store = kind.begun(wish, scope, stores)
            self._cloud.put(scope.cluster, store)
        await self._waited(scope, store, "filestore", follow)
        ready = kind.finished(store)
        self._cloud.put(scope.cluster, ready)
        return f"{wish.name} is ready at {', '.join(ready.addresses)}"

    async def _mounted(self, scope: FilestoreScope, arguments: Any, follow: Follow) -> str:
        kind, zone = self._kind(), arguments["zone"]
        assert isinstance(kind, Amazon)  # noqa: S101 - only its drafts have mount targets
        store = self._named(scope, arguments["name"])
        targets = {target.zone: target.state for target in store.mount_targets or ()}
        if targets.get(zone) == "ready":
            return f"the mount target in {zone} was there already"
        if targets.get(zone) != "creating":
            self._cloud.put(scope.cluster, kind.mounted(store, arguments, "creating"))
        await self._waited(scope, store, zone, follow)
        self._cloud.put(scope.cluster, kind.mounted(self._named(scope, store.name), arguments, "ready"))
        return f"the mount target in {zone} is ready"

    async def _grown(self, scope: FilestoreScope, arguments: Any, follow: Follow) -> str:
        store, capacity = self._named(scope, arguments["name"]), arguments["capacity_gib"] * _GIB
        if (store.capacity_bytes or 0) >= capacity and store.state != "updating":
            return f"{store.name} had {arguments['capacity_gib']:,} GiB already"
        if store.state != "updating":
            self._cloud.put(
                scope.cluster, msgspec.structs.replace(store, state="updating", detail="It is being grown.")
            )
        await self._waited(scope, store, "capacity", follow)
        usage = store.usage and msgspec.structs.replace(store.usage, capacity_bytes=capacity)
        grown = msgspec.structs.replace(store, state="ready", detail="", capacity_bytes=capacity, usage=usage)
        self._cloud.put(scope.cluster, grown)
        self._resized(scope.cluster, grown)
        return f"{store.name} has {arguments['capacity_gib']:,} GiB"

    async def _waited(self, scope: FilestoreScope, store: Filestore, part: str, follow: Follow) -> None:
        """Looks until it is there. Raises Stopped; another call goes on where this one was broken off."""
        key = (scope.cluster, store.id, part)
        self._left.setdefault(key, _LOOKS)
        follow.say(f"{store.name}: the cloud has taken it, and works on it")
        while self._left[key] > 0:
            if follow.stopped():
                raise Stopped
            await self._sleep(_PAUSE_S)
            self._left[key] -= 1
            follow.progress(_LOOKS - self._left[key], _LOOKS)
        del self._left[key]

    def _named(self, scope: FilestoreScope, name: str) -> Filestore:
        """Raises Unfit where it is gone."""
        stores = self._cloud.listing(scope.cluster).filestores
        found = next((store for store in stores if store.name == name), None)
        if found is None:
            raise Unfit(f"there is no filestore {name} any more")
        return found

    def _kind(self) -> Kind:
        return KINDS[self._cloud.name]


def _creation(kind: Kind, wish: Wish, backend: str) -> Piece:
    facts = [*([f"{wish.capacity_gib:,} GiB"] if wish.capacity_gib else []), *kind.kept]
    return Piece(
        key="filestore",
        what=f"make filestore {wish.name}",
        before="",
        after=", ".join([wish.tier, *facts, f"in {wish.location}", f"network {wish.network}"]).removesuffix(
            ", network "
        ),
        rights=kind.making,
        arguments={"make": "filestore", "backend": backend, "wish": msgspec.to_builtins(wish)},
    )


def _growth(kind: Kind, store: Filestore, capacity_gib: int) -> Piece:
    return Piece(
        key="capacity",
        what=f"grow {store.name}",
        before=f"{(store.capacity_bytes or 0) / _GIB:,g} GiB",
        after=f"{capacity_gib:,} GiB",
        rights=kind.growing,
        arguments={"make": "capacity", "name": store.name, "capacity_gib": capacity_gib},
    )
