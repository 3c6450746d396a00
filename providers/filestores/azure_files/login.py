"""Tokens by Azure's ordinary chain: environment, workload identity, managed identity, `az login`, and so on."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from providers.errors import ProviderError
from providers.filestores.azure_files.login_errors import login_refused
from providers.filestores.azure_files.place import Place
from providers.filestores.azure_files.quiet import hush
from providers.pool import run_blocking

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo

LANE = "azure-files"
_RENEW_BEFORE_S = 300
"""How long before its end a token is not used any more."""


class Login(Protocol):
    """Where bearer tokens come from."""

    async def token(self, place: Place, scopes: list[str], *, timeout_s: float) -> str:
        """A token that holds. Raises ProviderError."""
        ...

    def forget(self, place: Place) -> None:
        """What was told for PLACE is not accepted any more."""
        ...


class ChainLogin:
    """Keeps each tenant's token until shortly before it ends: some links of the chain start a process each time."""

    def __init__(self) -> None:
        self._held: dict[str, AccessTokenInfo] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def token(self, place: Place, scopes: list[str], *, timeout_s: float) -> str:
        """Clusters of one tenant wait for one question. Raises ProviderError."""
        try:
            async with asyncio.timeout(timeout_s), self._asking.setdefault(place.tenant, asyncio.Lock()):
                held = self._held.get(place.tenant)
                if held is None or held.expires_on - time.time() < _RENEW_BEFORE_S:
                    held = await run_blocking(lambda: _ask(place, scopes, timeout_s), timeout_s=timeout_s, lane=LANE)
                    self._held[place.tenant] = held
                return held.token
        except TimeoutError as error:
            message = f"{place}: no login: Azure's credentials did not answer within {timeout_s:g} s"
            raise ProviderError("timeout", message, next_step=place.login) from error

    def forget(self, place: Place) -> None:
        self._held.pop(place.tenant, None)


class NoLogin:
    """The token of an emulator: it says nothing."""

    async def token(self, place: Place, scopes: list[str], *, timeout_s: float) -> str:  # noqa: ARG002
        return "nothing"

    def forget(self, place: Place) -> None:
        pass


def _ask(place: Place, scopes: list[str], timeout_s: float) -> AccessTokenInfo:
    """Blocks. A new chain each time: one that has found its link never looks at the others again."""
    hush()
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential

    tenant = {"additionally_allowed_tenants": [place.tenant]} if place.tenant else {}
    try:
        with DefaultAzureCredential(process_timeout=max(1, int(timeout_s)), **tenant) as chain:
            return chain.get_token_info(*scopes, options={"tenant_id": place.tenant} if place.tenant else None)
    except (AzureError, ValueError, OSError) as error:
        raise login_refused(str(error), place) from error
