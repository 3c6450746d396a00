"""Looks, quotas and exporters' figures as plain data: a healthy inside of hub `prod`, and the ways to bend it."""

from __future__ import annotations

from typing import Any

import msgspec

from console.chain.model import ClusterState
from console.chain.seen_facts import SeenFacts
from providers.kubernetes.looks.protocol import (
    DirectoryLook,
    Entry,
    LookFailure,
    Missing,
    QuotaReport,
    QuotaRow,
    ShareSpace,
)
from providers.kubernetes.objects import Pod
from tests.chain.builders import NOW, ago, cluster, observation, pod

GIB = 1024**3


def entry(name: str | bytes = "ana", **changes: Any) -> Entry:
    raw = name if isinstance(name, bytes) else name.encode()
    usual: dict[str, Any] = {
        "name": raw, "kind": "directory", "uid": 1000, "gid": 1000, "mode": 0o755, "modified_at": ago(hours=5),
    }  # fmt: skip
    return Entry(**(usual | changes))


HUB = entry("prod")
SHARED = entry("_shared")


def look(*entries: Entry, shared: Entry | None = SHARED, **changes: Any) -> DirectoryLook:
    """A complete look through the claim that listed ENTRIES, and `_shared`."""
    listed = (*((shared,) if shared else ()), *(entries or (entry("ana"),)))
    usual: dict[str, Any] = {
        "namespace": "prod", "through": "claim", "looked_at": ago(minutes=2), "looked_by": "jo@bastion",
        "round_trip_s": 0.002, "hub": HUB, "entries": listed, "complete": True,
        "space": ShareSpace(capacity_bytes=1024 * GIB, used_bytes=200 * GIB, free_bytes=824 * GIB),
    }  # fmt: skip
    return DirectoryLook(**(usual | changes))


def failed(kind: str, message: str = "no look", **changes: Any) -> DirectoryLook:
    """A look that saw nothing."""
    failure = LookFailure(kind=kind, message=message, next_step="look again", **changes)  # type: ignore[arg-type]
    nothing = look(hub=None, entries=None, space=None, round_trip_s=None, complete=False, why=message)
    return msgspec.structs.replace(nothing, failure=failure, entries=None)


def went_on(*base: Entry, symptom: str = "missing-directory", **changes: Any) -> DirectoryLook:
    """A look through the export, beside whose hub BASE stands, since the claim led nowhere."""
    failure = LookFailure(kind="mount", symptom=symptom, message="the server has no such directory")  # type: ignore[arg-type]
    return look(through="export", claim_failure=failure, base=base, **changes)


def quota(directory: str, used_gib: float, hard_gib: float = 10, soft_gib: float = 0) -> QuotaRow:
    return QuotaRow(
        directory=directory.encode(), used_bytes=int(used_gib * GIB), soft_bytes=int(soft_gib * GIB),
        hard_bytes=int(hard_gib * GIB),
    )  # fmt: skip


def quotas(*rows: QuotaRow) -> QuotaReport:
    return QuotaReport(namespace="prod", pod="storage-quota-home-nfs-1", reported_at=ago(minutes=1), rows=rows)


def inside(seen: DirectoryLook | None = None, *, pods: tuple[Pod, ...] | None = None, **facts: Any) -> ClusterState:
    """The cluster whose hub prod is known by SEEN, a healthy look where none is given, and FACTS."""
    observed = observation(user_pods=(pod("ana"),) if pods is None else pods)
    return cluster(observed, looks={"prod": SeenFacts(look=seen or look(), **facts)})


__all__ = [
    "GIB", "HUB", "NOW", "SHARED", "Missing", "entry", "failed", "inside", "look", "quota", "quotas",
    "went_on",
]  # fmt: skip
