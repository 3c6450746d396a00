"""The demo's cloud filestores, behind the protocol of the real backends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import (
    Filestore,
    FilestoreBackend,
    FilestoreListing,
    FilestoreScope,
    Firewall,
    MountTarget,
    Usage,
)
from providers.simulated.filestore_changes import SimulatedChanges, Sleep

_GIB = 1024**3
_TIB = 1024**4


class SimulatedBackend:
    """Answers each cluster with its own listing or error; a cluster that it does not know has none of this kind.

    What is made and changed there takes some looks of whoever waits for it. `denials` is what the cloud says to a
    cluster's changes, where it refuses them, `lacking` the rights that it says we lack for them, and `silent` why it
    can't be asked for those. SLEEP lets time pass between two looks; RESIZED hears of the cluster and
    of each filestore that has got another size.
    """

    def __init__(
        self,
        name: str,
        answers: Mapping[str, FilestoreListing | ProviderError],
        *,
        sleep: Sleep = asyncio.sleep,
        resized: Callable[[str, Filestore], None] = lambda _cluster, _store: None,
    ) -> None:
        self.name = name
        self.denials: dict[str, ProviderError] = {}
        self.lacking: dict[str, tuple[str, ...]] = {}
        self.silent: dict[str, str] = {}
        self._answers = dict(answers)
        self._changes = SimulatedChanges(self, sleep=sleep, resized=resized)

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises the ProviderError that is the cluster's answer."""
        return self.listing(scope.cluster)

    async def changes(self) -> SimulatedChanges:
        return self._changes

    def listing(self, cluster: str) -> FilestoreListing:
        """Raises the ProviderError that is the cluster's answer."""
        answer = self._answers.get(cluster, FilestoreListing())
        if isinstance(answer, ProviderError):
            raise answer
        return answer

    def put(self, cluster: str, store: Filestore) -> None:
        """Puts STORE among those of CLUSTER, in the place of the one with its id."""
        listing = self.listing(cluster)
        stores = {one.id: one for one in listing.filestores} | {store.id: store}
        self._answers[cluster] = msgspec.structs.replace(listing, filestores=tuple(stores.values()))


def demo_backends(
    now: datetime,
    *,
    sleep: Sleep = asyncio.sleep,
    resized: Callable[[str, Filestore], None] = lambda _cluster, _store: None,
) -> tuple[FilestoreBackend, ...]:
    """Those of the demo's clouds as they are at NOW; SLEEP and RESIZED as for each of them."""
    expired = ProviderError(
        "unauthorized", "the SSO session of account 210987654321 has expired", next_step="aws sso login"
    )
    silent = FilestoreListing(unreachable=("europe-west4-c",))
    answers: Mapping[str, Mapping[str, FilestoreListing | ProviderError]] = {
        "gcp-filestore": {"earth": FilestoreListing(filestores=_earth(now)), "reef": silent},
        "aws-efs": {"ocean": FilestoreListing(filestores=_ocean(now)), "polar": expired},
        "azure-files": {
            "forest": FilestoreListing(filestores=_forest(now)),
            "desert": FilestoreListing(filestores=_desert(now)),
        },
    }
    return tuple(SimulatedBackend(name, told, sleep=sleep, resized=resized) for name, told in answers.items())


def _earth(now: datetime) -> tuple[Filestore, ...]:
    instances = "projects/earth-hubs/locations/us-central1-b/instances"
    pages = "https://console.cloud.google.com/filestore/instances/locations/us-central1-b/id"
    source = "Cloud Monitoring file.googleapis.com/nfs/server/used_bytes_percent"
    return (
        Filestore(
            id=f"{instances}/earth-homedirs",
            name="earth-homedirs",
            backend="gcp-filestore",
            page=f"{pages}/earth-homedirs?project=earth-hubs",
            addresses=("10.2.0.2",),
            exports=("/homes",),
            state="ready",
            tier="BASIC_HDD",
            capacity_bytes=1 * _TIB,
            usage=Usage(
                used_bytes=829 * _GIB,
                capacity_bytes=1 * _TIB,
                source=source,
                observed_at=now - timedelta(minutes=4),
            ),
            zones=("us-central1-b",),
            facts=(("network", "default"), ("protocol", "NFS_V3"), ("made", "2024-05-11")),
            encrypted=True,
            backups=True,
            root_squash=False,
            created_at=datetime(2024, 5, 11, 9, 20, tzinfo=UTC),
        ),
        Filestore(
            id=f"{instances}/earth-homes-2023",
            name="earth-homes-2023",
            backend="gcp-filestore",
            page=f"{pages}/earth-homes-2023?project=earth-hubs",
            addresses=("10.2.0.18",),
            exports=("/homes",),
            state="ready",
            tier="BASIC_HDD",
            capacity_bytes=1 * _TIB,
            usage=Usage(
                used_bytes=812 * _GIB,
                capacity_bytes=1 * _TIB,
                source=source,
                observed_at=now - timedelta(minutes=4),
            ),
            zones=("us-central1-b",),
            facts=(("network", "default"), ("protocol", "NFS_V3"), ("made", "2023-06-02")),
            encrypted=True,
            backups=False,
            root_squash=False,
            created_at=datetime(2023, 6, 2, 14, 5, tzinfo=UTC),
        ),
        Filestore(
            id=f"{instances}/earth-homedirs-large",
            name="earth-homedirs-large",
            backend="gcp-filestore",
            page=f"{pages}/earth-homedirs-large?project=earth-hubs",
            addresses=(),
            exports=("/homes",),
            state="creating",
            detail="The instance is being created; it has no address yet.",
            tier="ZONAL",
            capacity_bytes=5 * _TIB // 2,
            zones=("us-central1-b",),
            state_since=now - timedelta(minutes=3),
            facts=(("network", "default"), ("protocol", "NFS_V4_1")),
        ),
    )


