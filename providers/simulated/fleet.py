"""The demo's fleet as it is deployed: what each hub has, and what is wrong with it. `live` renders it.

The configuration tree beside this module is its declared side.
"""

from __future__ import annotations

import msgspec

from providers.simulated.access import Grant, Identity
from providers.simulated.described import Claim, Cluster, Failing, Hub, Server, Store, Volume
from providers.simulated.hub import SHARED_READWRITE, allusers_mounts

_FILESTORE = Store(server="10.2.0.2", base_share="/homes/", options=("soft", "noatime"), used_gib=830, size_gib=1024)
_EARTH = Cluster(
    name="earth",
    context="gke_earth-hubs_us-central1-b_earth-cluster",
    zones=("us-central1-b",),
    region="us-central1",
    latency_s=0.08,
    hubs=(
        Hub(
            name="prod",
            store=_FILESTORE,
            users=("bo", "chi", "dee", "eli", "fay", "gus", "hal", "ivy", "jan", "kim", "lou"),
            admins=("ana",),
            creator="failed",
            creator_minutes=95,
            creator_log=(
                "chown: /mnt/homes/prod: Operation not permitted\n"
                "drwxr-xr-x   14 root     root          4096 /mnt/homes/prod\n"
                "chown: /mnt/homes/prod: Operation not permitted\n"
            ),
        ),
        Hub(
            name="staging",
            store=_FILESTORE,
            volume=Volume(phase="Released", claimed_by="staging"),
            claim=Claim(phase="Pending"),
            failing=(Failing(cause="unbound", users=("ana", "bo"), minutes=18),),
        ),
        Hub(
            name="climate",
            store=_FILESTORE,
            users=("dee", "gus", "mia", "ned"),
            admins=("ana", "oz"),
            admin_mounts={**SHARED_READWRITE, **allusers_mounts()},
        ),
        Hub(name="glacier", store=_FILESTORE, users=("bo", "pia", "quin"), admins=("ana",), walked=True),
        Hub(
            name="course",
            store=_FILESTORE,
            users=("eli", "fay", "hal", "kim", "rob", "sue", "tom"),
            admins=("ana",),
            older_admins=("uma", "val"),
            admin_mounts={**SHARED_READWRITE, **allusers_mounts()},
        ),
        Hub(
            name="soils",
            store=_FILESTORE,
            users=("chi", "wes"),
            admins=("ana",),
            volume=Volume(path="/homes/soils-2024", options=("hard", "noatime", "vers=3"), reclaim_policy="Delete"),
        ),
        Hub(
            name="delta",
            store=_FILESTORE,
            failing=(Failing(cause="no-directory", users=("bo", "dee", "yan"), minutes=26),),
            orphaned_helper_minutes=190,
        ),
        Hub(
            name="tundra",
            store=_FILESTORE,
            volume=None,
            claim=Claim(phase="Pending"),
            failing=(Failing(cause="unbound", users=("zoe",), minutes=7),),
        ),
        Hub(name="public", store=None, users=("bo", "zoe"), admin_mounts={}),
    ),
)

