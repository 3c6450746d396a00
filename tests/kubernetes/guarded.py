"""A transport that keeps what leaves, and permissions by a clock that tests move."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from providers.kubernetes.commands import look_scripts
from providers.kubernetes.permission import Grantable, Permission
from providers.kubernetes.protocol import Frames, Response, Stream
from tests.kubernetes.manifests import NAME, Json


class Recording:
    """A transport that keeps what it was given."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.sent: list[tuple[str, str]] = []
        self.bodies: list[bytes | None] = []

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
    ) -> Response:
        self.sent.append((method, path))
        self.bodies.append(body)
        return Response(status=self.status, body=b"{}")

    @asynccontextmanager
    async def stream(
        self, path: str, *, query: Mapping[str, str] | None = None, timeout_s: float, silence_s: float | None = None
    ) -> AsyncIterator[Stream]:
        self.sent.append(("GET", path))
        yield  # type: ignore[misc]

    @asynccontextmanager
    async def exec(
        self,
        namespace: str,
        pod: str,
        *,
        container: str,
        command: Sequence[str],
        stdin: bool = False,
        tty: bool = False,
        timeout_s: float,
    ) -> AsyncIterator[Frames]:
        self.sent.append(("EXEC", f"{namespace}/{pod}/{container}"))
        yield  # type: ignore[misc]

    async def close(self) -> None:
        pass


POD = "/api/v1/namespaces/prod/pods/jupyter-ana"
NOW = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
PODS = "/api/v1/namespaces/prod/pods"
LOOK = f"{PODS}/{NAME}"
SCRIPT = min(look_scripts())


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def permitted(level: Grantable, clock: Clock | None = None) -> Permission:
    permission = Permission(now=clock or Clock())
    permission.grant(level, until=NOW + timedelta(minutes=15))
    return permission


def encoded(manifest: Json) -> bytes:
    return json.dumps(manifest).encode()
