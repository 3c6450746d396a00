"""Which rights Azure says that we have on a storage account."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files.orders import ShareName
from providers.filestores.azure_files.pages import Asking
from providers.filestores.azure_files.resources import read

RIGHTS_RIGHT = "Microsoft.Authorization/permissions/read"
_VERSION = "2022-04-01"
_PAGES = 8


class Permission(msgspec.Struct, frozen=True, rename="camel"):
    """What one role assignment gives, and what it leaves out of that; * stands for anything."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()

    def gives(self, right: str) -> bool:
        return _fits(self.actions, right) and not _fits(self.not_actions, right)


class _Page(msgspec.Struct, frozen=True, rename="camel"):
    value: tuple[Permission, ...]
    next_link: str | None = None


class RightsAsking(Asking):
    """Asks Azure what we may do."""

    async def permissions(self, name: ShareName) -> tuple[Permission, ...]:
        """Those of every role that we have on the storage account of NAME, or above it. Raises ProviderError."""
        from azure.core.rest import HttpRequest

        found: list[Permission] = []
        url, query = (
            f"{{endpoint}}{_account(name)}/providers/Microsoft.Authorization/permissions",
            {"api-version": _VERSION},
        )
        with self._translated(f"ask which rights we have on storage account {name.account}", RIGHTS_RIGHT):
            for _ in range(_PAGES):
                async with self._bounded():
                    response = await self._client.send_request(HttpRequest("GET", url, params=query))
                response.raise_for_status()
                page = read(response.json(), _Page)
                found += page.value
                if not page.next_link:
                    return tuple(found)
                url, query = page.next_link, {}
        raise ProviderError("internal", f"Azure lists more than {_PAGES} pages of rights on {name.account}")


def _account(name: ShareName) -> str:
    within = f"/subscriptions/{name.subscription}/resourceGroups/{name.resource_group}"
    return f"{within}/providers/Microsoft.Storage/storageAccounts/{name.account}"


def given(permissions: Iterable[Permission], right: str) -> bool:
    """Whether one of PERMISSIONS gives RIGHT: what one leaves out another may give."""
    return any(each.gives(right) for each in permissions)


def _fits(patterns: Iterable[str], right: str) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), right, re.IGNORECASE) for pattern in patterns
    )
