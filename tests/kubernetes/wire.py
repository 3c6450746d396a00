"""An HTTP(S) server of the tests' own that misbehaves as told, and kubeconfig files that lead to it."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]


class Asked(NamedTuple):
    """One request as it arrived. `target` is the path with its query; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """What to answer. `cut` sends only so many bytes of the body, then closes; `reset` sends none at all."""

    status: int = 200
    body: bytes = b'{"kind": "List", "items": [], "metadata": {}}'
    headers: Mapping[str, str] = {}
    cut: int | None = None
    reset: bool = False


Answering = Callable[[Asked], Awaitable[Reply]]


class Wire:
    """The server. `asked` are the requests so far."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.asked: list[Asked] = []


@asynccontextmanager
async def serving(answering: Answering, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Serves until the block ends; connections that are open then are closed."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while (asked := await _read(reader)) is not None:
                wire.asked.append(asked)
                if not await _write(writer, await answering(asked)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    wire = Wire(server.sockets[0].getsockname()[1], "https" if tls else "http")
    try:
        yield wire
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    start = await reader.readline()
    if not start:
        return None
    method, target, _ = start.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.reset:
        return False
    fields = {"Content-Length": str(len(reply.body)), "Content-Type": "application/json"} | dict(reply.headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {reply.status} Words\r\n{head}\r\n".encode() + reply.body[: reply.cut])
    await writer.drain()
    return reply.cut is None


def always(reply: Reply) -> Answering:
    async def answer(_: Asked) -> Reply:
        return reply

    return answer


async def mute(_: Asked) -> Reply:
    """Never answers."""
    await asyncio.Event().wait()
    raise AssertionError


def kubeconfig(file: Path, server: str, *, cluster: Json | None = None, user: Json | None = None) -> str:
    """Writes one with the context `earth`; gives its path as text."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "earth",
        "clusters": [{"name": "c", "cluster": {"server": server} | (cluster or {})}],
        "users": [{"name": "jo", "user": {"token": "t0ken"} if user is None else user}],
        "contexts": [{"name": "earth", "context": {"cluster": "c", "user": "jo", "namespace": "prod"}}],
    }
    file.write_text(json.dumps(document))
    return str(file)


def plugin(file: Path, script: str, **more: Any) -> Json:
    """A kubeconfig user whose credential plugin is the Python text SCRIPT, in FILE."""
    file.write_text(f"#!{sys.executable}\n{script}\n")
    file.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(file), **more}}


def status(code: int, reason: str, message: str) -> bytes:
    return json.dumps(
        {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    ).encode()
