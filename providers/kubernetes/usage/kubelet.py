"""A kubelet's statistics (`stats/summary`): the file systems behind the claims that pods of its node mount."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import Usage
from providers.kubernetes.usage.shares import Claim

ENDLESS_BYTES = 2**60
"""From this size on (1 EiB) a file system has no limit of its own: EFS says 8 EiB."""


class _Reference(msgspec.Struct, frozen=True):
    name: str
    namespace: str


class _Volume(msgspec.Struct, frozen=True, rename="camel"):
    time: datetime | None = None
    available_bytes: int | None = None
    capacity_bytes: int | None = None
    used_bytes: int | None = None
    inodes: int | None = None
    inodes_free: int | None = None
    pvc_ref: _Reference | None = None


class _Pod(msgspec.Struct, frozen=True):
    volume: tuple[_Volume, ...] = ()


class _Summary(msgspec.Struct, frozen=True):
    pods: tuple[_Pod, ...] = ()


def claim_usages(body: bytes, *, node: str, now: datetime) -> Mapping[Claim, Usage]:
    """How full the share behind each claim is, says the kubelet of NODE. Raises ProviderError for a broken answer."""
    try:
        summary = msgspec.json.decode(body, type=_Summary)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        words = f"the kubelet of {node} does not answer with statistics"
        raise ProviderError("internal", words, next_step=f"kubectl get --raw /api/v1/nodes/{node}/proxy/stats/summary"
                            ) from error  # fmt: skip
    found: dict[Claim, Usage] = {}
    for volume in (volume for pod in summary.pods for volume in pod.volume):
        usage = _usage(volume, node, now)
        if volume.pvc_ref is None or usage is None:
            continue
        claim = Claim(namespace=volume.pvc_ref.namespace, name=volume.pvc_ref.name)
        if claim not in found or found[claim].observed_at < usage.observed_at:
            found[claim] = usage
    return found


def file_system_usage(
    *,
    used_bytes: int,
    available_bytes: int,
    size_bytes: int,
    source: str,
    observed_at: datetime,
    inodes: int | None = None,
    inodes_free: int | None = None,
) -> Usage:
    """A file system's figures as df reckons: what is kept for root counts as neither used nor free.

    So users meet "no space left" at 100 %. An endless file system has no capacity. One that makes inodes as they are
    needed says 0 of them: that is no limit.
    """
    endless = size_bytes >= ENDLESS_BYTES
    counted = not endless and bool(inodes) and inodes_free is not None and 0 <= inodes_free <= (inodes or 0)
    return Usage(
        used_bytes=used_bytes,
        capacity_bytes=None if endless else used_bytes + available_bytes,
        source=source,
        observed_at=observed_at,
        inodes=inodes if counted else None,
        inodes_used=(inodes or 0) - (inodes_free or 0) if counted else None,
    )


def _usage(volume: _Volume, node: str, now: datetime) -> Usage | None:
    used, available, size = volume.used_bytes, volume.available_bytes, volume.capacity_bytes
    if used is None or available is None or not size or min(used, available, size) < 0:
        return None
    at = volume.time if volume.time is not None and volume.time.tzinfo is not None else now
    source = f"kubelet of {node}"
    return file_system_usage(
        used_bytes=used,
        available_bytes=available,
        size_bytes=size,
        source=source,
        observed_at=min(at, now),
        inodes=volume.inodes,
        inodes_free=volume.inodes_free,
    )
