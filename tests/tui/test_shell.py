"""A shell from the hub screen, in the demo: on a pseudo-terminal, since the console lends its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.pseudo_terminal import OnTerminal


@pytest.fixture
def console(tmp_path: Path) -> Iterator[OnTerminal]:
    environment = {"HUBHOMES_STATE": str(tmp_path), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with OnTerminal("--demo", "--cluster", "earth", "--hub", "climate", environment=environment) as terminal:
        terminal.until("read-only")
        terminal.until("CLU07")
        yield terminal


def test_it_steps_aside_and_comes_back_as_it_was(console: OnTerminal) -> None:
    console.type("s")
    console.until("SHELL AT earth/climate")
    console.type("y")
    left = console.until("/homes # ")
    assert left.rindex(b"\x1b[?1049l") < left.index(b"who    ")
    heading = left[left.index(b"shell  ") : left.index(b"claim home-nfs in")].decode().replace("\r", "").splitlines()
    assert [line.split(" ", 1)[0] for line in heading] == ["shell", "where", "who", "pod", "until"]
    assert max(map(len, heading)) < 80
    console.type("ls elsewhere\r")
    console.until("/homes # ")
    console.type("touch x\r")
    console.until("Read-only file system")
    console.type("exit 3\r")
    back = console.until("its pod is gone")
    assert b"\x1b[?1049h" in back
    assert b"climate" in back
    console.type("H")
    listed = console.until("1 run")
    console.type("u")
    console.until("changed nothing, and there is nothing to undo")
    assert b"possible" not in listed
    console.type("q")
    assert console.ended() == 0
    assert console.settings() == console.before


def test_no_is_no_and_writing_needs_its_own_permission(console: OnTerminal) -> None:
    console.type("s")
    console.until("open it now")
    console.type("\x1b")
    console.until("mends it")
    console.type("S")
    console.until("writing is not permitted here")
    console.type("q")
    assert console.ended() == 0
    assert b"who    " not in console.seen
