"""The hubs of the lab: what is wrong with each, and the findings that must therefore be told of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from providers.simulated.chart import SHARED_MOUNTS, SHARED_READWRITE, Release, allusers_mounts
from providers.simulated.hub import Mounts
from tests.lab.insides import Plant, Quota

STORAGE_NAMESPACE = "storage"

OPTIONS = ("hard", "noatime")


def server_of(namespace: str) -> str:
    """The name of the in-cluster NFS server in NAMESPACE."""
    return f"storage-quota-home-nfs.{namespace}.svc.cluster.local"


SHARED_SERVER = server_of(STORAGE_NAMESPACE)

FILER = "10.2.0.5"
"""A file server that is none of the cluster's: hubs on it are looked into through their claims."""

Server = Literal["shared", "own", "down", "degraded", "full", "filer"]
Volume = Literal["bound", "missing", "released", "lost", "unclaimed", "mismatched"]
Creator = Literal["before", "runs", "fails", "hangs"]


class LabUser(msgspec.Struct, frozen=True, kw_only=True):
    """One running server. `mounts` None: those that the hub gives now."""

    name: str
    admin: bool = False
    mounts: Mounts | None = None


class LabHub(msgspec.Struct, frozen=True, kw_only=True):
    """One hub. `declared` and `live` differ only in what is told; `expects` are the findings' codes, once each.
    `looks` are those that follow from a look, one level deeper, besides; None: no test looks.

    `creator` "before": its Job ran at an earlier deploy and is gone. `mount_words` is what mount.nfs says of its
    directory. `inside` is what stands among the homes of its users, in a directory of `owner`; the directory of those
    `gone` went away under their running server. The server "full" has a disk that is truly full, and an exporter that
    measures it; "filer" is none of the cluster's. The share of one whose answers are `late_ms` is slow, and where
    there is `no_room_for_pods` its namespace's quota is used up. Admin mounts of None are the chart's own.
    """

    name: str
    expects: tuple[str, ...] = ()
    looks: tuple[str, ...] | None = None
    server: Server = "shared"
    base_share: str = "/export/"
    share_name_override: str = ""
    creator_declared: bool = True
    creator: Creator = "before"
    has_directory: bool = True
    owner: int = 1000
    mode: int = 0o755
    inside: tuple[Plant, ...] = ()
    gone: tuple[str, ...] = ()
    late_ms: int = 0
    no_room_for_pods: bool = False
    quotas: tuple[Quota, ...] = ()
    walked: tuple[str, ...] = ()
    """The homes that an exporter walks for their sizes."""
    mount_words: str = ""
    volume: Volume = "bound"
    live_path: str = ""
    live_options: tuple[str, ...] = OPTIONS
    reclaim_policy: str = "Retain"
    declared_admin_mounts: Mounts | None = None
    live_admin_mounts: Mounts | None = None
    users: tuple[LabUser, ...] = ()
    is_declared: bool = True
    is_deployed: bool = True

    @property
    def in_cluster(self) -> bool:
        """Whether a server of its own namespace serves it."""
        return self.server not in ("shared", "filer")

    @property
    def server_name(self) -> str:
        if self.server == "filer":
            return FILER
        return server_of(STORAGE_NAMESPACE if self.server == "shared" else self.name)

    @property
    def admin_mounts(self) -> Mounts:
        """What the running hub gives to admins."""
        return SHARED_READWRITE if self.live_admin_mounts is None else self.live_admin_mounts

    def declared(self) -> Release:
        """The release as its values say."""
        return Release(
            name=self.name,
            server=self.server_name,
            base_share=self.base_share,
            share_name_override=self.share_name_override,
            mount_options=OPTIONS,
        )

    def live(self) -> Release:
        """The release as it was deployed once."""
        declared = self.declared()
        override = self.live_path.removeprefix(self.base_share) if self.live_path else self.share_name_override
        return msgspec.structs.replace(declared, share_name_override=override, mount_options=self.live_options)


_ANA = (LabUser(name="ana"),)
_ALLUSERS = {**SHARED_READWRITE, **allusers_mounts()}
_ALLUSERS_ONLY = list(allusers_mounts().values())


def _failing(name: str, code: str, words: str) -> LabHub:
    return LabHub(name=name, expects=(code,), mount_words=words, users=_ANA)


