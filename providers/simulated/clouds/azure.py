"""Azure Files, as the demo has it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec

from providers.filestores.changes import Unfit, Wish
from providers.filestores.protocol import Filestore, FilestoreScope, Usage
from providers.simulated.clouds.kind import GIB, Kind


class Azure(Kind):
    making = ("Microsoft.Storage/storageAccounts/fileServices/shares/write",)
    growing = making

    def sizes(self, tier: str) -> tuple[int, int]:  # noqa: ARG002 - one for all premium ones
        return 100, 1

    def filled(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Wish:  # noqa: ARG002
        accounts = sorted({store.name.partition("/")[0] for store in stores})
        account, _, share = wish.name.rpartition("/")
        if not account and len(accounts) == 1:
            account = accounts[0]
        if not account:
            raise Unfit(f"several accounts could have it: {', '.join(accounts)}", next_step="--key ACCOUNT/SHARE")
        if account not in accounts:
            raise Unfit(
                f"there is no premium account {account}",
                next_step=f"az storage account create --name {account} --kind FileStorage --sku Premium_LRS",
            )
        size = wish.capacity_gib or 100
        if size < 100:
            raise Unfit("premium shares begin at 100 GiB", next_step="--capacity 100")
        own = next(store for store in stores if store.name.partition("/")[0] == account)
        if wish.tier and wish.tier != own.tier:
            raise Unfit(f"{account} is of {own.tier}: a share is of its account's kind", next_step="leave out --tier")
        name = f"{account}/{share}"
        return msgspec.structs.replace(wish, name=name, capacity_gib=size, tier=own.tier, location=_region(own))

    def begun(self, wish: Wish, scope: FilestoreScope, stores: Sequence[Filestore]) -> Filestore:
        account, _, share = wish.name.partition("/")
        sibling = _sibling(wish, stores)
        capacity = (wish.capacity_gib or 0) * GIB
        return msgspec.structs.replace(
            sibling,
            id=f"{sibling.id.rpartition('/')[0]}/{share}",
            name=wish.name,
            exports=(f"/{account}/{share}",),
            state="creating",
            detail="The share is being made.",
            capacity_bytes=capacity,
            usage=Usage(
                used_bytes=0,
                capacity_bytes=capacity,
                source="Azure share usage (expand=stats)",
                observed_at=scope.now,
            ),
            state_since=scope.now,
        )

    def warnings(self, wish: Wish, stores: Sequence[Filestore]) -> tuple[str, ...]:
        firewall = _sibling(wish, stores).firewall
        left_out = firewall is not None and firewall.admits_nodes is False
        return (f"its account's firewall leaves the nodes out: {firewall.detail}",) if firewall and left_out else ()

    def command(self, wish: Wish, scope: FilestoreScope) -> str:
        account, _, share = wish.name.partition("/")
        place = ("--subscription", scope.account.get("subscription", ""), "--storage-account", account, "--name", share)
        kind = ("--quota", str(wish.capacity_gib), "--enabled-protocols", "NFS", "--root-squash", "NoRootSquash")
        return shlex.join(("az", "storage", "share-rm", "create", *place, *kind))

    def deletion_command(self, wish: Wish, scope: FilestoreScope) -> str:
        account, _, share = wish.name.partition("/")
        place = ("--subscription", scope.account.get("subscription", ""), "--storage-account", account)
        return shlex.join(("az", "storage", "share-rm", "delete", *place, "--name", share))

    def growth_command(self, store: Filestore, capacity_gib: int) -> str:
        account, _, share = store.name.partition("/")
        place = ("--subscription", store.id.split("/")[2], "--storage-account", account, "--name", share)
        return shlex.join(("az", "storage", "share-rm", "update", *place, "--quota", str(capacity_gib)))


def _region(store: Filestore) -> str:
    """`northeurope` of a share whose zone is northeurope-1."""
    return store.zones[0].rpartition("-")[0]


def _sibling(wish: Wish, stores: Sequence[Filestore]) -> Filestore:
    """A share of the account that WISH is for."""
    account = wish.name.partition("/")[0]
    return next(store for store in stores if store.name.partition("/")[0] == account)
