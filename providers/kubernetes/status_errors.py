"""An answer that is no success, as a ProviderError that names the request and what to do about it."""

from __future__ import annotations

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.protocol import Response
from providers.kubernetes.redact import redacted


class _Status(msgspec.Struct, frozen=True):
    message: str = ""
    reason: str = ""


class StatusError(ProviderError):
    """The API server answered with an error. `status` is HTTP's, `reason` the API's own word."""

    def __init__(self, kind: ErrorKind, message: str, *, next_step: str, status: int, reason: str) -> None:
        super().__init__(kind, message, next_step=next_step)
        self.status = status
        self.reason = reason


def status_error(response: Response, what: str) -> StatusError:
    """RESPONSE in words; WHAT is the request: "list pods in namespace prod"."""
    status = _status(response.body)
    kind, cause, next_step = _kind(response, what)
    words = redacted(status.message)
    message = f"cannot {what}: {cause}" + (f": {words}" if words else "")
    return StatusError(kind, message, next_step=next_step, status=response.status, reason=status.reason)


def _status(body: bytes) -> _Status:
    try:
        return msgspec.json.decode(body[:65536], type=_Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Status()


def _kind(response: Response, what: str) -> tuple[ErrorKind, str, str]:
    status = response.status
    if status == 401:
        return "unauthorized", "the credentials are not accepted", "log in again"
    if status == 403:
        return "forbidden", "forbidden", f"ask for the right to {what}"
    if status == 429:
        return "throttled", "the API server asks to slow down", "wait a minute, then refresh"
    if 300 <= status < 400:
        return (
            "internal",
            f"redirected elsewhere (status {status}): no API server answers there, but a proxy or a login page",
            "look at the server address of the kubeconfig",
        )
    if status == 404:
        return "internal", "not found (status 404)", "look at the server address, or the API server's version"
    if status == 410:
        return "internal", "the list has moved on (status 410)", "refresh"
    if status >= 500:
        return "internal", f"the API server failed (status {status})", "refresh; look at the API server"
    return "internal", f"unexpected status {status}", "refresh"
