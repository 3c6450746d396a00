"""From the script's records to what a look tells: entries, space, sizes, and whether all of it was seen."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from providers.kubernetes.looks.framing import Records, as_words
from providers.kubernetes.looks.protocol import (
    BaseRead,
    DeepEntry,
    DeeperRead,
    DirectoryLook,
    EntriesRead,
    Entry,
    EntryKind,
    HomeSize,
    HubRead,
    LookEvent,
    LookRequest,
    Missing,
    ShareSpace,
    SizeBegun,
    SizeCounted,
    SpaceRead,
)
from providers.kubernetes.mount_words import cause

_KINDS: dict[int, EntryKind] = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "link"}
_GONE = "No such file or directory"
_DEEPER_KEPT = 10_000
_PHASES = {b"in": "the hub's directory", b"base": "the base path", b"deep": "one level deeper"}


class Malformed(Exception):
    """A record is not of the form that the script gives."""


class LookReading:
    """Reads one run of the script. `NONCE` is its mark; `now` the clock of sizes. `reached` says that the server
    has answered for the hub's directory. `stale` are the words that say that
    the server no longer knows what is mounted."""

    def __init__(self, request: LookRequest, nonce: str, *, now: Callable[[], datetime]) -> None:
        self._request = request
        self._records = Records(nonce)
        self._now = now
        self._quoted = True
        self.begun = self.reached = self.ended = False
        self.round_trip_s: float | None = None
        self.space: ShareSpace | None = None
        self.hub: Entry | Missing | None = None
        self.inode: int | None = None
        self._base: list[Entry] = []
        self._entries: list[Entry] = []
        self._deeper: list[DeepEntry] = []
        self._deeper_more = 0
        self._sizes: list[HomeSize] = []
        self._sizing: bytes | None = None
        self._listed: set[str] = set()
        self._wrong: list[str] = []
        self.stale = ""
        self._unread = 0

    def feed(self, piece: bytes) -> list[LookEvent]:
        """What these bytes tell, many entries as one event."""
        return self._events(self._records.feed(piece))

    def finish(self) -> list[LookEvent]:
        """What the last bytes tell, once nothing more comes."""
        return self._events(self._records.finish())

    @property
    def beaten(self) -> bool:
        """Whether it says that the server answers, while it does: then silence means that it does not."""
        return self._records.beaten

    def beat(self) -> None:
        """A beat that came by another way than the records."""
        self._records.beaten = True

    @property
    def came_to(self) -> str:
        """How far it has come, in words; "" at the beginning."""
        if self._sizing is not None:
            return f"the size of {as_words(self._sizing)}"
        if not self._entries:
            return ""
        homes = f"{len(self._entries):,} home{'s' if len(self._entries) != 1 else ''}"
        return f"what is in {homes}" if "in" in self._listed else homes

    @property
    def words(self) -> tuple[str, ...]:
        """What tools said beside the script's records."""
        return self._records.words

    def why(self) -> str:
        """What was not seen; "" where all that was asked for was."""
        reasons = list(self._wrong)
        if self._unread:
            reasons.append(f"{self._unread} entries could not be read")
        if self._records.damaged:
            reasons.append("a part of the log was lost on the way: look again")
        if not self.ended:
            reasons.append("the look ended before all was read")
        return "; ".join(reasons)

    def fill(self, look: DirectoryLook) -> DirectoryLook:
        """LOOK with all that was read."""
        why = self.why()
        listing = self._entries or "in" in self._listed
        return msgspec.structs.replace(
            look,
            round_trip_s=self.round_trip_s,
            space=self.space,
            hub=self.hub,
            inode=self.inode,
            base=tuple(self._base) if self._base or "base" in self._listed else None,
            entries=tuple(self._entries) if listing else None,
            deeper=tuple(self._deeper) if self._deeper or "deep" in self._listed else None,
            deeper_more=self._deeper_more,
            sizes=tuple(self._sizes),
            complete=not why,
            why=why,
        )

    def _events(self, records: list[bytes]) -> list[LookEvent]:
        events: list[LookEvent] = []
        entries: list[Entry] = []
        deeper: list[DeepEntry] = []
        for record in records:
            kind, _, rest = record.partition(b" ")
            try:
                if kind == b"in":
                    entries.append(self._entry(rest))
                elif kind == b"deep":
                    deeper.append(_deep(self._entry(rest)))
                else:
                    events += self._other(kind, rest)
            except (Malformed, ValueError, OverflowError):
                self._unread += 1
        if entries:
            self._entries += entries
            events.append(EntriesRead(entries=tuple(entries)))
        if deeper:
            self._keep_deeper(deeper)
            events.append(DeeperRead(entries=tuple(deeper)))
        return events

    def _keep_deeper(self, deeper: list[DeepEntry]) -> None:
        room = _DEEPER_KEPT - len(self._deeper)
        self._deeper += deeper[:room]
        self._deeper_more += len(deeper[room:])

    def _other(self, kind: bytes, rest: bytes) -> list[LookEvent]:
        if kind == b"begin":
            self.begun, self._quoted = True, rest.endswith(b" quoted")
        elif kind == b"end":
            self.ended = True
        elif kind == b"trip":
            asked, took_cs = map(int, rest.split())
            self.round_trip_s = took_cs / 100 / asked
        elif kind == b"base":
            self._base.append(self._entry(rest))
        elif kind == b"listed":
            return self._list_ended(rest.decode())
        elif kind in (b"error", b"noroot"):
            self._failed(kind, rest)
        else:
            return self._told(kind, rest)
        return []

    def _told(self, kind: bytes, rest: bytes) -> list[LookEvent]:
        if kind == b"space":
            self.space = _space(rest)
            return [SpaceRead(space=self.space)]
        if kind in (b"hub", b"nohub"):
            return self._hub(kind, rest)
        if kind == b"inode":
            self.inode = int(rest)
            return []
        if kind == b"sizing":
            self._sizing = rest
            return [SizeBegun(home=rest)]
        if kind == b"size":
            size = self._size(rest)
            self._sizes.append(size)
            return [SizeCounted(size=size)]
        raise Malformed(as_words(kind))

    def _list_ended(self, kind: str) -> list[LookEvent]:
        self._listed.add(kind)
        return [BaseRead(entries=tuple(self._base))] if kind == "base" else []

    def _hub(self, kind: bytes, rest: bytes) -> list[LookEvent]:
        self.reached = True
        if kind == b"hub":
            self.hub = self._entry(rest)
        elif _GONE in (words := as_words(rest)):
            self.hub = Missing(words=words)
        else:
            self._shut("the hub's directory cannot be looked at", words)
            return []
        return [HubRead(hub=self.hub)]

    def _shut(self, what: str, words: str) -> None:
        """The share is mounted, and what stands behind it cannot be reached."""
        self._wrong.append(f"{what}: {words}")
        if cause(words) == "stale":
            self.stale = words

    def _failed(self, kind: bytes, rest: bytes) -> None:
        if kind == b"noroot":
            self._shut("the share cannot be entered", as_words(rest))
            return
        phase, _, text = rest.partition(b" ")
        # What went away between its name and its attributes is no more there, and nothing is missing.
        lines = [as_words(line) for line in text.split(b"\n") if line]
        lines = [line for line in lines if not line.endswith(_GONE)]
        if lines:
            more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
            self._wrong.append(f"{_PHASES.get(phase, as_words(phase))}: {lines[0]}{more}")

    def _size(self, rest: bytes) -> HomeSize:
        kib, whole, home = rest.split(b" ", 2)
        now = self._now()
        if kib == b"-":
            return HomeSize(home=home, used_bytes=None, counted_at=now, complete=False, why="no directory of that name")
        why = "" if whole == b"1" else "parts of it could not be read"
        return HomeSize(home=home, used_bytes=int(kib) * 1024, counted_at=now, complete=not why, why=why)

    def _entry(self, rest: bytes) -> Entry:
        """MODE in hex, UID, GID, seconds, size, name; a link's name and text as `stat %N` has them."""
        mode_hex, uid, gid, seconds, size, name = rest.split(b" ", 5)
        kind, mode = _kind_and_mode(mode_hex)
        target = None
        if kind == "link":
            name, target = _link(name, int(size), quoted=self._quoted)
        if not name:
            raise Malformed("no name")
        return Entry(
            name=name.removeprefix(b"./") or b".",
            kind=kind,
            uid=int(uid),
            gid=int(gid),
            mode=mode,
            modified_at=_moment(int(seconds)),
            link_target=target,
        )


