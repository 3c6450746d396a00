"""A program on a pseudo-terminal, drawn on an emulated screen: what somebody at an ssh prompt meets."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte


class Terminal:
    """Runs COMMAND on a pseudo-terminal of 80×24 (or SIZE, columns and rows). Use as a context manager."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = (80, 24), environment: Mapping[str, str] | None = None
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes_out = 0
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", **(environment or {})})
            os.execvp(command[0], list(command))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(OSError):
                os.killpg(self.pid, how)
            self.run(0.2)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def run(self, seconds: float, *, until: str | None = None) -> bool:
        """Draw what comes for SECONDS, or until the text UNTIL stands on the screen: says whether it does."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            readable, _, _ = select.select([self._fd], [], [], min(left, 0.02))
            if not readable:
                continue
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.bytes_out += len(chunk)
            self._stream.feed(chunk)
            if until is not None and self.shows(until):
                return True
        return until is not None and self.shows(until)

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.screen.display)

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def cpu_seconds(self) -> float:
        """User and system seconds of the program itself so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