HUBS: tuple[LabHub, ...] = (
    LabHub(
        name="healthy",
        server="own",
        creator="runs",
        users=(LabUser(name="ana"), LabUser(name="bo ek"), LabUser(name="chi", admin=True)),
    ),
    LabHub(name="pv-missing", expects=("PV01",), volume="missing", users=_ANA),
    LabHub(name="pv-released", expects=("PV02",), volume="released", users=_ANA),
    LabHub(name="pv-elsewhere", expects=("PV04",), live_path="/export/old-place", users=_ANA),
    LabHub(name="pv-options", expects=("PV05",), live_options=("hard", "nfsvers=3")),
    LabHub(name="pv-delete", expects=("PV06",), reclaim_policy="Delete"),
    LabHub(name="pvc-missing", expects=("PVC01",), volume="unclaimed", users=_ANA),
    LabHub(name="pvc-pending", expects=("PVC02",), volume="mismatched", users=_ANA),
    # A claim is Lost because its volume is gone: the volume is the cause, the claim stands in its text.
    LabHub(name="pvc-lost", expects=("PV01",), volume="lost", users=_ANA),
    LabHub(name="twin-a", expects=("DIR06",)),
    LabHub(name="twin-b", expects=("DIR06",), share_name_override="twin-a", creator_declared=False),
    LabHub(name="creator-failed", expects=("DIR01",), creator="fails"),
    LabHub(name="creator-running", expects=("DIR02",), creator="hangs", base_share="/export/slow/"),
    LabHub(
        name="override",
        expects=("DIR05",),
        creator="runs",
        share_name_override="renamed",
        has_directory=False,
        users=_ANA,
    ),
    LabHub(name="mount-nodir", expects=("MNT10",), has_directory=False, users=_ANA),
    _failing("mount-denied", "MNT11", f"access denied by server while mounting {SHARED_SERVER}:/export/mount-denied"),
    _failing("mount-timeout", "MNT12", "Connection timed out"),
    _failing("mount-refused", "MNT13", "Connection refused"),
    _failing("mount-protocol", "MNT14", "requested NFS version or transport protocol is not supported"),
    _failing("mount-stale", "MNT15", "Stale file handle"),
    _failing("mount-hang", "MNT16", "hang"),
    LabHub(
        name="older-pods",
        expects=("MNT05",),
        users=(LabUser(name="ana", mounts={"1-shared": SHARED_MOUNTS["1-shared"]}), LabUser(name="bo")),
    ),
    LabHub(
        name="allusers-on",
        expects=("MNT01",),
        declared_admin_mounts=_ALLUSERS,
        live_admin_mounts=_ALLUSERS,
        users=(LabUser(name="chi", admin=True),),
    ),
    LabHub(
        name="allusers-live",
        expects=("MNT01", "MNT02"),
        live_admin_mounts=_ALLUSERS,
        users=(LabUser(name="chi", admin=True),),
    ),
    LabHub(name="allusers-declared", expects=("MNT03",), declared_admin_mounts=_ALLUSERS),
    LabHub(
        name="shared-dropped",
        expects=("MNT01", "MNT04"),
        declared_admin_mounts=_ALLUSERS_ONLY,
        live_admin_mounts=_ALLUSERS_ONLY,
    ),
    LabHub(name="nfs-down", expects=("FST01",), server="down"),
    LabHub(name="nfs-degraded", expects=("FST02",), server="degraded"),
    LabHub(name="disk-full", expects=("FST04",), server="full"),
    LabHub(
        name="inside-homes",
        looks=("HOM01", "HOM02", "HOM03", "HOM04", "HOM05", "HOM06", "HOM07", "HOM10"),
        server="filer",
        base_share="/homes/",
        users=(LabUser(name="ana"), LabUser(name="gil")),
        gone=("gil",),
        walked=("ana", "former"),
        inside=(
            Plant(name=b"bo", uid=0),
            Plant(name=b"closed", mode=0o055),
            Plant(name=b"core", kind="file"),
            Plant(name=b"away", kind="link", target=b"/etc"),
            Plant(name=b"_shared", uid=0),
            Plant(name=b"former", days_old=500),
            Plant(name=b"-rf 'x'\n\xff"),
            Plant(name=b"x" * 255),
            Plant(name=b"ana/.cache", uid=0),
        ),
    ),
    LabHub(name="inside-root", looks=("DIR04",), server="filer", base_share="/homes/", owner=0, mode=0o700),
    LabHub(name="inside-gone", looks=("DIR03",), server="filer", base_share="/homes/", has_directory=False),
    LabHub(name="inside-slow", looks=("EXP05",), server="filer", base_share="/homes/", late_ms=250),
    LabHub(name="inside-full", looks=("HOM20",), server="filer", base_share="/homes/", no_room_for_pods=True),
    LabHub(
        name="inside-denied",
        looks=("MNT11",),
        server="filer",
        base_share="/homes/",
        mount_words=f"access denied by server while mounting {FILER}:/homes/inside-denied",
    ),
    LabHub(
        name="inside-quota",
        looks=("HOM08", "HOM09"),
        server="own",
        inside=(Plant(name=b"ana"), Plant(name=b"bo"), Plant(name=b"chi")),
        quotas=(Quota(home="ana", used_gib=2), Quota(home="bo", used_gib=10), Quota(home="chi", used_gib=9.4)),
    ),
    LabHub(name="not-deployed", expects=("CFG10",), is_deployed=False),
    LabHub(name="undeclared", expects=("CFG11",), is_declared=False),
)

BY_NAME = {hub.name: hub for hub in HUBS}
OPEN_HUB, CLOSED_HUB = "healthy", "pv-delete"
"""Of the cluster `annex`, where only OPEN_HUB's namespace may be asked."""

CLUSTER_FINDINGS = {
    "lab": ("CLU07", "FST01", "FST02", "FST04"),
    "annex": ("CLU05",),
    "expired": ("CLU02", "TFM06"),
    "imposter": ("CLU04",),
    "refused": ("CLU01",),
    "mute": ("CLU01",),
    "nowhere": ("CLU03",),
}
"""What must be told of each cluster of the tree itself."""
