"""A hub on the real node whose directory can be mended: found live, on a share behind its claim or in a server."""

from __future__ import annotations

from pathlib import Path

from providers.simulated.chart import (
    Release,
    home_nfs_deployment,
    home_nfs_service,
    hub_deployment,
    hub_secret,
    persistent_volume,
    persistent_volume_claim,
)
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import SERVER, phase, share

_DISKS = "10.2.0.9"


def hub_on_claim(cluster: RealCluster, namespace: str) -> Path:
    """A hub whose claim leads to the folder that is given."""
    folder = share(cluster, namespace)
    _hub(cluster, Release(name=namespace, server=SERVER, base_share="/homes/"))
    return folder


def hub_on_server(cluster: RealCluster, namespace: str) -> Path:
    """A hub with an in-cluster server of its own; the folder is the hub's directory on the server's disk."""
    server = f"storage-quota-home-nfs.{namespace}.svc.cluster.local"
    release = Release(name=namespace, server=server, base_share="/export/")
    disk = cluster.export(_DISKS, f"/disks/{namespace}")
    deployment = home_nfs_deployment(release, disk={"nfs": {"server": _DISKS, "path": f"/disks/{namespace}"}})
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        container["image"], container["imagePullPolicy"] = "localhost/home-nfs:1", "Never"
    cluster.api.create(deployment)
    cluster.api.create(home_nfs_service(release))
    cluster.api.create(persistent_volume(release))
    cluster.api.create(persistent_volume_claim(release))
    cluster.api.wait("the claim", lambda: phase(cluster, "PersistentVolumeClaim", "home-nfs", namespace) == "Bound")
    cluster.api.wait("the server", lambda: _running(cluster, namespace))
    _hub(cluster, release)
    folder = disk / namespace
    folder.mkdir()
    return folder


def _hub(cluster: RealCluster, release: Release) -> None:
    cluster.api.create(hub_secret(release, admin_mounts={}))
    deployment = hub_deployment(release)
    deployment["spec"]["replicas"] = 0
    cluster.api.create(deployment)


def _running(cluster: RealCluster, namespace: str) -> bool:
    pods = cluster.api.list("Pod", namespace)
    statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", ())]
    return bool(statuses) and all(status["ready"] for status in statuses)
