"""What is asked of Azure's management API, one bounded request after the other. What came before a failure is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files.errors import Gone, translated
from providers.filestores.azure_files.place import Place
from providers.filestores.azure_files.resources import Account, ManagedCluster, Share, read

if TYPE_CHECKING:
    from azure.mgmt.storage.aio import StorageManagementClient

T = TypeVar("T")

ACCOUNTS_RIGHT = "Microsoft.Storage/storageAccounts/read"
SHARES_RIGHT = "Microsoft.Storage/storageAccounts/fileServices/shares/read"
NODES_RIGHT = "Microsoft.ContainerService/managedClusters/read"
_AKS_VERSION = "2024-09-01"


class Pages(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What a list held; `refused` says why there may be more."""

    items: tuple[T, ...] = ()
    refused: tuple[ProviderError, ...] = ()


class Asking:
    """Requests about one subscription, of which none lasts beyond its own bound or that of all."""

    def __init__(self, client: StorageManagementClient, place: Place, *, request_s: float, ends: float) -> None:
        """ENDS is a time of the running loop's clock."""
        self._client, self._place = client, place
        self._request_s, self._ends = request_s, ends

    async def accounts(self) -> Pages[Account]:
        """Those of the subscription. Raises ProviderError where not even a part is known."""
        return await self._read(self._client.storage_accounts.list(), Account, "list storage accounts", ACCOUNTS_RIGHT)

    async def accounts_of_group(self, refused: ProviderError) -> Pages[Account]:
        """Those of the cluster's resource group, where the whole was REFUSED. Raises that refusal."""
        group = self._place.resource_group
        listing = self._client.storage_accounts.list_by_resource_group(group)
        try:
            what = f"list storage accounts of resource group {group}"
            found = await self._read(listing, Account, what, ACCOUNTS_RIGHT)
        except (ProviderError, Gone):
            raise refused from None
        message = f"only resource group {group} is known: {refused.message}"
        beyond = ProviderError(refused.kind, message, next_step=refused.next_step)
        return Pages(items=found.items, refused=(beyond, *found.refused))

    async def shares(self, account: Account) -> Pages[Share]:
        """Those of ACCOUNT, with their snapshots. Nothing where it is gone."""
        listing = self._client.file_shares.list(account.resource_group, account.name, expand="snapshots")
        what = f"list file shares of storage account {account.name}"
        try:
            return await self._read(listing, Share, what, SHARES_RIGHT)
        except Gone:
            return Pages()
        except ProviderError as error:
            return Pages(refused=(error,))

    async def used_bytes(self, account: Account, share: Share) -> int | None:
        """How much SHARE holds, None where Azure does not say. Raises ProviderError, and Gone."""
        what = f"read how full {account.name}/{share.name} is"
        with self._translated(what, SHARES_RIGHT):
            async with self._bounded():
                found = await self._client.file_shares.get(
                    account.resource_group, account.name, share.name, expand="stats"
                )
            return read(found.as_dict(), Share).properties.share_usage_bytes

    async def node_subnets(self) -> tuple[str, ...] | None:
        """The ids of the subnets of the nodes; None where AKS keeps them to itself. Raises ProviderError, and Gone."""
        from azure.core.rest import HttpRequest

        place = self._place
        path = (
            f"/subscriptions/{place.subscription}/resourceGroups/{quote(place.resource_group, safe='')}"
            f"/providers/Microsoft.ContainerService/managedClusters/{quote(place.aks_cluster, safe='')}"
        )
        with self._translated(f"read the subnets of AKS cluster {place.aks_cluster}", NODES_RIGHT):
            async with self._bounded():
                request = HttpRequest("GET", f"{{endpoint}}{path}", params={"api-version": _AKS_VERSION})
                response = await self._client.send_request(request)
            response.raise_for_status()
            pools = read(response.json(), ManagedCluster).properties.agent_pool_profiles or []
        subnets = [pool.subnet for pool in pools if pool.subnet]
        return tuple(dict.fromkeys(subnets)) if pools and len(subnets) == len(pools) else None

    async def _read(self, listing: Any, kind: type[T], what: str, right: str) -> Pages[T]:
        """Raises ProviderError or Gone where not even the first page could be read."""
        found: list[T] = []
        refused: list[ProviderError] = []
        pages, asked = listing.by_page(), {None}
        first = True
        while True:
            try:
                with self._translated(what, right):
                    async with self._bounded():
                        page: AsyncIterator[Any] = await anext(pages)
                    raw = [item.as_dict() async for item in page]
            except StopAsyncIteration:
                break
            except (ProviderError, Gone) as error:
                if first:
                    raise
                refused.append(_cut(error))
                break
            first = False
            for item in raw:
                self._keep(item, kind, found, refused, what)
            if pages.continuation_token in asked and pages.continuation_token is not None:
                refused.append(ProviderError("internal", f"{self._place}: cannot {what}: pages repeat"))
                break
            asked.add(pages.continuation_token)
        return Pages(items=tuple(found), refused=tuple(refused))

    def _keep(self, item: Any, kind: type[T], found: list[T], refused: list[ProviderError], what: str) -> None:
        try:
            found.append(read(item, kind))
        except msgspec.ValidationError:
            name = item.get("name") if isinstance(item, dict) else None
            refused.append(ProviderError("internal", f"{self._place}: cannot {what}: {name} can't be read"))

    def _bounded(self) -> asyncio.Timeout:
        return asyncio.timeout(self._left_s())

    def _translated(self, what: str, right: str) -> Any:
        return translated(what, self._place, right=right, timeout_s=self._left_s())

    def _left_s(self) -> float:
        return max(0.001, min(self._request_s, self._ends - asyncio.get_running_loop().time()))


def _cut(error: ProviderError | Gone) -> ProviderError:
    if isinstance(error, Gone):
        return ProviderError("internal", "only a part is known: it went away while it was read")
    return ProviderError(error.kind, f"only a part is known: {error.message}", next_step=error.next_step)
