"""What is told of owners below a hub's directory, and what is to become of them. Paths are raw bytes.

A path is relative to the hub's directory: `.` is that itself, all others begin with `./`.
"""

from __future__ import annotations

import msgspec

from providers.kubernetes.looks.protocol import EntryKind

TOP = b"."


class Owned(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A path as lstat tells it. `mode` are the permission bits only; `links` counts its names; `device` is its file
    system."""

    path: bytes
    kind: EntryKind
    uid: int
    gid: int
    mode: int
    links: int
    device: int


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a path was when it was looked at, and the owner that it gets. `mode` None: it keeps its own."""

    was: Owned
    uid: int
    gid: int
    mode: int | None = None

    def done(self, now: Owned) -> bool:
        """Whether NOW is as this change leaves it."""
        return (now.uid, now.gid) == (self.uid, self.gid) and self.mode in (None, now.mode)

    def left(self, now: Owned) -> bool:
        """Whether NOW is as this change left it, and nobody has changed it since.

        A new owner takes the set-uid and set-gid bits of a file away.
        """
        wanted = self.was.mode if self.mode is None else self.mode
        bits = 0o7777 if now.kind == "directory" else 0o1777
        same = now.kind == self.was.kind and (now.uid, now.gid) == (self.uid, self.gid)
        return same and now.mode & bits == wanted & bits


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: what `uid`:`gid` does not own, and directories that are closed to their owner.

    `starts` are names in the hub's directory; () all of them. `deep`: everything below them, else they alone.
    """

    uid: int
    gid: int
    starts: tuple[bytes, ...] = ()
    deep: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `top` is the hub's directory, None where there is none. `unread` are the tools' words about what
    could not be read: what is there is not known."""

    top: Owned | None
    wrong: tuple[Owned, ...] = ()
    unread: tuple[str, ...] = ()
