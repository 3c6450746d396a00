"""Homes in a hub's directory on this machine, user servers that may have them mounted, and the actions that move homes.

As a program it runs one of CASES and is killed: python -m tests.actions.homes_share FOLDER CASE N, when line N of the
record is about to be written; N is "half": between making the trash folder and moving the first home there.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from console.actions.protocol import Target
from console.actions.record import Record
from console.actions.registry import action as registered
from providers.kubernetes.protocol import Response
from tests.actions.killed import DeadlyRecord
from tests.actions.permissions_share import HUB, Share
from tests.kubernetes.mending.local import Local, Process

ANA, JOSE = b"ana", b"jos\xe9\n"


def target(action: str, **parameters: Any) -> Target:
    return Target(action=action, cluster="earth", hub="staging", parameters=parameters)


RETIRE = target("retire-home", name=("ana", "./jos\\xe9\\x0a"))
RENAME = target("rename-home", old="ana", new="ana.li")
OTHER = ("Ada", "-41da")
"""Somebody whose server shows in which way this hub escapes its users."""
CASES = {"retire": RETIRE, "rename": RENAME}


class Serving(Local):
    """Knows user servers besides: `servers` are user and the directory of their home. `moving` is called before each
    move, with its number."""

    def __init__(self, export: Path) -> None:
        super().__init__(export=export)
        self.servers: list[tuple[str, str]] = []
        self.dies_at = ""
        self.moved = 0
        self.moving: Callable[[int], None] = lambda _number: None

    async def request(self, method: str, path: str, **asked: object) -> Response:
        if (method, path) == ("GET", "/api/v1/namespaces/staging/pods"):
            items = [_pod(user, home) for user, home in self.servers]
            return Response(status=200, body=json.dumps({"metadata": {}, "items": items}).encode())
        return await super().request(method, path, **asked)

    @asynccontextmanager
    async def exec(
        self, namespace: str, pod: str, *, container: str, command: Sequence[str], **asked: Any
    ) -> AsyncIterator[Process]:
        if command[3] == "move":
            self.moved += 1
            self.moving(self.moved)
            if self.dies_at == "half":
                # All that the script does before it renames.
                command = [*command[:2], command[2].replace("(ulimit", "kill -9 $$; (ulimit"), *command[3:]]
        try:
            async with super().exec(namespace, pod, container=container, command=command, **asked) as frames:
                yield frames
        finally:
            if self.dies_at == "half" and self.moved:
                os.kill(os.getpid(), signal.SIGKILL)


class Homes(Share):
    """The share of ana, bo and somebody with a name of odd bytes."""

    transport: Serving

    def __init__(self, folder: Path, action: str, *, record: Record | None = None) -> None:
        super().__init__(folder, record=record, action=registered(action))
        self.transport = Serving(folder / "export")

    def made(self) -> Homes:
        self.make(b"", (1000, 1000), 0o755)
        for name in (ANA, b"bo", JOSE, b"-41da"):
            self.make(name, (1000, 1000), 0o750)
            self.make(name + b"/notebook", (1000, 1000), 0o644, file=True)
        return self

    def names(self) -> set[bytes]:
        """What is directly in the hub's directory."""
        return {path for path in self.tree() if path and b"/" not in path}


def _pod(user: str, home: str) -> dict[str, Any]:
    mount = {"name": "home", "mountPath": "/home/jovyan", "subPath": home}
    return {
        "metadata": {"name": f"jupyter-{home}", "namespace": HUB, "annotations": {"hub.jupyter.org/username": user}},
        "spec": {
            "containers": [{"name": "notebook", "volumeMounts": [mount]}],
            "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}],
        },
        "status": {"phase": "Running"},
    }


async def main(folder: Path, case: str, when: str) -> None:
    line = 999 if when == "half" else int(when)
    share = Homes(folder, CASES[case].action, record=DeadlyRecord(folder / "state", "before", line))
    share.transport.dies_at = when
    share.transport.servers = [OTHER]
    await share.mend(CASES[case])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
