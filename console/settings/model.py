"""The settings as values. Every field is a key of settings.toml, with a default that needs no file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

DEFAULT = "default"
BACKENDS = ("home-nfs", "gcp-filestore", "aws-efs", "azure-files")
"""All that hubhomes brings itself."""


class Intervals(msgspec.Struct, frozen=True, kw_only=True):
    """How often the console looks again by itself; 0: only when asked."""

    refresh_s: float = 60.0


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for a connection, one answer, one look at a whole cluster, one backend's filestores."""

    connect_s: float = 5.0
    request_s: float = 15.0
    cluster_s: float = 60.0
    filestores_s: float = 30.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is asked at once."""

    clusters_at_once: int = 64
    page_size: int = 2000


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From when on something counts as trouble."""

    nearly_full_percent: float = 90.0
    full_percent: float = 97.0
    days_left: float = 7.0
    hanging_minutes: float = 3.0
    share_creator_minutes: float = 5.0
    grace_seconds: float = 90.0
    helper_deadline_s: float = 3600.0
    near_quota_percent: float = 90.0
    old_home_days: float = 365.0
    slow_mount_ms: float = 200.0


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who should own hub directories and homes, as numbers."""

    uid: int = 1000
    gid: int = 1000


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """Container images that the console starts in clusters."""

    helper: str = "busybox:1.36.1"


class Permissions(msgspec.Struct, frozen=True, kw_only=True):
    """Where looking inside is always permitted, and for how long the permissions to probe and to write are given."""

    probe_always: tuple[str, ...] = ()
    probe_minutes: float = 15.0
    write_minutes: float = 15.0


class Deploy(msgspec.Struct, frozen=True, kw_only=True):
    """How a hub is deployed from this machine: words of a command, {cluster} and {hub} among them; None: not known."""

    command: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. `file` is where settings.toml is, or would be; `origins` names who decided each key that is no
    default."""

    config: str | None = None
    watch: tuple[str, ...] = ()
    production: tuple[str, ...] = ("prod", "production", "*-prod", "prod-*")
    theme: str = "dark"
    backends: tuple[str, ...] = BACKENDS
    contexts: Mapping[str, str] = {}
    accounts: Mapping[str, Mapping[str, str]] = {}
    namespaces: Mapping[str, tuple[str, ...]] = {}
    intervals: Intervals = Intervals()
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    thresholds: Thresholds = Thresholds()
    owner: Owner = Owner()
    images: Images = Images()
    permissions: Permissions = Permissions()
    deploy: Deploy = Deploy()
    file: str = ""
    origins: Mapping[str, str] = {}

    def origin(self, key: str) -> str:
        """Who decided KEY: "default", "FILE:LINE", "environment NAME" or "command line --OPTION"."""
        return self.origins.get(key, DEFAULT)

    def value(self, key: str) -> Any:
        """The value of a dotted key. Raises AttributeError or KeyError for a key that there is not."""
        table, dot, rest = key.partition(".")
        found: Any = getattr(self, table)
        if table == "accounts" and rest and rest not in found:
            cluster, _, rest = rest.rpartition(".")
            found = found[cluster]
        if not dot:
            return found
        return found[rest] if isinstance(found, Mapping) else getattr(found, rest)

    def decided(self, key: str, value: object, origin: str) -> Settings:
        """These settings with a top-level KEY set by ORIGIN."""
        return msgspec.structs.replace(self, **{key: value, "origins": {**self.origins, key: origin}})
