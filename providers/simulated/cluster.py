"""What else a cluster holds: namespaces, nodes, events in the kubelet's and scheduler's words, helper pods."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from providers.simulated.release import Release
from providers.simulated.resources import Json

FailedMount = Literal["no-directory", "denied", "timed-out", "refused", "protocol", "stale"]
Unschedulable = Literal["unbound", "missing", "lost"]

_UID = "00000000-0000-4000-8000-000000000000"


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def namespace(name: str) -> Json:
    labels = {"kubernetes.io/metadata.name": name}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def node(name: str, *, zone: str, region: str, instance_type: str = "") -> Json:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
        "hub.jupyter.org/node-purpose": "user",
    }
    if instance_type:
        labels["node.kubernetes.io/instance-type"] = instance_type
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {}}


def failed_mount_event(
    release: Release,
    pod: Json,
    cause: FailedMount,
    *,
    first: datetime,
    last: datetime,
    count: int,
    host: str = "node-a",
) -> Json:
    """The kubelet's event on POD. One event counts its repetitions."""
    uid = pod["metadata"].get("uid", _UID)
    target = f"/var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~nfs/{release.pv_name}"
    source = f"{release.server}:{release.path}"
    options = f" -o {','.join(release.mount_options)}" if release.mount_options else ""
    message = (
        f'MountVolume.SetUp failed for volume "{release.pv_name}" : mount failed: exit status 32\n'
        "Mounting command: mount\n"
        f"Mounting arguments: -t nfs{options} {source} {target}\n"
        f"Output: {_MOUNT_NFS[cause].format(source=source)}\n"
    )
    return {
        **_event(pod, "FailedMount", message, "7f3a"),
        "count": count,
        "firstTimestamp": timestamp(first),
        "lastTimestamp": timestamp(last),
        "source": {"component": "kubelet", "host": host},
        "reportingComponent": "kubelet",
        "reportingInstance": host,
    }


_MOUNT_NFS: dict[FailedMount, str] = {
    "no-directory": "mount.nfs: mounting {source} failed, reason given by server: No such file or directory",
    "denied": "mount.nfs: access denied by server while mounting {source}",
    "timed-out": "mount.nfs: Connection timed out",
    "refused": "mount.nfs: Connection refused",
    "protocol": "mount.nfs: requested NFS version or transport protocol is not supported",
    "stale": "mount.nfs: Stale file handle",
}


def failed_scheduling_event(release: Release, pod: Json, cause: Unschedulable, *, at: datetime, nodes: int = 1) -> Json:
    """The scheduler's event on POD: with an eventTime only, as its newer API has it."""
    why = {
        "unbound": "pod has unbound immediate PersistentVolumeClaims",
        "missing": 'persistentvolumeclaim "home-nfs" not found',
        "lost": f'persistentvolumeclaim "home-nfs" bound to non-existent persistentvolume "{release.pv_name}"',
    }[cause]
    message = (
        f"0/{nodes} nodes are available: {why}. preemption: 0/{nodes} nodes are available: "
        f"{nodes} Preemption is not helpful for scheduling."
    )
    return {
        **_event(pod, "FailedScheduling", message, "91bc"),
        "action": "Scheduling",
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "firstTimestamp": None,
        "lastTimestamp": None,
        "reportingComponent": "default-scheduler",
        "reportingInstance": "default-scheduler-core",
        "source": {},
    }


def _event(pod: Json, reason: str, message: str, suffix: str) -> Json:
    metadata = pod["metadata"]
    involved = {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "uid": metadata.get("uid", _UID),
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{suffix}", "namespace": metadata["namespace"]},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": "Warning",
    }


def helper_pod(
    namespace: str,
    *,
    name: str = "hubhomes-look-5tq2z",
    owner: str = "jo@bastion",
    purpose: str = "look",
    server: str,
    path: str,
    deadline_s: int = 900,
) -> Json:
    """A helper pod of hubhomes itself that looks at PATH, read-only."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "hubhomes",
                "hubhomes/owner": owner.replace("@", "-at-"),
                "hubhomes/purpose": purpose,
            },
        },
        "spec": {
            "activeDeadlineSeconds": deadline_s,
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": "look",
                    "image": "busybox:1.36.1",
                    "command": ["sleep", str(deadline_s)],
                    "volumeMounts": [{"name": "homes", "mountPath": "/homes", "readOnly": True}],
                }
            ],
            "volumes": [{"name": "homes", "nfs": {"server": server, "path": path, "readOnly": True}}],
        },
    }
