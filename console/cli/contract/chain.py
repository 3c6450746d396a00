"""Clusters and the chain of every hub; the findings on them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from console.chain.marks import Mark, Severity
from console.chain.model import Link, ObservationState
from console.cli.contract.base import Error, Finding, Public
from console.cli.contract.filestores import Filestore, ShareUsage, Terraform
from console.cli.contract.seen import Seen


class AdminMount(Public, frozen=True, kw_only=True):
    """`source` is the values file that decided, or "chart"."""

    key: str | None
    name: str
    mount_path: str
    sub_path: str
    read_only: bool
    source: str | None


class DeclaredAllusers(Public, frozen=True, kw_only=True):
    enabled: bool | None
    read_only: bool | None
    mount_paths: tuple[str, ...]
    source: str | None


class Declared(Public, frozen=True, kw_only=True):
    """`resolved` false: something is left out, since a file could not be read or evaluated."""

    resolved: bool
    nfs_enabled: bool
    server: str | None
    path: str | None
    mount_options: tuple[str, ...]
    admin_mounts: tuple[AdminMount, ...]
    allusers: DeclaredAllusers


class Volume(Public, frozen=True, kw_only=True):
    exists: bool
    name: str
    phase: str | None
    server: str | None
    path: str | None
    mount_options: tuple[str, ...]
    reclaim_policy: str | None
    claim: str | None


class Claim(Public, frozen=True, kw_only=True):
    exists: bool
    name: str
    phase: str | None
    volume: str | None


class Allusers(Public, frozen=True, kw_only=True):
    enabled: bool | None
    read_only: bool | None
    mount_paths: tuple[str, ...]


class Live(Public, frozen=True, kw_only=True):
    pv: Volume | None
    pvc: Claim | None
    allusers: Allusers | None


class ChainLink(Public, frozen=True, kw_only=True):
    """One link of a hub's chain: its mark, and its sides in words. `why` explains a mark that is no observation."""

    link: Link
    mark: Mark
    declared: tuple[str, ...]
    live: tuple[str, ...]
    seen: tuple[str, ...]
    why: str


class Hub(Public, frozen=True, kw_only=True):
    """`declared` null: found live only. `filestores` are the ids that it matches; several are ambiguous. Where that is
    none, `share_usage` is how full the share of its homes is; else its filestore says."""

    name: str
    namespace: str
    release: str
    chart: str
    backend: str
    production: bool
    declared: Declared | None
    live: Live | None
    seen: Seen | None
    filestores: tuple[str, ...]
    filestore_reason: str
    links: tuple[ChainLink, ...]
    findings: tuple[Finding, ...]
    share_usage: ShareUsage | None


class Cluster(Public, frozen=True, kw_only=True):
    """`observed_at` is the last complete look. `filestores_unknown` says why filestores may be missing."""

    name: str
    provider: str
    context: str | None
    state: ObservationState
    observed_at: datetime | None
    user: str | None
    requests: int
    error: Error | None
    findings: tuple[Finding, ...]
    terraform: Terraform | None
    filestores: tuple[Filestore, ...]
    filestores_unknown: str
    hubs: tuple[Hub, ...]


class Status(Public, frozen=True, kw_only=True):
    """What `status --json` prints. `findings` are those of the configuration tree itself."""

    version: Literal[1]
    generated_at: datetime
    findings: tuple[Finding, ...]
    clusters: tuple[Cluster, ...]


class Unobserved(Public, frozen=True, kw_only=True):
    """What could not be observed: a cluster, or a link of a hub, and why."""

    cluster: str
    hub: str | None
    link: Link
    why: str


class Check(Public, frozen=True, kw_only=True):
    """What `check --json` prints. `outcome` is the exit code in words."""

    version: Literal[1]
    generated_at: datetime
    fail_on: Severity
    outcome: Literal["none", "found", "unobserved"]
    findings: tuple[Finding, ...]
    unobserved: tuple[Unobserved, ...]
