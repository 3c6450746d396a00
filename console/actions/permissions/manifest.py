"""The list of what changes: as lines for a file beside the record, as a hash for the plan, and read back to undo it.

A line is `KIND UID GID MODE LINKS NEW_UID NEW_GID NEW_MODE PATH`: what a path was, and what it gets; modes are octal,
NEW_MODE is "-" where it keeps its own, and PATH is base64 of raw bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from typing import get_args

from providers.kubernetes.looks.protocol import EntryKind
from providers.kubernetes.mending.protocol import Change, Owned

_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)


def line_of(change: Change) -> bytes:
    was = change.was
    mode = "-" if change.mode is None else f"{change.mode:04o}"
    fields = f"{was.kind} {was.uid} {was.gid} {was.mode:04o} {was.links} {change.uid} {change.gid} {mode}"
    return fields.encode() + b" " + base64.b64encode(was.path) + b"\n"


def digest_of(changes: Iterable[Change]) -> str:
    """The hash of CHANGES in the order of their paths: the same whenever the same would be done."""
    found = hashlib.sha256()
    for change in sorted(changes, key=lambda change: change.was.path):
        found.update(line_of(change))
    return found.hexdigest()


def changes_in(blocks: Iterable[bytes]) -> Iterator[Change]:
    """The changes of a file that comes in BLOCKS. A last line that a crash cut off is left out: what it names was not
    changed yet. Raises ValueError for any other line that is none."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from map(_change, lines)


def _change(line: bytes) -> Change:
    kind, uid, gid, mode, links, new_uid, new_gid, new_mode, path = line.decode("ascii").split(" ")
    if kind not in _KINDS:
        raise ValueError(f"{kind!r} is no kind of a path")
    try:
        raw = base64.b64decode(path, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{path!r} is no path: {error}") from error
    was = Owned(
        path=raw,
        kind=kind,
        uid=int(uid),
        gid=int(gid),
        mode=int(mode, 8),
        links=int(links),
        device=0,
    )
    return Change(was=was, uid=int(new_uid), gid=int(new_gid), mode=None if new_mode == "-" else int(new_mode, 8))
