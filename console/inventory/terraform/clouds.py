"""Which resources each cloud's Terraform makes of its variables, under which addresses and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from console.inventory.model import Origin
from console.inventory.terraform.model import Cloud, TerraformResource
from console.inventory.terraform.strings import quoted
from console.inventory.terraform.values import Value, plain
from console.inventory.terraform.variables import Variables, Wrong


def resources(cloud: Cloud, variables: Variables) -> tuple[TerraformResource, ...]:
    """Every filestore and home disk that VARIABLES declare. Raises Wrong."""
    return tuple(_OF[cloud](variables))


def text(variables: Variables, name: str) -> str:
    """A string variable; "" where it is not set."""
    value = variables.value(name)
    return value if isinstance(value, str) else ""


class _Place(NamedTuple):
    zone: str
    region: str
    account: str


def _gcp(variables: Variables) -> Iterator[TerraformResource]:
    where = _Place(text(variables, "zone"), text(variables, "region"), text(variables, "project_id"))
    if "filestores" in variables:
        for key, entry, origin in variables.entries("filestores"):
            address = _keyed("google_filestore_instance.homedirs", key)
            yield _filestore(variables, address, entry, origin, where, key)
    elif variables.value("enable_filestore") is True:
        entry = {
            "capacity_gb": variables.value("filestore_capacity_gb"),
            "tier": variables.value("filestore_tier"),
        }
        origin = variables.origin("enable_filestore")
        yield _filestore(variables, "google_filestore_instance.homedirs[0]", entry, origin, where, None)
    for key, entry, origin in variables.entries("persistent_disks"):
        yield TerraformResource(
            address=_keyed("google_compute_disk.nfs_homedirs", key),
            name=_named("hub-nfs-homedirs", entry),
            kind="disk",
            origin=origin,
            capacity_gib=_amount(entry.get("size")),
            tier=_word(entry.get("type")),
            tags=_tags(entry),
            zone=where.zone,
            region=where.region,
            account=where.account,
            key=key,
        )


def _filestore(
    variables: Variables, address: str, entry: Mapping[str, Value], origin: Origin, where: _Place, key: str | None
) -> TerraformResource:
    prefix = _required(variables, "prefix")
    return TerraformResource(
        address=address,
        name=_named(f"{prefix}-homedirs", entry),
        kind="filestore",
        origin=origin,
        capacity_gib=_amount(entry.get("capacity_gb")),
        tier=_word(entry.get("tier")),
        share="homes",
        zone=where.zone,
        region=where.region,
        account=where.account,
        key=key,
    )


def _aws(variables: Variables) -> Iterator[TerraformResource]:
    region = text(variables, "region")
    if variables.value("disable_cluster_wide_filestore") is not True:
        by_switch = "disable_cluster_wide_filestore" in variables
        yield TerraformResource(
            address="aws_efs_file_system.homedirs[0]" if by_switch else "aws_efs_file_system.homedirs",
            name="hub-homedirs",
            kind="filestore",
            origin=variables.origin("disable_cluster_wide_filestore"),
            region=region,
        )
    for key, entry, origin in variables.entries("filestores"):
        yield TerraformResource(
            address=_keyed("aws_efs_file_system.hub_homedirs", key),
            name=_named("hub-homedirs", entry),
            kind="filestore",
            origin=origin,
            region=region,
            tags=_tags(entry),
            key=key,
        )
    for key, entry, origin in variables.entries("ebs_volumes"):
        yield TerraformResource(
            address=_keyed("aws_ebs_volume.nfs_home_dirs", key),
            name=_named("hub-nfs-home-dirs", entry),
            kind="disk",
            origin=origin,
            capacity_gib=_amount(entry.get("size")),
            tier=_word(entry.get("type")),
            zone=text(variables, "cluster_nodes_location"),
            region=region,
            tags=_tags(entry),
            key=key,
        )


def _azure(variables: Variables) -> Iterator[TerraformResource]:
    yield TerraformResource(
        address="azurerm_storage_share.homes",
        name="homes",
        kind="filestore",
        origin=variables.origin("storage_size"),
        capacity_gib=_amount(variables.value("storage_size")),
        tier="Premium",
        region=text(variables, "location"),
        account=text(variables, "subscription_id"),
        parent=_required(variables, "global_storage_account_name"),
        share="homes",
    )


def _openstack(variables: Variables) -> Iterator[TerraformResource]:
    for key, entry, origin in variables.entries("persistent_disks"):
        yield TerraformResource(
            address=_keyed("openstack_blockstorage_volume_v3.nfs_home_dirs", key),
            name=_named("hub-nfs-homedirs", entry),
            kind="disk",
            origin=origin,
            capacity_gib=_amount(entry.get("size")),
            tags=_tags(entry),
            key=key,
        )


_OF = {"gcp": _gcp, "aws": _aws, "azure": _azure, "openstack": _openstack}


def _keyed(address: str, key: str) -> str:
    return f"{address}[{quoted(key)}]"


def _named(name: str, entry: Mapping[str, Value]) -> str:
    """NAME with the entry's suffix. Only null is none: an empty one leaves the dash, as Terraform does."""
    suffix = entry.get("name_suffix")
    return name if suffix is None else f"{name}-{suffix}"


def _required(variables: Variables, name: str) -> str:
    value = text(variables, name)
    if value or name not in variables:
        return value
    raise Wrong(f"{name} is not set, and has no default: what is made here has no name", variables.origin(name))


def _amount(value: Value) -> int | float | None:
    amount = plain(value)
    return amount if isinstance(value, Decimal) and isinstance(amount, int | float) else None


def _word(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _tags(entry: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    tags = entry.get("tags")
    return tuple((key, _word(value)) for key, value in sorted(tags.items())) if isinstance(tags, dict) else ()
