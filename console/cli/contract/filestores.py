"""Filestores, what their clouds, the clusters and Terraform tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from console.cli.contract.base import Error, Finding, Public
from providers.filestores.protocol import FilestoreState


class Usage(Public, frozen=True, kw_only=True):
    """`inodes` is how many files and folders there may be, `inodes_used` how many there are."""

    used_bytes: int | None
    capacity_bytes: int | None
    source: str
    observed_at: datetime
    inodes: int | None
    inodes_used: int | None


class ShareUsage(Public, frozen=True, kw_only=True):
    """`usages` are the figures of every source, the one to go by first; `usage_unknown` says why there is none."""

    usages: tuple[Usage, ...]
    days_left: float | None
    usage_unknown: str


class MountTarget(Public, frozen=True, kw_only=True):
    """Where clients of one zone reach a filestore. `admits_nodes`: its security groups let the nodes in on the NFS
    port. `nodes` is how many run in the zone."""

    id: str
    zone: str
    state: FilestoreState
    addresses: tuple[str, ...]
    subnet: str
    network: str
    security_groups: tuple[str, ...]
    admits_nodes: bool | None
    nodes: int | None
    detail: str


class Firewall(Public, frozen=True, kw_only=True):
    """Which networks a filestore lets in: every one, else `subnets` and those behind the private `endpoints`."""

    admits_all: bool
    subnets: tuple[str, ...]
    endpoints: tuple[str, ...]
    admits_nodes: bool | None
    detail: str


class Fact(Public, frozen=True, kw_only=True):
    """What else a backend tells of a filestore; names may repeat."""

    name: str
    value: str


class Filestore(Public, frozen=True, kw_only=True):
    """`server` is the first of `addresses`; `hubs` are those that live on it, `unused` says that there are none.

    `usage` is the figure to go by, `usages` are those of every source; `usage_unknown` says why there is none.
    `zones_without_target` are zones where nodes run and no mount target is. `in_terraform` says whether Terraform
    declares it, `terraform_address` as what. `page` is its address in the cloud's own console, "" where there is none.
    """

    id: str
    name: str
    backend: str
    server: str | None
    addresses: tuple[str, ...]
    exports: tuple[str, ...]
    state: FilestoreState
    detail: str
    tier: str
    zones: tuple[str, ...]
    capacity_bytes: int | None
    hubs: tuple[str, ...]
    usage: Usage | None
    findings: tuple[Finding, ...]
    namespace: str
    state_since: datetime | None
    usages: tuple[Usage, ...]
    days_left: float | None
    usage_unknown: str
    unused: bool | None
    mount_targets: tuple[MountTarget, ...] | None
    zones_without_target: tuple[str, ...]
    encrypted: bool | None
    backups: bool | None
    lifecycle: bool | None
    firewall: Firewall | None
    root_squash: bool | None
    created_at: datetime | None
    facts: tuple[Fact, ...]
    page: str
    in_terraform: bool | None
    terraform_address: str | None


class TerraformDrift(Public, frozen=True, kw_only=True):
    """A value that is declared otherwise than it is, both in words."""

    what: Literal["name", "capacity", "tier"]
    declared: str
    live: str


class TerraformResource(Public, frozen=True, kw_only=True):
    """A filestore or disk that Terraform declares. `live` is the id of the filestore that it is; null with `found`
    unknown says that it may be there or not, and `why`. `source` is where it is declared, `parent` the storage account
    of an Azure share."""

    address: str
    name: str
    capacity_gib: int | float | None
    tier: str | None
    live: str | None
    kind: Literal["filestore", "disk"]
    source: str
    zone: str | None
    parent: str | None
    found: Literal["live", "missing", "unknown"]
    why: str
    drift: tuple[TerraformDrift, ...]


class Terraform(Public, frozen=True, kw_only=True):
    """What a cluster's variables file declares. `error` says where and why it can't be read: then `resources` are not
    all. `folder` is where Terraform is run, in `workspace`; `undeclared` are filestores that are live, in no file."""

    file: str
    error: str | None
    resources: tuple[TerraformResource, ...]
    folder: str
    workspace: str
    undeclared: tuple[str, ...]


class ClusterFilestores(Public, frozen=True, kw_only=True):
    name: str
    provider: str
    context: str | None
    observed_at: datetime | None
    error: Error | None
    filestores: tuple[Filestore, ...]
    filestores_unknown: str
    terraform: Terraform | None


class Filestores(Public, frozen=True, kw_only=True):
    """What `filestores --json` prints."""

    version: Literal[1]
    generated_at: datetime
    clusters: tuple[ClusterFilestores, ...]
