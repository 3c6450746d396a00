"""The two seams of the Kubernetes side: how bytes travel, and how a context becomes a session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from providers.kubernetes.permission import Permission


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An API server's answer, undecoded. Header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Stream(Protocol):
    """An answer that keeps coming. An answer of any status is one: `status` is to be looked at before the bytes."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Names are lower case."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive, in pieces of any size. Raises ProviderError where the line breaks."""
        ...


class Frames(Protocol):
    """The two ways of a command that runs in a container. The first byte of each frame is its channel.

    From there: 1 standard output, 2 standard error, 3 the end, as a Status in JSON. To there: 0 standard input,
    4 the size of the terminal in JSON, 255 closes the channel that the second byte names (only v5).
    """

    @property
    def subprotocol(self) -> str:
        """`v5.channel.k8s.io`, or v4 where the API server is older than 1.30."""
        ...

    async def receive(self) -> bytes | None:
        """The next frame; None after the last. Raises ProviderError where the line breaks."""
        ...

    async def send(self, frame: bytes) -> None: ...


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

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        timeout_s: float,
        silence_s: float | None = None,
    ) -> AbstractAsyncContextManager[Stream]:
        """A GET whose answer is read as it comes: a log that is followed. Leaving the context ends it.

        The answer must begin within TIMEOUT_S; then it may be silent for SILENCE_S (None: for ever).
        """
        ...

    def exec(
        self,
        namespace: str,
        pod: str,
        *,
        container: str,
        command: Sequence[str],
        stdin: bool = False,
        tty: bool = False,
        timeout_s: float,
    ) -> AbstractAsyncContextManager[Frames]:
        """Runs COMMAND in a container; leaving the context hangs up.

        The API server must have begun it within TIMEOUT_S. Raises ProviderError where it does not: forbidden, no such
        pod or container, a container that does not run.
        """
        ...

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

    async def connect(
        self, context: str, *, kubeconfig: Path | None = None, permission: Permission | None = None
    ) -> Transport:
        """A transport to the context's API server, which lets out what PERMISSION permits; None: only reading.

        Raises ProviderError."""
        ...
