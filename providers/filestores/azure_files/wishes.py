"""What Azure can make of a wish: in which account, within which sizes, and what may stand against it."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence

import msgspec

from providers.errors import ProviderError
from providers.filestores.azure_files.firewall import firewall
from providers.filestores.azure_files.orders import ShareName
from providers.filestores.azure_files.place import Place
from providers.filestores.azure_files.resources import Account, Share
from providers.filestores.azure_files.shares import NodeSubnets
from providers.filestores.changes import Unfit, Wish

_SIZES_GIB: Mapping[str, tuple[int, int]] = {
    "Premium_LRS": (100, 102_400), "Premium_ZRS": (100, 102_400),
    "PremiumV2_LRS": (32, 262_144), "PremiumV2_ZRS": (32, 262_144),
}  # fmt: skip
"""The smallest and largest share of a tier. Azure moves these: what is said of them warns, and Azure decides."""
_LEAST = (100, 102_400)
_SHARE = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")


def account_of(wish: Wish, accounts: Sequence[Account], place: Place, refused: Sequence[ProviderError]) -> Account:
    """The premium account that WISH is for: the one that it names, else the only one of the cluster's resource group,
    else the only one of the subscription. Raises Unfit; one of REFUSED where it may be among what is not known."""
    named = wish.name.rpartition("/")[0]
    own = [one for one in accounts if one.resource_group.lower() == place.resource_group.lower()]
    fitting = [one for one in accounts if one.name.lower() == named.lower()] if named else own or accounts
    if len(fitting) == 1:
        return fitting[0]
    if refused and not fitting:
        raise refused[0]
    if fitting:
        names = ", ".join(one.name for one in fitting)
        raise Unfit(f"several premium accounts could have it: {names}", next_step="name one: --key ACCOUNT/SHARE")
    which = f"no premium storage account {named}" if named else "no premium storage account (kind FileStorage)"
    raise Unfit(f"{place} has {which}, and none is made from here", next_step=_account_command(place, named))


def filled(wish: Wish, account: Account) -> Wish:
    """WISH with what ACCOUNT decides. Raises Unfit for what it can't be."""
    share = wish.name.rpartition("/")[2]
    if not _SHARE.match(share):
        raise Unfit(
            f"{share} is no name for a share: 3 to 63 small letters, digits, and single dashes between them",
            next_step="another --key",
        )
    if wish.tier and wish.tier.lower() != account.sku.name.lower():
        raise Unfit(
            f"storage account {account.name} is {account.sku.name}: its shares are, too",
            next_step="leave out --tier, or name another account: --key ACCOUNT/SHARE",
        )
    if wish.location and wish.location.lower() != account.location.lower():
        raise Unfit(
            f"storage account {account.name} is in {account.location}: its shares are, too",
            next_step="leave out --location, or name another account: --key ACCOUNT/SHARE",
        )
    if wish.network:
        raise Unfit(
            "a share is in no network: the firewall of its storage account decides who reaches it",
            next_step="leave out --network",
        )
    return msgspec.structs.replace(
        wish,
        name=f"{account.name}/{share}",
        capacity_gib=wish.capacity_gib or _sizes(account.sku.name)[0],
        tier=account.sku.name,
        location=account.location,
    )


def suitable_gib(tier: str, least_gib: float) -> int:
    return max(_sizes(tier)[0], math.ceil(least_gib))


def check_nfs(name: ShareName | str, share: Share) -> None:
    """Raises Unfit where SHARE speaks another protocol: that is chosen once, when it is made."""
    if not share.is_nfs:
        spoken = share.properties.enabled_protocols or "SMB"
        raise Unfit(f"there is a share {name} already, and it speaks {spoken}", next_step="another --key")


def notes(wish: Wish, share: Share | None) -> tuple[str, ...]:
    """Where what is there is not as wished: it is left so."""
    if share is None:
        return ()
    quota, squash = share.properties.share_quota, share.properties.root_squash
    told = []
    if wish.capacity_gib and quota and quota < wish.capacity_gib:
        told.append(f"it has {quota:,} GiB: hubhomes grow gives it more")
    if squash and squash.lower() != "norootsquash":
        told.append(f"its root squash is {squash}: the share creator may not chown there")
    return tuple(told)


def warnings(wish: Wish, account: Account, nodes: NodeSubnets) -> tuple[str, ...]:
    rules = firewall(account.properties, nodes.ids, nodes.unknown)
    told = [*size_warnings(wish.capacity_gib or 0, account.sku.name)]
    if rules.admits_nodes is False:
        told.append(f"the firewall of {account.name} keeps the nodes out: {rules.detail}")
    elif rules.admits_nodes is None:
        told.append(f"whether the firewall of {account.name} lets the nodes in is not known: {rules.detail}")
    if account.properties.supports_https_traffic_only:
        told.append(f"{account.name} requires secure transfer: plain NFS mounts are denied")
    return tuple(told)


def size_warnings(capacity_gib: int, tier: str) -> tuple[str, ...]:
    smallest, largest = _sizes(tier)
    if capacity_gib < smallest:
        return (f"shares of {tier} begin at {smallest:,} GiB, as far as is known here",)
    if capacity_gib > largest:
        return (f"shares of {tier} end at {largest:,} GiB, as far as is known here",)
    return ()


def no_shrinking(name: ShareName, share: Share, wanted_gib: int) -> Unfit:
    since = share.properties.next_allowed_quota_downgrade_time
    return Unfit(
        f"share {name} has {share.properties.share_quota or 0:,} GiB already: it is not made smaller from here",
        next_step=f"by hand{f', from {since} on' if since else ''}: {growth_command(name, wanted_gib)}",
    )


def creation_command(name: ShareName, quota_gib: int) -> str:
    options = ("--quota", str(quota_gib), "--enabled-protocols", "NFS", "--root-squash", "NoRootSquash")
    return _share_command(name, "create", *options)


def growth_command(name: ShareName, quota_gib: int) -> str:
    return _share_command(name, "update", "--quota", str(quota_gib))


def deletion_command(name: ShareName) -> str:
    return _share_command(name, "delete")


def _share_command(name: ShareName, verb: str, *options: str) -> str:
    place = ("--subscription", name.subscription, "--resource-group", name.resource_group)
    share = ("--storage-account", name.account, "--name", name.share)
    return shlex.join(("az", "storage", "share-rm", verb, *place, *share, *options))


def _account_command(place: Place, name: str) -> str:
    group = place.resource_group or "GROUP"
    return shlex.join(
        (
            "az", "storage", "account", "create", "--subscription", place.subscription, "--resource-group", group,
            "--name", name or "ACCOUNT", "--kind", "FileStorage", "--sku", "Premium_LRS", "--https-only", "false",
        )
    )  # fmt: skip


def _sizes(tier: str) -> tuple[int, int]:
    return _SIZES_GIB.get(tier, _LEAST)
