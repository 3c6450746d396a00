"""What breaks between us and an API server, in words: before a request left, or after."""

from __future__ import annotations

import ssl

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.contexts import Access
from providers.kubernetes.status_errors import AnswerLost
from providers.kubernetes.tls import tls_error

_LOOK = "look at the network, the VPN or bastion, and the API server"
_PROXY = "look at proxy-url, HTTPS_PROXY, NO_PROXY"


class WireErrors:
    """The words for one API server at HOST. What breaks after a request may have left is an AnswerLost."""

    def __init__(self, access: Access, host: str, *, connect_timeout_s: float) -> None:
        self._access = access
        self._host = host
        self._connect_timeout_s = connect_timeout_s

    def error(self, error: Exception, timeout_s: float) -> ProviderError:
        """ERROR of aiohttp, of TLS or of the system, after TIMEOUT_S without an answer where it is a timeout."""
        import aiohttp

        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return self._unsent("timeout", f"no connection within {self._connect_timeout_s:g} s", _LOOK)
        if isinstance(error, TimeoutError):
            return self.lost("timeout", f"no answer within {timeout_s:g} s", _LOOK)
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return tls_error(self._access, error.certificate_error, self._host)  # type: ignore[arg-type]
        if isinstance(error, ssl.SSLError):
            return tls_error(self._access, error, self._host)
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            return self._unsent("unreachable", "the proxy cannot be reached", _PROXY)
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return self._unsent("unreachable", f"the proxy refused with status {error.status}", _PROXY)
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            step = "look at the server address, DNS, the VPN"
            return self._unsent("unreachable", "its name cannot be resolved", step)
        if isinstance(error, aiohttp.ClientConnectorError):
            return self._unsent("unreachable", _connection_words(error), _LOOK)
        if isinstance(error, aiohttp.ClientPayloadError):
            return self.lost("unreachable", "the connection ended in the middle of the answer", _LOOK)
        if isinstance(error, aiohttp.ClientConnectionError | OSError):
            return self.lost("unreachable", _connection_words(error), _LOOK)
        return self.lost("internal", "did not answer in HTTP", "look at the server address and the port")

    def lost(self, kind: ErrorKind, cause: str, next_step: str) -> AnswerLost:
        return AnswerLost(kind, self._words(cause), next_step=next_step)

    def _unsent(self, kind: ErrorKind, cause: str, next_step: str) -> ProviderError:
        return ProviderError(kind, self._words(cause), next_step=next_step)

    def _words(self, cause: str) -> str:
        return f"context {self._access.context}: {self._host}: {cause}"


def _connection_words(error: Exception) -> str:
    cause = getattr(error, "os_error", error)
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, ConnectionResetError):
        return "connection reset"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return "the server closed the connection without an answer"
