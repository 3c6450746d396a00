"""Evaluated jsonnet files: from the cache where nothing that they read has changed, else by worker processes."""

from __future__ import annotations

import hashlib
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import msgspec

from console.inventory import evaluate
from console.inventory.files import Files, digest_of
from console.inventory.store import read_private, write_private

MAXIMUM_WORKERS = 4
JOBS_WORTH_A_WORKER = 8
TIMEOUT_S = 30.0

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


class Evaluator:
    """Evaluates jobs and keeps results in CACHE (None: keeps none). Files that were read are noted in FILES."""

    def __init__(self, files: Files, cache: Path | None) -> None:
        self._files = files
        self._cache = cache
        self._kept: dict[str, Evaluation] = _load(cache) if cache else {}
        self._used: dict[str, Evaluation] = {}
        self._digests: dict[str, str] = {}
        self._fresh = False

    def cached(self, job: Job) -> Evaluation | None:
        """The kept result of JOB, None when there is none or one of its files has changed."""
        key = _key(job)
        kept = self._kept.get(key)
        if kept is None or any(self._digest(path) != digest for path, digest in kept.files):
            return None
        self._use(key, kept)
        return kept

    def start(self, jobs: Sequence[Job]) -> Future[list[Evaluation]]:
        """Evaluates JOBS in the background. The result is in their order; pass it to `finish`."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="jsonnet")
        future = executor.submit(run_jobs, jobs)
        executor.shutdown(wait=False)
        return future

    def finish(self, jobs: Sequence[Job], evaluations: Sequence[Evaluation]) -> None:
        """Takes fresh results in."""
        for job, evaluation in zip(jobs, evaluations, strict=True):
            self._use(_key(job), evaluation)
        self._fresh = self._fresh or bool(jobs)

    def save(self) -> None:
        """Writes the results that this run used, when there are new ones. That it can't be written is no error."""
        if self._cache and self._fresh:
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


def run_jobs(jobs: Sequence[Job], *, timeout_s: float = TIMEOUT_S) -> list[Evaluation]:
    """Evaluates JOBS in as many processes as pay off, each answer within TIMEOUT_S. Never raises for a bad file."""
    workers = max(1, min(MAXIMUM_WORKERS, os.cpu_count() or 1, len(jobs) // JOBS_WORTH_A_WORKER))
    shares = [jobs[start::workers] for start in range(workers)]
    with ThreadPoolExecutor(workers, thread_name_prefix="jsonnet") as executor:
        answers = list(executor.map(lambda share: _run_share(share, timeout_s), shares))
    return [answers[index % workers][index // workers] for index in range(len(jobs))]


def _run_share(jobs: Sequence[Job], timeout_s: float) -> list[Evaluation]:
    """The answers of one process, started again after a job that does not end."""
    evaluations: list[Evaluation] = []
    given_up: dict[str, Evaluation] = {}
    while len(evaluations) < len(jobs):
        job = jobs[len(evaluations)]
        if job.path in given_up:
            evaluations.append(given_up[job.path])
            continue
        evaluations.extend(_answers(jobs[len(evaluations) :], timeout_s))
        if len(evaluations) < len(jobs):
            path = jobs[len(evaluations)].path
            error = f"gave no answer within {timeout_s:.0f} s, or ended the evaluating process"
            evaluations.append(given_up.setdefault(path, Evaluation(None, error, ((path, ""),), lasting=False)))
    return evaluations


def _answers(jobs: Sequence[Job], timeout_s: float) -> Iterator[Evaluation]:
    command = [sys.executable, "-P", evaluate.__file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            _send(process, jobs)
            for line in _lines(process, timeout_s):
                yield msgspec.json.decode(line, type=Evaluation)
        finally:
            process.kill()


def _send(process: subprocess.Popen[bytes], jobs: Sequence[Job]) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(msgspec.json.encode(jobs))
        process.stdin.close()
    except BrokenPipeError:
        process.stdin = None


def _lines(process: subprocess.Popen[bytes], timeout_s: float) -> Iterable[bytes]:
    """The lines that PROCESS writes, until it ends or is silent for TIMEOUT_S."""
    if process.stdout is None:
        return
    descriptor, rest = process.stdout.fileno(), b""
    while select.select([descriptor], [], [], timeout_s)[0]:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
