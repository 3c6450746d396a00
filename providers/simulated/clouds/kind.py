"""What one of the demo's clouds has to say about its filestores."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from providers.filestores.changes import Piece, Wish
from providers.filestores.protocol import Filestore, FilestoreScope

GIB = 1024**3


class Kind:
    """One cloud. Filestores are given as it lists them; `begun` is how one looks while it is being made."""

    making: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """How what is made is kept, in words."""
    unasked: str = ""
    """Why it can't be asked which of these rights we have, where that is so."""

    def filled(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Wish:
        """WISH with what was left open. Raises Unfit."""
        raise NotImplementedError

    def begun(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Filestore:
        raise NotImplementedError

    def finished(self, store: Filestore) -> Filestore:
        return msgspec.structs.replace(store, state="ready", detail="", state_since=None)

    def parts(self, wish: Wish, scope: FilestoreScope, there: Filestore | None) -> tuple[Piece, ...]:  # noqa: ARG002 - AWS's
        """What else it consists of and is not there yet."""
        return ()

    def warnings(self, wish: Wish, stores: Sequence[Filestore]) -> tuple[str, ...]:  # noqa: ARG002 - Azure's
        """Why it may be of no use, as far as the cloud tells before."""
        return ()

    def command(self, wish: Wish, scope: FilestoreScope) -> str:
        """What makes it by hand."""
        raise NotImplementedError

    def deletion_command(self, wish: Wish, scope: FilestoreScope) -> str:
        """What deletes it by hand: nothing else does."""
        raise NotImplementedError

    def growth_command(self, store: Filestore, capacity_gib: int) -> str:
        """What grows it by hand."""
        raise NotImplementedError

    def suitable(self, tier: str, least_gib: float) -> int | None:
        """The smallest size of at least LEAST_GIB that TIER takes; None: it has no size."""
        smallest, step = self.sizes(tier)
        return max(smallest, -int(-least_gib // step) * step)

    def sizes(self, tier: str) -> tuple[int, int]:
        """The smallest size of TIER and its steps, GiB. Raises Unfit for a tier that there is not."""
        raise NotImplementedError


def node_zones(scope: FilestoreScope) -> list[str]:
    """Where the cluster has nodes."""
    nodes = scope.observation.nodes.items if scope.observation is not None else ()
    return sorted({node.metadata.labels.zone for node in nodes if node.metadata.labels.zone})


def number(text: str, below: int) -> int:
    """A number for TEXT, the same each time, BELOW a limit."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % below
