"""botocore's errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from providers.errors import ErrorKind, ProviderError
from providers.filestores.aws_efs.place import Place

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_TEXT_LENGTH = 200
"""Characters of AWS's own message that are quoted; it may carry an encoded page."""

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNAUTHORIZED = {
    "AuthFailure", "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId",
    "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip
_FORBIDDEN = {
    "AccessDenied", "AccessDeniedException", "Blocked", "NotAuthorized", "OptInRequired", "UnauthorizedOperation",
}  # fmt: skip
_THROTTLED = {
    "PriorRequestNotComplete", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
    "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
}  # fmt: skip
_DENIED = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
_THERE_ALREADY = {"FileSystemAlreadyExists", "MountTargetConflict"}
_GONE = {"FileSystemNotFound", "MountTargetNotFound"}
_NO_CREDENTIALS = (
    "CredentialRetrievalError", "LoginError", "NoAuthTokenError", "NoCredentialsError", "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError", "SSOError", "TokenRetrievalError", "UnknownCredentialError",
)  # fmt: skip


class WrongAnswer(ValueError):
    """AWS answered, and not as it does. The text is ours."""


class Gone(ProviderError):
    """What was listed a moment ago is no more."""


class Unsettled(ProviderError):
    """AWS failed by itself, or answered so that it is not known what is there now: it can be asked again."""


def may_pass(error: ProviderError) -> bool:
    """Whether the same may be asked again after a while. What was asked for may have been done meanwhile."""
    return isinstance(error, Unsettled) or error.kind in ("timeout", "unreachable", "throttled")


@contextmanager
def in_our_words(place: Place, *, right: str, renew: str) -> Iterator[None]:
    """Raises ProviderError for what the SDK raises, Gone among them.

    RIGHT is the action that is asked for, as IAM names it; RENEW the command that renews the credentials.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        if _code(error) in _GONE:
            raise Gone("internal", f"{place}: {right} was answered with {_code(error)}") from error
        raise _of_answer(error, place, right, renew) from error
    except BotoCoreError as error:
        raise _of_call(error, place, renew) from error
    except WrongAnswer as error:
        raise Unsettled("internal", f"{place}: {right}: {error}") from error
    except (ResponseParserError, msgspec.ValidationError) as error:
        raise Unsettled("internal", f"{place}: {right} was answered with something else") from error
    except OSError as error:
        # A credential_process that can't be started, or a file of credentials that can't be read.
        message = f"{place}: no credentials: {error.strerror or type(error).__name__}"
        raise ProviderError("unauthorized", message, next_step=renew) from error


def too_slow(place: Place, seconds: float) -> ProviderError:
    return ProviderError("timeout", f"{place}: no answer within {seconds:g} s")


def of_another_account(place: Place, accounts: Iterable[str], wanted: str) -> ProviderError:
    message = f"{place}: the credentials are of account {', '.join(sorted(accounts))}"
    step = f"name a profile of account {wanted}: profile under [accounts.CLUSTER] in settings.toml, or AWS_PROFILE"
    return ProviderError("unauthorized", message, next_step=step)


def _of_answer(error: ClientError, place: Place, right: str, renew: str) -> ProviderError:
    code, status, headers = _code(error), _status(error), _headers(error)
    if code in _EXPIRED:
        return ProviderError("unauthorized", f"{place}: the credentials have expired", next_step=renew)
    if code in _THROTTLED or status == 429:
        return ProviderError("throttled", f"{place}: {right} was throttled{_wait(headers)}")
    if code in _UNAUTHORIZED or status == 401:
        return ProviderError("unauthorized", f"{place}: the credentials are not accepted ({code})", next_step=renew)
    if code == "OptInRequired":
        message = f"{place}: the account has no access to this service or region"
        return ProviderError("forbidden", message, next_step="enable the region for the account")
    if code in _FORBIDDEN or status == 403:
        right = _named_right(error) or right
        return ProviderError("forbidden", f"{place}: {right} is denied", next_step=f"ask for the right {right}")
    said = _text(error)
    answer = f"HTTP {status}" if code in ("", "Unknown", str(status)) else f"{code} (HTTP {status})"
    kind = Unsettled if status >= 500 or code in _THERE_ALREADY else ProviderError
    return kind("internal", f"{place}: {right} was answered with {answer}{said}")


def _of_call(error: Exception, place: Place, renew: str) -> ProviderError:
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ProfileNotFound):
        step = f"configure the profile, or name another under [accounts.CLUSTER] in settings.toml: {renew}"
        return ProviderError("unauthorized", f"{place}: there is no such AWS profile here", next_step=step)
    if isinstance(error, tuple(getattr(sdk, name) for name in _NO_CREDENTIALS if hasattr(sdk, name))):
        return ProviderError("unauthorized", f"{place}: {_why_no_credentials(error)}", next_step=renew)
    kind, words = _why_no_answer(error)
    return ProviderError(kind, f"{place}: {words}")


def _why_no_credentials(error: Exception) -> str:
    from botocore import exceptions as sdk

    if isinstance(error, sdk.NoCredentialsError):
        return "there are no AWS credentials"
    if isinstance(error, sdk.SSOError | sdk.TokenRetrievalError | sdk.NoAuthTokenError):
        return "the SSO session has expired or was never begun"
    if isinstance(error, sdk.CredentialRetrievalError) and "MFA" in str(error):
        return "the profile asks for an MFA code"
    return f"the credentials can't be had ({type(error).__name__})"


def _why_no_answer(error: Exception) -> tuple[ErrorKind, str]:
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ConnectTimeoutError | sdk.ReadTimeoutError):
        return "timeout", "no answer in time"
    if isinstance(error, sdk.SSLError):
        return "tls", "no trusted TLS connection"
    if isinstance(error, sdk.ProxyConnectionError):
        return "unreachable", "the proxy can't be reached"
    if isinstance(error, sdk.EndpointConnectionError):
        return "unreachable", "the endpoint can't be reached"
    if isinstance(error, sdk.HTTPClientError | sdk.ConnectionError):
        return "unreachable", "the connection was cut"
    if isinstance(error, sdk.InvalidRegionError | sdk.UnknownRegionError):
        return "internal", "the region's name is not valid"
    if isinstance(error, sdk.ConfigParseError):
        return "internal", "the AWS configuration file can't be read"
    return "internal", f"the AWS library failed ({type(error).__name__})"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _headers(error: ClientError) -> Mapping[str, Any]:
    headers: Mapping[str, Any] = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers


def _wait(headers: Mapping[str, Any]) -> str:
    seconds = str(headers.get("retry-after", ""))
    return f", to be asked again in {seconds} s" if seconds.isdecimal() else ""


def _named_right(error: ClientError) -> str:
    """The action that AWS's own words say is missing: one request may need several."""
    named = _DENIED.search(str(error.response.get("Error", {}).get("Message", "")))
    return named[1] if named else ""


def _text(error: ClientError) -> str:
    text = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f": {text[:_TEXT_LENGTH]}" if text else ""
