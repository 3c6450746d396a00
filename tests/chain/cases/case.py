"""One way to break a cluster, and what must be told of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.chain.model import ClusterState


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster, and the codes that stand on its hub `prod`, or on the cluster itself where `hub` is None."""

    name: str
    state: Callable[[], ClusterState]
    codes: tuple[str, ...]
    hub: str | None = "prod"
    message: str = ""
