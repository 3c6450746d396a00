"""The settings as values. Every field is a key of settings.toml, with a default that needs no file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

DEFAULT = "default"


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
    hanging_minutes: float = 3.0
    share_creator_minutes: float = 5.0
    grace_seconds: float = 90.0
    helper_deadline_s: float = 3600.0


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who should own hub directories and homes, as numbers."""

    uid: int = 1000
    gid: int = 1000


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """Container images that the console starts in clusters."""

    helper: str = "busybox:1.36.1"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One setting to show: its dotted key, its value in TOML's spelling, where it was decided, and what it means."""

    key: str
    value: str
    origin: str
    meaning: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. `file` is where settings.toml is, or would be; `origins` names who decided each key that is no
    default."""

    config: str | None = None
    watch: tuple[str, ...] = ()
    production: tuple[str, ...] = ("prod", "production", "*-prod", "prod-*")
    theme: str = "dark"
    backends: tuple[str, ...] = ("home-nfs",)
    contexts: Mapping[str, str] = {}
    namespaces: Mapping[str, tuple[str, ...]] = {}
    intervals: Intervals = Intervals()
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    thresholds: Thresholds = Thresholds()
    owner: Owner = Owner()
    images: Images = Images()
    file: str = ""
    origins: Mapping[str, str] = {}

    def origin(self, key: str) -> str:
        """Who decided KEY: "default", "FILE:LINE", "environment NAME" or "command line --OPTION"."""
        return self.origins.get(key, DEFAULT)

    def value(self, key: str) -> Any:
        """The value of a dotted key. Raises AttributeError or KeyError for a key that there is not."""
        found: Any = self
        for part in key.split(".", 1):
            found = found[part] if isinstance(found, Mapping) else getattr(found, part)
        return found

    def decided(self, key: str, value: object, origin: str) -> Settings:
        """These settings with a top-level KEY set by ORIGIN."""
        return msgspec.structs.replace(self, **{key: value, "origins": {**self.origins, key: origin}})

    def entries(self) -> tuple[Entry, ...]:
        """Every setting in the order of the documentation; tables of names have one entry for each name."""
        from console.settings.keys import entries  # the words are only needed where settings are shown

        return entries(self)
