"""What a filestore that is asked for is to be called and to be: as Terraform declares it, or would name it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.actions.filestores.create_asked import Asked
from console.actions.protocol import Context, Refused
from providers.filestores.changes import Wish
from providers.filestores.registry import CLOUDS

if TYPE_CHECKING:
    from console.chain.model import ClusterState
    from console.chain.terraform_model import TerraformResource
    from console.inventory.terraform import DeclaredTerraform
    from providers.filestores.protocol import Filestore

BACKENDS: Mapping[str, str] = {provider: backend for backend, provider in CLOUDS.items()}
"""Provider → the backend of the filestores that its clusters can be given."""

_SHARE = "homes"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What is wished for; `resource` is what declares it, None where Terraform does not."""

    wish: Wish
    resource: TerraformResource | None = None


def backend_of(cluster: ClusterState) -> str:
    """Raises Refused where clusters of its provider are given no filestores."""
    if cluster.provider in BACKENDS:
        return BACKENDS[cluster.provider]
    raise Refused(
        f"{cluster.name} is reached as {cluster.provider}: in which cloud it could have a filestore is not known",
        next_step=f"a provider of {', '.join(BACKENDS)} in cluster.yaml, or an in-cluster server for its hubs",
    )


def named(
    asked: Asked, cluster: ClusterState, declaration: DeclaredTerraform | None, *, account: Mapping[str, str]
) -> Named:
    """The filestore that ASKED means: the one of this name, or that Terraform declares under this key, as it is where
    it is there; without a key the only one that is declared and missing; else one that is named as Terraform would.
    ACCOUNT is where the cluster is in its cloud."""
    resource = _declared(asked.key, cluster)
    there = next((one for one in cluster.filestores if asked.key and asked.key in (one.id, one.name)), None)
    if resource is not None and resource.live:
        there = next((one for one in cluster.filestores if one.id == resource.live), there)
    if there is not None:
        wish = _of_store(there)
    elif resource is not None:
        wish = _of_resource(resource, declaration)
    else:
        wish = _of_key(asked.key, cluster, declaration, account)
    stated = {
        "capacity_gib": asked.capacity_gib,
        "tier": asked.tier,
        "location": asked.location,
        "network": asked.network,
    }
    return Named(
        wish=msgspec.structs.replace(wish, **{name: value for name, value in stated.items() if value}),
        resource=resource,
    )


def declaration_of(context: Context) -> DeclaredTerraform | None:
    """The cluster's variables file, read as it is now, which blocks; None where there is none, or no tree."""
    from console.fleet.sources import read_declared

    state, root = context.cluster.terraform, context.fleet.root
    if state is None or root is None:
        return None
    declared = read_declared(Path(root), cache_dir=context.cache)
    return next((one for one in declared if one.file == state.file), None)


def _declared(key: str, cluster: ClusterState) -> TerraformResource | None:
    stores = [one for one in (cluster.terraform.resources if cluster.terraform else ()) if one.kind == "filestore"]
    if key:
        return next((one for one in stores if key in (one.key, one.name, f"{one.parent}/{one.name}")), None)
    missing = [one for one in stores if one.found == "missing"]
    return missing[0] if len(missing) == 1 else None


def _of_store(store: Filestore) -> Wish:
    """What is there is left as it is: only what it lacks is wished for."""
    return Wish(name=store.name, share=next(iter(store.exports), _SHARE).strip("/") or _SHARE)


def _of_resource(resource: TerraformResource, declaration: DeclaredTerraform | None) -> Wish:
    own = [one for one in (declaration.resources if declaration else ()) if one.address == resource.address]
    return Wish(
        name=f"{resource.parent}/{resource.name}" if resource.parent else resource.name,
        share=resource.name if resource.parent else _SHARE,
        capacity_gib=math.ceil(resource.capacity_gib) if resource.capacity_gib else None,
        # An account of Azure decides which kind of premium its shares are.
        tier="" if resource.parent else resource.tier,
        location="" if resource.parent else resource.zone or resource.region,
        tags=dict(own[0].tags) if own else {},
    )


def _of_key(
    key: str, cluster: ClusterState, declaration: DeclaredTerraform | None, account_block: Mapping[str, str]
) -> Wish:
    if cluster.provider == "azure":
        account, _, share = key.rpartition("/")
        account = account or _account(cluster)
        share = share or _SHARE
        return Wish(name=f"{account}/{share}" if account else share, share=share)
    base = "hub-homedirs" if cluster.provider == "aws" else f"{_prefix(cluster, declaration, account_block)}-homedirs"
    return Wish(name=f"{base}-{key}" if key else base)


def _account(cluster: ClusterState) -> str:
    """The storage account of the share that Terraform declares, else of the only one whose shares hubs live on."""
    declared = {one.parent for one in (cluster.terraform.resources if cluster.terraform else ()) if one.parent}
    used = {
        store.name.partition("/")[0]
        for store in cluster.filestores
        if store.backend == "azure-files" and cluster.filestore_hubs.get(store.id)
    }
    found = declared or used
    return found.pop() if len(found) == 1 else ""


def _prefix(cluster: ClusterState, declaration: DeclaredTerraform | None, account: Mapping[str, str]) -> str:
    """With which all names begin that Terraform gives: as its variables say, else as it named the cluster."""
    if declaration is not None and declaration.prefix:
        return declaration.prefix
    return (account.get("cluster") or cluster.name).removesuffix("-cluster")
