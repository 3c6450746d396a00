"""What a filestore's tier costs, coarsely and in words: prices differ by region and contract."""

from __future__ import annotations

from collections.abc import Mapping

_WHOLE = "its whole size is paid for, used or not"
_COSTS: Mapping[str, str] = {
    "BASIC_HDD": f"hard disks, Filestore's cheapest class; {_WHOLE}",
    "STANDARD": f"hard disks, Filestore's cheapest class; {_WHOLE}",
    "BASIC_SSD": f"SSD in one zone, about twice BASIC_HDD a GiB; {_WHOLE}",
    "PREMIUM": f"SSD in one zone, about twice BASIC_HDD a GiB; {_WHOLE}",
    "HIGH_SCALE_SSD": f"SSD in one zone, for much traffic; {_WHOLE}",
    "ZONAL": f"SSD in one zone, for much traffic; {_WHOLE}",
    "REGIONAL": f"SSD kept in three zones, Filestore's dearest class; {_WHOLE}",
    "ENTERPRISE": f"SSD kept in three zones, Filestore's dearest class; {_WHOLE}",
    "generalPurpose": "paid for what it holds, and for what is read and written; what is unused gets cheaper",
    "maxIO": "paid for what it holds, and for what is read and written; what is unused gets cheaper",
    "Premium_LRS": f"SSD in one data centre; {_WHOLE}",
    "Premium_ZRS": f"SSD kept in three zones, dearer than Premium_LRS; {_WHOLE}",
    "PremiumV2_LRS": f"SSD in one data centre, throughput paid for apart; {_WHOLE}",
    "PremiumV2_ZRS": f"SSD kept in three zones, throughput paid for apart; {_WHOLE}",
}


def cost_words(tier: str) -> str:
    """How TIER is paid for; "" for one that is not known."""
    return _COSTS.get(tier, "")
