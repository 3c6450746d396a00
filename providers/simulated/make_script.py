"""Answers as the script that makes directories does, over shares in memory: the same words."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from providers.simulated.directories import Shares
from providers.simulated.pods import ExecAnswer

_IN_THE_WAY = 3


def is_make(command: Sequence[str]) -> bool:
    """Whether a command line makes directories: `sh -c SCRIPT make ROOT OWNER MODE PATH...`."""
    return len(command) >= 8 and command[1] == "-c" and command[3] == "make"


def make(command: Sequence[str], shares: Shares, server: str, root: str) -> ExecAnswer:
    """ROOT of SERVER is what is mounted."""
    owner, mode, paths = command[5], command[6], map(base64.b64decode, command[7:])
    said = []
    for path in paths:
        whole = f"{root.rstrip('/')}/{path.decode()}"
        if owner == "remove":
            said.append({True: "removed", False: "kept", None: "missing"}[shares.remove_empty(server, whole)])
            continue
        uid, gid = map(int, owner.split(":"))
        made = shares.make(server, whole, uid=uid, gid=gid, mode=int(mode, 8))
        if made is None:
            return ExecAnswer(exit_code=_IN_THE_WAY)
        said.append("made" if made else "there")
    return ExecAnswer(stdout="".join(f"{word}\n" for word in said).encode())
