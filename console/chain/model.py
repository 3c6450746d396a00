"""The chain as the front ends see it: findings, link states, hubs, clusters, the fleet. Frozen values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from console.chain.marks import OF_SEVERITY, Mark, Severity, worst_mark
from console.chain.seen_model import SeenDirectory, SeenHomes, SeenLook, SeenPods
from console.chain.terraform_model import TerraformState
from console.inventory.model import DeclaredCluster, DeclaredHub
from providers.errors import ErrorKind
from providers.filestores.protocol import Filestore, Usage
from providers.kubernetes.permission import Granted

Link = Literal["cluster", "configuration", "filestore", "export", "directory", "pv", "pvc", "mounts", "homes"]
LINKS: tuple[Link, ...] = (
    "cluster", "configuration", "filestore", "export", "directory", "pv", "pvc", "mounts", "homes",
)  # fmt: skip


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is broken, or sides that disagree. `code` is stable and stands in the catalogue.

    `hub` None: it concerns the cluster. `message` is one line with the values that matter; `consequence` what users
    see; `detail` further lines (log lines, the event's words). `action` names the guided action that mends it, or is
    None; `asks` what it is asked for then, by the names of its parameters. `subject` names the Kubernetes or cloud
    object at fault ("PersistentVolume/prod-home-nfs"), for copying. `filestore` is the id of the filestore that it
    concerns, if one. `since` UTC, where it is known.
    """

    code: str
    severity: Severity
    link: Link
    message: str
    cluster: str
    hub: str | None = None
    action: str | None = None
    asks: Mapping[str, Any] = {}
    consequence: str = ""
    detail: tuple[str, ...] = ()
    next_step: str = ""
    subject: str = ""
    filestore: str | None = None
    since: datetime | None = None


def findings_mark(findings: Iterable[Finding]) -> Mark:
    """What FINDINGS alone make of their row: information makes nothing of it."""
    return worst_mark(OF_SEVERITY[finding.severity] for finding in findings if finding.severity != "info")


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """One link of one hub's chain: its mark and its three sides in words, lines top down; empty: nothing to say there.

    `why` explains unobserved, unlooked and none in one line.
    """

    link: Link
    mark: Mark
    declared: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    why: str = ""


class Allusers(msgspec.Struct, frozen=True, kw_only=True):
    """The admin mount of every home. `enabled` None: not known. `source` is the file that decided, or "chart"."""

    enabled: bool | None
    read_only: bool | None = None
    mount_paths: tuple[str, ...] = ()
    source: str | None = None


class LiveVolume(msgspec.Struct, frozen=True, kw_only=True):
    """The PersistentVolume as the API server has it. `exists` None: not observed (`why`)."""

    exists: bool | None
    name: str = ""
    phase: str = ""
    server: str = ""
    path: str = ""
    mount_options: tuple[str, ...] = ()
    reclaim_policy: str = ""
    claim: str | None = None
    why: str = ""


class LiveClaim(msgspec.Struct, frozen=True, kw_only=True):
    """The PersistentVolumeClaim as the API server has it. `exists` None: not observed (`why`)."""

    exists: bool | None
    name: str = ""
    phase: str = ""
    volume: str = ""
    why: str = ""


class ShareUsage(msgspec.Struct, frozen=True, kw_only=True):
    """How full one share is, by every source that tells, the one to go by first. `days_left` until it is full, where
    earlier figures foresee that. `why` says why no source tells."""

    usages: tuple[Usage, ...] = ()
    days_left: float | None = None
    why: str = ""

    @property
    def chosen(self) -> Usage | None:
        return self.usages[0] if self.usages else None

    @property
    def of_inodes(self) -> Usage | None:
        """The first that tells of inodes, too: clouds do not."""
        return next((usage for usage in self.usages if usage.inodes), None)


