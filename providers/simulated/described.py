"""The words in which the demo's clusters and hubs are described. Times are minutes or seconds before its now."""

from __future__ import annotations

from typing import Literal

import msgspec

from providers.errors import ErrorKind
from providers.simulated.access import Identity
from providers.simulated.cluster import FailedMount, Unschedulable
from providers.simulated.hub import SHARED_READWRITE, Mounts


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """Where homes are, as nfs.pv has it. `server` "" is the hub's own in-cluster server.

    `used_gib` of `size_gib` is what the share holds, 0 without end.
    """

    server: str = ""
    base_share: str = "/"
    options: tuple[str, ...] = ()
    used_gib: float = 0
    size_gib: float = 0


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """User pods that do not start: by the kubelet's words, the scheduler's, or with no event at all (`hanging`)."""

    cause: FailedMount | Unschedulable | Literal["hanging"]
    users: tuple[str, ...]
    minutes: float
    node: int = 0


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's PersistentVolume where it is not as the chart made it and bound to the hub's own claim.

    `claimed_by` is the namespace whose claim holds it, "" nobody's; `path` and `options` are the hub's own when None.
    """

    phase: Literal["Bound", "Available", "Released", "Failed"] = "Bound"
    claimed_by: str | None = None
    path: str | None = None
    options: tuple[str, ...] | None = None
    reclaim_policy: Literal["Retain", "Delete"] = "Retain"
    storage_class: str = ""
    message: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's claim where it is not bound to the hub's own volume. `volume` is the one that it asks for."""

    phase: Literal["Bound", "Pending", "Lost"] = "Bound"
    volume: str | None = None


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's in-cluster NFS server. `grace`: its container was started `seconds` ago; `down`: it crashes;
    `degraded`: what enforces quotas crashes beside it. `used_gib` of `disk_gib` is how full its disk is,
    `grown_gib` how much of that is of the last day."""

    state: Literal["ready", "grace", "down", "degraded"] = "ready"
    seconds: float = 30.0
    cluster_ip: str
    used_gib: float = 212
    disk_gib: float = 500
    grown_gib: float = 0


class Hub(msgspec.Struct, frozen=True, kw_only=True):
    """One deployed hub. `users` and `admins` have running servers; `store` None: it keeps no homes.

    `volume` and `claim` None: missing. `admin_mounts` are what the hub gives; `older_mounts` what the servers of
    `older_admins` were started with. `creator` is what is left of the share creator.
    """

    name: str
    store: Store | None
    override: str = ""
    users: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    older_admins: tuple[str, ...] = ()
    failing: tuple[Failing, ...] = ()
    admin_mounts: Mounts = msgspec.field(default_factory=lambda: SHARED_READWRITE)
    older_mounts: Mounts = msgspec.field(default_factory=lambda: SHARED_READWRITE)
    volume: Volume | None = Volume()
    claim: Claim | None = Claim()
    creator: Literal["", "failed", "running"] = ""
    creator_minutes: float = 0.0
    creator_log: str = ""
    home_nfs: Server | None = None
    orphaned_helper_minutes: float = 0.0
    walked: bool = False
    """Whether an exporter walks its homes for their sizes."""
    trip_ms: int = 0
    """How long one question to its file server takes."""
    pulls: bool = True
    """Whether its nodes can pull the image of helper pods."""

    @property
    def server(self) -> str:
        own = f"storage-quota-home-nfs.{self.name}.svc.cluster.local"
        return (self.store.server or own) if self.store else ""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster: how it is reached, how fast it answers, what runs there. `failure` is raised on every request."""

    name: str
    context: str
    zones: tuple[str, ...]
    region: str
    latency_s: float
    hubs: tuple[Hub, ...] = ()
    identity: Identity = Identity(user="jo@example.org")
    failure: tuple[ErrorKind, str, str] | None = None
