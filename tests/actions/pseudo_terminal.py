"""`hubhomes` as a process of its own on a pseudo-terminal, typed at and read as a person would."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 40.0


class OnTerminal:
    """The command ARGUMENTS, and the terminal in front of it. `seen` is all that it wrote."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.controller, self._terminal = os.openpty()
        self.resize(80, 24)
        self.before = termios.tcgetattr(self._terminal)
        self.seen = b""
        self._read = 0
        environment = {**os.environ, **(environment or {}), "TERM": "xterm", "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "console.cli.main", *arguments],
            stdin=self._terminal,
            stdout=self._terminal,
            stderr=self._terminal,
            env=environment,
            start_new_session=True,
            # The terminal is the new session's own, so that its end is a hang-up.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for descriptor in (self.controller, self._terminal):
            if descriptor >= 0:
                os.close(descriptor)

    def type(self, text: str | bytes) -> None:
        os.write(self.controller, text.encode() if isinstance(text, str) else text)

    def until(self, text: str | bytes) -> bytes:
        """What came since the last time, up to TEXT. Fails when it does not come."""
        wanted = text.encode() if isinstance(text, str) else text
        deadline = time.monotonic() + PATIENCE_S
        while wanted not in self.seen[self._read :]:
            if not self._more(deadline - time.monotonic()):
                raise AssertionError(f"{wanted!r} did not come: {self.seen[self._read :]!r}")
        end = self.seen.index(wanted, self._read) + len(wanted)
        fresh, self._read = self.seen[self._read : end], end
        return fresh

    def ended(self) -> int:
        """The exit code; what is still written is read meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < deadline:
            self._more(0.1)
        return self.process.wait(timeout=1)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.controller, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self) -> list[object]:
        """How the terminal is set now: raw, or as it was."""
        return termios.tcgetattr(self._terminal)

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def hang_up(self) -> None:
        """The terminal goes, as when an ssh connection ends."""
        os.close(self.controller)
        self.controller = -1

    def _more(self, timeout_s: float) -> bool:
        ready, _, _ = select.select([self.controller], [], [], max(0.0, timeout_s))
        if not ready:
            return False
        try:
            piece = os.read(self.controller, 65536)
        except OSError:
            return False
        self.seen += piece
        return bool(piece)
