"""What controllers, scheduler and kubelet write into objects: each function gives a copy with that status."""

from __future__ import annotations

from datetime import datetime

from providers.simulated.cluster import timestamp
from providers.simulated.resources import Json


def created(manifest: Json, at: datetime) -> Json:
    return {**manifest, "metadata": {**manifest["metadata"], "creationTimestamp": timestamp(at)}}


def volume(manifest: Json, phase: str, *, claim: Json | None = None, message: str = "") -> Json:
    """A PersistentVolume in PHASE, held by CLAIM where one is given."""
    spec = manifest["spec"]
    if claim is not None:
        metadata = claim["metadata"]
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": metadata["name"]}
        spec = {**spec, "claimRef": {**reference, "namespace": metadata["namespace"], "uid": metadata.get("uid", "")}}
    status = {"phase": phase} | ({"message": message} if message else {})
    return {**manifest, "spec": spec, "status": status}


def claim(manifest: Json, phase: str) -> Json:
    status: Json = {"phase": phase}
    if phase == "Bound":
        status |= {"accessModes": ["ReadWriteMany"], "capacity": {"storage": "1Mi"}}
    return {**manifest, "status": status}


def running_pod(manifest: Json, since: datetime) -> Json:
    """Every container runs and is ready."""
    started = timestamp(since)
    containers = [
        {"name": container["name"], "ready": True, "restartCount": 0, "state": {"running": {"startedAt": started}}}
        for container in manifest["spec"]["containers"]
    ]
    return _pod(manifest, "Running", since, containers, ready="True")


def waiting_pod(manifest: Json, since: datetime, *, reason: str = "ContainerCreating", message: str = "") -> Json:
    """Scheduled, and its containers wait: for a mount, mostly."""
    waiting = {"reason": reason} | ({"message": message} if message else {})
    containers = [
        {"name": container["name"], "ready": False, "restartCount": 0, "state": {"waiting": waiting}}
        for container in manifest["spec"]["containers"]
    ]
    return _pod(manifest, "Pending", since, containers, ready="False")


def crashing_pod(manifest: Json, since: datetime, *, container: str, restarts: int) -> Json:
    """Runs, but CONTAINER crashes again and again."""
    pod = running_pod(manifest, since)
    waiting = {"reason": "CrashLoopBackOff", "message": f"back-off 5m0s restarting failed container={container}"}
    containers = [
        {**status, "ready": False, "restartCount": restarts, "state": {"waiting": waiting}}
        if status["name"] == container
        else status
        for status in pod["status"]["containerStatuses"]
    ]
    return _pod(manifest, "Running", since, containers, ready="False")


def failed_pod(manifest: Json, since: datetime, *, exit_code: int = 1) -> Json:
    terminated = {"exitCode": exit_code, "reason": "Error", "startedAt": timestamp(since)}
    containers = [
        {"name": container["name"], "ready": False, "restartCount": 0, "state": {"terminated": terminated}}
        for container in manifest["spec"]["containers"]
    ]
    return _pod(manifest, "Failed", since, containers, ready="False")


def succeeded_pod(manifest: Json, since: datetime) -> Json:
    terminated = {"exitCode": 0, "reason": "Completed", "startedAt": timestamp(since)}
    containers = [
        {"name": container["name"], "ready": False, "restartCount": 0, "state": {"terminated": terminated}}
        for container in manifest["spec"]["containers"]
    ]
    return _pod(manifest, "Succeeded", since, containers, ready="False")


def unscheduled_pod(manifest: Json, since: datetime, *, message: str) -> Json:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": message,
        "lastTransitionTime": timestamp(since),
    }
    return {**created(manifest, since), "status": {"phase": "Pending", "conditions": [condition]}}


def deployment(manifest: Json, *, ready: int = 1) -> Json:
    replicas = manifest["spec"]["replicas"]
    status: Json = {"replicas": replicas, "updatedReplicas": replicas, "observedGeneration": 1}
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    available = "True" if ready >= replicas else "False"
    reason = "MinimumReplicasAvailable" if ready >= replicas else "MinimumReplicasUnavailable"
    conditions = [{"type": "Available", "status": available, "reason": reason}]
    return {**manifest, "status": {**status, "conditions": conditions}}


def active_job(manifest: Json, since: datetime) -> Json:
    return {**created(manifest, since), "status": {"active": 1, "startTime": timestamp(since)}}


def failed_job(manifest: Json, since: datetime, *, failed: int) -> Json:
    message = "Job has reached the specified backoff limit"
    condition = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": message}
    status = {"failed": failed, "startTime": timestamp(since), "conditions": [condition]}
    return {**created(manifest, since), "status": status}


def node(manifest: Json) -> Json:
    return {**manifest, "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}}


def _pod(manifest: Json, phase: str, since: datetime, containers: list[Json], *, ready: str) -> Json:
    moment = timestamp(since)
    conditions = [
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": moment},
        {"type": "Ready", "status": ready, "lastTransitionTime": moment},
    ]
    status = {"phase": phase, "startTime": moment, "containerStatuses": containers, "conditions": conditions}
    return {**created(manifest, since), "status": status}
