"""One API server over HTTP(S): requests on one pool of connections, and what stays open on others.

Answers are asked for compressed (the API server compresses what is over 128 KiB): lists shrink ten- to twentyfold. On
a line to elsewhere that is most of the time; on the API server's own host it costs a quarter more, and a loopback
address says nothing of the distance, since tunnels end there. Inflating is zlib's, in a thread, beside the loop.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access
from providers.kubernetes.credentials import Credential, Credentials
from providers.kubernetes.protocol import Frames, Response, Stream
from providers.kubernetes.proxies import proxy_for
from providers.kubernetes.redact import redacted
from providers.kubernetes.status_errors import exec_error
from providers.kubernetes.streams import (
    SUBPROTOCOLS,
    AnswerBroken,
    HandshakeRefused,
    HttpStream,
    WebSocketFrames,
    exec_target,
    lower_case,
    sent_once,
    upgraded_once,
)
from providers.kubernetes.tls import tls_context
from providers.kubernetes.wire_errors import WireErrors

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

_CONNECTIONS = 6
_SLOW_LINE = 6
"""How many times its timeout a request may take as long as bytes keep coming."""
_INFLATE_ON_LOOP_BYTES = 64 * 1024
_PROXIED = "/proxy/"
PROXIED_BYTES = 32 * 1024 * 1024
"""The most of an answer from behind the API server: a kubelet with 250 pods says about 2 MB."""


class HttpTransport:
    """One API server over HTTP(S). Sends whatever it is given: only ever handed out behind a guard."""

    def __init__(self, access: Access, credentials: Credentials, *, connect_timeout_s: float) -> None:
        self._access = access
        self._credentials = credentials
        self._connect_timeout_s = connect_timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._held_open: aiohttp.ClientSession | None = None
        self._identity: tuple[Credential, ssl.SSLContext | bool] | None = None
        self._host, self._secure = _server(access)
        self._wire = WireErrors(access, self._host, connect_timeout_s=connect_timeout_s)
        self._proxy = proxy_for(access)

    async def prepare(self) -> None:
        """Gets the credential and the certificates ready. Raises ProviderError as `request` does."""
        self._ssl(await self._credentials.current())

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
        """One request; a credential that is refused is renewed and tried once more. See `Transport`."""
        url = self._access.server + path + (f"?{urlencode(query)}" if query else "")
        credential = await self._credentials.current()
        answer = await self._send(method, url, credential, body, headers, timeout_s)
        if answer.status != 401:
            return answer
        if self._credentials.renewable:
            credential = await self._credentials.current(refused=credential)
            answer = await self._send(method, url, credential, body, headers, timeout_s)
            if answer.status != 401:
                return answer
        raise self._unauthorized()

    @asynccontextmanager
    async def stream(
        self, path: str, *, query: Mapping[str, str] | None = None, timeout_s: float, silence_s: float | None = None
    ) -> AsyncIterator[Stream]:
        """See `Transport`."""
        url = self._access.server + path + (f"?{urlencode(query)}" if query else "")
        response = await self._held(lambda credential: self._streamed(url, credential, timeout_s, silence_s))
        try:
            yield HttpStream(response, lambda error: self._wire.error(error, silence_s or timeout_s))
        finally:
            response.close()

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
        """See `Transport`."""
        url = self._access.server + exec_target(namespace, pod, container, command, stdin=stdin, tty=tty)
        try:
            socket = await self._held(lambda credential: self._upgraded(url, credential, timeout_s))
        except HandshakeRefused as refused:
            raise exec_error(refused.response, namespace, pod, container) from None
        try:
            yield WebSocketFrames(socket, lambda error: self._wire.error(error, timeout_s))
        finally:
            await socket.close()

    async def close(self) -> None:
        for session in (self._session, self._held_open):
            if session is not None:
                await session.close()

    def _unauthorized(self) -> ProviderError:
        return ProviderError(
            "unauthorized",
            f"context {self._access.context}: {self._host} does not accept the credentials"
            f" of user {self._access.user_name or '(none)'}: expired, or revoked",
            next_step=self._credentials.login(),
        )

    async def _held(self, opening: Callable[[Credential], Awaitable[T]]) -> T:
        """What OPENING gives; a credential that is refused is renewed and tried once more."""
        credential = await self._credentials.current()
        for renewed in (False, True):
            try:
                return await opening(credential)
            except HandshakeRefused as refused:
                if refused.response.status != 401:
                    raise
                if renewed or not self._credentials.renewable:
                    break
                credential = await self._credentials.current(refused=credential)
        raise self._unauthorized()

    async def _streamed(
        self, url: str, credential: Credential, timeout_s: float, silence_s: float | None
    ) -> aiohttp.ClientResponse:
        import aiohttp
        import yarl

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s, sock_read=silence_s)
        headers = self._headers(credential, {"Accept": "*/*", "Accept-Encoding": "identity"})
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._open_held().get(
                    yarl.URL(url, encoded=True),
                    headers=headers,
                    allow_redirects=False,
                    timeout=timeout,
                    middlewares=(),
                    **self._options(credential),
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._wire.error(error, timeout_s) from error
        if response.status == 401:
            response.close()
            raise HandshakeRefused(Response(status=401, body=b""))
        return response

    async def _upgraded(
        self, url: str, credential: Credential, timeout_s: float
    ) -> aiohttp.ClientWebSocketResponse[bool]:
        import aiohttp
        import yarl

        headers = {} if credential.authorization is None else {"Authorization": credential.authorization}
        try:
            async with asyncio.timeout(timeout_s):
                socket: aiohttp.ClientWebSocketResponse[bool] = await self._open_held().ws_connect(
                    yarl.URL(url, encoded=True),
                    protocols=SUBPROTOCOLS,
                    headers=headers | {"User-Agent": "hubhomes"},
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                    max_msg_size=0,
                    **self._options(credential),
                )
                return socket
        except AnswerBroken as broken:
            raise self._wire.error(broken.error, timeout_s) from broken
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._wire.error(error, timeout_s) from error

    def _open_held(self) -> aiohttp.ClientSession:
        """Connections of their own for what stays open, so that it never keeps lists waiting."""
        import aiohttp

        if self._held_open is None:
            self._held_open = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, resolver=aiohttp.ThreadedResolver(), force_close=True),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                middlewares=(upgraded_once,),
            )
        return self._held_open

    def _options(self, credential: Credential) -> dict[str, Any]:
        options: dict[str, Any] = {"ssl": self._ssl(credential), "proxy": self._proxy}
        server_name = self._access.cluster.text("tls-server-name")
        if server_name and self._secure:
            options["server_hostname"] = server_name
        return options

    def _ssl(self, credential: Credential) -> ssl.SSLContext | bool:
        if self._identity is None or (
            self._identity[0] is not credential
            and (self._identity[0].certificate, self._identity[0].key) != (credential.certificate, credential.key)
        ):
            self._identity = (credential, tls_context(self._access, credential) if self._secure else True)
        return self._identity[1]

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                # The system's own resolver: another would not see what a VPN or /etc/hosts says.
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, resolver=aiohttp.ThreadedResolver()),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                read_bufsize=2**20,
                trust_env=False,
            )
        return self._session

    async def _send(
        self,
        method: str,
        url: str,
        credential: Credential,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        timeout_s: float,
    ) -> Response:
        import aiohttp
        import yarl

        try:
            async with self._open().request(
                method,
                yarl.URL(url, encoded=True),
                data=body,
                headers=self._headers(credential, headers),
                allow_redirects=False,
                middlewares=() if method == "GET" else (sent_once,),
                timeout=aiohttp.ClientTimeout(
                    total=_SLOW_LINE * timeout_s, sock_read=timeout_s, sock_connect=self._connect_timeout_s
                ),
                **self._options(credential),
            ) as response:
                fields = lower_case(response.headers)
                if _PROXIED in url.removeprefix(self._access.server):
                    body = await self._short(response.content, fields)
                else:
                    body = await self._inflated(await response.read(), fields)
                return Response(status=response.status, body=body, headers=fields)
        except AnswerBroken as broken:
            raise self._wire.error(broken.error, timeout_s) from broken
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._wire.error(error, timeout_s) from error

    def _headers(self, credential: Credential, extra: Mapping[str, str] | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "hubhomes"}
        if credential.authorization:
            headers["Authorization"] = credential.authorization
        return headers | dict(extra or {})

    async def _short(self, content: aiohttp.StreamReader, headers: Mapping[str, str]) -> bytes:
        """A body that comes from behind the API server, from whoever serves there: not taken at any length."""
        inflate = zlib.decompressobj(31) if headers.get("content-encoding") == "gzip" else None
        body = bytearray()
        try:
            async for piece in content.iter_chunked(2**16):
                body += inflate.decompress(piece, PROXIED_BYTES) if inflate else piece
                if len(body) > PROXIED_BYTES or (inflate and inflate.unconsumed_tail):
                    words = f"answered with more than {PROXIED_BYTES >> 20} MiB through its proxy"
                    raise self._wire.lost("internal", words, "see what listens there")
            if inflate and not inflate.eof:
                raise zlib.error("it ends in the middle")
        except zlib.error as error:
            raise self._wire.lost("internal", "answered with a broken compressed body", "ask again") from error
        return bytes(body)

    async def _inflated(self, content: bytes, headers: Mapping[str, str]) -> bytes:
        if headers.get("content-encoding") != "gzip":
            return content
        try:
            if len(content) < _INFLATE_ON_LOOP_BYTES:
                return zlib.decompress(content, 31)
            return await asyncio.to_thread(zlib.decompress, content, 31)
        except zlib.error as error:
            raise self._wire.lost("internal", "answered with a broken compressed body", "ask again") from error


def _server(access: Access) -> tuple[str, bool]:
    """Host and port of the server's address, without credentials, and whether it speaks TLS."""
    try:
        address = urlsplit(access.server)
        if address.scheme in ("http", "https") and address.hostname and address.port != 0:
            return address.netloc.rpartition("@")[2], address.scheme == "https"
    except ValueError:
        pass  # a port or an IPv6 address that is none
    raise ProviderError(
        "no_context",
        f"context {access.context}: server {redacted(access.server)} is no http or https address",
        next_step=f"mend cluster {access.cluster_name} in {access.cluster.file}",
    )
