"""What makes and changes a share at Azure's management API: one bounded request each.

A PUT whose connection breaks is repeated at once by the HTTP library, as it is: that makes no second share.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from providers.filestores.azure_files.errors import Gone
from providers.filestores.azure_files.pages import SHARES_RIGHT, Asking
from providers.filestores.azure_files.resources import Share, read

WRITE_RIGHT = "Microsoft.Storage/storageAccounts/fileServices/shares/write"

_ID = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.Storage/storageAccounts/([^/]+)"
    r"/fileServices/default/shares/([^/]+)",
    re.IGNORECASE,
)


class ShareName(msgspec.Struct, frozen=True, kw_only=True):
    """Which share it is, by all that its address consists of."""

    subscription: str
    resource_group: str
    account: str
    share: str

    @classmethod
    def of_id(cls, identity: str) -> ShareName | None:
        """That of the id of a share; None for another id."""
        found = _ID.fullmatch(identity)
        if found is None:
            return None
        subscription, group, account, share = found.groups()
        return cls(subscription=subscription.lower(), resource_group=group, account=account, share=share)

    def __str__(self) -> str:
        return f"{self.account}/{self.share}"


class Orders(Asking):
    """Requests about single shares, of which none lasts beyond its own bound."""

    async def share(self, name: ShareName) -> Share | None:
        """As it is now; None where there is none. Raises ProviderError."""
        try:
            return await self._one(f"read share {name}", SHARES_RIGHT, "get", name)
        except Gone:
            return None

    async def create(self, name: ShareName, quota_gib: int) -> Share:
        """Makes it. Raises ProviderError; Gone where its account is no more."""
        properties = {"shareQuota": quota_gib, "enabledProtocols": "NFS", "rootSquash": "NoRootSquash"}
        return await self._one(f"make share {name}", WRITE_RIGHT, "create", name, {"properties": properties})

    async def set_quota(self, name: ShareName, quota_gib: int) -> Share:
        """Changes its quota, and nothing else of it. Raises ProviderError; Gone where it is no more."""
        body = {"properties": {"shareQuota": quota_gib}}
        return await self._one(f"set the quota of share {name}", WRITE_RIGHT, "update", name, body)

    async def _one(self, what: str, right: str, order: str, name: ShareName, *body: Any) -> Share:
        with self._translated(what, right):
            send = getattr(self._client.file_shares, order)
            async with self._bounded():
                found = await send(name.resource_group, name.account, name.share, *body)
            return read(found.as_dict(), Share)
