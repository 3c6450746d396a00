"""What counts as trouble: thresholds, patience and which hubs are production. From the settings."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The limits that findings are measured against.

    `production` holds globs over a hub's name, or over cluster/hub where they contain a slash. `expected_uid` and
    `expected_gid` own hub directories and homes. A helper pod without a deadline of its own is an orphan after
    `helper_deadline_s`.
    """

    production: tuple[str, ...] = ("prod", "production", "*-prod", "prod-*")
    nearly_full_percent: float = 90.0
    full_percent: float = 97.0
    hanging_minutes: float = 3.0
    share_creator_minutes: float = 5.0
    grace_seconds: float = 90.0
    helper_deadline_s: float = 3600.0
    expected_uid: int = 1000
    expected_gid: int = 1000

    def is_production(self, cluster: str, hub: str) -> bool:
        """Whether a hub is one where users work. It changes the badge and the approval, never a severity."""
        return any(fnmatchcase(f"{cluster}/{hub}" if "/" in glob else hub, glob) for glob in self.production)