_EFS = Store(
    server="fs-0a1b2c3d4e5f60718.efs.us-west-2.amazonaws.com",
    options=("rsize=1048576", "wsize=1048576", "timeo=600", "soft", "retrans=2", "noresvport"),
)
_EFS_BY_ADDRESS = msgspec.structs.replace(_EFS, server="192.168.10.21")
_OCEAN = Cluster(
    name="ocean",
    context="arn:aws:eks:us-west-2:123456789012:cluster/ocean",
    zones=("us-west-2a", "us-west-2b", "us-west-2c"),
    region="us-west-2",
    latency_s=0.16,
    hubs=(
        Hub(
            name="prod",
            store=_EFS,
            users=("chi", "eli", "fay", "hal", "kim", "mia", "ned"),
            admins=("ana",),
            failing=(Failing(cause="timed-out", users=("bo", "dee", "gus", "ivy", "jan"), minutes=41, node=2),),
        ),
        Hub(name="staging", store=_EFS_BY_ADDRESS, users=("bo",), admins=("ana",)),
        Hub(name="currents", store=_EFS_BY_ADDRESS, users=("oz", "pia", "sue", "tom"), admins=("ana",), trip_ms=380),
        Hub(
            name="kelp",
            store=_EFS,
            users=("rob", "wes"),
            admins=("ana", "val"),
            failing=(Failing(cause="hanging", users=("lou", "yan"), minutes=16, node=2),),
            admin_mounts=list(allusers_mounts().values()),
        ),
        Hub(
            name="gulf",
            store=_EFS,
            users=("dee", "yan"),
            volume=Volume(phase="Available", claimed_by=""),
            claim=Claim(volume="fjord-home-nfs"),
        ),
        Hub(
            name="fjord",
            store=_EFS,
            volume=Volume(claimed_by="gulf"),
            claim=Claim(phase="Pending"),
            failing=(Failing(cause="unbound", users=("eli", "zoe"), minutes=33),),
        ),
        Hub(
            name="reefwatch",
            store=_EFS,
            volume=Volume(phase="Available", claimed_by=""),
            claim=None,
            failing=(Failing(cause="missing", users=("fay", "gus"), minutes=12),),
        ),
        Hub(
            name="abyss",
            store=_EFS,
            volume=Volume(phase="Available", claimed_by=""),
            claim=Claim(phase="Lost"),
            failing=(Failing(cause="lost", users=("uma",), minutes=52),),
        ),
    ),
)

_AZURE = Store(
    server="foresthomes.file.core.windows.net",
    base_share="/foresthomes/homes/",
    options=("sec=sys", "vers=4.1", "nconnect=4", "actimeo=30"),
    used_gib=2540,
    size_gib=4096,
)
_ARCHIVE = msgspec.structs.replace(_AZURE, base_share="/foresthomes/archive/", used_gib=994, size_gib=1024)
_STAGING = Store(
    server="foreststaging.file.core.windows.net",
    base_share="/foreststaging/homes/",
    options=_AZURE.options,
    used_gib=38,
    size_gib=256,
)
_FOREST = Cluster(
    name="forest",
    context="forest-aks",
    zones=("northeurope-1", "northeurope-2"),
    region="northeurope",
    latency_s=0.28,
    hubs=(
        Hub(
            name="prod",
            store=_AZURE,
            pulls=False,
            users=("bo", "chi", "hal", "ivy", "pia", "rob"),
            admins=("ana",),
        ),
        Hub(
            name="staging",
            store=_STAGING,
            failing=(
                Failing(cause="denied", users=("ana", "bo", "chi"), minutes=15),
                Failing(cause="protocol", users=("dee",), minutes=9, node=1),
            ),
        ),
        Hub(
            name="moss",
            store=_AZURE,
            volume=Volume(
                phase="Failed",
                claimed_by="moss",
                reclaim_policy="Delete",
                message=(
                    'error getting deleter volume plugin for volume "moss-home-nfs": no deletable volume plugin matched'
                ),
            ),
            claim=Claim(phase="Pending"),
            failing=(Failing(cause="unbound", users=("jan", "kim"), minutes=64),),
        ),
        Hub(
            name="grove",
            store=_AZURE,
            volume=Volume(phase="Available", claimed_by="", storage_class="azurefile-premium"),
            claim=Claim(phase="Pending"),
            failing=(Failing(cause="unbound", users=("lou", "mia", "ned"), minutes=22),),
        ),
        Hub(name="canopy", store=_ARCHIVE, users=("oz", "sue"), admins=("ana",)),
        Hub(name="understory", store=_ARCHIVE, override="canopy", users=("oz", "tom"), admins=("ana",)),
    ),
)

