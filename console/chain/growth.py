"""How large a filestore that fills up should become, how long that lasts, and what its tier takes at most."""

from __future__ import annotations

import math
from collections.abc import Mapping

from console.chain.usage import FORESEEN_DAYS, days_words
from providers.filestores.protocol import Filestore

GIB = 2**30
FREE_SHARE = 0.125
"""Of a size that is suggested: between 10 and 15 %, so that it no longer counts as nearly full."""

LASTING_DAYS = 30.0
_STEPS_GIB = (500, 200, 100, 50, 20, 10, 5, 2)
_TIB = 1024 * GIB
_LARGEST: Mapping[str, float] = {
    "BASIC_HDD": 63.9, "BASIC_SSD": 63.9, "HIGH_SCALE_SSD": 100, "ZONAL": 100, "REGIONAL": 100, "ENTERPRISE": 10,
    "Premium_LRS": 100, "Premium_ZRS": 100, "PremiumV2_LRS": 256, "PremiumV2_ZRS": 256,
}  # fmt: skip
"""The largest size of a tier in TiB. Clouds raise these: what is said of them warns, and never refuses."""
_SMALL_BAND = 9.75
"""ZONAL and REGIONAL instances that were made small, in TiB, stay within this."""


def roomy_gib(used_bytes: int) -> int:
    """A round size in GiB at which what is used leaves room for a while; what a cloud takes is the next of its steps.

    Rounded by 2.5 % at most: a size that people say, and the same one when a little more is used.
    """
    return _round_gib(used_bytes / (1 - FREE_SHARE) / GIB)


def _round_gib(wanted: float) -> int:
    step = next((step for step in _STEPS_GIB if step <= wanted * 0.025), 1)
    return math.ceil(wanted / step) * step


def larger_gib(used_bytes: int, capacity_bytes: int, days_left: float | None) -> int:
    """A round size in GiB that is larger than CAPACITY_BYTES: as `roomy_gib`; where that is no more than there is, one
    that lasts a month at the pace of lately, which fills it in DAYS_LEFT."""
    wanted = roomy_gib(used_bytes)
    if wanted * GIB > capacity_bytes:
        return wanted
    a_day = (capacity_bytes - used_bytes) / days_left if days_left else 0.0
    return _round_gib(max(used_bytes + a_day * LASTING_DAYS, capacity_bytes + GIB) / GIB)


def with_room_for_files_gib(capacity_bytes: int, percent: float) -> int:
    """A round size in GiB for a share of CAPACITY_BYTES whose inodes are used by PERCENT, where they grow with it."""
    return roomy_gib(int(capacity_bytes * percent / 100))


def taken_gib(store: Filestore, gib: int) -> int:
    """The least that STORE can be given and is no less than GIB, as far as the steps of its tier are known."""
    if store.backend != "gcp-filestore":
        return gib
    from providers.filestores.gcp_filestore.capacity import suitable_gib, tier_named

    return suitable_gib(tier_named(store.tier), gib, now_gib=int((store.capacity_bytes or 0) / GIB))


def lasts_days(used_bytes: int, capacity_bytes: int, days_left: float | None, *, grown_bytes: int) -> float | None:
    """Days until GROWN_BYTES are full, where CAPACITY_BYTES would be in DAYS_LEFT; None where the pace is not known."""
    free = capacity_bytes - used_bytes
    if days_left is None or days_left <= 0 or free <= 0:
        return None
    return (grown_bytes - used_bytes) / (free / days_left)


def lasts_words(used_bytes: int, capacity_bytes: int, days_left: float | None, *, grown_bytes: int) -> str:
    """Until when GROWN_BYTES last, in words, with what is free then."""
    free = f"leaves {100 * (grown_bytes - used_bytes) / grown_bytes:.0f} % free"
    days = lasts_days(used_bytes, capacity_bytes, days_left, grown_bytes=grown_bytes)
    if days is not None:
        return f"{free}, and lasts {days_words(days)} at the pace of lately"
    if used_bytes >= capacity_bytes:
        return f"{free}; for how long is not known: it is full, so nothing tells how fast it fills"
    return f"{free}; earlier figures do not tell how fast it fills, or foresee more than {FORESEEN_DAYS:.0f} days"


def largest_bytes(store: Filestore) -> float | None:
    """The largest that STORE may become, as far as is known; None where its tier is not known, or has no limit."""
    largest, capacity = _LARGEST.get(store.tier), store.capacity_bytes
    if largest is None or not capacity:
        return None
    if store.tier in ("ZONAL", "REGIONAL") and capacity <= _SMALL_BAND * _TIB:
        largest = _SMALL_BAND
    return largest * _TIB
