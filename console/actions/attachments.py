"""Files beside the record: what undoing needs and is too long for a line, such as the owner of each path before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from console.actions.durable import private_folder, sync_folder
from console.actions.entries import Attached
from console.actions.record import RecordFailed

_BLOCK_BYTES = 1024 * 1024


class Attachment:
    """A file being written, with the hash of what was written so far."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, content: bytes) -> None:
        self._stream.write(content)
        self._hash.update(content)
        self.size_bytes += len(content)

    def sync(self) -> None:
        """Puts what was written so far on disk: before what it says is changed."""
        self._stream.flush()
        os.fsync(self._stream.fileno())


class Attachments:
    """The files of one run, of the step KEY. Everything here blocks for as long as the disk does."""

    def __init__(self, state: Path, run: str, key: str, *, attached: Callable[[Attached], object]) -> None:
        """`attached` puts the entry of a complete file into the record."""
        self._folder = folder_of(state, run)
        self._run = run
        self._key = key
        self._attached = attached

    @contextmanager
    def create(self, name: str) -> Iterator[Attachment]:
        """A new file NAME of this run. When left without an error it is on disk, and its hash in the record.

        Raises RecordFailed where it can't be written.
        """
        try:
            private_folder(self._folder.parent)
            private_folder(self._folder)
            path = self._folder / checked_name(name)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                attachment = Attachment(stream)
                sync_folder(self._folder)
                yield attachment
                attachment.sync()
        except OSError as error:
            raise RecordFailed(f"{self._folder / name} cannot be written: {error.strerror or error}") from error
        self._attached(
            Attached(
                run=self._run, key=self._key, name=name, size_bytes=attachment.size_bytes, sha256=attachment.sha256
            )
        )


def read_attachment(state: Path, attached: Attached) -> Iterator[bytes]:
    """The content of ATTACHED in blocks. Raises RecordFailed, before the first block, when it is not as recorded."""
    path = folder_of(state, attached.run) / checked_name(attached.name)
    try:
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != attached.sha256:
                raise RecordFailed(f"{path} was changed since it was recorded", next_step="restore it from a backup")
            stream.seek(0)
            while block := stream.read(_BLOCK_BYTES):
                yield block
    except OSError as error:
        raise RecordFailed(f"{path} cannot be read: {error.strerror or error}") from error


def unsealed(state: Path, run: str) -> tuple[Path, ...]:
    """The files of a run, also those that a crash left unfinished: their last lines may be torn."""
    folder = folder_of(state, run)
    return tuple(sorted(folder.iterdir())) if folder.is_dir() else ()


def folder_of(state: Path, run: str) -> Path:
    return state / "attachments" / checked_name(run)


def checked_name(name: str) -> str:
    """NAME where it is a plain one. Raises ValueError for what would lead elsewhere."""
    if name.startswith(".") or not name or any(character in name for character in "/\\\0"):
        raise ValueError(f"{name!r} is no name for an attachment")
    return name
