"""Reads files once, and remembers what was consulted so that a later run can tell whether anything changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

MAXIMUM_BYTES = 4 * 1024 * 1024


class Consulted(msgspec.Struct, frozen=True, array_like=True):
    """One file or folder as it was when it was read. `size` -1: it was not there (or could not be opened)."""

    path: str
    size: int
    mtime_ns: int = 0
    ctime_ns: int = 0
    inode: int = 0
    digest: str = ""


class Unreadable(Exception):
    """A file that can't be read; `missing` when there is none. `message` says why, without its name."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.missing = missing


def digest_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def names_in(folder: str) -> list[str]:
    """The sorted names of FOLDER's entries. Raises OSError."""
    return sorted(os.listdir(folder))  # noqa: PTH208 - names, not paths


def digest_of_names(names: list[str]) -> str:
    return digest_of("\0".join(names).encode("utf-8", "surrogateescape"))


class Files:
    """Every file and folder read in one run. Contents are not kept."""

    def __init__(self) -> None:
        self._consulted: dict[str, Consulted] = {}

    def consulted(self) -> tuple[Consulted, ...]:
        return tuple(self._consulted.values())

    def read(self, path: Path) -> bytes:
        """The content of PATH. Raises Unreadable, also for more than 4 MiB and for what is no regular file."""
        name = str(path)
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self.note_missing(name)
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            raise Unreadable("does not exist" if missing else _why(error), missing=missing) from error
        try:
            status = os.fstat(descriptor)
            usable = stat.S_ISREG(status.st_mode) and status.st_size <= MAXIMUM_BYTES
            content = _all_of(descriptor) if usable else b""
        except OSError as error:
            self.note_missing(name)
            raise Unreadable(_why(error)) from error
        finally:
            os.close(descriptor)
        self._note(name, status, digest_of(content))
        _require_usable(status)
        return content

    def names(self, folder: Path) -> list[str]:
        """The sorted names in FOLDER; none where it can't be listed."""
        try:
            status = folder.stat()
            names = names_in(str(folder))
        except OSError:
            self.note_missing(str(folder))
            return []
        self._note(str(folder), status, digest_of_names(names))
        return names

    def note_missing(self, path: str) -> None:
        """PATH was looked for and is not there: its appearance is a change."""
        self._consulted[path] = Consulted(path, -1)

    def note_read(self, path: str, digest: str) -> None:
        """PATH was read elsewhere, with content of DIGEST; "" when it was not there."""
        try:
            status = Path(path).stat()
        except OSError:
            self.note_missing(path)
            return
        self._note(path, status, digest)

    def _note(self, path: str, status: os.stat_result, digest: str) -> None:
        size, inode = status.st_size, status.st_ino
        self._consulted[path] = Consulted(path, size, status.st_mtime_ns, status.st_ctime_ns, inode, digest)


class Overlaid(Files):
    """Files of which some have other contents: REPLACED, by their paths."""

    def __init__(self, replaced: Mapping[str, bytes]) -> None:
        super().__init__()
        self._replaced = replaced

    def read(self, path: Path) -> bytes:
        content = self._replaced.get(str(path))
        return content if content is not None else super().read(path)


def _all_of(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
        return file.read()


def _require_usable(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("is not a regular file")
    if status.st_size > MAXIMUM_BYTES:
        size, limit = status.st_size / 2**20, MAXIMUM_BYTES // 2**20
        raise Unreadable(f"is {size:.1f} MiB large; values of more than {limit} MiB are not read (Helm keeps 1 MiB)")


def _why(error: OSError) -> str:
    return f"can't be opened: {error.strerror}"


def unchanged(consulted: tuple[Consulted, ...], *, taken_ns: int) -> bool:
    """Whether everything consulted is as it was at TAKEN_NS (wall clock).

    File times are coarse: what was modified within two seconds of TAKEN_NS could change again without its times
    showing it, so its content is compared as well.
    """
    return all(_same(entry, racy_after_ns=taken_ns - 2_000_000_000) for entry in consulted)


def _same(entry: Consulted, *, racy_after_ns: int) -> bool:
    try:
        status = os.stat(entry.path)  # noqa: PTH116 - hundreds of times before the first paint
    except OSError:
        return entry.size == -1
    now = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    if now != (entry.size, entry.mtime_ns, entry.ctime_ns, entry.inode):
        return False
    if max(entry.mtime_ns, entry.ctime_ns) < racy_after_ns:
        return True
    try:
        if stat.S_ISDIR(status.st_mode):
            return digest_of_names(names_in(entry.path)) == entry.digest
        return status.st_size > MAXIMUM_BYTES or digest_of(Path(entry.path).read_bytes()) == entry.digest
    except OSError:
        return False
