"""The record of what was done: a file of JSON lines that only grows, each line bound to the one before.

A line is on disk, and the folder that names the file, before `append` returns. Each line ends with its own hash, taken
over its bytes before it, in which the hash of the line before stands: whoever changes or removes a line breaks the
chain there. The last hash is kept in a file of its own beside it, so that lines cut off at the end are missed as well.

This tells of mishaps and of careless hands. Who may write the file may also write the whole chain anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from console.actions.durable import private_folder, replace_file, sync_folder
from console.actions.entries import Entry, Line
from console.actions.folders import ENVIRONMENT

FILE, HEAD = "record.jsonl", "record.head"
_MARK = b',"hash":"'
_LOCK_PATIENCE_S = 10.0
_BLOCK_BYTES = 64 * 1024


class RecordFailed(Exception):
    """The record can't be written or read: nothing may be changed. `next_step` says what to do."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """The first line that does not fit: its number in the file, from 1, and why."""

    number: int
    why: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the record says. `bad` is the first line that breaks the chain; lines behind it are read all the same.
    `torn`: the last line was cut off by a crash, and is left out."""

    lines: tuple[Line, ...] = ()
    bad: BadLine | None = None
    torn: bool = False


class _Head(msgspec.Struct, frozen=True):
    number: int
    hash: str


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """What binds a line to others. `line` None: a later version wrote what is not known here; `hash` is its own."""

    number: int
    previous: str
    torn: str = ""
    line: Line | None = None
    hash: str = ""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Record:
    """The record in FOLDER, which is made, for its owner alone, with the first line. Several processes may write it.

    Everything here blocks for as long as the disk does: from a loop, call it in a thread.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder
        self.file = folder / FILE
        self._now = now

    def append(self, entry: Entry) -> Line:
        """Puts ENTRY on disk as the next line. Raises RecordFailed."""
        try:
            private_folder(self.folder)
            with self._locked() as stream:
                return self._append(stream, entry)
        except OSError as error:
            raise RecordFailed(
                f"the record {self.file} cannot be written: {error.strerror or error}",
                next_step=f"make room or set the rights there, or name another folder by {ENVIRONMENT}",
            ) from error

    def read(self) -> Reading:
        """All lines, and whether they are whole. No file: no lines. Raises RecordFailed."""
        try:
            content = self.file.read_bytes()
            head = (self.folder / HEAD).read_bytes() if (self.folder / HEAD).exists() else b""
        except FileNotFoundError:
            return Reading()
        except OSError as error:
            raise RecordFailed(f"the record {self.file} cannot be read: {error.strerror or error}") from error
        return checked(content, head)

    def _append(self, stream: IO[bytes], entry: Entry) -> Line:
        last, rest = _tail(stream)
        before = b""
        torn = ""
        if rest:
            # A crash cut the last line off. Whole but for its end, it stands; else what is left of it is kept as it is.
            if _parsed(rest) is not None:
                last, before = rest, b"\n"
            else:
                before, torn = b"\n", hashlib.sha256(rest).hexdigest()
        known = _last_good(stream, last)
        number, previous = (known.number + 1, known.hash) if known else (1, "")
        line = Line(number=number, at=self._now(), previous=previous, entry=entry, torn=torn)
        encoded, own = encoded_line(line)
        stream.seek(0, os.SEEK_END)
        stream.write(before + encoded + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
        sync_folder(self.folder)
        replace_file(self.folder / HEAD, msgspec.json.encode(_Head(number, own)) + b"\n")
        return line

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        """The file, open for this process alone. Raises RecordFailed when another keeps it too long."""
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            deadline = time.monotonic() + _LOCK_PATIENCE_S
            while True:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise RecordFailed(
                            f"the record {self.file} is kept locked by another process",
                            next_step=f"fuser {self.file} names it",
                        ) from None
                    time.sleep(0.02)
            yield stream


def encoded_line(line: Line) -> tuple[bytes, str]:
    """LINE as it stands in the file, without its end, and its hash."""
    body = msgspec.json.encode(line)[:-1]
    own = hashlib.sha256(body).hexdigest()
    return body + _MARK + own.encode() + b'"}', own


def checked(content: bytes, head: bytes = b"") -> Reading:
    """The lines of CONTENT, and the first that does not follow from the one before. HEAD is what the last one was."""
    rows = content.split(b"\n")
    rest = rows.pop()
    torn = bool(rest) and _parsed(rest) is None
    if rest and not torn:
        rows.append(rest)
    lines: list[Line] = []
    bad: BadLine | None = None
    previous, fragment = "", ""
    hashes: list[str] = []
    for place, text in enumerate(rows, start=1):
        row = _parsed(text)
        if row is None:
            # What a crash left of a line is known by the line behind it, which names it.
            if fragment:
                bad = bad or BadLine(number=place - 1, why="it is no line of the record, or was changed")
            fragment = hashlib.sha256(text).hexdigest()
            continue
        bad = bad or _misfit(row, place, number=len(hashes) + 1, previous=previous, fragment=fragment)
        previous, fragment = row.hash, ""
        hashes.append(row.hash)
        if row.line is not None:
            lines.append(row.line)
    if fragment:
        bad = bad or BadLine(number=len(rows), why="it is no line of the record, or was changed")
    return Reading(lines=tuple(lines), bad=bad or _cut_off(head, hashes), torn=torn)


def _misfit(row: _Row, place: int, *, number: int, previous: str, fragment: str) -> BadLine | None:
    """Why the line at PLACE does not follow from the one before it; None when it does."""
    if row.torn != fragment:
        return BadLine(number=max(1, place - 1), why="it was changed, or a line behind it was taken away")
    if row.previous != previous:
        return BadLine(number=place, why="the line before it was changed, taken away or put in")
    if row.number != number:
        return BadLine(number=place, why=f"it says that it is line {row.number}")
    return None


def _cut_off(head: bytes, hashes: list[str]) -> BadLine | None:
    """Whether lines at the end are missing. A crash between a line and the head leaves the head one line behind."""
    try:
        known = msgspec.json.decode(head, type=_Head)
    except msgspec.DecodeError:
        return BadLine(number=len(hashes), why=f"{HEAD} beside it is gone or unreadable") if hashes else None
    if known.number > len(hashes):
        return BadLine(number=len(hashes) + 1, why=f"lines are missing at the end: there were {known.number}")
    if known.number < len(hashes) - 1 or known.number < 1 or hashes[known.number - 1] != known.hash:
        return BadLine(number=min(known.number, len(hashes)), why=f"it is not the line that {HEAD} names")
    return None


def _parsed(text: bytes) -> _Row | None:
    """A whole line taken apart; None for anything else, also for a line whose hash is not its own."""
    body, mark, end = text.rpartition(_MARK)
    own = end[:-2].decode(errors="replace")
    if not mark or end[-2:] != b'"}' or hashlib.sha256(body).hexdigest() != own:
        return None
    try:
        row = msgspec.json.decode(body + b"}", type=_Row)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    try:
        line = msgspec.json.decode(body + b"}", type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        line = None
    return msgspec.structs.replace(row, line=line, hash=own)


def _tail(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """The last line that has an end, and what stands behind it."""
    size = stream.seek(0, os.SEEK_END)
    content = b""
    while size and content.count(b"\n") < 2:
        step = min(_BLOCK_BYTES, size)
        size -= step
        stream.seek(size)
        content = stream.read(step) + content
    whole, _, rest = content.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], rest


def _last_good(stream: IO[bytes], last: bytes) -> _Row | None:
    """LAST taken apart; where it is a crash's remains, the nearest whole line before it."""
    found = _parsed(last) if last else None
    if found is not None or not last:
        return found
    stream.seek(0)
    for row in reversed(stream.read().split(b"\n")):
        found = _parsed(row)
        if found is not None:
            return found
    return None
