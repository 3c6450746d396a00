"""What is kept of one hub's inside: the newest look, the server's quotas, an exporter's figures, counted sizes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from providers.kubernetes.looks.protocol import DirectoryLook, HomeSize, QuotaReport
from providers.kubernetes.usage.shares import DirectorySize


class DirectoryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What an exporter told of each directory of a hub, and when it was asked."""

    source: str
    asked_at: datetime
    sizes: tuple[DirectorySize, ...]


class SeenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Every source of one hub's seen side; None: not asked, or it did not tell. `sizes` are those counted by `du`,
    the newest of each home. `quotas_why` says why an in-cluster server did not tell its quotas."""

    look: DirectoryLook | None = None
    quotas: QuotaReport | None = None
    quotas_why: str = ""
    figures: DirectoryFigures | None = None
    sizes: tuple[HomeSize, ...] = ()

    def looked(self, look: DirectoryLook) -> SeenFacts:
        """With LOOK. One that listed nothing and was only to count sizes leaves the listing before it."""
        counted = {size.home: size for size in (*self.sizes, *look.sizes)}
        only_sizes = look.failure is None and look.entries is None and bool(look.sizes)
        kept = self.look if only_sizes and self.look is not None else look
        return msgspec.structs.replace(self, look=kept, sizes=tuple(counted.values()))
