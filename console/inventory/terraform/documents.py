"""Parsed files, kept between runs by their content: the parser costs more than all files together."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import msgspec

from console.inventory.files import digest_of
from console.inventory.store import read_private, write_private
from console.inventory.terraform import comments, expressions, parse, strings, syntax, tokens
from console.inventory.terraform.parse import parse as parse_content
from console.inventory.terraform.syntax import Document, Faulty


class _Failed(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A file that is no usable HCL, and where."""

    message: str
    line: int
    column: int


class _Parsed(msgspec.Struct, frozen=True, array_like=True, tag=True):
    document: Document


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """`code` says which code and grammar made the results."""

    code: str
    results: dict[str, _Parsed | _Failed]


class Documents:
    """Every document of one run. CACHE None: nothing is kept."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache
        self._code = _code() if cache else ""
        self._kept = _load(cache, self._code) if cache else {}
        self._used: dict[str, _Parsed | _Failed] = {}

    def document(self, content: bytes) -> Document:
        """What CONTENT says. Raises Faulty."""
        digest = digest_of(content)
        result = self._used.get(digest) or self._kept.get(digest) or _parsed(content)
        self._used[digest] = result
        if isinstance(result, _Failed):
            raise Faulty(result.message, result.line, result.column)
        return result.document

    def keep(self) -> None:
        """Writes what this run used. That it can't be written is no error."""
        if self._cache and self._used.keys() != self._kept.keys():
            write_private(self._cache, msgspec.msgpack.encode(_Kept(self._code, self._used)))


def _parsed(content: bytes) -> _Parsed | _Failed:
    try:
        return _Parsed(parse_content(content))
    except Faulty as error:
        return _Failed(error.message, error.line, error.column)


def _load(cache: Path, code: str) -> dict[str, _Parsed | _Failed]:
    content = read_private(cache)
    try:
        kept = msgspec.msgpack.decode(content, type=_Kept) if content else None
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return dict(kept.results) if kept and kept.code == code else {}


def _code() -> str:
    """Tells states of this reader and builds of python-hcl2 apart, without importing the latter."""
    spec = find_spec("hcl2")
    modules = (comments, expressions, parse, strings, syntax, tokens)
    files = [str(module.__file__) for module in modules] + [str(spec.origin) if spec else "absent"]
    states = [(file, _state(Path(file))) for file in files]
    return hashlib.blake2b(repr(states).encode(), digest_size=16).hexdigest()


def _state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