_GKE = Store(options=("soft", "noatime"))
_REEF = Cluster(
    name="reef",
    context="gke_reef-hubs_europe-west4_reef",
    zones=("europe-west4-a", "europe-west4-b"),
    region="europe-west4",
    latency_s=0.4,
    hubs=(
        Hub(
            name="prod",
            store=_GKE,
            users=("bo", "chi", "dee", "fay", "gus", "hal", "kim", "mia"),
            admins=("ana",),
            home_nfs=Server(cluster_ip="10.48.0.11"),
        ),
        Hub(
            name="staging",
            store=_GKE,
            users=("bo",),
            home_nfs=Server(state="grace", seconds=12, cluster_ip="10.48.0.12"),
        ),
        Hub(
            name="anemone",
            store=_GKE,
            users=("eli", "pia", "wes"),
            admins=("ana",),
            admin_mounts={**SHARED_READWRITE, **allusers_mounts(read_only=True)},
            home_nfs=Server(cluster_ip="10.48.0.13"),
        ),
        Hub(
            name="atoll",
            store=_GKE,
            failing=(Failing(cause="refused", users=("ned", "oz"), minutes=11),),
            home_nfs=Server(state="down", cluster_ip="10.48.0.14"),
        ),
        Hub(
            name="coral",
            store=_GKE,
            users=("rob", "sue"),
            home_nfs=Server(state="degraded", cluster_ip="10.48.0.15", used_gib=200, disk_gib=200),
        ),
        Hub(
            name="shoal",
            store=_GKE,
            users=("tom",),
            failing=(Failing(cause="refused", users=("uma", "val", "yan"), minutes=8, node=1),),
            home_nfs=Server(cluster_ip="10.48.0.16"),
        ),
        Hub(
            name="lagoon",
            store=_GKE,
            users=("ivy", "jan"),
            admins=("ana",),
            creator="running",
            creator_minutes=25,
            home_nfs=Server(cluster_ip="10.48.0.17", used_gib=456, disk_gib=500, grown_gib=6.5),
        ),
    ),
)

_VIEWER = Identity(user="viewer", grants=(Grant(namespace="base"), Grant(namespace="camp"), Grant(namespace="cirque")))
_DEFAULT = Store(options=("soft", "noatime", "vers=4.2"))
_SUMMIT = Cluster(
    name="summit",
    context="summit",
    zones=("rack-1",),
    region="campus",
    latency_s=0.12,
    identity=_VIEWER,
    hubs=(
        Hub(
            name="base",
            store=_DEFAULT,
            users=("bo", "zoe"),
            admins=("ana",),
            home_nfs=Server(cluster_ip="10.96.3.1"),
        ),
        Hub(name="camp", store=_DEFAULT, users=("chi",), home_nfs=Server(cluster_ip="10.96.3.2")),
        Hub(name="peak", store=_DEFAULT, users=("dee",), home_nfs=Server(cluster_ip="10.96.3.3")),
        Hub(name="cirque", store=_DEFAULT, users=("eli",), home_nfs=Server(cluster_ip="10.96.3.4")),
    ),
)
_POLAR = Cluster(
    name="polar",
    context="arn:aws:eks:eu-north-1:210987654321:cluster/polar",
    zones=("eu-north-1a",),
    region="eu-north-1",
    latency_s=0.05,
    failure=(
        "unauthorized",
        "the credentials of context polar have expired: aws said that the SSO session is no longer valid",
        "aws sso login",
    ),
)
_DESERT = Cluster(
    name="desert",
    context="desert-aks-admin",
    zones=("uaenorth-1",),
    region="uaenorth",
    latency_s=0.6,
    failure=(
        "unreachable",
        "desert-aks.hcp.uaenorth.azmk8s.io:443 cannot be reached: no route to host",
        "check the VPN: the API server has a private address",
    ),
)

CLUSTERS: tuple[Cluster, ...] = (_EARTH, _OCEAN, _FOREST, _REEF, _SUMMIT, _POLAR, _DESERT)
