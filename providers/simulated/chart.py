"""What the chart deploys for the storage of one hub, as plain JSON that an API server accepts.

No object carries a status: `providers.simulated.statuses` gives what controllers and kubelet would write. All
renderers are reached from here.
"""

from __future__ import annotations

from providers.simulated.cluster import (
    FailedMount,
    failed_mount_event,
    failed_scheduling_event,
    helper_pod,
    namespace,
    node,
)
from providers.simulated.homenfs import home_nfs_deployment, home_nfs_pod, home_nfs_service
from providers.simulated.hub import SHARED_MOUNTS, SHARED_READWRITE, allusers_mounts, hub_deployment, hub_secret
from providers.simulated.release import Release
from providers.simulated.resources import Json
from providers.simulated.userpods import user_pod

__all__ = [
    "SHARED_MOUNTS",
    "SHARED_READWRITE",
    "FailedMount",
    "Release",
    "allusers_mounts",
    "failed_mount_event",
    "failed_scheduling_event",
    "helper_pod",
    "home_nfs_deployment",
    "home_nfs_pod",
    "home_nfs_service",
    "hub_deployment",
    "hub_secret",
    "namespace",
    "node",
    "persistent_volume",
    "persistent_volume_claim",
    "share_creator_job",
    "share_creator_pod",
    "user_pod",
]

_CREATE = 'mkdir -p "/mnt$NFS_SHARE_NAME" && chown 1000:1000 "/mnt$NFS_SHARE_NAME" && ls -la /mnt'


def persistent_volume(release: Release, *, reclaim_policy: str = "Retain") -> Json:
    """The PersistentVolume of the hub's homes. Its capacity is a placeholder."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": release.pv_name,
            "labels": release.helm_labels(),
            "annotations": release.helm_annotations(),
        },
        "spec": {
            "capacity": {"storage": "1Mi"},
            "accessModes": ["ReadWriteMany"],
            "nfs": {"server": release.server, "path": release.path},
            "mountOptions": list(release.mount_options),
            "persistentVolumeReclaimPolicy": reclaim_policy,
            "volumeMode": "Filesystem",
        },
    }


def persistent_volume_claim(release: Release, *, volume_name: str | None = None) -> Json:
    """The PersistentVolumeClaim `home-nfs`, for the release's own volume unless VOLUME_NAME says another."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": "home-nfs",
            "namespace": release.namespace,
            "labels": release.helm_labels(),
            "annotations": release.helm_annotations(),
        },
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "volumeName": release.pv_name if volume_name is None else volume_name,
            "storageClassName": "",
            "volumeMode": "Filesystem",
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }


def share_creator_job(release: Release) -> Json:
    """The hook that makes the hub directory. It knows nothing of shareNameOverride, as the chart has it."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "nfs-share-creator",
            "namespace": release.namespace,
            "labels": {**_share_creator_labels(release), "hub.jupyter.org/deletable": "true"},
            "annotations": {
                "helm.sh/hook": "pre-install,pre-upgrade",
                "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
                "helm.sh/hook-weight": "10",
            },
        },
        "spec": {
            "backoffLimit": 6,
            "template": {
                "metadata": {"labels": _share_creator_labels(release)},
                "spec": _share_creator_spec(release),
            },
        },
    }


def share_creator_pod(release: Release, *, suffix: str = "x7k2p", job_uid: str = "") -> Json:
    """A pod of the share creator, as the Job controller makes it. JOB_UID makes it the Job's own."""
    metadata: Json = {
        "name": f"nfs-share-creator-{suffix}",
        "generateName": "nfs-share-creator-",
        "namespace": release.namespace,
        "labels": {
            **_share_creator_labels(release),
            "batch.kubernetes.io/job-name": "nfs-share-creator",
            "job-name": "nfs-share-creator",
        },
    }
    if job_uid:
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "nfs-share-creator", "uid": job_uid}
        metadata["ownerReferences"] = [{**owner, "controller": True, "blockOwnerDeletion": True}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": _share_creator_spec(release)}


def _share_creator_spec(release: Release) -> Json:
    share_name = f"{release.base_share}{release.name}"
    return {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {
                "name": "dummy",
                "image": "busybox:1.36.1",
                "env": [{"name": "NFS_SHARE_NAME", "value": share_name}],
                "command": ["/bin/sh", "-c", _CREATE],
                "volumeMounts": [{"name": "home-base", "mountPath": f"/mnt{release.base_share}"}],
            }
        ],
        "volumes": [{"name": "home-base", "nfs": {"server": release.server, "path": release.base_share}}],
    }


def _share_creator_labels(release: Release) -> dict[str, str]:
    return {
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/instance": release.name,
        "helm.sh/chart": release.chart,
    }