def _link(text: bytes, size: int, *, quoted: bool) -> tuple[bytes, bytes]:
    """A link's name and target. SIZE, the target's length, tells where it begins whatever bytes are in it."""
    start, arrow, end = (b"'", b"' -> '", b"'") if quoted else (b"", b" -> ", b"")
    inner = text[len(start) : len(text) - len(end)]
    cut = len(inner) - size
    if cut > len(arrow) and inner[:cut].endswith(arrow):
        return inner[: cut - len(arrow)], inner[cut:]
    # A file system that does not tell the length.
    name, found, target = inner.partition(arrow)
    if not found:
        raise Malformed("a link without a target")
    return name, target


@lru_cache(maxsize=256)
def _kind_and_mode(mode_hex: bytes) -> tuple[EntryKind, int]:
    mode = int(mode_hex, 16)
    return _KINDS.get(stat.S_IFMT(mode), "other"), stat.S_IMODE(mode)


def _moment(seconds: int) -> datetime:
    """The last moment that can be told stands for all after it: files may claim any time."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def _deep(entry: Entry) -> DeepEntry:
    parent, slash, name = entry.name.partition(b"/")
    if not slash:
        raise Malformed("nothing deeper")
    return DeepEntry(parent=parent, entry=msgspec.structs.replace(entry, name=name))


def _space(rest: bytes) -> ShareSpace:
    block, blocks, free, available, inodes, free_inodes = map(int, rest.split())
    return ShareSpace(
        capacity_bytes=blocks * block,
        used_bytes=(blocks - free) * block,
        free_bytes=available * block,
        inodes=inodes,
        free_inodes=free_inodes,
    )
