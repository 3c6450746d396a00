"""What stays open, where it does not open, or breaks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.exec import run
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.kubernetes.wire import Asked, Reply, always, kubeconfig, mute, serving, status

LOG = "/api/v1/namespaces/prod/pods/box/log"


async def writing(file: str) -> Transport:
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(minutes=5))
    return await KubeconfigConnector(file).connect("earth", permission=permission)


async def ran(file: str, *, timeout_s: float = 5, stdin: bytes | None = None) -> ProviderError:
    transport = await writing(file)
    try:
        with pytest.raises(ProviderError) as failed:
            await run(
                transport,
                "prod",
                "box",
                container="main",
                command=["a b", "$(x)&y=z"],
                stdin=stdin,
                timeout_s=timeout_s,
                deadline_s=10,
            )
    finally:
        await transport.close()
    return failed.value


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(403, status(403, "Forbidden", 'cannot get resource "pods/exec"')), "forbidden", "pods/exec"),
        (Reply(404, status(404, "NotFound", 'pods "box" not found')), "internal", 'pods "box" not found'),
        (Reply(500, status(500, "", 'container not found ("main")')), "internal", 'container not found ("main")'),
        (Reply(200, b"<html>log in</html>"), "internal", "unexpected status 200"),
        (Reply(302, headers={"Location": "/login"}), "internal", "redirected elsewhere"),
        (Reply(reset=True), "unreachable", "closed the connection"),
        (Reply(401), "unauthorized", "does not accept the credentials of user jo"),
    ],
)
async def test_a_command_that_does_not_begin_says_why(
    tmp_path: Path, reply: Reply, kind: ErrorKind, words: str
) -> None:
    async with serving(always(reply)) as wire:
        error = await ran(kubeconfig(tmp_path / "config", wire.url))
    assert (error.kind, words in error.message) == (kind, True), error.message
    assert error.next_step
    (asked,) = wire.asked
    assert asked.headers["sec-websocket-protocol"] == "v5.channel.k8s.io,v4.channel.k8s.io"
    assert asked.headers["authorization"] == "Bearer t0ken"
    assert asked.target.endswith(
        "/exec?container=main&stdin=false&stdout=true&stderr=true&tty=false&command=a+b&command=%24%28x%29%26y%3Dz"
    )


async def test_a_mute_server_ends_with_the_timeout(tmp_path: Path) -> None:
    async with serving(mute) as wire:
        file = kubeconfig(tmp_path / "config", wire.url)
        assert (await ran(file, timeout_s=1)).message.endswith("no answer within 1 s")
        transport = await writing(file)
        with pytest.raises(ProviderError, match="no answer within 1 s"):
            async with transport.stream(LOG, timeout_s=1):
                raise AssertionError
        await transport.close()


async def test_a_refused_credential_is_renewed_for_what_stays_open(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old\n")

    async def answer(asked: Asked) -> Reply:
        if asked.headers["authorization"] == "Bearer new":
            return Reply(body=b"line\n")
        (tmp_path / "token").write_text("new\n")
        return Reply(401)

    async with serving(answer) as wire:
        transport = await writing(kubeconfig(tmp_path / "config", wire.url, user={"tokenFile": "token"}))
        async with transport.stream(LOG, timeout_s=5) as log:
            assert [piece async for piece in log] == [b"line\n"]
        await transport.close()
    assert len(wire.asked) == 2


async def test_a_log_that_falls_silent_or_breaks_says_so(tmp_path: Path) -> None:
    async with serving(always(Reply(body=b"x" * 1000, cut=10))) as wire:
        transport = await writing(kubeconfig(tmp_path / "config", wire.url))
        with pytest.raises(ProviderError, match="in the middle of the answer"):
            async with transport.stream(LOG, timeout_s=5) as log:
                assert [piece async for piece in log] == [b"x" * 10]
        await transport.close()


# Over a web socket of the tests' own


def frame(payload: bytes, opcode: int = 2) -> bytes:
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return bytes([0x80 | opcode]) + size + payload


@asynccontextmanager
async def upgrading(to_send: bytes, *, subprotocol: str = "v5.channel.k8s.io") -> AsyncIterator[str]:
    """Upgrades one connection, sends TO_SEND, and ends it."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("sec-websocket-key"))
        digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        accept = base64.b64encode(digest).decode()
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n".encode()
            + to_send
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


FAILED = b'\3{"status":"Failure","reason":"InternalError","message":"container is not running, token=s3cret"}'


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "the connection ended before it did"),
        (frame(b"\1half"), "the connection ended before it did"),
        (frame(b"\1all") + frame(b"", 8), "the connection ended before it did"),
        (frame(FAILED), "container is not running, token=(hidden)"),
        (frame(b"\3no json"), "does not say how it ended"),
    ],
)
async def test_a_command_whose_end_is_not_known_did_not_succeed(tmp_path: Path, sent: bytes, words: str) -> None:
    async with upgrading(sent) as server:
        error = await ran(kubeconfig(tmp_path / "config", server))
    assert words in error.message
    assert error.message.startswith("a b in container main of pod box in namespace prod: ")


async def test_an_old_server_is_not_given_input_that_it_can_never_end(tmp_path: Path) -> None:
    async with upgrading(b"", subprotocol="v4.channel.k8s.io") as server:
        error = await ran(kubeconfig(tmp_path / "config", server), stdin=b"x")
    assert "older than 1.30" in error.message
