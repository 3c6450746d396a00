"""What is granted for each cluster: nothing at the start but what the settings always grant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from console.settings import Settings
from providers.kubernetes.permission import Grantable, Granted, Permission


class Permissions:
    """One Permission for each cluster, kept while sessions come and go."""

    def __init__(self, settings: Settings, *, now: Callable[[], datetime]) -> None:
        self._settings = settings.permissions
        self._now = now
        self._by_cluster: dict[str, Permission] = {}

    def of(self, cluster: str) -> Permission:
        """The permission that every session of CLUSTER asks."""
        if cluster not in self._by_cluster:
            always = any(fnmatchcase(cluster, pattern) for pattern in self._settings.probe_always)
            self._by_cluster[cluster] = Permission(probe_always=always, now=self._now)
        return self._by_cluster[cluster]

    def granted(self, cluster: str) -> Granted:
        return self.of(cluster).granted

    def grant(self, cluster: str, level: Grantable, *, minutes: float | None) -> None:
        """Grants LEVEL for MINUTES from now on; None: as long as the settings say."""
        if minutes is None:
            minutes = self._settings.write_minutes if level == "write" else self._settings.probe_minutes
        self.of(cluster).grant(level, until=self._now() + timedelta(minutes=minutes))
