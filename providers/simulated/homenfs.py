"""The in-cluster NFS server of a hub, as its chart deploys it."""

from __future__ import annotations

from providers.simulated.release import Release
from providers.simulated.resources import Json

NAME = "storage-quota-home-nfs"
_IMAGE = "quay.io/2i2c/jupyterhub-home-nfs:1.2.0"
_QUOTA_IMAGE = "quay.io/2i2c/xfs-quota-enforcer:1.2.0"


def home_nfs_deployment(release: Release, *, disk: Json | None = None) -> Json:
    """The server's Deployment. DISK is the volume source of its disk; the chart's is a claim of the server's name."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": NAME,
            "namespace": release.namespace,
            "labels": _labels(release),
            "annotations": release.helm_annotations(),
        },
        "spec": {
            "replicas": 1,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}},
            "selector": {"matchLabels": {"app": "nfs-server"}},
            "template": {"metadata": {"labels": _pod_labels(release)}, "spec": _spec(disk)},
        },
    }


def home_nfs_pod(release: Release, *, node_name: str = "", disk: Json | None = None, exporter: bool = False) -> Json:
    """The one pod of the Deployment, with the chart's metrics EXPORTER where that is on."""
    spec = _spec(disk) | ({"nodeName": node_name} if node_name else {})
    if exporter:
        spec["containers"].append(_metrics_exporter())
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{NAME}-6c9f7d8b5-q4x2m",
            "namespace": release.namespace,
            "labels": {**_pod_labels(release), "pod-template-hash": "6c9f7d8b5"},
        },
        "spec": spec,
    }


def home_nfs_service(release: Release, *, cluster_ip: str = "") -> Json:
    """The Service that clients mount from. Without CLUSTER_IP the API server chooses one."""
    spec: Json = {
        "type": "ClusterIP",
        "ports": [
            {"name": "nfs", "port": 2049},
            {"name": "mountd", "port": 20048},
            {"name": "rpcbind", "port": 111},
        ],
        "selector": {"app": "nfs-server"},
    }
    if cluster_ip:
        spec["clusterIP"] = cluster_ip
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": NAME,
            "namespace": release.namespace,
            "labels": _labels(release),
            "annotations": release.helm_annotations(),
        },
        "spec": spec,
    }


def _labels(release: Release) -> dict[str, str]:
    return {
        "app.kubernetes.io/component": "nfs-server",
        "app.kubernetes.io/instance": release.name,
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/name": NAME,
        "helm.sh/chart": "jupyterhub-home-nfs-1.2.0",
    }


def _pod_labels(release: Release) -> dict[str, str]:
    return {
        "app": "nfs-server",
        "app.kubernetes.io/component": "nfs-server",
        "app.kubernetes.io/instance": release.name,
        "app.kubernetes.io/name": NAME,
        "component": "shared-volume-metrics",
    }


def _metrics_exporter() -> Json:
    return {
        "name": "metrics-exporter",
        "image": "quay.io/prometheus/node-exporter:v1.9.1",
        "args": ["--collector.disable-defaults", "--collector.filesystem"],
        "ports": [{"name": "metrics", "containerPort": 9100}],
        "volumeMounts": [{"name": "home-directories", "mountPath": "/shared-volume", "readOnly": True}],
    }


def _spec(disk: Json | None) -> Json:
    homes = {"name": "home-directories", "mountPath": "/export"}
    privileged = {"privileged": True}
    server = {
        "name": "nfs-server",
        "image": _IMAGE,
        "ports": [{"name": "nfs", "containerPort": 2049}, {"name": "mountd", "containerPort": 20048}],
        "securityContext": privileged,
        "volumeMounts": [homes],
    }
    quota = {
        "name": "enforce-xfs-quota",
        "image": _QUOTA_IMAGE,
        "command": ["python", "-m", "jupyterhub_home_nfs.generate"],
        "securityContext": privileged,
        "volumeMounts": [homes],
    }
    resizer = {
        "name": "auto-xfs-resizer",
        "image": _QUOTA_IMAGE,
        "command": ["/bin/sh", "-c", "while true; do xfs_growfs /export; sleep 300; done"],
        "securityContext": privileged,
        "volumeMounts": [homes],
    }
    source = disk if disk is not None else {"persistentVolumeClaim": {"claimName": NAME}}
    return {"containers": [server, quota, resizer], "volumes": [{"name": "home-directories", **source}]}
