"""Asks who owns what below a hub's directory, by the script that only reads."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from functools import cache
from importlib import resources

from providers.errors import ProviderError
from providers.kubernetes.commands import watched
from providers.kubernetes.exec import Channel
from providers.kubernetes.looks.command import new_nonce
from providers.kubernetes.looks.framing import BEAT, Records, as_words
from providers.kubernetes.looks.protocol import EntryKind
from providers.kubernetes.mending.pods import Inside, encoded
from providers.kubernetes.mending.protocol import TOP, Answer, Owned, Question

_PIECE_BYTES = 400_000
_KINDS: dict[int, EntryKind] = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "link"}
_GONE = "No such file or directory"
_SILENCE_S = 30.0
"""How long the script may say nothing, once it has said that it tells while the server answers."""


@cache
def script() -> str:
    return resources.files("providers.kubernetes.looks").joinpath("owners.sh").read_text()


def wrong_command(inside: Inside, question: Question, nonce: str) -> tuple[str, ...]:
    what = "tree" if question.deep else "top"
    starts = map(encoded, question.starts)
    words = (nonce, *inside.words(), what, str(question.uid), str(question.gid), *starts)
    return ("sh", "-c", script(), "owners", *words)


def states_command(inside: Inside, size_bytes: int, nonce: str) -> tuple[str, ...]:
    return ("sh", "-c", script(), "owners", nonce, *inside.words(), "paths", str(size_bytes))


async def wrong(inside: Inside, question: Question) -> Answer:
    """What is wrong below the hub's directory, sorted by path; other file systems are left out.

    Raises ProviderError where it could not be asked to its end.
    """
    nonce = new_nonce()
    command = wrong_command(inside, question, nonce)
    reading = await _read(inside, watched(command), nonce, b"")
    return reading.answer()


async def states(inside: Inside, paths: Iterable[bytes]) -> dict[bytes, Owned]:
    """PATHS as they are now; those that are gone are left out. Raises ProviderError."""
    found: dict[bytes, Owned] = {}
    for words in _pieces(paths):
        nonce = new_nonce()
        reading = await _read(inside, states_command(inside, len(words), nonce), nonce, words)
        found |= {owned.path: owned for owned in reading.found}
    return found


def _pieces(paths: Iterable[bytes]) -> Iterator[bytes]:
    """PATHS, each ended by NUL, in pieces that a command can be given before its answer is read."""
    piece = bytearray()
    for path in paths:
        piece += path + b"\0"
        if len(piece) > _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


async def _read(inside: Inside, command: Sequence[str], nonce: str, words: bytes) -> _Reading:
    reading = _Reading(nonce)
    beside = b""
    async with inside.running(command) as started:
        if words:
            await started.write(words)
            started.check_input_can_end()
            await started.end_input()
        pieces = aiter(started)
        while (said := await _next(pieces, reading)) is not None:
            channel, piece = said
            if channel == "stdout":
                reading.feed(piece)
                continue
            lines = piece.split(b"\n")
            reading.beaten = reading.beaten or BEAT in lines
            beside = (beside + b"\n".join(line for line in lines if line != BEAT))[-1000:]
    reading.finish()
    if not reading.ended:
        why = as_words(beside) or "; ".join(reading.words)
        raise ProviderError(
            "internal", f"the look in {inside.pod} ended before it was done: {why}".rstrip(": "), next_step="try again"
        )
    return reading


async def _next(pieces: AsyncIterator[tuple[Channel, bytes]], reading: _Reading) -> tuple[Channel, bytes] | None:
    """What comes next. Raises ProviderError where nothing does, and not even that the server still answers."""
    try:
        async with asyncio.timeout(_SILENCE_S if reading.beaten else None):
            return await anext(pieces, None)
    except TimeoutError as error:
        raise ProviderError(
            "timeout",
            f"the share stopped answering {_SILENCE_S:.0f} s ago, while its owners were read",
            next_step="look at the file server, and at the network between it and the nodes",
        ) from error


class _Reading:
    """One run of the script."""

    def __init__(self, nonce: str) -> None:
        self._records = Records(nonce)
        self.found: list[Owned] = []
        self._errors: list[str] = []
        self._device: int | None = None
        self._whole = False
        self.beaten = False

    @property
    def ended(self) -> bool:
        return self._whole and not self._records.damaged

    @property
    def words(self) -> tuple[str, ...]:
        return self._records.words

    def feed(self, piece: bytes) -> None:
        self._take(self._records.feed(piece))

    def finish(self) -> None:
        self._take(self._records.finish())

    def answer(self) -> Answer:
        top = next((owned for owned in self.found if owned.path == TOP), None)
        below = {owned.path: owned for owned in self.found if owned.path != TOP and owned.device == self._device}
        return Answer(top=top, wrong=tuple(below[path] for path in sorted(below)), unread=tuple(self._errors))

    def _take(self, records: list[bytes]) -> None:
        for record in records:
            kind, _, rest = record.partition(b" ")
            if kind == b"own":
                self.found.append(_owned(rest))
            elif kind == b"begin":
                self._device = int(rest)
            elif kind == b"end":
                self._whole = True
            elif kind == b"error":
                lines = [as_words(line) for line in rest.split(b"\n") if line.strip()]
                self._errors += [line for line in lines if not line.endswith(_GONE)]


def _owned(record: bytes) -> Owned:
    mode, uid, gid, links, device, path = record.split(b" ", 5)
    bits = int(mode, 16)
    return Owned(
        path=path,
        kind=_KINDS.get(stat.S_IFMT(bits), "other"),
        uid=int(uid),
        gid=int(gid),
        mode=stat.S_IMODE(bits),
        links=int(links),
        device=int(device),
    )
