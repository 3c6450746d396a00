"""Everything that is known of one hub, side by side, for the rules to judge."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.chain.index import ObservedCluster
from console.chain.matching import Match
from console.chain.model import Allusers, Finding, LiveClaim, LiveVolume, ShareUsage
from console.chain.pods import PodFacts
from console.chain.policy import Policy
from console.chain.seen import SeenSide
from console.chain.store_sight import StoreSight
from console.chain.words import kubectl
from console.inventory.model import DeclaredHub, Problem
from providers.kubernetes.objects import Deployment, HubValues, Job, PersistentVolume, PersistentVolumeClaim
from providers.kubernetes.observation import ShareCreatorLog


class LiveHub(msgspec.Struct, frozen=True, kw_only=True):
    """One hub as its cluster was observed. `values` None: not known, `values_why` says why.

    `deployed` says whether anything of it is there; None where too little could be asked. `expected_claim` is the
    claim that user pods mount.
    """

    cluster: ObservedCluster
    volume: LiveVolume
    volume_object: PersistentVolume | None
    claim: LiveClaim
    claim_object: PersistentVolumeClaim | None
    deployment: Deployment | None
    deployment_why: str
    values: HubValues | None
    values_why: str
    allusers: Allusers | None
    pods: PodFacts
    jobs: tuple[Job, ...]
    log: ShareCreatorLog | None
    deployed: bool | None
    holder: str = ""
    """namespace/claim of another hub that holds the PersistentVolume which this hub's claim asks for."""


def _live_on_nfs(live: LiveHub) -> bool | None:
    """What the cluster alone says: the volume's kind, else what the hub mounts, else whether there is a claim."""
    if live.volume.exists:
        return bool(live.volume.server)
    if live.values is not None and live.values.storage_type is not None:
        return live.values.storage_type == "static"
    return True if live.claim.exists else None


class HubSight(msgspec.Struct, frozen=True, kw_only=True):
    """One hub from its sides. `live` None: its cluster was not observed.

    `problems` are what is wrong with its configuration files. `server` and `path` are where its homes are: the
    PersistentVolume's word, else the declared one. `neighbours` are the other hubs of the cluster whose homes are
    in the same directory.
    """

    cluster: str
    provider: str
    name: str
    namespace: str
    release: str
    declared: DeclaredHub | None
    problems: tuple[Problem, ...]
    live: LiveHub | None
    server: str
    path: str
    match: Match
    declared_allusers: Allusers
    policy: Policy
    now: datetime
    neighbours: tuple[str, ...] = ()
    seen: SeenSide = SeenSide()
    """What looks, quotas and exporters tell of its inside."""
    store: StoreSight | None = None
    """Its filestore, where that is known."""
    share_usage: ShareUsage = ShareUsage()
    """How full the share of its homes is: its filestore's or, where that is not known, its own."""
    store_declared: tuple[str, ...] = ()
    """What Terraform declares of its filestore, in words."""
    store_drift: tuple[Finding, ...] = ()
    """Where Terraform and its filestore disagree."""

    def kubectl(self, *words: str) -> str:
        """A kubectl command to run by hand against the hub's cluster."""
        return kubectl(self.context, *words)

    @property
    def context(self) -> str | None:
        """The kubeconfig context that the cluster was observed through."""
        return self.live.cluster.observation.context if self.live is not None else None

    @property
    def known(self) -> DeclaredHub | None:
        """The declared side where it can be compared: all of it read, its chart included."""
        if self.declared is None or not self.declared.resolved:
            return None
        return None if any(problem.kind == "missing-chart" for problem in self.problems) else self.declared

    @property
    def on_nfs(self) -> bool | None:
        """Whether homes are on NFS; None where nothing says so yet."""
        declared, live = self.declared, self.live
        if declared is not None and (declared.nfs_enabled.value or declared.in_cluster_nfs.value):
            return True
        if live is not None and live.volume.exists and live.volume.server:
            return True
        if declared is not None and self.known is not None:
            return False
        return None if live is None else _live_on_nfs(live)

    @property
    def dynamic(self) -> bool:
        """The older in-cluster form: the claim is provisioned by a storage class, without a volume of the chart."""
        return self.declared is not None and self.declared.in_cluster_nfs.value

    @property
    def absent(self) -> bool:
        """Declared, and nothing of it is on the cluster."""
        return self.live is not None and self.live.deployed is False
