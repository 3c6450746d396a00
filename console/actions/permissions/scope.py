"""What belongs to a hub's directory and may be mended: the directory itself, what homes share, and the homes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from console.actions.hub_directory import path_of
from console.actions.protocol import Refused
from console.chain.home_names import is_home, is_trash, may_be_called, raw, shown
from providers.kubernetes.mending.protocol import TOP, Answer, Change, Owned, Question

Part = Literal["directory", "shared", "homes"]
PARTS: tuple[Part, ...] = ("homes", "shared", "directory")
"""In the order in which they are mended: the directory itself last, so that nobody moves a home meanwhile."""

_ENTERED = 0o700


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. `homes` are names in the hub's directory, () all and the directory itself."""

    uid: int
    gid: int
    homes: tuple[bytes, ...] = ()
    deep: bool = False
    hard_links: bool = False

    def candidates(self) -> tuple[bytes, ...]:
        """The paths of every directory that may be meant: those of the names themselves, and of users called so."""
        return tuple(path_of(name) for home in self.homes for name in _meant(home))

    def among(self, there: Collection[bytes]) -> Scope:
        """The same with directories that are THERE, by their paths: a name's own, else that of the user called so.

        Raises Refused where there is none: it would be told as having nothing wrong.
        """
        homes: list[bytes] = []
        for home in self.homes:
            found = [name for name in _meant(home) if path_of(name) in there]
            if not found:
                raise Refused(
                    f"the hub's directory has no {shown(home)}",
                    next_step="--home takes a user's name, or a directory as the console shows it",
                )
            homes.append(found[0])
        return msgspec.structs.replace(self, homes=tuple(dict.fromkeys(homes)))

    def question(self) -> Question:
        return Question(uid=self.uid, gid=self.gid, starts=self.homes, deep=self.deep)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What would be changed, by part; and what is wrong and left: files of several names."""

    changes: dict[Part, tuple[Change, ...]]
    linked: tuple[Owned, ...] = ()


def raw_name(text: str) -> bytes:
    """The bytes of a name that was typed, or is written as the console shows it: `jos\\xe9`, `a\\\\b`, `./ana`.

    Raises Refused for what is no name in a directory, and for what is never mended.
    """
    name = raw(text.removeprefix("./"))
    if name in (b"", b".", b"..") or b"/" in name or b"\0" in name:
        raise Refused(f"{text!r} is no name in a hub's directory", next_step="--home NAME, as the console shows it")
    if part_of(b"./" + name) is None:
        raise Refused(f"{text} is neither a home nor shared by homes: it is left as it is")
    return name


def _meant(name: bytes) -> tuple[bytes, ...]:
    """What a directory that is asked for by NAME may be called, itself first."""
    users = sorted(may_be_called(name.decode(errors="surrogateescape")))
    return (name, *(one for one in users if one != name and is_home(one)))


def part_of(path: bytes) -> Part | None:
    """Where PATH belongs; None for what is nobody's: `.projects` and other names that begin with a dot, lost+found;
    and for retired homes."""
    if path == TOP:
        return "directory"
    name = path.split(b"/", 2)[1]
    if is_home(name):
        return "homes"
    return "shared" if name.startswith(b"_") and not is_trash(name) else None


def found_in(answer: Answer, scope: Scope) -> Found:
    """What of ANSWER is to be changed. Directly in the hub's directory only directories are: anything else there is
    no home."""
    candidates = [*answer.wrong]
    if answer.top is not None and not scope.homes and _wrong(answer.top, scope):
        candidates.append(answer.top)
    changes: dict[Part, list[Change]] = {}
    linked: list[Owned] = []
    for owned in candidates:
        part = part_of(owned.path)
        if part is None or (owned.path.count(b"/") < 2 and owned.kind != "directory"):
            continue
        if owned.kind != "directory" and owned.links > 1 and not scope.hard_links:
            linked.append(owned)
            continue
        changes.setdefault(part, []).append(change_of(owned, scope))
    return Found(changes={part: tuple(changes[part]) for part in PARTS if part in changes}, linked=tuple(linked))


def change_of(owned: Owned, scope: Scope) -> Change:
    """The expected owner; a directory that is closed to its owner is opened for the owner, and for nobody else."""
    closed = owned.kind == "directory" and owned.mode & _ENTERED != _ENTERED
    return Change(was=owned, uid=scope.uid, gid=scope.gid, mode=owned.mode | _ENTERED if closed else None)


def _wrong(owned: Owned, scope: Scope) -> bool:
    return (owned.uid, owned.gid) != (scope.uid, scope.gid) or owned.mode & _ENTERED != _ENTERED


def back(changes: Sequence[Change], now: dict[bytes, Owned]) -> tuple[Change, ...]:
    """What gives back the owners and modes from before CHANGES, of all that is NOW still as they left it."""
    found = []
    for change in changes:
        seen, was = now.get(change.was.path), change.was
        if seen is None or not change.left(seen) or (seen.uid, seen.gid, seen.mode) == (was.uid, was.gid, was.mode):
            continue
        mode = was.mode if seen.mode != was.mode or (was.kind == "file" and was.mode & 0o6000) else None
        found.append(Change(was=seen, uid=was.uid, gid=was.gid, mode=mode))
    return tuple(found)
