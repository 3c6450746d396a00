"""What may be made and changed in a cloud: drafts, which only ask, and pieces, made one by one under the permission to
write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.permission import Permission


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The filestore that there should be.

    `name` is what it is called in the cloud: a Filestore instance, the tag `Name` of an EFS file system, ACCOUNT/SHARE
    of Azure (a bare SHARE: in the one account that fits). `share` is the export's name where the cloud lets it be
    chosen. `capacity_gib` None: the smallest of its tier; EFS has none. `tier`, `location` (a zone or region) and
    `network` "": what the cluster's other filestores and its nodes suggest. `tags` are what Terraform would put on it.
    """

    name: str
    share: str = "homes"
    capacity_gib: int | None = None
    tier: str = ""
    location: str = ""
    network: str = ""
    tags: Mapping[str, str] = {}


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to make or to change, safe to repeat. A step of a plan is made of each.

    `key` and `arguments` are the same whenever the same is drafted: a plan that was approved is compared with them.
    `rights` are the cloud's own names of what it needs. `arguments` are JSON values without secrets, and all that
    `make` needs besides the scope: they are recorded, and a token that makes a request idempotent is among them,
    derived and not drawn. `undo` says how it is taken back, "" that it can't be from here.
    """

    key: str
    what: str
    before: str
    after: str
    rights: tuple[str, ...] = ()
    undo: str = ""
    arguments: Mapping[str, Any] = {}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to make for a wish, in order; no pieces: all of it is there.

    What is under way in the cloud, whoever began it, is left to make: `make` waits for it and begins no second; it has
    the key and arguments that it had before it was begun, and the notes say that it is under way.
    `there` is the filestore as it is now, whole or the half that an earlier attempt left; None where there is none.
    `server` and `path` are what a hub's values need to mount it ("" until the cloud says). `wish` is the one that was
    asked for with what was left open filled in; of a growth, the filestore with its new capacity. `warnings` are limits
    that may stand against it: the cloud decides. `commands` would do the same by hand; `deletion` is the one by which a
    person deletes what is made: nothing else does.
    """

    wish: Wish
    pieces: tuple[Piece, ...] = ()
    there: Filestore | None = None
    server: str = ""
    path: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    deletion: str = ""


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a cloud says of the rights that pieces name, by its own names: `denied` are not given to us, of `unknown` it
    could not be asked, and why; the others are given. `next_step` is what mends those denied."""

    denied: tuple[str, ...] = ()
    unknown: Mapping[str, str] = {}
    next_step: str = ""


class Unfit(Exception):
    """What was asked for can't be had in this cloud: for words to the caller. `next_step` says what can."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class Stopped(Exception):
    """The wait for the cloud was broken off because `stopped` said so. What was begun there goes on."""


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """How a long piece is followed: `say` hears a line whenever the cloud says something new, `progress` how many of
    how many parts are done, `stopped` whether to break off."""

    say: Callable[[str], None] = lambda _line: None
    progress: Callable[[int, int | None], None] = lambda _done, _total: None
    stopped: Callable[[], bool] = lambda: False


class FilestoreChanges(Protocol):
    """Makes and grows one kind of filestores. Everything raises ProviderError where the cloud can't be asked."""

    async def draft_creation(self, scope: FilestoreScope, wish: Wish) -> Draft:
        """What is left to make for WISH. Only asks. Raises Unfit."""
        ...

    async def draft_growth(self, scope: FilestoreScope, filestore: Filestore, capacity_gib: int) -> Draft:
        """What is left to do until FILESTORE has CAPACITY_GIB. Only asks. Raises Unfit, also where it would shrink."""
        ...

    def suitable_gib(self, filestore: Filestore, least_gib: float) -> int | None:
        """The smallest capacity of at least LEAST_GIB that FILESTORE may have; None where it has no size."""
        ...

    async def rights(self, scope: FilestoreScope, pieces: Sequence[Piece]) -> Rights:
        """What the cloud says of the rights that PIECES name, where they would be made. Only asks, within a bound of
        its own, and raises nothing: what it does not answer is unknown."""
        ...

    async def make(self, scope: FilestoreScope, piece: Piece, *, permission: Permission | None, follow: Follow) -> str:
        """Makes PIECE, or finds it made, and waits until it is there; gives in words how it ended.

        Asked again after it was cut short anywhere, it goes on with what was begun and never begins a second. Raises
        `permitted`'s error before anything is sent, ProviderError, Unfit, Stopped.
        """
        ...


@runtime_checkable
class ChangingBackend(Protocol):
    """A backend of filestores that can be made and changed from here."""

    name: str

    async def changes(self) -> FilestoreChanges:
        """Raises ProviderError where its SDK is missing."""
        ...


def rights_of(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """All that PIECES name, each once, in their order."""
    return tuple(dict.fromkeys(right for piece in pieces for right in piece.rights))


def untold(pieces: Iterable[Piece], error: ProviderError | Unfit) -> Rights:
    """That none of the rights of PIECES could be asked for, because of ERROR."""
    why = f"{error.message}: {error.next_step}" if error.next_step else error.message
    return Rights(unknown=dict.fromkeys(rights_of(pieces), why))


def check_permitted(permission: Permission | None, request: str) -> None:
    """Raises ProviderError `forbidden` unless PERMISSION lets REQUEST, which changes something in a cloud, out now."""
    level = permission.level() if permission is not None else "read"
    if level != "write":
        raise ProviderError(
            "forbidden",
            f"{'probing only' if level == 'probe' else 'read-only'}: {request} changes something in the cloud; "
            "that needs the permission to write",
            next_step="grant the permission to write for this cluster; it ends by itself after some minutes",
        )
