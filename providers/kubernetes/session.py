"""Sessions: a kubeconfig context becomes a transport over HTTPS, on one pool of connections.

aiohttp is used directly, with credentials of our own reading, and not the kubernetes package's configuration loader:
importing that loader takes half a second of the interpreter (it brings the whole synchronous client along), more than
listing a cluster does; it goes on without a token when a credential plugin fails; and it leaves keys in temporary
files. The tests hold our reading against that loader's.

Answers are asked for compressed (the API server compresses what is over 128 KiB): lists shrink ten- to twentyfold. On
a line to elsewhere that is most of the time; on the API server's own host it costs a quarter more, and a loopback
address says nothing of the distance, since tunnels end there. Inflating is zlib's, in a thread, beside the loop.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from providers.errors import ProviderError
from providers.kubernetes.contexts import Access, access, read_kubeconfig
from providers.kubernetes.credentials import Credential, Credentials, utc_now
from providers.kubernetes.guard import ReadOnly
from providers.kubernetes.protocol import KubeContext, Response, Transport
from providers.kubernetes.proxies import proxy_for
from providers.kubernetes.redact import redacted
from providers.kubernetes.tls import tls_context, tls_error

if TYPE_CHECKING:
    import aiohttp

_CONNECTIONS = 6
_SLOW_LINE = 6
"""How many times its timeout a request may take as long as bytes keep coming."""
_INFLATE_ON_LOOP_BYTES = 64 * 1024


class KubeconfigConnector:
    """The contexts of kubeconfig files. `files` are separated as PATH is; None: KUBECONFIG, else ~/.kube/config."""

    def __init__(
        self,
        files: str | None = None,
        *,
        connect_timeout_s: float = 5.0,
        plugin_timeout_s: float = 20.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._files = files
        self._connect_timeout_s = connect_timeout_s
        self._plugin_timeout_s = plugin_timeout_s
        self._now = now

    def contexts(self) -> tuple[KubeContext, ...]:
        """The contexts on offer, in the order of the files. Raises ProviderError no_context for a broken file."""
        return read_kubeconfig(self._files).contexts

    async def connect(self, context: str, *, kubeconfig: Path | None = None) -> Transport:
        """A transport that only reads. Runs the credential plugin, sends nothing. Raises ProviderError.

        CONTEXT "" is the current one. KUBECONFIG is read instead of the connector's own files.
        """
        merged = await asyncio.to_thread(read_kubeconfig, str(kubeconfig) if kubeconfig else self._files)
        found = access(merged, context)
        credentials = Credentials(found, plugin_timeout_s=self._plugin_timeout_s, now=self._now)
        transport = HttpTransport(found, credentials, connect_timeout_s=self._connect_timeout_s)
        await transport.prepare()
        return ReadOnly(transport)


class HttpTransport:
    """One API server over HTTP(S). Sends whatever it is given: only ever handed out behind a guard."""

    def __init__(self, access: Access, credentials: Credentials, *, connect_timeout_s: float) -> None:
        self._access = access
        self._credentials = credentials
        self._connect_timeout_s = connect_timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._identity: tuple[Credential, ssl.SSLContext | bool] | None = None
        self._host, self._secure = _server(access)
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
        raise ProviderError(
            "unauthorized",
            f"context {self._access.context}: {self._host} does not accept the credentials"
            f" of user {self._access.user_name or '(none)'}: expired, or revoked",
            next_step=self._credentials.login(),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

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

        options: dict[str, Any] = {"ssl": self._ssl(credential), "proxy": self._proxy}
        server_name = self._access.cluster.text("tls-server-name")
        if server_name and self._secure:
            options["server_hostname"] = server_name
        try:
            async with self._open().request(
                method,
                yarl.URL(url, encoded=True),
                data=body,
                headers=self._headers(credential, headers),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=_SLOW_LINE * timeout_s, sock_read=timeout_s, sock_connect=self._connect_timeout_s
                ),
                **options,
            ) as response:
                content = await response.read()
                fields = {name.lower(): value for name, value in response.headers.items()}
                return Response(status=response.status, body=await self._inflated(content, fields), headers=fields)
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise self._wire_error(error, timeout_s) from error

    def _headers(self, credential: Credential, extra: Mapping[str, str] | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "hubhomes"}
        if credential.authorization:
            headers["Authorization"] = credential.authorization
        return headers | dict(extra or {})

    async def _inflated(self, content: bytes, headers: Mapping[str, str]) -> bytes:
        if headers.get("content-encoding") != "gzip":
            return content
        try:
            if len(content) < _INFLATE_ON_LOOP_BYTES:
                return zlib.decompress(content, 31)
            return await asyncio.to_thread(zlib.decompress, content, 31)
        except zlib.error as error:
            raise self._error("internal", "answered with a broken compressed body", "ask again") from error

    def _wire_error(self, error: Exception, timeout_s: float) -> ProviderError:
        import aiohttp

        look = "look at the network, the VPN or bastion, and the API server"
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return self._error("timeout", f"no connection within {self._connect_timeout_s:g} s", look)
        if isinstance(error, TimeoutError):
            return self._error("timeout", f"no answer within {timeout_s:g} s", look)
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return tls_error(self._access, error.certificate_error, self._host)  # type: ignore[arg-type]
        if isinstance(error, ssl.SSLError):
            return tls_error(self._access, error, self._host)
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            return self._error("unreachable", "the proxy cannot be reached", "look at proxy-url, HTTPS_PROXY, NO_PROXY")
        if isinstance(error, aiohttp.ClientHttpProxyError):
            words = f"the proxy refused with status {error.status}"
            return self._error("unreachable", words, "look at proxy-url, HTTPS_PROXY, NO_PROXY")
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return self._error("unreachable", "its name cannot be resolved", "look at the server address, DNS, the VPN")
        if isinstance(error, aiohttp.ClientPayloadError):
            return self._error("unreachable", "the connection ended in the middle of the answer", look)
        if isinstance(error, aiohttp.ClientConnectionError | OSError):
            return self._error("unreachable", _connection_words(error), look)
        return self._error("internal", "did not answer in HTTP", "look at the server address and the port")

    def _error(self, kind: Any, cause: str, next_step: str) -> ProviderError:
        return ProviderError(kind, f"context {self._access.context}: {self._host}: {cause}", next_step=next_step)


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


def _connection_words(error: Exception) -> str:
    cause = getattr(error, "os_error", error)
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, ConnectionResetError):
        return "connection reset"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return "the server closed the connection without an answer"