def _ocean(now: datetime) -> tuple[Filestore, ...]:
    identity = "fs-0a1b2c3d4e5f60718"
    return (
        Filestore(
            id=identity,
            name="hub-homedirs",
            backend="aws-efs",
            page=f"https://us-west-2.console.aws.amazon.com/efs/home?region=us-west-2#/file-systems/{identity}",
            addresses=(f"{identity}.efs.us-west-2.amazonaws.com", "192.168.10.21", "192.168.42.7"),
            exports=("/",),
            state="ready",
            tier="generalPurpose",
            usage=Usage(
                used_bytes=6_412 * _GIB,
                capacity_bytes=None,
                source="EFS SizeInBytes, which lags by hours",
                observed_at=now - timedelta(hours=3),
            ),
            zones=("us-west-2a", "us-west-2b"),
            facts=(
                ("throughput", "elastic"),
                ("encrypted", "yes"),
                ("lifecycle", "to infrequent access after 90 days"),
                ("network", "vpc-0c91d2e3f4a5b6c78"),
            ),
            mount_targets=(
                _mount_target("fsmt-01a2b3c4", "us-west-2a", "192.168.10.21", "subnet-0aa1"),
                _mount_target("fsmt-05d6e7f8", "us-west-2b", "192.168.42.7", "subnet-0bb2"),
            ),
            encrypted=True,
            backups=True,
            lifecycle=True,
        ),
    )


def _mount_target(identity: str, zone: str, address: str, subnet: str) -> MountTarget:
    return MountTarget(
        id=identity,
        zone=zone,
        state="ready",
        addresses=(address,),
        subnet=subnet,
        network="vpc-0c91d2e3f4a5b6c78",
        security_groups=("sg-0e1f2a3b4c5d6e7f8",),
        admits_nodes=True,
    )


_SUBSCRIPTION = "/subscriptions/8a3f2c1e-0b5d-4e7a-9c61-2d4f6a8b0c1e/resourceGroups/forest-hubs"
_NODES = f"{_SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks/forest-net/subnets/nodes"


def _forest(now: datetime) -> tuple[Filestore, ...]:
    """Two shares of one account, and one of an account that was made by hand, without a rule for the nodes."""
    let_in = Firewall(admits_all=False, subnets=(_NODES,), admits_nodes=True)
    bastion = f"{_NODES.rpartition('/')[0]}/bastion"
    left_out = Firewall(
        admits_all=False,
        subnets=(bastion,),
        admits_nodes=False,
        refused_subnets=(_NODES,),
        detail=f"it does not let in {_NODES}",
    )
    return (
        _share("foresthomes", "archive", 1024, 994, let_in, now),
        _share("foresthomes", "homes", 4096, 2539, let_in, now),
        _share("foreststaging", "homes", 256, 38, left_out, now),
    )


_DESERT = "/subscriptions/1c9e7b5a-3d2f-4a68-8e0c-6b4d2f0a9e7c/resourceGroups/desert-hubs"


def _desert(now: datetime) -> tuple[Filestore, ...]:
    """The share of a cluster whose API server cannot be reached. Which subnets its nodes are in, AKS tells."""
    nodes = f"{_DESERT}/providers/Microsoft.Network/virtualNetworks/desert-net/subnets/nodes"
    let_in = Firewall(admits_all=False, subnets=(nodes,), admits_nodes=True)
    return (_share("deserthomes", "homes", 1024, 1004, let_in, now, group=_DESERT, zone="uaenorth-1"),)


def _share(
    account: str,
    share: str,
    quota_gib: int,
    used_gib: int,
    firewall: Firewall,
    now: datetime,
    *,
    group: str = _SUBSCRIPTION,
    zone: str = "northeurope-1",
) -> Filestore:
    resource = f"{group}/providers/Microsoft.Storage/storageAccounts/{account}"
    return Filestore(
        id=f"{resource}/fileServices/default/shares/{share}",
        name=f"{account}/{share}",
        backend="azure-files",
        page=f"https://portal.azure.com/#resource{resource}/overview",
        addresses=(f"{account}.file.core.windows.net",),
        exports=(f"/{account}/{share}",),
        state="ready",
        tier="Premium_LRS",
        capacity_bytes=quota_gib * _GIB,
        usage=Usage(
            used_bytes=used_gib * _GIB,
            capacity_bytes=quota_gib * _GIB,
            source="Azure share usage (expand=stats)",
            observed_at=now - timedelta(minutes=1),
        ),
        zones=(zone,),
        facts=(("account", account), ("secure transfer", "not required")),
        encrypted=True,
        firewall=firewall,
        secure_transfer=False,
        root_squash=False,
    )
