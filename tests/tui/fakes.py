"""A fleet in memory for the screens' tests: the surface of console.fleet.fleet.Fleet, states put in by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from console.chain.marks import Mark
from console.chain.model import (
    Allusers,
    ClusterError,
    ClusterState,
    Finding,
    FleetState,
    HubState,
    LinkState,
    LiveClaim,
    LiveVolume,
)
from console.chain.seen_model import SeenPods
from console.chain.users import UserServer
from console.fleet.looks import LookListener
from console.inventory.model import DeclaredHub, Origin, Setting
from console.tui.present.clock import Clock
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, Usage
from providers.kubernetes.permission import Granted

NOW = datetime(2026, 3, 9, 14, 2, 31, tzinfo=UTC)
CLOCK = Clock(now=lambda: NOW, zone=UTC)
HUB_LINKS = ("filestore", "export", "directory", "pv", "pvc", "mounts", "homes")


class FakeFleet:
    """Hands out the states that a test puts in."""

    def __init__(self, state: FleetState) -> None:
        self.state = state
        self.refreshed: list[str | None] = []
        self.asked: list[tuple[str, str, str, str]] = []
        self.runs = 0
        self.failure: Exception | None = None
        self._listeners: list[Callable[[FleetState], None]] = []

    def subscribe(self, listener: Callable[[FleetState], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def put(self, state: FleetState) -> None:
        """STATE is the newest from now on."""
        self.state = state
        for listener in list(self._listeners):
            listener(state)

    async def run(self) -> None:
        self.runs += 1
        if self.failure:
            raise self.failure
        await asyncio.Event().wait()

    async def refresh(self, cluster: str | None = None) -> None:
        self.refreshed.append(cluster)

    async def object_yaml(self, cluster: str, resource: str, namespace: str, name: str) -> str:
        self.asked.append((cluster, resource, namespace, name))
        if self.failure:
            raise self.failure
        return f"kind: {resource}\nmetadata:\n  name: {name}\nspec:\n  nfs:\n    server: 10.2.0.2\n"

    def user_servers(self, user: str) -> tuple[UserServer, ...]:
        return ()

    async def ask_sizes(self, cluster: str, hub: str) -> None:
        raise ProviderError("internal", f"no exporter of directory sizes runs in {hub}", next_step="")

    async def close(self) -> None:
        self._listeners.clear()


def finding(
    code: str,
    link: str,
    message: str,
    *,
    hub: str | None = None,
    cluster: str = "earth",
    severity: str = "error",
    **more: object,
) -> Finding:
    return Finding(code=code, severity=severity, link=link, message=message, cluster=cluster, hub=hub, **more)  # type: ignore[arg-type]


def hub(
    cluster: str,
    name: str,
    *,
    marks: dict[str, Mark] | None = None,
    findings: tuple[Finding, ...] = (),
    base: Mark = "ok",
    store: str = "homes-nfs",
) -> HubState:
    """A hub whose links are all BASE but for MARKS."""
    shown: dict[str, Mark] = {"directory": "unlooked", "homes": "unlooked"} if base == "ok" else {}
    shown |= marks or {}
    live = base not in ("unobserved", "pending", "unlooked")
    server = Setting("10.2.0.2", Origin(f"{cluster}/{name}.values.yaml", 12, 17))
    path = Setting(f"/homes/{name}", Origin(f"{cluster}/common.values.yaml", 14, 9))
    declared = DeclaredHub(
        cluster=cluster, name=name, chart="basehub", nfs_enabled=Setting(True), server=server, path=path
    )
    sides: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
        "filestore": (("10.2.0.2",), (f"{store} BASIC_HDD 1.0 TiB", "ready"), ()),
        "export": (("10.2.0.2:/homes",), ("10.2.0.2:/homes",), ("mounted",)),
        "directory": ((f"/homes/{name}",), (), ()),
        "pv": ((f"{name}-home-nfs", "hard,noatime"), (f"{name}-home-nfs", "Bound, Retain", "hard,noatime"), ()),
        "pvc": (("home-nfs",), (f"Bound to {name}-home-nfs",), ()),
        "mounts": (
            ("home, shared (read-only)", "admins: shared-readwrite"),
            ("home, shared (read-only)",),
            ("12 pods as live",),
        ),
        "homes": ((), (), ()),
    }
    links = tuple(
        LinkState(
            link=link,
            mark=shown.get(link, base),
            declared=sides[link][0],  # type: ignore[arg-type]
            live=sides[link][1] if live else (),
            seen=sides[link][2] if live else (),
            why="no look into directories was asked for" if link in ("directory", "homes") else "",
        )
        for link in HUB_LINKS
    )
    return HubState(
        cluster=cluster,
        name=name,
        namespace=name,
        release=name,
        chart="basehub",
        backend="gcp-filestore",
        production=name == "prod",
        declared=declared,
        declared_allusers=Allusers(enabled=False),
        pv=LiveVolume(exists=True, name=f"{name}-home-nfs", phase="Bound", server="10.2.0.2", path=f"/homes/{name}")
        if live
        else None,
        pvc=LiveClaim(exists=True, name="home-nfs", phase="Bound", volume=f"{name}-home-nfs") if live else None,
        live_allusers=Allusers(enabled=False) if live else None,
        pods=SeenPods(running=12, pending=0, failing=0, admin_running=2, with_allusers=0, older_mounts=0)
        if live
        else None,
        filestores=(store,),
        links=links,
        findings=findings,
    )


def filestore(
    identity: str, *, state: str = "ready", used: float | None = 0.81, zone: str = "us-central1-b"
) -> Filestore:
    tib = 1024**4
    usage = (
        None
        if used is None
        else Usage(used_bytes=int(used * tib), capacity_bytes=tib, source="kubelet", observed_at=NOW)
    )
    return Filestore(
        id=identity,
        name=identity,
        backend="gcp-filestore",
        addresses=("10.2.0.2",),
        exports=("/homes",),
        state=state,  # type: ignore[arg-type]
        tier="BASIC_HDD",
        capacity_bytes=tib,
        usage=usage,
        zones=(zone,),
    )


def cluster(
    name: str,
    *hubs: HubState,
    state: str = "observed",
    provider: str = "gcp",
    error: ClusterError | None = None,
    findings: tuple[Finding, ...] = (),
    filestores: tuple[Filestore, ...] | None = None,
) -> ClusterState:
    stores = (filestore("homes-nfs"),) if filestores is None else filestores
    return ClusterState(
        name=name,
        provider=provider,
        context=f"gke_{name}",
        state=state,
        error=error,
        hubs=hubs,
        findings=findings,  # type: ignore[arg-type]
        observed_at=NOW - timedelta(seconds=12) if state == "observed" else None,
        filestores=stores if state == "observed" else (),
        filestore_hubs={store.id: tuple(hub.name for hub in hubs) for store in stores} if state == "observed" else {},
    )


RELEASED = finding(
    "PV02",
    "pv",
    "PV staging-home-nfs is Released: its claim was deleted",
    hub="staging",
    action="clear-claim-ref",
    consequence="Nobody can start a server: the claim waits for a volume.",
    detail=("ProvisioningFailed: volume already bound",),
    next_step="clear the claimRef: kubectl --context gke_earth edit pv staging-home-nfs",
    subject="PersistentVolume/staging-home-nfs",
    since=NOW - timedelta(minutes=25),
)
NO_DIRECTORY = finding(
    "MNT01",
    "mounts",
    "3 users can't mount: no such file or directory",
    hub="prod",
    action="create-share",
    consequence="Their servers stay in ContainerCreating.",
    detail=("mount.nfs: mounting 10.2.0.2:/homes/prod failed, reason given by server: No such file or directory",),
    next_step="create the hub directory",
    subject="Pod/jupyter-ana",
    since=NOW - timedelta(hours=2),
)
ALLUSERS = finding(
    "ALL02",
    "mounts",
    "allusers is live, not declared",
    hub="climate",
    cluster="ocean",
    severity="warning",
    action="allusers",
    consequence="The next deploy takes it away.",
)


def incident() -> FleetState:
    """Six clusters on a bad day."""
    earth = cluster(
        "earth",
        hub("earth", "prod", marks={"directory": "broken", "mounts": "broken"}, findings=(NO_DIRECTORY,)),
        hub("earth", "staging", marks={"pv": "broken", "pvc": "broken", "mounts": "none"}, findings=(RELEASED,)),
    )
    ocean = cluster(
        "ocean",
        hub("ocean", "climate", marks={"mounts": "warning"}, findings=(ALLUSERS,)),
        hub("ocean", "prod"),
        provider="aws",
    )
    polar = cluster(
        "polar",
        *(hub("polar", name, base="unobserved") for name in ("prod", "staging", "ice")),
        state="failed",
        provider="aws",
        error=ClusterError(
            kind="unauthorized",
            message="the token of context gke_polar has expired",
            next_step="aws sso login --profile polar",
            since=NOW - timedelta(minutes=3),
        ),
    )
    rest = [
        cluster(name, hub(name, "prod"), hub(name, "staging"), provider="azure")
        for name in ("desert", "forest", "river")
    ]
    return FleetState(version=7, generated_at=NOW, clusters=(earth, ocean, polar, *rest))


def loading() -> FleetState:
    """The same fleet before anything was observed."""
    names = {"earth": ("prod", "staging"), "ocean": ("climate", "prod")}
    clusters = (
        cluster(name, *(hub(name, one, base="pending") for one in hubs), state="pending")
        for name, hubs in names.items()
    )
    return FleetState(version=1, generated_at=NOW, clusters=tuple(clusters))


def large(hubs: int = 171, clusters: int = 30) -> FleetState:
    """A fleet of realistic size, all well."""
    names = [f"cluster-{number:02}" for number in range(clusters)]
    per = {
        name: [hub(name, f"hub-{number:03}") for number in range(hubs) if number % clusters == index]
        for index, name in enumerate(names)
    }
    return FleetState(version=3, generated_at=NOW, clusters=tuple(cluster(name, *own) for name, own in per.items()))


class LookingFleet(FakeFleet):
    """A fleet whose looks go on as the test says, entry by entry."""

    def __init__(self, state: FleetState) -> None:
        super().__init__(state)
        self.tell: LookListener | None = None
        self.looked: list[tuple[str, str, tuple[bytes, ...]]] = []
        self.cancelled = 0
        self.deep = False
        self.removed = asyncio.Event()
        self._ends = asyncio.Event()

    def look_words(self, cluster: str, hub: str) -> str:
        return f"a look at {cluster}/{hub} starts one pod"

    def grant(self, cluster: str, level: str, *, minutes: float | None = None) -> None:
        granted = Granted(probe_until=NOW + timedelta(minutes=15))
        self._granted(cluster, granted)

    def revoke(self, cluster: str) -> None:
        self._granted(cluster, Granted())

    def _granted(self, cluster: str, granted: Granted) -> None:
        clusters = (
            msgspec.structs.replace(one, permission=granted) if one.name == cluster else one
            for one in self.state.clusters
        )
        self.put(msgspec.structs.replace(self.state, clusters=tuple(clusters)))

    async def look(
        self,
        cluster: str,
        hub: str,
        *,
        deep: bool = False,
        homes: tuple[bytes, ...] = (),
        entries: bool = True,
        tell: LookListener | None = None,
    ) -> None:
        self.deep = deep
        self.looked.append((cluster, hub, homes))
        self.tell = tell
        try:
            await self._ends.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            await self.removed.wait()
            raise

    def end(self) -> None:
        """The look is over."""
        self._ends.set()
