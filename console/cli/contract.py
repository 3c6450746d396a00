"""The JSON contract: what every `--json` prints. Fields are only ever added. `null` means not observed.

Times are RFC 3339 in UTC and end in Z. The schema beside this file is written from these structs:
`python -m console.cli.schema` writes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from console.chain.model import Link, Mark, ObservationState, Severity
from providers.errors import ErrorKind
from providers.filestores.protocol import FilestoreState

VERSION: Final = 1


class Public(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is printed."""


class Error(Public, frozen=True, kw_only=True):
    kind: ErrorKind
    message: str
    next_step: str
    since: datetime | None


class Finding(Public, frozen=True, kw_only=True):
    """`action` is the guided action that mends it. `cluster` "": the configuration tree; `hub` null: the cluster."""

    code: str
    severity: Severity
    link: Link
    message: str
    action: str | None
    cluster: str
    hub: str | None
    consequence: str
    detail: tuple[str, ...]
    next_step: str
    subject: str
    filestore: str | None
    since: datetime | None


class Usage(Public, frozen=True, kw_only=True):
    used_bytes: int | None
    capacity_bytes: int | None
    source: str
    observed_at: datetime


class Filestore(Public, frozen=True, kw_only=True):
    """`server` is the first of `addresses`; `hubs` are those that live on it."""

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


class TerraformResource(Public, frozen=True, kw_only=True):
    address: str
    name: str
    capacity_gib: int | None
    tier: str | None
    live: str | None


class Terraform(Public, frozen=True, kw_only=True):
    file: str
    error: str | None
    resources: tuple[TerraformResource, ...]


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


class Directory(Public, frozen=True, kw_only=True):
    exists: bool
    uid: int | None
    gid: int | None
    mode: str | None


class Homes(Public, frozen=True, kw_only=True):
    """The homes in the hub directory, counted."""

    total: int


class Pods(Public, frozen=True, kw_only=True):
    """The hub's user pods."""

    running: int
    pending: int
    failing: int
    admin_running: int
    with_allusers: int
    older_mounts: int


class Seen(Public, frozen=True, kw_only=True):
    directory: Directory | None
    homes: Homes | None
    pods: Pods | None


class ChainLink(Public, frozen=True, kw_only=True):
    """One link of a hub's chain: its mark, and its sides in words. `why` explains a mark that is no observation."""

    link: Link
    mark: Mark
    declared: tuple[str, ...]
    live: tuple[str, ...]
    seen: tuple[str, ...]
    why: str


class Hub(Public, frozen=True, kw_only=True):
    """`declared` null: found live only. `filestores` are the ids that it matches; several are ambiguous."""

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


class ClusterFilestores(Public, frozen=True, kw_only=True):
    name: str
    provider: str
    context: str | None
    observed_at: datetime | None
    error: Error | None
    filestores: tuple[Filestore, ...]
    filestores_unknown: str


class Filestores(Public, frozen=True, kw_only=True):
    """What `filestores --json` prints."""

    version: Literal[1]
    generated_at: datetime
    clusters: tuple[ClusterFilestores, ...]


DOCUMENTS: tuple[type[Public], ...] = (Status, Check, Filestores)
