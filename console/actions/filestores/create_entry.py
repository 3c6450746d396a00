"""What create-filestore declares in a variables file, in the words that each cloud's Terraform has for a filestore."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from console.actions.filestores.create_asked import Asked
from console.actions.protocol import Refused
from console.chain.terraform import capacity
from console.chain.words import command
from providers.filestores.gcp_filestore.capacity import TIERS, capacity_warnings, least_gib, tier_named

if TYPE_CHECKING:
    from console.inventory.terraform import TerraformResource
    from console.inventory.terraform.editing.draft import Change, VariablesDraft
    from console.inventory.terraform.values import Value

_KEY = re.compile(r"[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?")
_DEFAULT_TIER = "BASIC_HDD"
_LIVE = "--live makes one beside Terraform, and says how to import it"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What to put into the file, and the address of what Terraform makes of it. `there` is what is declared so already:
    then there are no changes. `variable` and `key` name the entry, `key` None where it is in no map."""

    changes: Sequence[Change]
    address: str
    variable: str
    key: str | None
    there: TerraformResource | None = None
    warnings: tuple[str, ...] = ()


def entry_of(asked: Asked, draft: VariablesDraft, cluster: str) -> Entry:
    """For CLUSTER, whose variables DRAFT holds. Raises Refused for what they can't say."""
    if asked.key and not _KEY.fullmatch(asked.key):
        raise Refused(
            f"{asked.key!r} is no key: names in the cloud end in it",
            next_step="lower-case letters, digits and dashes, 40 at most, and a letter first",
        )
    return _OF[draft.declaration.cloud](asked, draft, cluster)


def _gcp(asked: Asked, draft: VariablesDraft, cluster: str) -> Entry:
    tier = asked.tier or _DEFAULT_TIER
    known = tier_named(tier)
    amount = asked.capacity_gib or least_gib(known)
    warnings = tuple(_doubts(tier, amount, draft))
    if not draft.has("filestores"):
        return _single(asked, draft, tier, amount, warnings, cluster)
    key = asked.key or "filestore"
    attributes: dict[str, Value] = {"name_suffix": asked.key} if asked.key else {}
    attributes |= {"capacity_gb": Decimal(amount), "tier": tier}
    address = f'google_filestore_instance.homedirs["{key}"]'
    return _in_map(asked, draft, address, key, attributes, warnings, cluster)


def _doubts(tier: str, amount: int, draft: VariablesDraft) -> Iterator[str]:
    """What Google may have against it, as far as is known here."""
    known = tier_named(tier)
    if known not in TIERS:
        yield f"{tier} is no tier of Filestore, as far as is known: {', '.join(TIERS)}; Google decides"
        return
    yield from (f"{line}, as far as is known: Google decides" for line in capacity_warnings(known, amount))
    if TIERS[known].regional and draft.declaration.zone:
        yield f"{tier} is made in a region, and the variables make filestores in zone {draft.declaration.zone}"


def _single(
    asked: Asked, draft: VariablesDraft, tier: str, amount: int, warnings: tuple[str, ...], cluster: str
) -> Entry:
    """For a folder of older form, which knows one filestore."""
    address = "google_filestore_instance.homedirs[0]"
    there = next((one for one in draft.declaration.resources if one.address == address), None)
    if asked.key:
        raise Refused("the variables of this folder know one filestore alone, without a key", next_step=_LIVE)
    if there is not None:
        _check_same(asked, there, cluster)
    changes: list[Change] = [
        (("enable_filestore",), True),
        (("filestore_capacity_gb",), Decimal(amount)),
        (("filestore_tier",), tier),
    ]
    return Entry(
        changes=() if there else changes,
        address=address,
        variable="enable_filestore",
        key=None,
        there=there,
        warnings=warnings,
    )


def _aws(asked: Asked, draft: VariablesDraft, cluster: str) -> Entry:
    if asked.capacity_gib or asked.tier:
        raise Refused("a file system of EFS grows by itself: it has neither size nor tier to declare")
    if not draft.has("filestores"):
        raise Refused("the variables of this folder know one file system alone, which every cluster has",
                      next_step=_LIVE)  # fmt: skip
    key = asked.key or "hub"
    attributes: dict[str, Value] = {"name_suffix": asked.key} if asked.key else {}
    return _in_map(asked, draft, f'aws_efs_file_system.hub_homedirs["{key}"]', key, attributes, (), cluster)


def _azure(asked: Asked, draft: VariablesDraft, cluster: str) -> Entry:
    (share,) = (one for one in draft.declaration.resources if one.kind == "filestore")
    grow = command("hubhomes", "grow", f"{cluster}/{share.parent}/{share.name}")
    another = command("hubhomes", "create-filestore", cluster, "--key", asked.key or "NAME", "--live")
    raise Refused(
        f"Terraform makes one share for a cluster, and {share.address} is declared: {share.parent}/{share.name}",
        next_step=f"{grow} gives it more room; {another} makes one beside Terraform, and says how to import it",
    )


def _openstack(asked: Asked, draft: VariablesDraft, cluster: str) -> Entry:  # noqa: ARG001 - as its siblings
    raise Refused(
        "Terraform makes no filestores in OpenStack, but disks of in-cluster servers, one for each hub",
        next_step=f"add the disk to persistent_disks in {draft.declaration.file}",
    )


_OF = {"gcp": _gcp, "aws": _aws, "azure": _azure, "openstack": _openstack}


def _in_map(
    asked: Asked,
    draft: VariablesDraft,
    address: str,
    key: str,
    attributes: dict[str, Value],
    warnings: tuple[str, ...],
    cluster: str,
) -> Entry:
    there = next((one for one in draft.declaration.resources if one.address == address), None)
    if there is not None:
        _check_same(asked, there, cluster)
    return Entry(
        changes=() if there else ((("filestores", key), attributes),),
        address=address,
        variable="filestores",
        key=key,
        there=there,
        warnings=warnings,
    )


def _check_same(asked: Asked, there: TerraformResource, cluster: str) -> None:
    """Raises Refused where one is declared under the same key that is another than was asked for."""
    if asked.tier and tier_named(asked.tier) != tier_named(there.tier):
        raise Refused(f"{there.address} is declared with tier {there.tier}: a tier cannot change",
                      next_step="--key NAME for another one")  # fmt: skip
    if asked.capacity_gib and asked.capacity_gib != there.capacity_gib:
        declared = capacity(there.capacity_gib) if there.capacity_gib is not None else "no size"
        larger = command("hubhomes", "grow", f"{cluster}/{there.name}", "--to", str(asked.capacity_gib))
        raise Refused(f"{there.address} is declared with {declared}", next_step=f"{larger}; --key NAME for another one")
