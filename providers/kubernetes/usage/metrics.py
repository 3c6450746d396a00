"""Exporters' metrics pages, in Prometheus text: the file system of a share, and the sizes of its directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from providers.errors import ProviderError
from providers.filestores.protocol import Usage
from providers.kubernetes.usage.kubelet import file_system_usage
from providers.kubernetes.usage.shares import DirectorySize

SHARE_MOUNT = "/shared-volume"
"""Where the exporters mount the share: the dashboards that they are made for rely on it."""
_FILE_SYSTEM = "node_filesystem_"
_DIRECTORY = "dirsize_"
_FIELDS: Mapping[str, str] = {
    "dirsize_total_size_bytes": "total_bytes",
    "dirsize_entries_count": "entries",
    "dirsize_latest_mtime": "latest_mtime_s",
    "dirsize_last_updated": "last_updated_s",
    "dirsize_hard_limit_bytes": "hard_limit_bytes",
}
_COUNTED = frozenset({"total_bytes", "entries", "hard_limit_bytes"})


def share_usage(body: bytes, *, source: str, now: datetime) -> Usage:
    """How full the share is, says a node exporter that mounts it. Raises ProviderError where it does not say."""
    told: dict[str, float] = {}
    for name, labels, value in _samples(body, _FILE_SYSTEM, source):
        if labels.get("mountpoint") == SHARE_MOUNT:
            told[name.removeprefix(_FILE_SYSTEM)] = value
    if told.get("device_error"):
        raise ProviderError("internal", f"{source} cannot read {SHARE_MOUNT}", next_step="see why its mount fails")
    size, free, available = (_whole(told.get(name)) for name in ("size_bytes", "free_bytes", "avail_bytes"))
    if not size or free is None or available is None:
        raise ProviderError("internal", f"{source} tells nothing of {SHARE_MOUNT}", next_step="see what it mounts")
    return file_system_usage(
        used_bytes=max(0, size - free),
        available_bytes=available,
        size_bytes=size,
        source=source,
        observed_at=now,
        inodes=_whole(told.get("files")),
        inodes_free=_whole(told.get("files_free")),
    )


def directory_sizes(body: bytes, *, source: str) -> tuple[DirectorySize, ...]:
    """What is told of each directory, by name. Raises ProviderError for a page that is no metrics."""
    told: dict[str, dict[str, int | float]] = {}
    for name, labels, value in _samples(body, _DIRECTORY, source):
        field, directory = _FIELDS.get(name), labels.get("directory")
        if field is None or directory is None:
            continue
        figure = _whole(value) if field in _COUNTED else value if value >= 0 else None
        if figure is not None:
            told.setdefault(directory, {})[field] = figure
    return tuple(DirectorySize(directory=name, **told[name]) for name in sorted(told))  # type: ignore[arg-type]  # fields by kind


def directories_usage(body: bytes, *, source: str, now: datetime) -> Usage:
    """What all directories hold together: used without a size. Raises ProviderError where no directory is told of."""
    sizes = [each.total_bytes for each in directory_sizes(body, source=source) if each.total_bytes is not None]
    if not sizes:
        raise ProviderError("internal", f"{source} tells of no directory yet", next_step="look again in a minute")
    return Usage(used_bytes=sum(sizes), capacity_bytes=None, source=source, observed_at=now)


def _samples(body: bytes, prefix: str, source: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """Name, labels and value of each sample whose name begins with PREFIX. Raises ProviderError."""
    from prometheus_client.parser import text_string_to_metric_families  # late: a sixth of a second

    lines = [line for line in body.decode(errors="replace").split("\n") if line.startswith(prefix)]
    try:
        for family in text_string_to_metric_families("\n".join(lines) + "\n"):
            for sample in family.samples:
                yield sample.name, sample.labels, sample.value
    except ValueError as error:
        words = f"{source} answers with something that is no metrics page"
        raise ProviderError("internal", words, next_step="see what listens on its port") from error


def _whole(value: float | None) -> int | None:
    """A figure of bytes or entries; None for what can be none (absent, NaN, endless, negative)."""
    if value is None or value != value or value in (float("inf"), float("-inf")) or value < 0:
        return None
    return int(value)
