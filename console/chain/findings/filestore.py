"""Filestore: known, up, reachable, not full, and kept with care."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.findings import address, care, fullness, reachability, store_state
from console.chain.model import Finding
from console.chain.sight import HubSight
from console.chain.store_sight import StoreSight

FULL, NEARLY_FULL = fullness.FULL, fullness.NEARLY_FULL
RULES = (*store_state.RULES, *address.RULES, *fullness.RULES, *reachability.RULES, *care.RULES)


def findings(hub: HubSight) -> Iterator[Finding]:
    """What concerns the hub's filestore, and whether it has one."""
    if hub.absent or hub.on_nfs is not True:
        return
    if hub.store is not None:
        yield from store_findings(hub.store)
    else:
        yield from address.findings(hub)


def store_findings(sight: StoreSight) -> Iterator[Finding]:
    """The filestore's own trouble, for the hub that the sight is told to; else for the cluster's list."""
    reached = list(reachability.findings(sight))
    if not (sight.store.state == "degraded" and any(each.code == reachability.NO_TARGET.code for each in reached)):
        yield from store_state.findings(sight)
    yield from fullness.findings(sight)
    yield from reached
    yield from care.findings(sight)
