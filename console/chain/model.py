"""The chain as the front ends see it: marks, link states, findings, hubs, clusters, the fleet. Frozen values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from console.inventory.model import DeclaredCluster, DeclaredHub
from providers.errors import ErrorKind
from providers.filestores.protocol import Filestore

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

Link = Literal["cluster", "configuration", "filestore", "export", "directory", "pv", "pvc", "mounts", "homes"]
LINKS: tuple[Link, ...] = (
    "cluster", "configuration", "filestore", "export", "directory", "pv", "pvc", "mounts", "homes",
)  # fmt: skip

Mark = Literal["ok", "warning", "broken", "unobserved", "unlooked", "none", "pending"]
"""ok ✓, warning !, broken ✗, unobserved ? (asked, not told: why), unlooked · (not asked yet), none – (does not
apply), pending … (on its way)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is broken, or sides that disagree. `code` is stable and stands in the catalogue.

    `hub` None: it concerns the cluster. `message` is one line with the values that matter; `consequence` what users
    see; `detail` further lines (log lines, the event's words). `action` names the guided action that mends it, or is
    None. `subject` names the Kubernetes or cloud object at fault ("PersistentVolume/prod-home-nfs"), for copying.
    `filestore` is the id of the filestore that it concerns, if one. `since` UTC, where it is known.
    """

    code: str
    severity: Severity
    link: Link
    message: str
    cluster: str
    hub: str | None = None
    action: str | None = None
    consequence: str = ""
    detail: tuple[str, ...] = ()
    next_step: str = ""
    subject: str = ""
    filestore: str | None = None
    since: datetime | None = None


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


class SeenPods(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's user pods: how many run, how many have which mounts, whose mounts fail. None: not observed."""

    running: int
    pending: int
    failing: int
    admin_running: int
    with_allusers: int
    older_mounts: int


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
    hubs: tuple[HubState, ...] = ()
    findings: tuple[Finding, ...] = ()
    """The cluster's own (hub None); each hub has its own."""
    requests: int = 0
    user: str | None = None


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
