"""Writing to stdout: JSON documents, and lines for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from console.cli.exits import Exit

if TYPE_CHECKING:
    from console.cli.contract.base import Public


def print_json(document: Public) -> None:
    """DOCUMENT on one line, or indented on a terminal."""
    import msgspec  # late, as the contract: the console prints none

    encoded = msgspec.json.encode(document)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded, indent=2)
    print_lines([encoded.decode()])


def print_lines(lines: Iterable[str]) -> None:
    """LINES on stdout; characters that its encoding lacks are replaced. Ends quietly when nobody reads any more, and
    with one line where it can't be written."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        given_up(sys.stdout)
        raise SystemExit(Exit.BROKEN_PIPE) from None
    except OSError as error:
        given_up(sys.stdout)
        narrate(f"hubhomes: standard output cannot be written: {error.strerror}")
        raise SystemExit(Exit.OUTPUT) from None


def narrate(line: str) -> None:
    """LINE on stderr: what is no data. Where nobody can be told, what is done goes on: a run is in the record."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        given_up(sys.stderr)


def given_up(stream: TextIO) -> None:
    """Lets what is left for STREAM go nowhere: Python flushes it once more at its end, and would fail by that."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def with_streams() -> None:
    """Gives a command that was started without stdout or stderr ones that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - it stays until the end


def over_itself(text: str = "", stream: TextIO | None = None) -> None:
    """TEXT on the line of the terminal STREAM (stderr) that it is on, in the place of what was there. It never takes a
    second line, which the next text would leave behind."""
    from console.chain.words import plain
    from console.cli.table import cut_end

    stream = stream or sys.stderr
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    # Some terminals wrap when the last column is written; what says 0 columns does not know.
    unicode = (stream.encoding or "").lower().startswith("utf")
    try:
        stream.write(f"\r\x1b[K{cut_end(plain(text), (columns or 80) - 1, unicode=unicode)}")
        stream.flush()
    except OSError:
        given_up(stream)


def takes_unicode() -> bool:
    """Whether stdout can show the marks."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def takes_colour() -> bool:
    """Whether stdout is a terminal, and colour is wanted there."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """The columns to fit into; None where stdout is no terminal: then nothing is cut."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
