"""An edit of a configuration file as it is recorded, and how it is put on disk: whole, and only over what was read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from console.actions.durable import sync_folder
from console.actions.protocol import Refused

_LONGEST_BYTES = 4 * 1024 * 1024


class FileEdit(msgspec.Struct, frozen=True, kw_only=True):
    """The one place in which a file changes: `removed` stands `at` that many characters, and becomes `inserted`.

    The hashes are those of the whole file. It fits into the record, and can be taken back from there.
    """

    file: str
    at: int
    removed: str
    inserted: str
    before_sha256: str
    after_sha256: str

    @property
    def reversed(self) -> FileEdit:
        return msgspec.structs.replace(
            self,
            removed=self.inserted,
            inserted=self.removed,
            before_sha256=self.after_sha256,
            after_sha256=self.before_sha256,
        )

    def arguments(self) -> Mapping[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def edited(self, content: bytes) -> bytes:
        """What CONTENT, of before or of after, is afterwards. Raises Refused where it is something else by now."""
        if sha256(content) == self.after_sha256:
            return content
        if sha256(content) != self.before_sha256:
            raise changed(self.file)
        text = content.decode()
        after = (text[: self.at] + self.inserted + text[self.at + len(self.removed) :]).encode()
        if sha256(after) != self.after_sha256:
            raise Refused(f"the recorded edit of {self.file} does not give what was planned")
        return after


def edit_of(file: str, before: bytes, after: bytes) -> FileEdit:
    """What turns BEFORE into AFTER, both UTF-8."""
    old, new = before.decode(), after.decode()
    at = _alike(old, new)
    tail = min(_alike(old[::-1], new[::-1]), min(len(old), len(new)) - at)
    return FileEdit(
        file=file,
        at=at,
        removed=old[at : len(old) - tail],
        inserted=new[at : len(new) - tail],
        before_sha256=sha256(before),
        after_sha256=sha256(after),
    )


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def edit_in(arguments: Mapping[str, Any]) -> FileEdit:
    """The edit that a step's ARGUMENTS hold."""
    return msgspec.convert({key: arguments[key] for key in FileEdit.__struct_fields__}, FileEdit)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def changed(file: str) -> Refused:
    return Refused(f"{file} was changed since it was looked at", next_step="plan again")


def content_of(path: Path) -> bytes:
    """The content of a configuration file, links followed. Raises Refused."""
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST_BYTES)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}") from error


def put(path: Path, edit: FileEdit) -> bool:
    """Makes EDIT in the file at PATH; False where it is made already.

    A link stays one: the file that it leads to is edited. Mode and owner stay. Raises Refused.
    """
    target = Path(os.path.realpath(path))
    after = edit.edited(content_of(target))
    if sha256(content_of(target)) == edit.after_sha256:
        return False
    try:
        _replace(target, after, edit)
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror or error}") from error
    return True


def _replace(target: Path, content: bytes, edit: FileEdit) -> None:
    """Raises OSError, Refused; the file is whole at any time, the old or the new."""
    was = target.stat()
    fresh = target.with_name(f".{target.name}.hubhomes-{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _as_it_was(stream.fileno(), was, target)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if sha256(content_of(target)) != edit.before_sha256:
            raise changed(edit.file)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _as_it_was(descriptor: int, was: os.stat_result, target: Path) -> None:
    """Gives a new file the owner and mode of the one that it replaces. Raises Refused where that is not ours to do."""
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (was.st_uid, was.st_gid):
        try:
            os.fchown(descriptor, was.st_uid, was.st_gid)
        except PermissionError as error:
            raise Refused(f"{target} belongs to {was.st_uid}:{was.st_gid}, which an edit of yours would change",
                          next_step="let its owner edit it") from error  # fmt: skip
    os.fchmod(descriptor, stat.S_IMODE(was.st_mode))
