"""The two seams of the Kubernetes side: how bytes travel, and how a context becomes a session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An API server's answer, undecoded. Header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Transport(Protocol):
    """Carries one request to one API server. Real over HTTPS, simulated over a world in memory.

    Raises ProviderError (unreachable, timeout, tls, no_context, unauthorized for a credential plugin that fails)
    when there is no answer; an answer of any status is returned. `timeout_s` is how long it may stay silent; an answer
    that keeps coming over a slow line may take longer, though not without end.
    """

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
    ) -> Response: ...

    async def close(self) -> None: ...


class KubeContext(msgspec.Struct, frozen=True, kw_only=True):
    """A context that a kubeconfig offers. `file` is where it stands; `namespace` its default namespace; `current`
    that it is the one which kubectl would use."""

    name: str
    cluster: str
    user: str
    namespace: str = ""
    file: str = ""
    current: bool = False


class Connector(Protocol):
    """Knows the contexts and opens transports to them."""

    def contexts(self) -> tuple[KubeContext, ...]:
        """The contexts on offer, in the order of the files. Raises ProviderError no_context for a broken file."""
        ...

    async def connect(self, context: str, *, kubeconfig: Path | None = None) -> Transport:
        """A transport to the context's API server, reading only. Raises ProviderError."""
        ...
