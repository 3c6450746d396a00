"""Where the newest looks are kept, so that the next start shows what was seen, by whom and how long ago.

One small file a hub in the cache folder, readable by its owner alone, since names of homes are names of people. It
may be removed at any time; looks older than a week are forgotten.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from console.chain.seen_facts import SeenFacts
from console.fleet.cache_files import digest, replace_file

LONGEST = timedelta(days=7)
MOST_BYTES = 32 * 1024 * 1024
"""A look at 100,000 homes is about 8 MB."""
_VERSION = 1


class KeptLooks(Protocol):
    """Both may block, and neither raises: what can't be kept is forgotten."""

    def of(self, cluster: str, *, now: datetime) -> Mapping[str, SeenFacts]:
        """What is kept of CLUSTER's hubs, by their names."""
        ...

    def keep(self, cluster: str, hub: str, facts: SeenFacts) -> None: ...


class _Document(msgspec.Struct, frozen=True):
    version: int
    cluster: str
    hub: str
    facts: SeenFacts


class MemoryLooks:
    """Looks of this process alone."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, SeenFacts]] = {}

    def of(self, cluster: str, *, now: datetime) -> Mapping[str, SeenFacts]:
        return {hub: facts for hub, facts in self._kept.get(cluster, {}).items() if _young(facts, now)}

    def keep(self, cluster: str, hub: str, facts: SeenFacts) -> None:
        self._kept.setdefault(cluster, {})[hub] = facts


class FileLooks:
    """Looks in FOLDER."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, cluster: str, *, now: datetime) -> Mapping[str, SeenFacts]:
        found: dict[str, SeenFacts] = {}
        try:
            files = sorted(self._folder.glob(f"{digest(cluster)}-*.msgpack"))
        except OSError:
            return found
        for file in files:
            document = _read(file)
            if document is None or document.cluster != cluster:
                continue
            if _young(document.facts, now):
                found[document.hub] = document.facts
            else:
                with contextlib.suppress(OSError):
                    file.unlink()
        return found

    def keep(self, cluster: str, hub: str, facts: SeenFacts) -> None:
        file = self._folder / f"{digest(cluster)}-{digest(hub)}.msgpack"
        content = msgspec.msgpack.encode(_Document(_VERSION, cluster, hub, facts))
        if len(content) > MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            replace_file(file, content)


def _read(file: Path) -> _Document | None:
    try:
        if file.stat().st_size > MOST_BYTES:
            return None
        document = msgspec.msgpack.decode(file.read_bytes(), type=_Document)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return document if document.version == _VERSION else None


def _young(facts: SeenFacts, now: datetime) -> bool:
    moments = [facts.look.looked_at] if facts.look is not None else []
    moments += [facts.quotas.reported_at] if facts.quotas is not None else []
    return bool(moments) and now - max(moments) <= LONGEST
