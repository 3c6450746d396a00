"""Which row of the fleet needs somebody first: both front ends sort by it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from console.chain.filestore_words import filled, tells_full
from console.chain.marks import Mark, rank
from console.chain.model import ClusterState, Finding


class Urgency(NamedTuple):
    """The smallest first: by mark; among equals full disks, then production, then the fullest, then most errors."""

    rank: int
    has_room: bool
    side: bool
    room: float
    errors: int
    key: str


def urgency(
    mark: Mark, cluster: ClusterState | None, findings: Collection[Finding], *, production: bool, key: str
) -> Urgency:
    """Of a row marked MARK that tells FINDINGS; CLUSTER is None for what is nobody's."""
    return Urgency(
        rank=rank(mark),
        has_room=not tells_full(findings),
        side=not production,
        room=-filled(cluster, findings) if cluster is not None else 0.0,
        errors=-sum(finding.severity == "error" for finding in findings),
        key=key,
    )
