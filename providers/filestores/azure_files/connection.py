"""A client of Azure's management API that only sends what is permitted, only to one address, and never tries again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files.login import LANE, Login
from providers.filestores.azure_files.place import Place
from providers.filestores.azure_files.quiet import hush
from providers.pool import run_blocking

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
    from azure.mgmt.storage.aio import StorageManagementClient

    from providers.kubernetes.permission import Permission


class CallBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a login, one request, and a whole listing may take, in seconds."""

    login_s: float = 15.0
    connect_s: float = 4.0
    request_s: float = 8.0
    listing_s: float = 25.0


@asynccontextmanager
async def storage_client(
    place: Place, *, endpoint: str, login: Login, bounds: CallBounds, permission: Permission | None = None
) -> AsyncIterator[StorageManagementClient]:
    """A client that asks ENDPOINT, "" for Azure's own, and changes what PERMISSION lets out; None: nothing.

    Raises ProviderError where there is no login.
    """
    try:
        arm = await run_blocking(lambda: _imported(endpoint), timeout_s=bounds.login_s, lane=LANE)
    except TimeoutError as error:
        raise ProviderError("timeout", f"{place}: Azure's libraries did not load in time") from error
    except ImportError as error:
        message = f"{place}: Azure's libraries are not installed"
        missing = (error.name or "azure-mgmt-storage").replace(".", "-")
        raise ProviderError("internal", message, next_step=f"pip install {missing}") from error
    except ValueError as error:
        message = f"{place}: there is no such Azure cloud: {error}"
        raise ProviderError("internal", message, next_step="unset AZURE_SDK_CLOUD_CONF, or name a cloud") from error
    token = await login.token(place, arm.scopes, timeout_s=bounds.login_s)
    client = arm.make(
        _Told(token),
        place.subscription,
        base_url=arm.address,
        policies=arm.policies(_Told(token), permission),
        connection_timeout=bounds.connect_s,
        read_timeout=bounds.request_s,
        # An emulator is asked directly.
        use_env_settings=not endpoint,
    )
    async with client:
        yield client


class _Arm(NamedTuple):
    make: Callable[..., StorageManagementClient]
    address: str
    scopes: list[str]
    policies: Callable[[_Told, Permission | None], list[Any]]


def _imported(endpoint: str) -> _Arm:
    """Blocks for about a second, once. Which cloud is a setting of the library, AZURE_SDK_CLOUD_CONF."""
    hush()
    from azure.core.pipeline.policies import ContentDecodePolicy, RequestIdPolicy, UserAgentPolicy
    from azure.core.settings import settings
    from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
    from azure.mgmt.core.tools import get_arm_endpoints
    from azure.mgmt.storage.aio import StorageManagementClient

    from providers.filestores.azure_files.guard import Guard, InClear

    cloud = get_arm_endpoints(settings.azure_cloud())
    address, scopes = endpoint or cloud["resource_manager"].rstrip("/"), list(cloud["credential_scopes"])

    def policies(credential: _Told, permission: Permission | None) -> list[Any]:
        # The library's own would try again, follow redirects, and register a provider with the subscription.
        in_clear = [InClear()] if address.startswith("http:") else []
        authorised = AsyncARMChallengeAuthenticationPolicy(credential, *scopes)
        guard = Guard(address, permission)
        return [RequestIdPolicy(), UserAgentPolicy(), ContentDecodePolicy(), guard, *in_clear, authorised]

    return _Arm(StorageManagementClient, address, scopes, policies)


class _Told:
    """A credential that has one token, and no other for who asks for more."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token_info(self, *_scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        from azure.core.credentials import AccessTokenInfo
        from azure.core.exceptions import ClientAuthenticationError

        if options and options.get("claims"):
            raise ClientAuthenticationError("a new login is asked for")
        # Longer than any listing: what it holds was checked when it was told.
        return AccessTokenInfo(self._token, 2**33)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        pass
