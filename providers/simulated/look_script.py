"""Answers as the script of a look does, of a directory in memory: the same records, packed alike."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence

import msgspec

from providers.simulated.directories import Place

_TYPES = {"directory": 0o040000, "file": 0o100000, "link": 0o120000}
_BLOCK = 2**20
_ENDLESS_BLOCKS = 2**43
"""What EFS says, whose shares have no end."""


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """How full a share is, and how long one question to it takes; `size_gib` 0: without end."""

    used_gib: float
    size_gib: float
    trip_ms: int = 0


def is_look(command: Sequence[str]) -> bool:
    """Whether a command line is a look's: `sh -c SCRIPT look NONCE ROOT HUB WHAT UID GID HOME…`."""
    return len(command) >= 10 and command[1] == "-c" and command[3] == "look"


def answer(command: Sequence[str], root: Place | None, space: Space) -> Iterator[str]:
    """What the script writes, piece by piece. ROOT is what is mounted; None: nothing can be entered."""
    nonce, _, hub, what, uid, gid, *homes = command[4:]
    for records in _pieces(root, space, _decoded(hub), what.split(","), int(uid), int(gid), [*map(_decoded, homes)]):
        text = b"".join(nonce.encode() + b" " + record + b"\n" for record in records)
        yield base64.encodebytes(gzip.compress(text, mtime=0)).decode()


def _pieces(
    root: Place | None, space: Space, hub: bytes, what: list[str], uid: int, gid: int, homes: list[bytes]
) -> Iterator[list[bytes]]:
    if root is None:
        yield [b"begin 1 quoted", b"noroot sh: cd: can't cd to /homes: No such file or directory", b"end"]
        return
    place = root.inside.get(hub) if hub else root
    opening = [b"begin 1 quoted", _space(space), b"trip 100 %d" % (space.trip_ms * 10 or 2)]
    if "base" in what:
        beside = [(name, each) for name, each in root.inside.items() if each.kind == "directory"]
        opening += [*(_entry(b"base", name, each) for name, each in beside), b"listed base"]
    if place is None:
        yield [*opening, b"nohub stat: can't stat './" + hub + b"': No such file or directory", b"end"]
        return
    yield [*opening, _entry(b"hub", hub, place), b"inode %d" % place.inode]
    if place.kind == "directory":
        yield from _inside(place, what, uid, gid, homes)
    yield [b"end"]


def _inside(place: Place, what: list[str], uid: int, gid: int, homes: list[bytes]) -> Iterator[list[bytes]]:
    if "entries" in what:
        yield [_entry(b"in", name, each) for name, each in place.inside.items()]
        yield [b"listed in"]
    if "deep" in what:
        found = [
            _entry(b"deep", home + b"/" + name, each)
            for home, outer in place.inside.items()
            for name, each in outer.inside.items()
            if (each.uid, each.gid) != (uid, gid)
        ]
        yield [*found, b"listed deep"]
    for home in homes:
        yield [b"sizing " + home]
        counted = place.inside.get(home)
        kib = b"%d 1" % counted.size_kib if counted is not None and counted.kind == "directory" else b"- 0"
        yield [b"size " + kib + b" " + home]


def _entry(kind: bytes, name: bytes, place: Place) -> bytes:
    path = b"./" + name
    shown = b"'%s' -> '%s'" % (path, place.target) if place.kind == "link" else path
    size = len(place.target) if place.kind == "link" else 4096
    mode = _TYPES[place.kind] | place.mode
    numbers = b"%x %d %d %d %d" % (mode, place.uid, place.gid, int(place.modified_at.timestamp()), size)
    return b"%s %s %s" % (kind, numbers, shown)


def _space(space: Space) -> bytes:
    used = int(space.used_gib * 1024)
    blocks = int(space.size_gib * 1024) or _ENDLESS_BLOCKS
    free = max(blocks - used, 0)
    return b"space %d %d %d %d %d %d" % (_BLOCK, blocks, free, free, 6_553_600, 5_900_000)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)
