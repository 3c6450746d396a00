"""Answers as the scripts that mend permissions do, of a directory in memory: the same records, the same rules."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator, Sequence

from providers.simulated.directories import Place

_TYPES = {"directory": 0o040000, "file": 0o100000, "link": 0o120000}
_LETTERS = {"directory": "d", "file": "f", "link": "l"}

Change = Callable[[tuple[bytes, ...], dict[str, int]], None]
"""Changes fields of what is at a path, given in its parts; () is the hub's directory."""


def is_owners(command: Sequence[str]) -> bool:
    """Whether a command line asks for owners: `sh -c SCRIPT owners NONCE ROOT HUB WHAT …`."""
    return len(command) >= 9 and command[1] == "-c" and command[3] == "owners"


def is_mend(command: Sequence[str]) -> bool:
    """Whether a command line mends: `sh -c SCRIPT mend ROOT HUB BYTES COUNT OWNER MODE TEST…`."""
    return len(command) >= 10 and command[1] == "-c" and command[3] == "mend"


def hub_of(command: Sequence[str]) -> bytes:
    """The HUB of a command line: behind a nonce or a verb, or ROOT alone."""
    return base64.b64decode(command[5] if is_mend(command) else command[6])


def owners(command: Sequence[str], hub: Place | None, given: bytes) -> bytes:
    """What the script that looks for owners writes of HUB; None: there is no such directory."""
    nonce, what, rest = command[4].encode(), command[7], command[8:]
    if hub is None:
        records = [b"nothing", b"end"]
    elif what == "paths":
        records = [b"begin 1", *_states(hub, given), b"end"]
    else:
        uid, gid, *starts = rest
        found = _wrong(hub, int(uid), int(gid), [base64.b64decode(start) for start in starts], deep=what == "tree")
        records = [b"begin 1", _record(b".", hub), *found, b"end"]
    text = b"".join(nonce + b" " + record + b"\n" for record in records)
    return base64.encodebytes(gzip.compress(text, mtime=0))


def mend(command: Sequence[str], hub: Place, given: bytes, change: Change) -> None:
    """Changes what is still as the command line says it was."""
    owner, mode, tests = command[8], command[9], command[10:]
    uid, _, gid = owner.partition(":")
    fields = {"uid": int(uid), "gid": int(gid)} | ({} if mode == "-" else {"mode": int(mode, 8)})
    for path in _given(given):
        parts = _parts(path)
        place = _at(hub, parts)
        if place is not None and all(_holds(test, place) for test in tests):
            change(parts, fields)


def _states(hub: Place, given: bytes) -> Iterator[bytes]:
    for path in given.split(b"\0")[:-1]:
        place = _at(hub, _parts(path))
        if place is not None:
            yield _record(path, place)


def _wrong(hub: Place, uid: int, gid: int, starts: list[bytes], *, deep: bool) -> Iterator[bytes]:
    names = starts or [*hub.inside]
    for name in names:
        place = hub.inside.get(name)
        if place is None or name.startswith((b".", b"_trash-", b"_trash.")) or name == b"lost+found":
            continue
        found = _below(b"./" + name, place) if deep else [(b"./" + name, place)]
        yield from (_record(path, each) for path, each in found if _is_wrong(each, uid, gid))


def _below(path: bytes, place: Place) -> Iterator[tuple[bytes, Place]]:
    yield path, place
    for name, each in place.inside.items():
        yield from _below(path + b"/" + name, each)


def _is_wrong(place: Place, uid: int, gid: int) -> bool:
    closed = place.kind == "directory" and place.mode & 0o700 != 0o700
    return (place.uid, place.gid) != (uid, gid) or closed


def _record(path: bytes, place: Place) -> bytes:
    mode = _TYPES[place.kind] | place.mode
    return b"own %x %d %d 1 1 %s" % (mode, place.uid, place.gid, path)


def _given(given: bytes) -> Iterator[bytes]:
    """The paths that the words on standard input name to be changed."""
    words = iter(given.split(b"\0")[:-1])
    for verb in words:
        number = int(next(words))
        below = next(words) if verb == b"in" else b""
        for _ in range(number):
            name = next(words)
            if verb == b"in":
                yield below + b"/" + name.removeprefix(b"./")


def _parts(path: bytes) -> tuple[bytes, ...]:
    return tuple(part for part in path.split(b"/") if part not in (b"", b"."))


def _at(hub: Place, parts: tuple[bytes, ...]) -> Place | None:
    place: Place | None = hub
    for part in parts:
        place = place.inside.get(part) if place is not None else None
    return place


def _holds(test: str, place: Place) -> bool:
    """One of find's tests: -user 0, -group 0, -type d, -perm 0755; there is one name of each file."""
    name, _, value = test.removeprefix("! ").partition(" ")
    found = {
        "-user": str(place.uid) == value,
        "-group": str(place.gid) == value,
        "-type": _LETTERS[place.kind] == value,
        "-perm": name == "-perm" and int(value, 8) == place.mode,
    }.get(name, True)
    return found != test.startswith("! ")
