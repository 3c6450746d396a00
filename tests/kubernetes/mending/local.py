"""Commands as containers run them, on folders of this machine: in busybox's tools, or in those that it has itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from providers.errors import ProviderError
from providers.kubernetes.mending.pods import Inside, encoded
from providers.kubernetes.protocol import Response

BUSYBOX = Path("/bin/busybox")


class Process:
    """The Frames of a program of this machine."""

    subprotocol = "v5.channel.k8s.io"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._reading = [
            asyncio.create_task(self._read(b"\1", process.stdout)),
            asyncio.create_task(self._read(b"\2", process.stderr)),
        ]
        self._ending = asyncio.create_task(self._end())

    async def receive(self) -> bytes | None:
        return await self._frames.get()

    async def send(self, frame: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if frame[:1] == b"\0":
                stdin.write(frame[1:])
                await stdin.drain()
            else:
                stdin.close()

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        await self._ending

    async def _read(self, channel: bytes, stream: Any) -> None:
        while piece := await stream.read(65536):
            self._frames.put_nowait(channel + piece)

    async def _end(self) -> None:
        await asyncio.gather(*self._reading)
        code = await self._process.wait()
        causes = [{"reason": "ExitCode", "message": str(code)}]
        failure = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
        self._frames.put_nowait(b"\3" + json.dumps(failure if code else {"status": "Success"}).encode())


class Local:
    """A Transport that only runs commands. `tools` is the folder of their programs; `export` stands where a server has
    its /export."""

    def __init__(self, tools: Path | None = None, *, export: Path | None = None) -> None:
        self._tools = tools
        self._export = {} if export is None else {encoded(b"/export"): encoded(bytes(export))}
        self.commands: list[tuple[str, ...]] = []

    async def request(self, method: str, path: str, **_: object) -> Response:
        raise ProviderError("forbidden", f"nobody may {method} {path}")

    @asynccontextmanager
    async def exec(
        self, namespace: str, pod: str, *, container: str, command: Sequence[str], stdin: bool = False, **_: object
    ) -> AsyncIterator[Process]:
        self.commands.append(tuple(command))
        path = os.environ["PATH"] if self._tools is None else str(self._tools)
        command = [self._export.get(word, word) for word in command]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=-1, stdout=-1, stderr=-1, env={**os.environ, "PATH": path}
        )
        frames = Process(process)
        try:
            yield frames
        finally:
            await frames.close()


def busybox_tools(folder: Path) -> Path:
    """A folder with every program that busybox is."""
    folder.mkdir()
    looking = ("sh", "find", "xargs", "stat", "head", "base64", "gzip", "cat", "setsid", "kill")
    for name in (*looking, "chown", "chmod", "mv", "mkdir", "rmdir", "rm"):
        (folder / name).symlink_to(BUSYBOX)
    return folder


def inside_of(transport: Local, root: Path, *, alone: bool = True) -> Inside:
    return Inside(
        transport=transport,  # type: ignore[arg-type]  # only commands are run
        namespace="prod",
        pod="hubhomes-look-1",
        container="look",
        root=bytes(root.parent),
        hub=root.name.encode(),
        alone=alone,
    )
