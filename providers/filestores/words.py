"""How messages name what the person on call can set."""

from __future__ import annotations

import re

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def in_settings(cluster: str, *keys: str) -> str:
    """What to do where the KEYS of [accounts.CLUSTER] are missing."""
    name = cluster if _BARE.fullmatch(cluster) else f'"{cluster}"'
    return f"set {' and '.join(keys)} under [accounts.{name}] in settings.toml"
