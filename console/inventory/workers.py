"""Evaluates jsonnet files in worker processes, each job within a deadline."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from console.inventory import evaluate
from console.inventory.jsonnet import Evaluation, Job

MAXIMUM_WORKERS = 4
JOBS_WORTH_A_WORKER = 8
TIMEOUT_S = 30.0


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
            error = f"gave no answer within {timeout_s:.0f} s, or its process ended or could not be started"
            evaluations.append(given_up.setdefault(path, Evaluation(None, error, ((path, ""),), lasting=False)))
    return evaluations


def _answers(jobs: Sequence[Job], timeout_s: float) -> Iterator[Evaluation]:
    command = [sys.executable, "-P", evaluate.__file__]
    environment = {"GOGC": "400", **os.environ}  # Go's collector otherwise takes a quarter of these short runs
    try:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return
    with process:
        try:
            _send(process, jobs)
            for line in _lines(process, timeout_s):
                yield msgspec.json.decode(line, type=Evaluation)
        except msgspec.MsgspecError:
            return
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
