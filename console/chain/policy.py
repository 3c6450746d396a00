"""What counts as trouble: thresholds, patience and which hubs are production. From the settings."""

from __future__ import annotations

from fnmatch import fnmatchcase

from console.settings import Settings, Thresholds

_DEFAULT = Settings()


class Policy(Thresholds, frozen=True, kw_only=True):
    """The limits that findings are measured against.

    `production` holds globs over a hub's name, or over cluster/hub where they contain a slash. `expected_uid` and
    `expected_gid` own hub directories and homes.
    """

    production: tuple[str, ...] = _DEFAULT.production
    expected_uid: int = _DEFAULT.owner.uid
    expected_gid: int = _DEFAULT.owner.gid

    def is_production(self, cluster: str, hub: str) -> bool:
        """Whether a hub is one where users work. It changes the badge and the approval, never a severity."""
        return any(fnmatchcase(f"{cluster}/{hub}" if "/" in glob else hub, glob) for glob in self.production)
