"""The whole inventory of a tree, kept between runs and used again while nothing that was read for it has changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

import msgspec

from console.inventory.files import Consulted, unchanged
from console.inventory.model import Inventory
from console.inventory.store import read_private, write_private


class Snapshot(msgspec.Struct, frozen=True):
    """An inventory, by which code it was made, when (wall clock), and from what."""

    code: str
    taken_ns: int
    consulted: tuple[Consulted, ...]
    inventory: Inventory


class _Head(msgspec.Struct, frozen=True):
    """The part of a snapshot that says whether it is still good."""

    code: str
    taken_ns: int
    consulted: tuple[Consulted, ...]


def cache_file(cache_dir: Path, root: Path, suffix: str) -> Path:
    """The cache file of one tree."""
    name = hashlib.blake2b(os.fsencode(root), digest_size=12).hexdigest()
    return cache_dir / f"{name}.{suffix}"


def load_snapshot(path: Path) -> Inventory | None:
    """The inventory kept at PATH; None when there is none, it is damaged, or something has changed since."""
    content = read_private(path)
    if content is None:
        return None
    try:
        head = msgspec.msgpack.decode(content, type=_Head)
        if head.code != _code_version() or not unchanged(head.consulted, taken_ns=head.taken_ns):
            return None
        return msgspec.msgpack.decode(content, type=Snapshot).inventory
    except msgspec.MsgspecError:
        return None


def save_snapshot(path: Path, inventory: Inventory, consulted: tuple[Consulted, ...], *, taken_ns: int) -> None:
    """Keeps INVENTORY, read from CONSULTED by a run that began at TAKEN_NS."""
    snapshot = Snapshot(_code_version(), taken_ns, consulted, inventory)
    with contextlib.suppress(UnicodeEncodeError):  # a path that is not UTF-8: read anew every time
        write_private(path, msgspec.msgpack.encode(snapshot))


def now_ns() -> int:
    return time.time_ns()


def _code_version() -> str:
    """Changes when this package's files do."""
    with os.scandir(Path(__file__).parent) as entries:
        files = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py"))
    return hashlib.blake2b(repr(files).encode(), digest_size=16).hexdigest()