class HubState(msgspec.Struct, frozen=True, kw_only=True):
    """One hub: declared (None when found live only), live (None: not observed), what its pods show, and its chain.

    `links` has one state for each of filestore, export, directory, pv, pvc, mounts, homes, in that order. `findings`
    are sorted, worst first. `filestores` are the ids matched: one; none; several mean ambiguous. `filestore_reason`
    says why in words.
    """

    cluster: str
    name: str
    namespace: str
    release: str
    chart: str
    backend: str
    production: bool
    declared: DeclaredHub | None
    declared_allusers: Allusers
    pv: LiveVolume | None
    pvc: LiveClaim | None
    live_allusers: Allusers | None
    hub_running: bool | None = None
    pods: SeenPods | None = None
    filestores: tuple[str, ...] = ()
    filestore_reason: str = ""
    share_usage: ShareUsage | None = None
    """How full the share of its homes is, where its filestore is not known; else the cluster's `usages` say."""
    directory: SeenDirectory | None = None
    """The hub's directory; None: not observed."""
    look: SeenLook | None = None
    """The newest look inside; None: nobody looked."""
    homes: SeenHomes | None = None
    """None: not observed."""
    links: tuple[LinkState, ...] = ()
    findings: tuple[Finding, ...] = ()

    def link(self, name: Link) -> LinkState:
        """The state of one link. Raises KeyError for a link that hubs do not have (cluster, configuration)."""
        for state in self.links:
            if state.link == name:
                return state
        raise KeyError(name)

    @property
    def key(self) -> str:
        """cluster/hub: unique in the fleet."""
        return f"{self.cluster}/{self.name}"

    @property
    def mark(self) -> Mark:
        """What one word would say of the whole chain: of its findings and its links."""
        return worst_mark((findings_mark(self.findings), *(link.mark for link in self.links)))

    @property
    def worst(self) -> Finding | None:
        return self.findings[0] if self.findings else None


class ClusterError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a cluster could not be observed. `since` is when that began, UTC."""

    kind: ErrorKind
    message: str
    next_step: str = ""
    since: datetime | None = None


ObservationState = Literal["offline", "pending", "observing", "observed", "failed"]


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster of the fleet. `observed_at` is the last complete look, also where a later one failed (`error`)."""

    name: str
    provider: str
    context: str | None
    state: ObservationState
    observed_at: datetime | None = None
    error: ClusterError | None = None
    declared: DeclaredCluster | None = None
    filestores: tuple[Filestore, ...] = ()
    filestores_unknown: str = ""
    """Why some filestores may be missing from the list; "" when it is complete."""
    filestore_hubs: Mapping[str, tuple[str, ...]] = {}
    usages: Mapping[str, ShareUsage] = {}
    """By a filestore's id: what every source says of how full it is. Its own `usage` is the one to go by."""
    shares: Mapping[str, ShareUsage] = {}
    """The same of shares whose filestore is not known, by SERVER:PATH of what hubs have in common."""
    terraform: TerraformState | None = None
    """None: not read yet, or the tree has no variables file for this cluster."""
    hubs: tuple[HubState, ...] = ()
    findings: tuple[Finding, ...] = ()
    """The cluster's own (hub None); each hub has its own."""
    requests: int = 0
    user: str | None = None
    bound_volumes: tuple[tuple[str, str], ...] | None = None
    """Server and path of every PersistentVolume that some claim holds, hubs' or not; None where not all are known."""
    node_zones: Mapping[str, int] | None = None
    """How many nodes run in each zone; None: not observed."""
    permission: Granted = Granted()
    """What may be sent to it besides questions; it ends by the clock: ask it for the level of a moment."""


class FleetState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the front ends show, at one moment. `version` grows with every change."""

    version: int
    generated_at: datetime
    clusters: tuple[ClusterState, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Those that belong to no cluster: the tree's own problems."""
    root: str | None = None
    resolved: bool = True
    emulated: tuple[str, ...] = ()
    """The environment variables by which an emulator is asked in a cloud's place."""

    def hubs(self) -> tuple[HubState, ...]:
        return tuple(hub for cluster in self.clusters for hub in cluster.hubs)

    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding of the fleet, unsorted: the tree's, each cluster's, each hub's."""
        own = [finding for cluster in self.clusters for finding in cluster.findings]
        return (*self.findings, *own, *(finding for hub in self.hubs() for finding in hub.findings))
