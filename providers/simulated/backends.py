"""The demo's cloud filestores, behind the protocol of the real backends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreBackend, FilestoreListing, FilestoreScope, Usage

_GIB = 1024**3
_TIB = 1024**4


class SimulatedBackend:
    """Answers each cluster with its own listing or error; a cluster that it does not know has none of this kind."""

    def __init__(self, name: str, answers: Mapping[str, FilestoreListing | ProviderError]) -> None:
        self.name = name
        self._answers = dict(answers)

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises the ProviderError that is the cluster's answer."""
        answer = self._answers.get(scope.cluster, FilestoreListing())
        if isinstance(answer, ProviderError):
            raise answer
        return answer


def demo_backends(now: datetime) -> tuple[FilestoreBackend, ...]:
    expired = ProviderError(
        "unauthorized", "the SSO session of account 210987654321 has expired", next_step="aws sso login"
    )
    silent = FilestoreListing(unreachable=("europe-west4-c",))
    return (
        SimulatedBackend("gcp-filestore", {"earth": FilestoreListing(filestores=_earth(now)), "reef": silent}),
        SimulatedBackend("aws-efs", {"ocean": FilestoreListing(filestores=_ocean(now)), "polar": expired}),
        SimulatedBackend("azure-files", {"forest": FilestoreListing(filestores=_forest(now))}),
    )


def _earth(now: datetime) -> tuple[Filestore, ...]:
    instances = "projects/earth-hubs/locations/us-central1-b/instances"
    source = "Cloud Monitoring file.googleapis.com/nfs/server/used_bytes_percent"
    return (
        Filestore(
            id=f"{instances}/earth-homedirs",
            name="earth-homedirs",
            backend="gcp-filestore",
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
            facts=(("network", "default"), ("protocol", "NFS_V3"), ("made", "2023-05-11")),
        ),
        Filestore(
            id=f"{instances}/earth-homedirs-large",
            name="earth-homedirs-large",
            backend="gcp-filestore",
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
                ("mount targets", "us-west-2a 192.168.10.21, us-west-2b 192.168.42.7"),
            ),
        ),
    )


def _forest(now: datetime) -> tuple[Filestore, ...]:
    account = "/subscriptions/demo/resourceGroups/forest-hubs/providers/Microsoft.Storage/storageAccounts/foresthomes"
    return (_share(account, "homes", 4096, 2539, now), _share(account, "archive", 1024, 994, now))


def _share(account: str, share: str, quota_gib: int, used_gib: int, now: datetime) -> Filestore:
    return Filestore(
        id=f"{account}/fileServices/default/shares/{share}",
        name=f"foresthomes/{share}",
        backend="azure-files",
        addresses=("foresthomes.file.core.windows.net",),
        exports=(f"/foresthomes/{share}",),
        state="ready",
        tier="Premium_LRS",
        capacity_bytes=quota_gib * _GIB,
        usage=Usage(
            used_bytes=used_gib * _GIB,
            capacity_bytes=quota_gib * _GIB,
            source="Azure share usage (expand=stats)",
            observed_at=now - timedelta(minutes=1),
        ),
        zones=("northeurope-1",),
        facts=(("account", "foresthomes"), ("root squash", "NoRootSquash"), ("reachable from", "node subnet only")),
    )
