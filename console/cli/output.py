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
    """LINES on stdout; characters that its encoding lacks are replaced. Ends quietly when nobody reads any more."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at its end, and there is nobody left to read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(Exit.BROKEN_PIPE) from None


def narrate(line: str) -> None:
    """LINE on stderr: what is no data."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


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
    stream.write(f"\r\x1b[K{cut_end(plain(text), (columns or 80) - 1, unicode=unicode)}")
    stream.flush()


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
