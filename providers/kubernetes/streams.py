"""What stays open over HTTPS: an answer that is read as it comes, and the frames of a command in a container."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from providers.errors import ProviderError
from providers.kubernetes.protocol import Response

if TYPE_CHECKING:
    import aiohttp

WireError = Callable[[Exception], ProviderError]
"""What broke on the wire, in words."""

SUBPROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


class HandshakeRefused(Exception):
    """The API server answered a request for frames with something else."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class AnswerBroken(Exception):
    """The connection ended after a request that is not to be sent again. `error` is what aiohttp says."""

    def __init__(self, error: aiohttp.ClientError) -> None:
        super().__init__(str(error))
        self.error = error


async def sent_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keeps aiohttp from sending again by itself what it takes for safe to repeat: a GET that runs a command, a
    DELETE. Raises AnswerBroken."""
    import aiohttp

    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise AnswerBroken(error) from error


async def upgraded_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """The same for a web socket. It follows no redirection, and keeps the body of a refusal, which aiohttp would throw
    away: it says why. Raises HandshakeRefused."""
    response = await sent_once(request, handler)
    if response.status != 101:
        body = await response.read()
        raise HandshakeRefused(Response(status=response.status, body=body, headers=lower_case(response.headers)))
    return response


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def exec_target(namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool, tty: bool) -> str:
    """The path and query that run COMMAND. With a terminal there is no standard error of its own."""
    options = [("container", container), ("stdin", stdin), ("stdout", True), ("stderr", not tty), ("tty", tty)]
    query = [(name, str(value).lower() if isinstance(value, bool) else value) for name, value in options]
    query += [("command", word) for word in command]
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/exec"
    return f"{path}?{urlencode(query)}"


class HttpStream:
    """A Stream over an open response."""

    def __init__(self, response: aiohttp.ClientResponse, wire_error: WireError) -> None:
        self._response = response
        self._wire_error = wire_error
        self.status = response.status
        self.headers = lower_case(response.headers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import aiohttp

        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._wire_error(error) from error


class WebSocketFrames:
    """Frames over a web socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[bool], wire_error: WireError) -> None:
        self._socket = socket
        self._wire_error = wire_error
        self.subprotocol = socket.protocol or SUBPROTOCOLS[-1]

    async def receive(self) -> bytes | None:
        import aiohttp

        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            frame: bytes = message.data
            return frame
        if message.type is aiohttp.WSMsgType.TEXT:
            return str(message.data).encode()
        if message.type is aiohttp.WSMsgType.ERROR:
            failure = self._socket.exception()
            raise self._wire_error(failure if isinstance(failure, Exception) else ConnectionResetError()) from failure
        return None

    async def send(self, frame: bytes) -> None:
        import aiohttp

        try:
            await self._socket.send_bytes(frame)
        except (aiohttp.ClientError, OSError) as error:
            raise self._wire_error(error) from error
