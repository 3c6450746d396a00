"""How full a filestore is, how long it lasts, and whether it can grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from console.chain import cloud_commands
from console.chain.growth import GIB, larger_gib, largest_bytes, taken_gib, with_room_for_files_gib
from console.chain.inodes import files_words, fuller_of_files, inode_percent, inodes_words
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.store_sight import StoreSight
from console.chain.usage import days_words
from console.chain.words import kubectl, size
from providers.filestores.protocol import Filestore, Usage

FULL = Rule(
    code="FST04",
    severity="error",
    link="filestore",
    title="Filestore is full",
    meaning="Users cannot save, and servers that write at start do not start.",
    found_by="Used against capacity, from the source named beside it; `thresholds.full_percent` in the settings. "
    "Inodes count as well as bytes: a share without a free one takes no more files.",
    mends="Grow it, or free space.",
    action="grow",
)
NEARLY_FULL = Rule(
    code="FST05",
    severity="warning",
    link="filestore",
    title="Filestore is nearly full",
    meaning="Users cannot save once it is full: to be grown the same day.",
    found_by="Used against capacity, from the source named beside it; `thresholds.nearly_full_percent` in the "
    "settings. Inodes count as well as bytes. The days that it lasts are told where earlier figures are known.",
    mends="Grow it, or free space.",
    action="grow",
)
FULL_SOON = Rule(
    code="FST09",
    severity="warning",
    link="filestore",
    title="Filestore will be full soon",
    meaning="Nothing yet. At the pace of lately users cannot save in some days.",
    found_by="What is free against how fast it filled up between two figures of one source; `thresholds.days_left` in "
    "the settings. Where it is nearly full already, that is told instead.",
    mends="Grow it, or find out who fills it.",
    action="grow",
)
NO_ROOM = Rule(
    code="FST10",
    severity="info",
    link="filestore",
    title="Filestore is near the largest size of its tier",
    meaning="Nothing yet. It cannot be grown much further when it fills up.",
    found_by="Capacity against the largest that its tier takes, nine tenths of it or more. No other quota is told: "
    "clouds do not say beside a filestore how much of an account's or a region's quota is used, and EFS has no limit. "
    "Where it is full or nearly full, too, it is part of that finding.",
    mends="Plan a filestore of another tier, or a second one, and move hubs to it.",
)
RULES = (FULL, NEARLY_FULL, FULL_SOON, NO_ROOM)

_NEAR = 0.9


class _Level(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of a capacity, both known, in bytes."""

    used_bytes: int
    capacity_bytes: int

    @property
    def percent(self) -> float:
        return 100 * self.used_bytes / self.capacity_bytes

    @property
    def left(self) -> str:
        return f"{size(max(0, self.capacity_bytes - self.used_bytes))} left"


def findings(sight: StoreSight) -> Iterator[Finding]:
    """The worst of full, nearly full and full soon; that it cannot grow by itself only beside none of them."""
    level, limit = _level(sight), _near_limit(sight.store)
    percent = level.percent if level is not None else None
    files = sight.of_inodes
    if files is not None and fuller_of_files(files, percent, from_percent=sight.policy.nearly_full_percent):
        yield _full_of_files(sight, files)
    elif level is not None and level.percent >= sight.policy.nearly_full_percent:
        yield _full(sight, level, limit)
    elif level is not None and sight.days_left is not None and sight.days_left <= sight.policy.days_left:
        yield _soon(sight, level, sight.days_left, limit)
    elif limit is not None and sight.used:
        yield sight.finding(
            NO_ROOM,
            f"{size(sight.store.capacity_bytes or 0)} of the {size(limit)} that {sight.store.tier} takes at most",
            detail=(sight.store.name,),
        )


def _level(sight: StoreSight) -> _Level | None:
    usage = sight.usage
    capacity = usage and (usage.capacity_bytes or sight.store.capacity_bytes)
    if usage is None or usage.used_bytes is None or not capacity:
        return None
    return _Level(used_bytes=usage.used_bytes, capacity_bytes=capacity)


def _full(sight: StoreSight, level: _Level, limit: float | None) -> Finding:
    rule = FULL if level.percent >= sight.policy.full_percent else NEARLY_FULL
    days = f", full in {days_words(sight.days_left)}" if rule is NEARLY_FULL and sight.days_left is not None else ""
    return sight.finding(
        rule,
        f"share {int(level.percent)} % full ({level.left}{days})",
        detail=_detail(sight, level, limit),
        next_step=_next_step(sight, level, limit),
        asks=_asks(sight),
    )


def _asks(sight: StoreSight, *, to_gib: int | None = None) -> Mapping[str, Any]:
    """Of grow: where no variables declare it, only the cloud can give it room. TO_GIB where grow would find room
    enough by itself."""
    live = {} if sight.by_terraform else {"live": True}
    return live if to_gib is None else {"to": to_gib, **live}


def _full_of_files(sight: StoreSight, usage: Usage) -> Finding:
    percent, capacity = inode_percent(usage) or 0, usage.capacity_bytes or sight.store.capacity_bytes
    larger = taken_gib(sight.store, with_room_for_files_gib(capacity, percent)) if capacity else None
    return sight.finding(
        FULL if percent >= sight.policy.full_percent else NEARLY_FULL,
        files_words(usage),
        detail=(f"{sight.store.name}: {inodes_words(usage)}",),
        next_step=_server_step(sight, "-i") or "remove folders of many small files; a larger share takes more",
        asks=_asks(sight, to_gib=larger),
    )


def _soon(sight: StoreSight, level: _Level, days: float, limit: float | None) -> Finding:
    return sight.finding(
        FULL_SOON,
        f"share full in {days_words(days)} ({int(level.percent)} % full, {level.left})",
        detail=_detail(sight, level, limit),
        next_step=_next_step(sight, level, limit),
        asks=_asks(sight, to_gib=_larger_gib(sight, level)),
    )


def _detail(sight: StoreSight, level: _Level, limit: float | None) -> tuple[str, ...]:
    source = sight.usage.source if sight.usage else ""
    line = f"{sight.store.name}: {size(level.used_bytes)} of {size(level.capacity_bytes)}, says {source}"
    return (line,) if limit is None else (line, f"{sight.store.tier} takes {size(limit)} at most")


def _next_step(sight: StoreSight, level: _Level, limit: float | None) -> str:
    """The command that makes room; for an in-cluster server the one that shows its disk."""
    store = sight.store
    if store.namespace:
        return _server_step(sight, "-h")
    wanted = _larger_gib(sight, level) * GIB
    if limit is not None and wanted > limit:
        return f"{store.tier} takes no more than {size(limit)}: free space, or move hubs to another filestore"
    return cloud_commands.grown(store, to_bytes=wanted)


def _larger_gib(sight: StoreSight, level: _Level) -> int:
    return taken_gib(sight.store, larger_gib(level.used_bytes, level.capacity_bytes, sight.days_left))


def _server_step(sight: StoreSight, option: str) -> str:
    """The command by which an in-cluster server says how full its disk is; "" for others."""
    name, namespace = sight.store.name.rpartition("/")[2], sight.store.namespace
    words = ("exec", f"deploy/{name}", "-c", "nfs-server", "--", "df", option, "/export")
    return kubectl(sight.context, "-n", namespace, *words) if namespace else ""


def _near_limit(store: Filestore) -> float | None:
    """The largest that the filestore may become, in bytes, where it is not far from that."""
    largest = largest_bytes(store)
    return largest if largest is not None and (store.capacity_bytes or 0) >= _NEAR * largest else None
