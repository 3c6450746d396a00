"""What the demo's clouds make of a wish: names, addresses and sizes, as the real ones would give them."""

from __future__ import annotations

from collections.abc import Mapping

from providers.simulated.clouds.amazon import Amazon
from providers.simulated.clouds.azure import Azure
from providers.simulated.clouds.google import Google
from providers.simulated.clouds.kind import Kind

__all__ = ["KINDS", "Amazon", "Kind"]

KINDS: Mapping[str, Kind] = {"gcp-filestore": Google(), "aws-efs": Amazon(), "azure-files": Azure()}
"""By the name of the backend."""
