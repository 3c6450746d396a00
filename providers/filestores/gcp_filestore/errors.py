"""What Google's packages raise, as ProviderError: what was asked, why not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.redact import redacted

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

LOGIN = "gcloud auth application-default login"
WAIT = "wait a minute, then refresh"

_KINDS: dict[int, tuple[ErrorKind, str]] = {
    400: ("internal", "not accepted (status 400)"),
    401: ("unauthorized", "the credentials are not accepted"),
    403: ("forbidden", "forbidden"),
    404: ("internal", "not found (status 404)"),
    409: ("internal", "in conflict with what is there or runs (status 409)"),
    429: ("throttled", "Google asks to slow down"),
    503: ("unreachable", "the API does not answer"),
    504: ("timeout", "no answer in time"),
}


@contextmanager
def translated(what: str, *, project: str = "", permission: str = "", role: str = "") -> Iterator[None]:
    """Raises what the block raises as ProviderError. WHAT is what was asked: "list Filestore instances of P".

    PERMISSION on PROJECT, part of ROLE, is what a refusal tells to ask for.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import Error as JsonError
    from requests.exceptions import RequestException

    try:
        yield
    except GoogleAPICallError as error:
        asked = f"{permission} on project {project} ({role})" if permission else ""
        raise _of_api(error, what, project=project, asked=asked) from error
    except GoogleAuthError as error:
        raise _of_auth(error, what) from error
    except RequestException as error:
        raise _of_http(error, what) from error
    except (JsonError, ValueError) as error:
        message = f"cannot {what}: the answer cannot be read: {redacted(str(error))}"
        raise ProviderError("internal", message, next_step="refresh") from error


def _of_api(error: GoogleAPICallError, what: str, *, project: str, asked: str) -> ProviderError:
    code = int(error.code or 0)
    words = redacted(str(error.message or ""))
    kind, cause = _KINDS.get(code, ("internal", f"the API failed (status {code})" if code else "the API failed"))
    if kind == "unreachable" and _is_tls(words):
        kind, cause = "tls", "no trusted connection"
    if kind == "internal" and "deserializ" in words:
        cause = "the answer cannot be read"
    message = f"cannot {what}: {cause}" + (f": {words}" if words else "")
    return ProviderError(kind, message, next_step=_next_step(error, kind, code, project=project, asked=asked))


def _next_step(error: GoogleAPICallError, kind: ErrorKind, code: int, *, project: str, asked: str) -> str:
    if kind == "unauthorized":
        return LOGIN
    if kind == "throttled":
        if "quota limit" in str(error.message).lower():
            return f"ask for more quota in project {project}, or for a smaller capacity"
        seconds = _retry_after(error)
        return f"wait {seconds} s, then refresh" if seconds else WAIT
    if kind == "forbidden":
        return _remedy(error, project=project, asked=asked)
    if code == 404:
        return "check the project in cluster.yaml"
    if code in (400, 409):
        return "mend what Google names, or wait until what runs has ended"
    return "refresh; look at https://status.cloud.google.com" if code >= 500 and kind == "internal" else "refresh"


def _remedy(error: GoogleAPICallError, *, project: str, asked: str) -> str:
    """What mends a refusal. Google names the reason; the project whose API is off may be the one that pays."""
    facts = dict(error.metadata or {})
    if error.reason == "SERVICE_DISABLED" and facts.get("service"):
        where = str(facts.get("consumer", "")).removeprefix("projects/") or project
        return f"gcloud services enable {redacted(facts['service'])} --project {redacted(where)}"
    if error.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
        return f"{LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform"
    if error.reason == "USER_PROJECT_DENIED":
        return f"gcloud auth application-default set-quota-project {project}"
    return f"ask for {asked}" if asked else f"ask for access to project {project}"


def _retry_after(error: GoogleAPICallError) -> int:
    """Seconds that the answer asks to wait: by HTTP's header, or by gRPC's RetryInfo; 0 where it does not say."""
    for detail in error.details or ():
        delay = getattr(detail, "retry_delay", None)
        if delay is not None:
            return int(delay.seconds) + (1 if delay.nanos else 0)
    headers = getattr(error.response, "headers", None) or {}
    value = str(headers.get("Retry-After", ""))
    return int(value) if value.isdecimal() else 0


def _of_auth(error: GoogleAuthError, what: str) -> ProviderError:
    from google.auth import exceptions

    words = redacted(str(error.args[0]) if error.args else "")
    if isinstance(error, exceptions.DefaultCredentialsError):
        return ProviderError("unauthorized", f"cannot {what}: {words}", next_step=LOGIN)
    if isinstance(error, exceptions.TimeoutError) or "timed out" in words.lower():
        return ProviderError("timeout", f"cannot {what}: no answer in time: {words}", next_step="refresh")
    if isinstance(error, exceptions.TransportError) or getattr(error, "retryable", False):
        kind: ErrorKind = "tls" if _is_tls(words) else "unreachable"
        return ProviderError(kind, f"cannot {what}: Google's login does not answer: {words}", next_step="refresh")
    return ProviderError("unauthorized", f"cannot {what}: the login has expired: {words}", next_step=LOGIN)


def _of_http(error: RequestException, what: str) -> ProviderError:
    from requests import exceptions

    words = redacted(str(error))
    if isinstance(error, exceptions.SSLError):
        return ProviderError("tls", f"cannot {what}: no trusted connection: {words}", next_step="refresh")
    if isinstance(error, exceptions.Timeout) or "timed out" in words:
        return ProviderError("timeout", f"cannot {what}: no answer in time", next_step="refresh")
    if isinstance(error, exceptions.ConnectionError | exceptions.ChunkedEncodingError):
        cause = redacted(str(_innermost(error)))
        return ProviderError("unreachable", f"cannot {what}: the API does not answer: {cause}", next_step="refresh")
    return ProviderError("internal", f"cannot {what}: the answer cannot be read: {words}", next_step="refresh")


def _innermost(error: BaseException) -> BaseException:
    """What began it: requests and urllib3 wrap the system's own words several times over."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _is_tls(words: str) -> bool:
    return any(mark in words for mark in ("CERTIFICATE_VERIFY_FAILED", "SSL", "certificate verify failed", "TLS"))
