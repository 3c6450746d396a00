"""Hubs' shares on the real node: a folder, the volume and claim that lead to it, and looks through a real session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.cluster.node import RealCluster

SERVER = "10.2.0.2"
IMAGE = "localhost/busybox:1.36.1"


def share(cluster: RealCluster, namespace: str, *, exists: bool = True) -> Path:
    """The folder of a hub named as its namespace, with its volume and its bound claim."""
    path = f"/homes/{namespace}"
    folder = cluster.export(SERVER, path)
    if not exists:
        folder.rmdir()
    volume = f"{namespace}-home-nfs"
    common = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    cluster.api.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                **common,
                "capacity": {"storage": "1Mi"},
                "nfs": {"server": SERVER, "path": path},
                "claimRef": {"namespace": namespace, "name": "home-nfs"},
            },
        }
    )
    cluster.api.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "home-nfs", "namespace": namespace},
            "spec": {**common, "volumeName": volume, "resources": {"requests": {"storage": "1Mi"}}},
        }
    )
    cluster.api.wait("the claim", lambda: phase(cluster, "PersistentVolumeClaim", "home-nfs", namespace) == "Bound")
    return folder


def phase(cluster: RealCluster, kind: str, name: str, namespace: str) -> str:
    return str(cluster.api.get(kind, name, namespace)["status"].get("phase"))


def request(namespace: str, **changes: object) -> LookRequest:
    usual = {
        "namespace": namespace,
        "claim": "home-nfs",
        "server": SERVER,
        "base_path": "/homes",
        "hub_directory": namespace,
        "image": IMAGE,
        "owner": "jo@bastion",
        "deadline_s": 60,
    }
    return LookRequest(**(usual | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def session(cluster: RealCluster, who: str = "admin") -> AsyncIterator[Transport]:
    permission = Permission(probe_always=True)
    transport = await KubeconfigConnector(str(cluster.kubeconfig)).connect(who, permission=permission)
    try:
        yield transport
    finally:
        await transport.close()


def helper_pods(cluster: RealCluster, namespace: str = "") -> list[str]:
    found = cluster.api.list("Pod", namespace, labelSelector="hubhomes/owner")
    return [pod["metadata"]["name"] for pod in found]
