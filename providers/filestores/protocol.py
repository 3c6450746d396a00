"""What a filestore is, whichever cloud keeps it, and what a backend must answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.observation import ClusterObservation

FilestoreState = Literal["ready", "creating", "updating", "starting", "degraded", "down", "deleting", "unknown"]


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How full a filestore is, says `source`. `capacity_bytes` None: no limit or not known. `inodes` is how many files
    and folders it takes, `inodes_used` how many there are; None: not told, or no limit."""

    used_bytes: int | None
    capacity_bytes: int | None
    source: str
    observed_at: datetime
    inodes: int | None = None
    inodes_used: int | None = None


class MountTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where clients of one zone reach a filestore. `network` is its VPC. `admits_nodes` says whether its security
    groups let the cluster's nodes in on the NFS port, None where that is not known; `detail` says why not.
    `refused_group` is a security group of nodes that are not let in."""

    id: str
    zone: str
    state: FilestoreState
    addresses: tuple[str, ...] = ()
    subnet: str = ""
    network: str = ""
    security_groups: tuple[str, ...] = ()
    admits_nodes: bool | None = None
    detail: str = ""
    refused_group: str = ""


class Firewall(msgspec.Struct, frozen=True, kw_only=True):
    """Which networks a filestore lets in: every one (`admits_all`), else `subnets` (their ids) and those behind the
    private `endpoints`. `admits_nodes` says whether all of the cluster's nodes are let in, None where that is not
    known; `detail` says why not, or why it is not known. `refused_subnets` are those of nodes that are not let in."""

    admits_all: bool
    subnets: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    admits_nodes: bool | None = None
    refused_subnets: tuple[str, ...] = ()
    detail: str = ""


class Filestore(msgspec.Struct, frozen=True, kw_only=True):
    """One place that exports homes.

    `id` is unique within its cluster; `name` is what people call it. `addresses` are the IPs and host names that
    clients mount from, normalised; `exports` the paths that it exports. `capacity_bytes` None: no limit, or not known.
    `detail` says in words why the state is what it is. `facts` are further pairs to show, in order. None of
    `mount_targets`, `encrypted`, `backups` (made regularly), `lifecycle` (what is unused moves to a cheaper class),
    `firewall`, `secure_transfer` (only encrypted transfer is let in, which NFS has not) and `root_squash` (root of a
    client is nobody here): not known, or nothing that this kind has. `one_zone`: it is kept in one zone, with one mount
    target for all.
    `node_subnets` are pairs of a zone and a subnet of it in which the cluster's nodes run, where its network is known
    by subnets. `page` is its address in the cloud's own console.
    """

    id: str
    name: str
    backend: str
    addresses: tuple[str, ...]
    exports: tuple[str, ...]
    state: FilestoreState
    detail: str = ""
    tier: str = ""
    capacity_bytes: int | None = None
    usage: Usage | None = None
    zones: tuple[str, ...] = ()
    namespace: str = ""
    state_since: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    mount_targets: tuple[MountTarget, ...] | None = None
    encrypted: bool | None = None
    backups: bool | None = None
    lifecycle: bool | None = None
    firewall: Firewall | None = None
    secure_transfer: bool | None = None
    root_squash: bool | None = None
    one_zone: bool = False
    node_subnets: tuple[tuple[str, str], ...] = ()
    created_at: datetime | None = None
    page: str = ""


class FilestoreListing(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend knows. `unreachable` names locations that did not answer, `refused` says why others could not be
    asked: what lives there is not known."""

    filestores: tuple[Filestore, ...] = ()
    unreachable: tuple[str, ...] = ()
    refused: tuple[ProviderError, ...] = ()


class FilestoreScope(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look: one cluster's own account, and what its API server said (None when it was not observed).

    `account` is the provider block of cluster.yaml and the settings: gcp project, cluster, zone; aws clusterName,
    region, account, profile; azure cluster, resource_group, subscription, tenant. `since`: what was asked for another
    cluster of the account at this time or later may be told again; None: all is asked anew. `grace_s` is how long a
    server that has just started may refuse what exists; None: the backend's own assumption. `declared` are server and
    path of the homes of each hub that is declared to be there: what is known of its mounts while it was not observed.
    """

    cluster: str
    provider: str
    account: Mapping[str, str]
    observation: ClusterObservation | None
    now: datetime
    since: datetime | None = None
    grace_s: float | None = None
    declared: tuple[tuple[str, str], ...] = ()


class FilestoreBackend(Protocol):
    """Lists one kind of filestores. `name` is its registry name: home-nfs, gcp-filestore, aws-efs, azure-files."""

    name: str

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Everything of this kind within SCOPE. Raises ProviderError when it can't be asked at all."""
        ...
