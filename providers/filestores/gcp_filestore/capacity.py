"""Which capacities Filestore's tiers have. Google changes them now and then: what stands here warns, Google decides."""

from __future__ import annotations

import math

import msgspec

TIB = 1024
"""In GiB."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Capacities from `least_gib` to `most_gib` in steps. An instance stays in the band that it was made in."""

    least_gib: int
    most_gib: int
    step_gib: int = 1

    def at_least(self, gib: float) -> int:
        """The smallest capacity of its steps that is no less than GIB; it may be more than the band has."""
        return self.least_gib + max(0, math.ceil((gib - self.least_gib) / self.step_gib)) * self.step_gib

    def holds(self, gib: int) -> bool:
        return self.least_gib <= gib <= self.most_gib


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """`regional`: it is made in a region, not in a zone. `share_letters`: how long its share's name may be."""

    bands: tuple[Band, ...]
    regional: bool = False
    share_letters: int = 63


_LOW = Band(least_gib=TIB, most_gib=39 * TIB // 4, step_gib=256)
_HIGH = Band(least_gib=10 * TIB, most_gib=100 * TIB, step_gib=5 * TIB // 2)
_BASIC_MOST = 639 * TIB // 10

TIERS = {
    "BASIC_HDD": Tier(bands=(Band(least_gib=TIB, most_gib=_BASIC_MOST),), share_letters=16),
    "BASIC_SSD": Tier(bands=(Band(least_gib=5 * TIB // 2, most_gib=_BASIC_MOST),), share_letters=16),
    "ZONAL": Tier(bands=(_LOW, _HIGH)),
    "HIGH_SCALE_SSD": Tier(bands=(_HIGH,)),
    "REGIONAL": Tier(bands=(_LOW, _HIGH), regional=True),
    "ENTERPRISE": Tier(bands=(Band(least_gib=TIB, most_gib=10 * TIB, step_gib=256),), regional=True),
}
ALIASES = {"STANDARD": "BASIC_HDD", "PREMIUM": "BASIC_SSD"}
"""Google's older names of two tiers."""


def tier_named(word: str) -> str:
    """The name that a tier goes by here: upper case, of two names of one tier the newer."""
    name = word.strip().upper().replace("-", "_")
    return ALIASES.get(name, name)


def least_gib(tier: str) -> int:
    """The smallest capacity of TIER; 1 TiB of one that is not known."""
    return TIERS[tier].bands[0].least_gib if tier in TIERS else TIB


def suitable_gib(tier: str, gib: float, *, now_gib: int = 0) -> int:
    """The smallest capacity of TIER that is no less than GIB, for an instance that has NOW_GIB (0: one to be made).

    More than TIER has where GIB is more than that.
    """
    bands = _bands(tier, now_gib)
    fitting = (band.at_least(gib) for band in bands if band.at_least(gib) <= band.most_gib)
    return next(fitting, bands[-1].at_least(gib) if bands else math.ceil(gib))


def capacity_warnings(tier: str, gib: int, *, now_gib: int = 0) -> tuple[str, ...]:
    """What may stand against GIB in TIER, for an instance that has NOW_GIB (0: one to be made)."""
    if tier not in TIERS:
        return (f"the limits of tier {tier} are not known here",)
    bands = _bands(tier, now_gib)
    if any(band.holds(gib) and band.at_least(gib) == gib for band in bands):
        return ()
    held = next((band for band in bands if band.holds(gib)), None)
    if held is not None:
        return (f"{tier} has steps of {held.step_gib} GiB: {held.at_least(gib)} GiB would be one",)
    ranges = " or ".join(f"{band.least_gib} to {band.most_gib} GiB" for band in bands)
    return (f"{tier} has {ranges}" + (" for this instance" if now_gib else ""),)


def _bands(tier: str, now_gib: int) -> tuple[Band, ...]:
    """Those of TIER that an instance of NOW_GIB may have: its own; all for one that is in none, or not made yet."""
    bands = TIERS[tier].bands if tier in TIERS else ()
    own = tuple(band for band in bands if band.holds(now_gib))
    return own or bands
