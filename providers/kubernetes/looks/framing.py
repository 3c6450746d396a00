"""From a log's bytes to records: lines of base64, in them packed parts, in which each record is NONCE and any bytes.

A part begins at the start of a line and holds whole records. Kubelets lose lines where they rotate a log that is
being followed: the part's checksum tells, and reading goes on with the next one. Lines that are no base64 are the
script's beats, or what tools said beside it (a shell without the tool that it needs): kept as words.
"""

from __future__ import annotations

import binascii
import zlib
from collections import deque

BEAT = b"~"
"""The line that says that the server still answers."""
_WORDS = 5
_LONGEST_LINE = 64 * 1024
_GZIP = 31
_BEGINS_PART = b"\x1f\x8b\x08"


class Records:
    """Takes the bytes as they come, in pieces of any size, and gives the bodies of the records that are complete."""

    def __init__(self, nonce: str) -> None:
        self._mark = b"\n" + nonce.encode() + b" "
        self._line = b""
        self._text = b"\n"
        self._begun = False
        self._words: deque[str] = deque(maxlen=_WORDS)
        self._unpack = zlib.decompressobj(_GZIP)
        self._lost = False
        self.damaged = False
        """Whether something that was said is lost."""
        self.beaten = False
        """Whether the script says that the server answers, while it does."""

    @property
    def words(self) -> tuple[str, ...]:
        """The last lines that were no part of any record."""
        return tuple(self._words)

    def feed(self, piece: bytes) -> list[bytes]:
        lines = (self._line + piece).split(b"\n")
        self._line = lines.pop()
        if len(self._line) > _LONGEST_LINE:
            self._words.append(as_words(self._line))
            self._line = b""
        return self._unpacked([self._decoded(line) for line in lines])

    def finish(self) -> list[bytes]:
        """The last records, once nothing more comes; one that is not whole is none."""
        records = self._unpacked([self._decoded(self._line)])
        self._line = b""
        return records

    def _decoded(self, line: bytes) -> bytes:
        line = line.rstrip(b"\r")
        if line == BEAT:
            self.beaten = True
            return b""
        try:
            return binascii.a2b_base64(line, strict_mode=True)
        except binascii.Error:
            self._words.append(as_words(line))
            return b""

    def _unpacked(self, lines: list[bytes]) -> list[bytes]:
        if not self._lost:
            before = self._unpack.copy(), self._text, self._begun
            try:
                return self._read(b"".join(lines))
            except zlib.error:
                self._unpack, self._text, self._begun = before
        # Something is lost: line by line, up to it and from the next part on.
        return [record for line in lines for record in self._read_line(line)]

    def _read_line(self, line: bytes) -> list[bytes]:
        if not self._lost:
            try:
                return self._read(line)
            except zlib.error:
                self._lost = self.damaged = True
        if not line.startswith(_BEGINS_PART):
            return []
        self._begin_part()
        self._lost = False
        return self._read_line(line)

    def _read(self, packed: bytes) -> list[bytes]:
        records: list[bytes] = []
        while packed:
            records += self._split(self._unpack.decompress(packed))
            packed = self._unpack.unused_data
            if self._unpack.eof:
                # Every part holds whole records: its last one ends with it.
                if self._begun:
                    records.append(self._text.removesuffix(b"\n"))
                self._begin_part()
        return records

    def _begin_part(self) -> None:
        self._text, self._begun = b"\n", False
        self._unpack = zlib.decompressobj(_GZIP)

    def _split(self, text: bytes) -> list[bytes]:
        if not text:
            return []
        bodies = (self._text + text).split(self._mark)
        self._text = bodies.pop()
        if not self._begun and bodies:
            # What stood before the first mark is no record.
            del bodies[0]
            self._begun = True
        return bodies


def as_words(raw: bytes, longest: int = 300) -> str:
    """Bytes from outside in one printable line."""
    text = raw.decode(errors="backslashreplace")
    line = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text.strip())
    return line if len(line) <= longest else line[: longest - 1] + "…"
