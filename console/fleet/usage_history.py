"""Earlier figures of how full shares are: kept so that two looks can tell how fast one fills.

One small file a cluster in the cache folder, replaced whole. Two processes that write at once may lose one of two
figures, never the file: the next look brings another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from console.chain.usage import LONGEST, Sample, source_kind
from console.fleet.cache_files import digest, replace_file

EVERY = timedelta(minutes=15)
"""A figure sooner after the last one of its source is not kept."""
MOST_SAMPLES = 1000
"""Of one share; 7 days of one source are 672."""
MOST_BYTES = 8 * 1024 * 1024
_VERSION = 1

Samples = Mapping[str, tuple[Sample, ...]]
"""By a filestore's id or a share's key, oldest first."""


class History(Protocol):
    """Where figures are kept. Both may block, and neither raises: what can't be kept is forgotten."""

    def of(self, cluster: str) -> Samples: ...

    def keep(self, cluster: str, found: Iterable[tuple[str, Sample]], *, now: datetime) -> Samples:
        """Adds FOUND, forgets what is too old to be of use, and gives what is kept now."""
        ...


class _Document(msgspec.Struct, frozen=True):
    version: int
    samples: dict[str, tuple[Sample, ...]]


class MemoryHistory:
    """Figures of this process alone. `begun` are those that it begins with, by cluster."""

    def __init__(self, begun: Mapping[str, Samples] | None = None) -> None:
        self._samples = dict(begun or {})

    def of(self, cluster: str) -> Samples:
        return self._samples.get(cluster, {})

    def keep(self, cluster: str, found: Iterable[tuple[str, Sample]], *, now: datetime) -> Samples:
        self._samples[cluster] = merged(self.of(cluster), found, now=now)
        return self._samples[cluster]


class FileHistory:
    """Figures in FOLDER, which may be removed at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, cluster: str) -> Samples:
        file = self._file(cluster)
        try:
            if file.stat().st_size > MOST_BYTES:
                return {}
            document = msgspec.json.decode(file.read_bytes(), type=_Document)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return document.samples if document.version == _VERSION else {}

    def keep(self, cluster: str, found: Iterable[tuple[str, Sample]], *, now: datetime) -> Samples:
        known = self.of(cluster)
        kept = merged(known, found, now=now)
        if kept != known:
            with contextlib.suppress(OSError):
                replace_file(self._file(cluster), msgspec.json.encode(_Document(_VERSION, dict(kept))))
        return kept

    def _file(self, cluster: str) -> Path:
        return self._folder / f"{digest(cluster)}.json"


def merged(known: Samples, found: Iterable[tuple[str, Sample]], *, now: datetime) -> Samples:
    """KNOWN with FOUND, without what is older than a week, and of each source one every 15 minutes."""
    shares = {identity: list(samples) for identity, samples in known.items()}
    for identity, sample in found:
        shares.setdefault(identity, []).append(sample)
    thinned = ((identity, _thinned(samples, now)) for identity, samples in shares.items())
    return {identity: samples for identity, samples in thinned if samples}


def _thinned(samples: Iterable[Sample], now: datetime) -> tuple[Sample, ...]:
    last: dict[str, datetime] = {}
    kept: list[Sample] = []
    for sample in sorted(samples, key=lambda sample: sample.at):
        kind = source_kind(sample.source)
        if now - sample.at > LONGEST or (kind in last and sample.at - last[kind] < EVERY):
            continue
        last[kind] = sample.at
        kept.append(sample)
    return tuple(kept[-MOST_SAMPLES:])
