"""What Terraform declares in the chain's tests: one file of one cloud, and the filestores that answer to it."""

from __future__ import annotations

from typing import Any

import msgspec

from console.chain.model import ClusterState
from console.inventory.model import DeclaredCluster, Origin, Provider
from console.inventory.terraform import (
    Cloud,
    DeclaredTerraform,
    TerraformError,
    TerraformResource,
    TerraformSide,
)
from providers.filestores.protocol import Filestore
from tests.chain.builders import CLUSTER, SERVER, cluster, hub, inventory, store

GIB = 2**30
ZONE = "us-central1-b"
SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"


def declaration(cloud: Cloud = "gcp", *resources: TerraformResource, name: str = CLUSTER, **changes: Any) -> Any:
    """projects/NAME.tfvars of CLOUD."""
    prefix = name if cloud == "gcp" else ""
    values: dict[str, Any] = {"prefix": prefix, "zone": ZONE if cloud == "gcp" else "", "filestores": "assigned"}
    file = f"terraform/{cloud}/projects/{name}.tfvars"
    return DeclaredTerraform(file=file, cloud=cloud, name=name, resources=resources, **(values | changes))


def filestore(name: str = f"{CLUSTER}-homedirs", *, key: str = "filestore", **changes: Any) -> TerraformResource:
    """A Filestore that a tfvars file declares."""
    values: dict[str, Any] = {
        "address": f'google_filestore_instance.homedirs["{key}"]',
        "origin": Origin(f"terraform/gcp/projects/{CLUSTER}.tfvars", 5, 3),
        "kind": "filestore",
        "capacity_gib": 1024,
        "tier": "BASIC_HDD",
        "zone": ZONE,
        "share": "homes",
        "key": key,
    }
    return TerraformResource(name=name, **(values | changes))


def file_system(name: str = "hub-homedirs", *, key: str = "hub", **changes: Any) -> TerraformResource:
    """An EFS that a tfvars file declares."""
    values: dict[str, Any] = {
        "address": f'aws_efs_file_system.hub_homedirs["{key}"]',
        "origin": Origin(f"terraform/aws/projects/{CLUSTER}.tfvars", 4, 3),
        "kind": "filestore",
        "key": key,
    }
    return TerraformResource(name=name, **(values | changes))


def share(parent: str = "earthhomes", **changes: Any) -> TerraformResource:
    """The one share that Azure's variables declare."""
    values: dict[str, Any] = {
        "address": "azurerm_storage_share.homes",
        "origin": Origin(f"terraform/azure/projects/{CLUSTER}.tfvars", 3, 1),
        "kind": "filestore",
        "capacity_gib": 1024,
        "tier": "Premium",
        "share": "homes",
    }
    return TerraformResource(name="homes", parent=parent, **(values | changes))


def disk(**changes: Any) -> TerraformResource:
    values: dict[str, Any] = {
        "address": 'google_compute_disk.nfs_homedirs["prod"]',
        "origin": Origin(f"terraform/gcp/projects/{CLUSTER}.tfvars", 9, 3),
        "kind": "disk",
        "capacity_gib": 500,
        "tier": "pd-balanced",
        "key": "prod",
    }
    return TerraformResource(name="hub-nfs-homedirs-prod", **(values | changes))


def instance(name: str = f"{CLUSTER}-homedirs", *, zone: str = ZONE, gib: int = 1024, **changes: Any) -> Filestore:
    """A live Filestore; that at the hub's own address where no other is given."""
    identity = f"projects/earth-hubs/locations/{zone}/instances/{name}"
    values: dict[str, Any] = {"tier": "BASIC_HDD", "capacity_bytes": gib * GIB, "address": SERVER}
    return named(store(identity, **(values | changes)), name)


def efs(identity: str = "fs-01", *, name: str = "hub-homedirs", address: str = SERVER) -> Filestore:
    return named(store(identity, address=address, exports=("/",), backend="aws-efs"), name)


def azure_share(name: str = "homes", *, account: str = "earthhomes", gib: int = 1024, path: str = "") -> Filestore:
    identity = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/earth/providers/Microsoft.Storage/storageAccounts"
    found = store(
        f"{identity}/{account}/fileServices/default/shares/{name}",
        address=f"{account}.file.core.windows.net",
        exports=(path or f"/{account}/{name}",),
        backend="azure-files",
        tier="Premium_LRS",
        capacity_bytes=gib * GIB,
    )
    return named(found, f"{account}/{name}")


def named(found: Filestore, name: str) -> Filestore:
    return msgspec.structs.replace(found, name=name)


def drifted(
    *stores: Filestore,
    declares: Any,
    others: tuple[DeclaredTerraform, ...] = (),
    provider: Provider = "gcp",
    listed: tuple[str, ...] | None = None,
    **account: str,
) -> ClusterState:
    """The state of a cluster whose file DECLARES, and whose cloud lists STORES completely."""
    backend = {"gcp": "gcp-filestore", "aws": "aws-efs", "azure": "azure-files"}.get(provider, "")
    return cluster(
        tree=DeclaredCluster(name=CLUSTER, provider=provider, hubs=(hub(),), account=account),
        provider=provider,
        stores=inventory(*stores, listed=(backend, "home-nfs") if listed is None else listed),
        terraform=TerraformSide(own=declares if isinstance(declares, tuple) else (declares,), others=others),
    )


def broken(cloud: Cloud = "gcp", *, name: str = CLUSTER, file: str = "", **changes: Any) -> DeclaredTerraform:
    """A file that can't be read; FILE says that the fault is in another."""
    found = declaration(cloud, name=name, **{"filestores": "absent", **changes})
    error = TerraformError(origin=Origin(file or found.file, 7, 2), message="no HCL", next_step="Mend the line.")
    return msgspec.structs.replace(found, error=error, prefix="", zone="")
