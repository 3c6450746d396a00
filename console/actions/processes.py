"""Which process began a run, and whether it still lives: a number alone is given to another process sooner or later."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Literal

import msgspec

Life = Literal["alive", "gone", "elsewhere"]
"""elsewhere: on another machine that shares the record; whether it lives can't be told from here."""


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """`started` is when, in the kernel's own count since its boot, with that boot's id; "" where it does not tell."""

    host: str
    pid: int
    started: str = ""


def this_process() -> Process:
    return Process(host=socket.gethostname(), pid=os.getpid(), started=started(os.getpid()))


def life(process: Process) -> Life:
    """Whether PROCESS still runs."""
    if process.host != socket.gethostname():
        return "elsewhere"
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass  # it lives, as another user's
    return "alive" if started(process.pid) == process.started else "gone"


def started(pid: int) -> str:
    """When process PID began, by /proc; "" where there is none (macOS), or no such process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The second field is the program's name in brackets, and may itself hold spaces and brackets.
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else f"{boot}/{fields[19]}"
