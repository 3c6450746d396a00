"""An answer that is no success, as a ProviderError that names the request and what to do about it."""

from __future__ import annotations

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.protocol import Response
from providers.kubernetes.redact import redacted

_LONGEST_PAUSE_S = 5.0


class _Status(msgspec.Struct, frozen=True):
    message: str = ""
    reason: str = ""


class StatusError(ProviderError):
    """The API server answered with an error. `status` is HTTP's, `reason` the API's own word."""

    def __init__(self, kind: ErrorKind, message: str, *, next_step: str, status: int, reason: str) -> None:
        super().__init__(kind, message, next_step=next_step)
        self.status = status
        self.reason = reason


class AlreadyExists(StatusError):
    """An object of that name is there already."""


class Conflict(StatusError):
    """The object is no longer as it was when it was read, or somebody else owns the field."""


class Invalid(StatusError):
    """The API server finds the object wrong; the message names its fields."""


class NotAdmitted(StatusError):
    """Admission refuses the object: Pod Security, a quota, a webhook. The rights are there."""


class AnswerLost(ProviderError):
    """A request was sent, or may have been, and no answer came back: what it asked for may have been done."""


def exec_error(response: Response, namespace: str, pod: str, container: str) -> StatusError:
    """RESPONSE to a command that was not begun, in words. A web socket's GET asks for both verbs, newer servers do."""
    error = status_error(response, f"run a command in container {container} of pod {pod} in namespace {namespace}")
    if error.status == 403:
        error.next_step = f"ask for the right to create and get pods/exec in namespace {namespace}"
    elif error.status in (400, 404, 500):
        error.next_step = f"look whether it runs: kubectl --namespace {namespace} describe pod {pod}"
    return error


def pause_s(response: Response) -> float | None:
    """How long a throttled request should wait; None: not throttled, or longer than anybody waits."""
    if response.status != 429:
        return None
    named = response.headers.get("retry-after", "1")
    wait_s = float(named) if named.isdecimal() else 1.0
    return wait_s if wait_s <= _LONGEST_PAUSE_S else None


def write_error(response: Response, what: str) -> StatusError:
    """RESPONSE to a write in words, by what refuses it; WHAT is the request: "create pods/x in namespace prod"."""
    status = _status(response.body)
    words = redacted(status.message, limit=600)
    refused = _refused_write(response.status, status, words)
    if refused is None:
        return status_error(response, what)
    error, kind, cause, next_step = refused
    message = f"cannot {what}: {cause}" + (f": {words}" if words else "")
    return error(kind, message, next_step=next_step, status=response.status, reason=status.reason)


def _refused_write(code: int, status: _Status, words: str) -> tuple[type[StatusError], ErrorKind, str, str] | None:
    if code == 409 and status.reason == "AlreadyExists":
        return AlreadyExists, "internal", "it is there already", "look at it before anything else"
    if code == 409 or (code == 422 and "metadata.uid: Invalid value" in words):
        return Conflict, "internal", "it was changed meanwhile", "refresh, look at it again, and plan again"
    if code in (400, 403, 422) and (admission := _admission(words)):
        return NotAdmitted, "forbidden", *admission
    if code == 422:
        return Invalid, "internal", "the API server finds it wrong", "report it: this should not have been asked for"
    return None


def _admission(words: str) -> tuple[str, str] | None:
    """What admission refuses by, and what to do; None where it is RBAC that refuses."""
    if "violates PodSecurity" in words:
        return "Pod Security forbids it", "use a namespace, or a way, that its Pod Security level admits"
    if "exceeded quota" in words or "failed quota" in words:
        return "the namespace's quota is used up", "look at the quota: kubectl describe resourcequota"
    if "admission webhook" in words:
        return "an admission webhook of the cluster denies it", "ask who runs that webhook"
    if "ValidatingAdmissionPolicy" in words:
        return "an admission policy of the cluster denies it", "ask who owns that policy"
    if "per Container is" in words or "per Pod is" in words:
        return "the namespace's limit range forbids it", "look at the limits: kubectl describe limitrange"
    return None


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
