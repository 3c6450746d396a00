"""The line that tells how far something is: on one line of the terminal, however narrow that is."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from console.cli.output import over_itself


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("text", ["looking inside earth/prod: " + "x" * 300, "名前" * 100, "short"])
def test_it_never_takes_a_second_line(columns: int, text: str) -> None:
    from rich.cells import cell_len

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        over_itself(text, stream)
        said = os.read(ours, 4096).decode(errors="ignore")
    os.close(ours)
    shown = said.removeprefix("\r\x1b[K")
    assert cell_len(shown) < columns
    assert shown == text or len(shown) > columns // 2 - 4


def test_a_terminal_that_does_not_know_its_width_is_taken_as_80(capsys: pytest.CaptureFixture[str]) -> None:
    over_itself("x" * 300)
    assert len(capsys.readouterr().err.removeprefix("\r\x1b[K")) == 79
