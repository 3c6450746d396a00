"""A configuration tree of 30 clusters and 170 hubs: to the screen, and to JSON."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.rows import Row, rounds, seconds_of, tell
from bench.terminal import Terminal
from tests.trees import write_tree

HUBS = 170
FIRST_ROW = "cluster-00"
HUBHOMES = str(Path(sys.executable).with_name("hubhomes"))


def run(*, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(Path(folder) / "tree", clusters=30, hubs=HUBS)
        home = Path(folder) / "home"
        home.mkdir()
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "KUBECONFIG": str(home / "none"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
        _offline(root, environment, count=count)
        _first_paint(root, environment, count=count)


def _offline(root: Path, environment: dict[str, str], *, count: int) -> None:
    status = [HUBHOMES, "--config", str(root), "status", "--offline", "--json"]
    naive = [sys.executable, "-m", "bench.naive_parse", str(root.parents[1])]

    def cold() -> float:
        shutil.rmtree(environment["XDG_CACHE_HOME"], ignore_errors=True)
        return seconds_of(status, environment=environment)

    ours, theirs = rounds(cold, lambda: seconds_of(naive, environment=environment), count=count)
    tell(Row(f"status --offline --json, {HUBS} hubs, nothing kept", ours, theirs, "parse and evaluate", 1.2))
    ours, theirs = rounds(
        lambda: seconds_of(status, environment=environment),
        lambda: seconds_of([sys.executable, "-c", "pass"], environment=environment),
        count=count,
    )
    tell(Row("the same when nothing changed (aim: 0.3 s)", ours, theirs, "python -c pass"))


def _first_paint(root: Path, environment: dict[str, str], *, count: int) -> None:
    def paint(command: list[str], text: str) -> float:
        with Terminal(command, environment=environment) as terminal:
            if not terminal.run(30, until=text):
                raise RuntimeError(f"{text!r} did not come on the screen of {command}:\n{terminal.text()}")
            return time.perf_counter() - terminal.started

    def ours() -> float:
        return paint([HUBHOMES, "--config", str(root)], FIRST_ROW)

    def bare() -> float:
        return paint([sys.executable, "-m", "bench.bare_table", str(HUBS + 1)], "row-0")

    kept, theirs = rounds(ours, bare, count=count)
    tell(Row(f"start to the fleet of {HUBS} hubs on screen", kept, theirs, "bare Textual table", 1.3))

    def new() -> float:
        shutil.rmtree(environment["XDG_CACHE_HOME"], ignore_errors=True)
        return ours()

    cold, theirs = rounds(new, bare, count=count)
    tell(Row("the same, with nothing kept from an earlier run", cold, theirs, "bare Textual table", 1.3))
    with Terminal([HUBHOMES, "--config", str(root)], environment=environment) as terminal:
        terminal.run(30, until=FIRST_ROW)
        terminal.run(5)
        sent, cpu = terminal.bytes_out, terminal.cpu_seconds()
        terminal.run(10)
        tell(
            f"at rest for 10 s: {terminal.bytes_out - sent} bytes sent, "
            f"{(terminal.cpu_seconds() - cpu) * 10:.1f} % of a core, {terminal.resident_mib():.0f} MiB resident"
        )
