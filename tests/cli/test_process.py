"""What only a process of its own shows: no socket offline, a quiet broken pipe, what is imported, terminals."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.cli.command import process
from tests.trees import write_tree

ROOT = Path(__file__).parents[2]

NO_SOCKETS = """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"opened a socket: {event}")
sys.addaudithook(refuse)
from console.cli.main import main
main()
"""

WITH_IMPORTS = """
import json, sys
from console.cli.main import ended
code = ended(sys.argv[1:])
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
raise SystemExit(code)
"""


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "tree", clusters=2, hubs=3)


def test_offline_opens_no_socket(tree: Path) -> None:
    for arguments in (["status", "--json"], ["status"], ["check"], ["filestores"]):
        done = python(NO_SOCKETS, *arguments, "--offline", "--config", str(tree))
        assert (done.returncode, "socket" in done.stderr) == (0, False), done.stderr


def test_the_guard_against_sockets_would_notice(tree: Path) -> None:
    done = python(NO_SOCKETS, "status", "--config", str(tree))
    assert "opened a socket" in done.stderr


def test_offline_json_imports_nothing_that_costs(tree: Path) -> None:
    python(WITH_IMPORTS, "status", "--offline", "--json", "--config", str(tree))
    done = python(WITH_IMPORTS, "status", "--offline", "--json", "--config", str(tree))
    loaded = set(json.loads(done.stderr.splitlines()[-1]))
    costly = {
        "asyncio",
        "textual",
        "rich",
        "kubernetes",
        "aiohttp",
        "boto3",
        "grpc",
        "yaml",
        "_gojsonnet",
        "jsonschema",
    }
    assert not costly & loaded


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console.cli.main", "status", "--demo", "--offline", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == Exit.BROKEN_PIPE


def on_a_terminal(*arguments: str, columns: int, **environment: str) -> str:
    """Stdout of the command on a pseudo-terminal that is COLUMNS wide."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "console.cli.main", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "xterm", **environment},
    ) as running:
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:  # how Linux says that the other end is closed
            pass
        running.wait(60)
    os.close(master)
    return shown.decode(environment.get("PYTHONIOENCODING", "utf-8"))


def test_a_table_fits_the_terminal() -> None:
    shown = on_a_terminal("status", "--demo", columns=80, NO_COLOR="1")
    lines = shown.splitlines()
    assert len(lines) > 30
    assert max(len(line) for line in lines) <= 80
    assert "\x1b" not in shown
    assert "✗  earth/prod" in shown


def test_colour_on_a_terminal() -> None:
    assert "\x1b[33m!\x1b[0m" in on_a_terminal("status", "summit", "--demo", "--offline", columns=100)


def test_ascii_where_the_terminal_lacks_unicode() -> None:
    shown = on_a_terminal("status", "--demo", "--offline", columns=80, PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert ".  earth/prod" in shown
    assert shown.isascii()


def test_piped_has_no_colour_and_no_cut() -> None:
    outcome = process("status", "--demo", "--offline", environment={"COLUMNS": "40", "TERM": "xterm"})
    assert "\x1b" not in outcome.out
    assert "…" not in outcome.out
    assert "hubs; 0 of " in outcome.err


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_be_drawn_on(term: str) -> None:
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "console.cli.main", "demo"],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": term},
        timeout=300,
        check=False,
    )
    os.close(slave)
    os.close(master)
    assert done.returncode == Exit.USAGE
    assert "next: hubhomes status --demo" in done.stderr


def test_interrupted() -> None:
    interrupt = "import os, signal; from console.cli.main import cli, main\n"
    interrupt += "cli.commands['version'].callback = lambda: os.kill(os.getpid(), signal.SIGINT)\nmain(['version'])"
    assert python(interrupt).returncode == Exit.INTERRUPTED
