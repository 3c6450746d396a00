"""Filestores that nodes do not reach, that fill up, that are kept without care, or that nobody lives on."""

from __future__ import annotations

from typing import Any

import msgspec

from console.chain.model import ClusterState
from console.chain.orphans import with_orphans
from console.chain.usage import Sample
from console.inventory.model import Setting
from providers.filestores.protocol import Filestore, FilestoreState, Firewall, MountTarget
from providers.kubernetes.objects import Labels, Metadata, NfsSource, Node
from tests.chain.builders import (
    NOW,
    ago,
    cluster,
    declared,
    event,
    hub,
    inventory,
    job,
    log,
    observation,
    origin,
    store,
    stuck,
    volume,
)
from tests.chain.cases.case import Case

FILE_SYSTEM = "fs-0a1b2c3d"
HOST = f"{FILE_SYSTEM}.efs.us-west-2.amazonaws.com"
ARCHIVE = "projects/earth-hubs/locations/us-central1-b/instances/archive-2023"
AZURE = "foresthomes.file.core.windows.net"
SHARE = (
    "/subscriptions/5a/resourceGroups/forest-hubs/providers/Microsoft.Storage"
    "/storageAccounts/foresthomes/fileServices/default/shares/homes"
)
_TIB = 1024**4


def nodes(*zones: str) -> tuple[Node, ...]:
    """A node in each zone: node-1, node-2, …"""
    return tuple(
        Node(metadata=Metadata(name=f"node-{number}", labels=Labels(zone=zone)))
        for number, zone in enumerate(zones, start=1)
    )


def target(
    letter: str, *, state: FilestoreState = "ready", admits: bool | None = True, detail: str = ""
) -> MountTarget:
    return MountTarget(
        id=f"fsmt-{letter}",
        zone=f"us-west-2{letter}",
        state=state,
        addresses=(f"192.168.1.{ord(letter)}",),
        network="vpc-1",
        security_groups=("sg-efs",),
        admits_nodes=admits,
        detail=detail,
    )


def file_system(*targets: MountTarget, **changes: Any) -> Filestore:
    addresses = (HOST, *(address for each in targets for address in each.addresses))
    fields = {"address": addresses, "exports": ("/",), "backend": "aws-efs", "mount_targets": targets} | changes
    return store(FILE_SYSTEM, **fields)


def on_aws(*targets: MountTarget, server: str = HOST, zones: tuple[str, ...] = ("a", "b"), base: str = "/",
           seen: dict[str, Any] | None = None, **changes: Any) -> ClusterState:  # fmt: skip
    """The hub on EFS, with a node in each of ZONES."""
    path = f"{base.rstrip('/')}/prod"
    tree = declared(
        hub(server=Setting(server, origin()), base_share=Setting(base, origin()), path=Setting(path, origin())),
        provider="aws",
    )
    own = {
        "persistent_volumes": (volume(nfs=NfsSource(server=server, path=path)),),
        "nodes": nodes(*(f"us-west-2{zone}" for zone in zones)),
    }
    listed = inventory(file_system(*targets, **changes), listed=("aws-efs", "home-nfs"))
    return cluster(observation(**(own | (seen or {}))), tree, stores=listed, provider="aws")


def on_azure(*, seen: dict[str, Any] | None = None, **changes: Any) -> ClusterState:
    path = "/foresthomes/homes/prod"
    tree = declared(hub(server=Setting(AZURE, origin()), path=Setting(path, origin())), provider="azure")
    own = {"persistent_volumes": (volume(nfs=NfsSource(server=AZURE, path=path)),)}
    share = store(SHARE, address=AZURE, exports=("/foresthomes/homes",), backend="azure-files", **changes)
    share = msgspec.structs.replace(share, name="foresthomes/homes")
    listed = inventory(share, listed=("azure-files", "home-nfs"))
    return cluster(observation(**(own | (seen or {}))), tree, stores=listed, provider="azure")


def waiting(words: str, *, node: str = "node-1") -> dict[str, Any]:
    """A user pod on NODE whose mount fails with WORDS."""
    stuck_pod = stuck("bo")
    spec = msgspec.structs.replace(stuck_pod.spec, node_name=node)
    return {
        "user_pods": (msgspec.structs.replace(stuck_pod, spec=spec),),
        "mount_events": (event("bo", f"mount.nfs: {words}"),),
    }


def closed() -> Firewall:
    return Firewall(
        admits_all=False, admits_nodes=False, refused_subnets=("/subnets/nodes",), detail="it does not let in nodes"
    )


def archive(**changes: Any) -> Filestore:
    fields: dict[str, Any] = {"address": "10.2.0.9", "used": 0.79, "capacity_bytes": _TIB} | changes
    return msgspec.structs.replace(store(ARCHIVE, **fields), name="archive-2023")


def filling(used: float, day_before: float) -> ClusterState:
    """A filestore that held DAY_BEFORE of 1 TiB a day ago, and holds USED now."""
    sample = Sample(ago(days=1), int(day_before * _TIB), _TIB, "Cloud Monitoring")
    return cluster(stores=inventory(store(used=used)), history={"homes-nfs": (sample,)})


