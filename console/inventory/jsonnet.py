"""Results of jsonnet files, kept between runs for as long as nothing that they read has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import msgspec

from console.inventory.files import Files, digest_of
from console.inventory.store import read_private, write_private

_PLACE = re.compile(r"(?P<file>/[^\n:]+|<[^>\n]+>):(?:\(?(?P<line>\d+):(?P<column>\d+))")


class Job(msgspec.Struct, frozen=True):
    """A file to evaluate, by its absolute and unresolved path, with external string variables."""

    path: str
    ext_vars: dict[str, str]


class Evaluation(msgspec.Struct, frozen=True, rename={"text": "json"}):
    """What came of a job. `files` are all that was looked for, with digests; "" where there was none."""

    text: str | None
    error: str | None
    files: tuple[tuple[str, str], ...] = ()
    lasting: bool = True

    def place_of_error(self) -> tuple[str, int, int] | None:
        """File, line and column that the error names first."""
        found = _PLACE.search(self.error or "")
        return (found["file"], int(found["line"]), int(found["column"])) if found else None

    def cause(self) -> str:
        """The error's first line, without the evaluator's own words and places."""
        first = (self.error or "").partition("\n")[0]
        first = first.removeprefix("RUNTIME ERROR: ").removeprefix("STATIC ERROR: ")
        return re.sub(r"^(?:/[^:]+|<[^>]+>):[\d:()-]+\s*", "", first).strip().replace("  ", " ")


class Evaluations:
    """Results by job, kept in CACHE (None: nowhere). Files that evaluations read are noted in FILES."""

    def __init__(self, files: Files, cache: Path | None) -> None:
        self._files = files
        self._cache = cache
        self._kept: dict[str, Evaluation] = _load(cache) if cache else {}
        self._used: dict[str, Evaluation] = {}
        self._digests: dict[str, str] = {}

    def cached(self, job: Job) -> Evaluation | None:
        """The kept result of JOB, None when there is none or one of its files has changed."""
        key = _key(job)
        kept = self._kept.get(key)
        if kept is None or any(self._digest(path) != digest for path, digest in kept.files):
            return None
        self._use(key, kept)
        return kept

    def take(self, jobs: Iterable[Job], evaluations: Iterable[Evaluation]) -> None:
        """Takes fresh results in and keeps all that this run used. That they can't be written is no error."""
        for job, evaluation in zip(jobs, evaluations, strict=True):
            self._use(_key(job), evaluation)
        if self._cache:
            lasting = {key: value for key, value in self._used.items() if value.lasting}
            write_private(self._cache, msgspec.msgpack.encode(lasting))

    def _use(self, key: str, evaluation: Evaluation) -> None:
        self._used[key] = evaluation
        for path, digest in evaluation.files:
            self._files.note_read(path, digest)

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            try:
                self._digests[path] = digest_of(Path(path).read_bytes())
            except OSError:
                self._digests[path] = ""
        return self._digests[path]


def _load(cache: Path) -> dict[str, Evaluation]:
    content = read_private(cache)
    try:
        return msgspec.msgpack.decode(content, type=dict[str, Evaluation]) if content else {}
    except msgspec.MsgspecError:
        return {}


def _key(job: Job) -> str:
    identity = [job.path, sorted(job.ext_vars.items()), _evaluator_version()]
    return hashlib.blake2b(msgspec.msgpack.encode(identity), digest_size=16).hexdigest()


_version: list[str] = []


def _evaluator_version() -> str:
    """Tells builds of gojsonnet apart without importing it."""
    if not _version:
        spec = find_spec("_gojsonnet")
        if spec is None or spec.origin is None:
            return "absent"
        status = Path(spec.origin).stat()
        _version.append(f"{spec.origin}:{status.st_size}:{status.st_mtime_ns}")
    return _version[0]
