"""Azure's errors in our words."""

from __future__ import annotations

import re
import shlex
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.filestores.azure_files.place import Place

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, HttpResponseError

_TEXT_LENGTH = 200
"""Characters of Azure's own message that are quoted."""
_GONE = {"ResourceNotFound", "ShareNotFound", "ResourceGroupNotFound", "ParentResourceNotFound"}
_NO_SUBSCRIPTION = {"SubscriptionNotFound", "InvalidSubscriptionId"}
_THROTTLED = {"TooManyRequests", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled", "ServerBusy"}
_TENANTS = re.compile(r"https://sts\.[a-z.]+/([0-9a-f-]{36})", re.IGNORECASE)


class Gone(LookupError):
    """What was listed a moment ago is no more."""


class Throttled(ProviderError):
    """Azure asks for fewer requests. `after_s` is when it may be asked again, None where it does not say."""

    def __init__(self, message: str, *, after_s: int | None) -> None:
        super().__init__("throttled", message)
        self.after_s = after_s


@contextmanager
def translated(what: str, place: Place, *, right: str, timeout_s: float) -> Iterator[None]:
    """Raises ProviderError for what the SDK raises, and Gone for what is no more.

    WHAT is asked, in words that follow "cannot"; RIGHT the permission it takes, as Azure names it.
    """
    from azure.core.exceptions import AzureError, HttpResponseError, IncompleteReadError

    try:
        yield
    except IncompleteReadError as error:
        raise ProviderError("unreachable", f"{place}: cannot {what}: the connection was cut") from error
    except HttpResponseError as error:
        raise _of_answer(error, what, place, right) from error
    except AzureError as error:
        raise _of_call(error, what, place) from error
    except TimeoutError as error:
        raise ProviderError("timeout", f"{place}: cannot {what}: no answer within {timeout_s:.3g} s") from error
    except OSError as error:
        raise ProviderError("unreachable", f"{place}: cannot {what}: the connection was cut") from error
    except (msgspec.ValidationError, ValueError, TypeError, AttributeError, KeyError) as error:
        # The SDK takes for granted that an answer has its shape.
        raise ProviderError("internal", f"{place}: cannot {what}: the answer is something else") from error


def _of_answer(error: HttpResponseError, what: str, place: Place, right: str) -> ProviderError | Gone:
    from azure.core.exceptions import ClientAuthenticationError

    code, status = _code(error), error.status_code or 0
    if status == 404 and code in _GONE:
        return Gone(what)
    cannot = f"{place}: cannot {what}"
    if status == 401 or isinstance(error, ClientAuthenticationError):
        return _of_login(error, place)
    if status == 429 or code in _THROTTLED:
        after_s = _retry_after_s(error)
        wait = "" if after_s is None else f", and to be asked again in {after_s} s"
        return Throttled(f"{cannot}: Azure asks for fewer requests{wait}", after_s=after_s)
    if code in _NO_SUBSCRIPTION:
        message = f"{place}: there is no such subscription, or this login does not see it"
        return ProviderError("forbidden", message, next_step=f"{place.login}; az account list --refresh")
    if status == 403:
        said = "" if code in ("", "AuthorizationFailed") else f" ({code})"
        return ProviderError("forbidden", f"{cannot}: denied{said}", next_step=f"ask for the right {right}")
    if code == "MissingSubscriptionRegistration":
        message = f"{cannot}: the subscription has no storage yet (Microsoft.Storage is not registered)"
        return ProviderError("internal", message, next_step="az provider register --namespace Microsoft.Storage")
    if status in (200, 0):
        return ProviderError("internal", f"{cannot}: the answer is something else")
    answer = f"HTTP {status}{f' {code}' if code else ''}"
    return ProviderError("internal", f"{cannot}: answered with {answer}{_text(error)}")


def _of_login(error: HttpResponseError, place: Place) -> ProviderError:
    code = _code(error)
    if code == "InvalidAuthenticationTokenTenant":
        tenants = _TENANTS.findall(error.message)
        step = f"az login --tenant {shlex.quote(tenants[-1])}" if len(tenants) > 1 else place.login
        if len(tenants) > 1 and not place.tenant:
            step += f', and add "tenant: {tenants[-1]}" to the azure block of cluster.yaml'
        return ProviderError("unauthorized", f"{place}: it is of another tenant than this login", next_step=step)
    if code == "ExpiredAuthenticationToken":
        return ProviderError("unauthorized", f"{place}: the Azure login has expired", next_step=place.login)
    said = f" ({code})" if code else ""
    return ProviderError("unauthorized", f"{place}: the Azure login is not accepted{said}", next_step=place.login)


def _of_call(error: AzureError, what: str, place: Place) -> ProviderError:
    from azure.core import exceptions as sdk

    if any(isinstance(cause, ssl.SSLError | ssl.CertificateError) for cause in _causes(error)):
        return ProviderError("tls", f"{place}: cannot {what}: no trusted TLS connection")
    if isinstance(error, sdk.ServiceRequestTimeoutError | sdk.ServiceResponseTimeoutError):
        return ProviderError("timeout", f"{place}: cannot {what}: no answer in time")
    kind, words = _why_no_answer(error)
    return ProviderError(kind, f"{place}: cannot {what}: {words}")


def _why_no_answer(error: AzureError) -> tuple[ErrorKind, str]:
    from azure.core import exceptions as sdk

    if isinstance(error, sdk.ServiceRequestError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))
        return "unreachable", "Azure's management API refuses connections" if refused else "no connection"
    if isinstance(error, sdk.ServiceResponseError):
        return "unreachable", "the connection was cut"
    return "internal", f"Azure's library says: {' '.join(error.message.split())[:_TEXT_LENGTH]}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        inner = getattr(cause, "os_error", None) or getattr(cause, "certificate_error", None)
        cause = inner if isinstance(inner, BaseException) else cause.__cause__


def _code(error: HttpResponseError) -> str:
    return str(getattr(error.error, "code", None) or "")


def _retry_after_s(error: HttpResponseError) -> int | None:
    seconds = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return int(seconds) if seconds.isdecimal() else None


def _text(error: HttpResponseError) -> str:
    text = " ".join(str(getattr(error.error, "message", None) or "").split())
    return f": {text[:_TEXT_LENGTH]}" if text else ""