_ROOM_CASES = (
    Case(
        name="full in three days",
        state=lambda: filling(0.7, 0.6),
        codes=("FST09",),
        message="share full in 2 days (70 % full, 307 GiB left)",
    ),
    Case(
        name="nearly full, and for how long",
        state=lambda: filling(0.92, 0.9),
        codes=("FST05",),
        message="share 92 % full (82 GiB left, full in 3 days)",
    ),
    Case(
        name="as large as its tier allows",
        state=lambda: cluster(stores=inventory(store(tier="ENTERPRISE", capacity_bytes=9 * _TIB + _TIB // 2))),
        codes=("FST10",),
        message="9.5 TiB of the 10 TiB that ENTERPRISE takes at most",
    ),
)
_REACH_CASES = (
    Case(
        name="no mount target in a zone",
        state=lambda: on_aws(target("a")),
        codes=("FST11",),
        message="no mount target in us-west-2b, where 1 node runs",
    ),
    Case(
        name="no mount target, and mounts fail there",
        state=lambda: on_aws(target("a"), seen=waiting("Connection timed out", node="node-2")),
        codes=("FST11",),
    ),
    Case(
        name="no mount target, and mounts fail elsewhere",
        state=lambda: on_aws(target("a"), seen=waiting("Connection timed out", node="node-1")),
        codes=("MNT12", "FST11"),
    ),
    Case(
        name="mount target in error",
        state=lambda: on_aws(target("a"), target("b", state="down"), state="degraded"),
        codes=("FST11",),
        message="mount target in us-west-2b is in error, where 1 node runs",
    ),
    Case(
        name="group refuses",
        state=lambda: on_aws(target("a"), target("b", admits=False, detail="sg-efs does not let every node in")),
        codes=("FST12",),
        message="security group sg-efs refuses nodes on port 2049 (us-west-2b)",
    ),
    Case(
        name="group refuses, and mounts fail there",
        state=lambda: on_aws(
            target("a"), target("b", admits=False), seen=waiting("Connection timed out", node="node-2")
        ),
        codes=("FST12",),
    ),
    Case(
        name="firewall, and mounts are denied",
        state=lambda: on_azure(firewall=closed(), seen=waiting("access denied by server")),
        codes=("FST13",),
        message="firewall of foresthomes does not let the nodes in",
    ),
    Case(name="firewall, and servers run", state=lambda: on_azure(firewall=closed()), codes=("FST13",)),
    Case(
        name="secure transfer",
        state=lambda: on_azure(secure_transfer=True, seen=waiting("access denied by server")),
        codes=("FST14",),
        message="foresthomes requires secure transfer: NFS is denied",
    ),
    Case(
        name="base share below EFS's root",
        state=lambda: on_aws(target("a"), target("b"), base="/homes/", seen=waiting("No such file or directory")),
        codes=("EXP04",),
        message="nfs.pv.baseShareName is /homes/, but EFS is mounted at /",
    ),
    Case(
        name="base share below EFS's root, and servers run",
        state=lambda: on_aws(target("a"), target("b"), base="/homes/"),
        codes=("EXP04",),
    ),
)
_CARE_CASES = (
    Case(name="root squash", state=lambda: on_azure(root_squash=True), codes=("FST15",)),
    Case(
        name="root squash, and the share creator may not chown",
        state=lambda: on_azure(
            root_squash=True,
            seen={
                "share_creator_jobs": (job(),),
                "share_creator_logs": (log("chown: /mnt/prod: Operation not permitted"),),
            },
        ),
        codes=("FST15",),
    ),
    Case(
        name="root squash, and the share creator failed otherwise",
        state=lambda: on_azure(
            root_squash=True,
            seen={"share_creator_jobs": (job(),), "share_creator_logs": (log("mkdir: No space left on device"),)},
        ),
        codes=("DIR01", "FST15"),
    ),
    Case(name="no backups", state=lambda: cluster(stores=inventory(store(backups=False))), codes=("FST16",)),
    Case(
        name="kept without care",
        state=lambda: on_aws(target("a"), target("b"), backups=False, encrypted=False, lifecycle=False),
        codes=("FST16", "FST17", "FST18"),
    ),
    Case(
        name="nobody lives on it",
        state=lambda: with_orphans((cluster(stores=inventory(store(), archive())),), now=NOW)[0],
        codes=("FST19",),
        hub=None,
        message="archive-2023: no hub lives on it, holds 809 GiB of 1.0 TiB",
    ),
    Case(
        name="nobody lives on an in-cluster server",
        state=lambda: with_orphans(
            (
                cluster(
                    stores=inventory(store(), store("old", address="10.3.0.7", backend="home-nfs", namespace="old"))
                ),
            ),
            now=NOW,
        )[0],
        codes=("FST19",),
        hub=None,
    ),
)

STORE_TROUBLE_CASES = (*_ROOM_CASES, *_REACH_CASES, *_CARE_CASES)
