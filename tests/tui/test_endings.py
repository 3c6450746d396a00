"""However the console ends, the terminal is its owner's again: the real process on a terminal of its own."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

CONSOLE = "from console.cli.main import main; main(['demo'])"
DEFECT = """
from console.tui.screens.fleet import FleetScreen
def paint(self):
    token = "s3cret"
    raise KeyError("a defect")
FleetScreen.paint = paint
"""


class Session:
    """A child with a terminal of 80x24; what it wrote so far is `written`."""

    def __init__(self, code: str) -> None:
        self._master, child = pty.openpty()
        self.written = b""
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=child, stdout=child, stderr=child, env=environment, close_fds=True
        )
        os.close(child)

    def read_until(self, enough: Callable[[bytes], bool]) -> None:
        """Reads until ENOUGH of what was written, or its end."""
        with suppress(OSError):  # Linux says so when the last writer is gone
            while not enough(self.written):
                piece = os.read(self._master, 65536)
                if not piece:
                    return
                self.written += piece

    def hang_up(self) -> None:
        os.close(self._master)

    def ended(self) -> int:
        self.read_until(lambda _: False)
        code = self.process.wait()
        os.close(self._master)
        return code

    def gave_the_terminal_back(self) -> bool:
        """The alternate screen was left, and the cursor is shown, after all that was drawn."""
        left, drawn = self.written.rfind(b"\x1b[?1049l"), self.written.rfind(b"\x1b[?1049h")
        return left > drawn and self.written.rfind(b"\x1b[?25h") > self.written.rfind(b"\x1b[?25l")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_console_that_is_ended_gives_the_terminal_back(number: signal.Signals) -> None:
    session = Session(CONSOLE)
    session.read_until(lambda written: b"FLEET" in written)
    session.process.send_signal(number)
    assert session.ended() == 128 + number
    assert session.gave_the_terminal_back()


def test_a_console_whose_terminal_goes_ends() -> None:
    """The terminal is not that of its session: nobody sends SIGHUP, as under a wrapper that keeps it to itself."""
    session = Session(CONSOLE)
    session.read_until(lambda written: b"FLEET" in written)
    session.hang_up()
    assert session.process.wait(timeout=300) == 128 + signal.SIGHUP


def test_a_defect_is_told_without_the_values_of_variables() -> None:
    session = Session(DEFECT + CONSOLE)
    assert session.ended() == 1
    assert session.gave_the_terminal_back()
    assert b"KeyError" in session.written
    assert b"s3cret" not in session.written.replace(b'token = "s3cret"', b"")


def test_a_cluster_that_is_not_there_opens_no_console() -> None:
    session = Session("from console.cli.main import main; main(['demo', '--cluster', 'eart'])")
    assert session.ended() == 2
    assert b"there is no cluster eart; did you mean earth?" in session.written
    assert b"\x1b[?1049h" not in session.written
