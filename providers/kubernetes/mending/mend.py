"""Changes owners and modes, some thousand paths at a time, and tells how each path is afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import groupby

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.looks.framing import as_words
from providers.kubernetes.mending.owners import states
from providers.kubernetes.mending.pods import Inside
from providers.kubernetes.mending.protocol import TOP, Change, Owned

BATCH = 10_000
_BATCH_BYTES = 400_000
_FEW_DIRECTORIES = 150
_NO_HUB, _MOVED = 4, 123
"""What the script ends with; xargs says 123 for whatever what it runs has ended with."""
_TYPES = {"directory": "d", "file": "f", "link": "l"}


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch ended: how each path is now, and what the tools said."""

    now: dict[bytes, Owned]
    words: str = ""


@cache
def script() -> str:
    return resources.files("providers.kubernetes.mending").joinpath("mend.sh").read_text()


def batches(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """CHANGES in batches, what is inside a directory before the directory itself: while that is not yet its users',
    nobody moves what is in it."""
    batch: list[Change] = []
    size = 0
    for change in sorted(changes, key=lambda change: change.was.path, reverse=True):
        if len(batch) == BATCH or size > _BATCH_BYTES:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(change)
        size += len(change.was.path)
    if batch:
        yield tuple(batch)


async def mend(inside: Inside, batch: Sequence[Change]) -> Mended:
    """Makes every change of BATCH whose path is still as it was, and looks at all of them again.

    Raises ProviderError where a command could not be run to its end: some may be changed then.
    """
    words = [await _changed(inside, key, list(alike)) for key, alike in _alike(batch)]
    now = await states(inside, (change.was.path for change in batch))
    return Mended(now=now, words="; ".join(dict.fromkeys(word for word in words if word)))


class _Key(msgspec.Struct, frozen=True, order=True):
    """What changes have in common that one command makes."""

    uid: int
    gid: int
    mode: int
    old_uid: int
    old_gid: int
    old_mode: int
    kind: str
    one_name: bool


def _key(change: Change) -> _Key:
    was = change.was
    has_mode = change.mode is not None
    return _Key(
        uid=change.uid,
        gid=change.gid,
        mode=-1 if change.mode is None else change.mode,
        old_uid=was.uid,
        old_gid=was.gid,
        old_mode=was.mode if has_mode else -1,
        kind=was.kind,
        one_name=was.kind == "file" and was.links == 1,
    )


def _alike(batch: Iterable[Change]) -> Iterable[tuple[_Key, Iterable[Change]]]:
    return groupby(sorted(batch, key=_key), _key)  # sorting keeps the order among equals


async def _changed(inside: Inside, key: _Key, changes: Sequence[Change]) -> str:
    arguments = _arguments(changes, strict=not inside.alone or key.mode >= 0)
    data = b"".join(word + b"\0" for word in arguments)
    tests = [f"-user {key.old_uid}", f"-group {key.old_gid}"]
    tests += [f"-type {_TYPES[key.kind]}"] if key.kind in _TYPES else ["! -type f", "! -type d", "! -type l"]
    tests += [f"-perm {key.old_mode:04o}"] if key.old_mode >= 0 else []
    tests += ["-links 1"] if key.one_name else []
    mode = f"{key.mode:04o}" if key.mode >= 0 else "-"
    sizes = (str(len(data)), str(len(arguments)))
    command = ("sh", "-c", script(), "mend", *inside.words(), *sizes, f"{key.uid}:{key.gid}", mode, *tests)
    return await _run(inside, command, data)


async def _run(inside: Inside, command: Sequence[str], data: bytes) -> str:
    """What the tools said. Raises ProviderError."""
    said = b""
    async with inside.running(command) as started:
        started.check_input_can_end()
        await started.write(data)
        await started.end_input()
        async for _, piece in started:
            said = (said + piece)[-1000:]
    if started.exit_code == _MOVED:
        return "a directory was moved meanwhile: what is in it was left as it is"
    if started.exit_code == _NO_HUB:
        raise ProviderError("internal", f"the hub's directory is gone in {inside.pod}", next_step="look again")
    return as_words(said)


def _arguments(changes: Sequence[Change], *, strict: bool) -> list[bytes]:
    """The words for the script.

    STRICT, or where few directories are concerned: each directory is entered without a link on the way. Else the paths
    are changed from the hub's directory on, all that leads to them being held to be no link before and after: in a pod
    of our own nothing but the hub's directory could be reached by one.
    """
    found: dict[bytes, list[bytes]] = {}
    for change in changes:
        directory, name = _placed(change.was.path, itself=change.mode is not None and change.was.kind == "directory")
        found.setdefault(directory, []).append(name)
    if strict or len(found) <= _FEW_DIRECTORIES:
        return [word for directory, names in found.items() for word in _in(directory, names)]
    leading = {path for directory in found for path in _leading(directory)}
    must = [b"must", b"%d" % len(leading), *sorted(leading)]
    return [*must, *_in(b"", [change.was.path for change in changes])]


def _placed(path: bytes, *, itself: bool) -> tuple[bytes, bytes]:
    """The directory to enter, relative to the hub's, and the name there; ITSELF: the directory that PATH is."""
    if path == TOP:
        return b"", TOP
    below = path.removeprefix(b"./")
    if itself:
        return below, TOP
    directory, _, name = below.rpartition(b"/")
    return directory, b"./" + name


def _in(directory: bytes, names: list[bytes]) -> list[bytes]:
    return [b"in", b"%d" % len(names), directory, *names]


def _leading(directory: bytes) -> Iterator[bytes]:
    parts = directory.split(b"/")
    for end in range(1, len(parts) + 1):
        if parts[0]:
            yield b"./" + b"/".join(parts[:end])
