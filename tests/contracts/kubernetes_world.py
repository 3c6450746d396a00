"""The cluster that the Kubernetes contract suite looks at, as plain objects: two hubs and what stands around them.

The simulated API server is given them as they are. A real one is sent them through its API: it ignores the statuses
and sets its own. User pods are gated, so that nothing starts them.
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

Json = dict[str, Any]

WORDS = tuple(f"line {number}" for number in range(1, 31))
LAST_WORDS = "chown: /homes/new: Operation not permitted"
BUSYBOX = "localhost/busybox:1.36.1"

_MAP_VALUES = """\
Chart:
  Name: jupyterhub
custom:
  homepage:
    templateVars:
      custom:
        text: |
          singleuser:
            storage: misleading
  singleuserAdmin:
    extraVolumeMounts:
      01-shared:
        mountPath: /home/jovyan/shared-readwrite
        name: home
        subPath: _shared
      02-allusers:
        mountPath: /home/jovyan/allusers
        name: home
        readOnly: true
      03-dropped: null
hub:
  config:
    password: s3cret
singleuser:
  cpu:
    limit: null
  storage:
    extraVolumeMounts:
    - mountPath: /home/jovyan/shared
      name: home
      readOnly: true
      subPath: _shared
    homeMountPath: /home/jovyan
    static:
      pvcName: home-nfs
      subPath: '{escaped_username}'
    type: static
"""
_LIST_VALUES = """\
custom:
  singleuserAdmin:
    extraVolumeMounts:
    - mountPath: /home/jovyan/allusers
      name: home
hub: {}
singleuser:
  storage:
    static:
      pvcName: home-nfs
    type: static
"""


class World(NamedTuple):
    """Names of the two namespaces: `one` is whole, in `two` the share creator failed. Unique on a shared cluster."""

    one: str
    two: str

    @property
    def namespaces(self) -> tuple[str, str]:
        return (self.one, self.two)

    @property
    def volumes(self) -> tuple[str, str]:
        return (f"{self.one}-home-nfs", f"{self.two}-home-nfs")

    def objects(self) -> list[Json]:
        """Everything, in an order in which it can be created."""
        made = [_object("v1", "Namespace", name) for name in self.namespaces]
        made += [_volume(self.one, "Retain"), _volume(self.two, "Delete")]
        for namespace, values in ((self.one, _MAP_VALUES), (self.two, _LIST_VALUES)):
            made += [_claim(namespace), _secret(namespace, "hub", values), _secret(namespace, "other", "s3cret")]
            made += [_deployment(namespace, "hub", {"app": "jupyterhub", "component": "hub"})]
        made += [_user_pod(self.one, f"u{number}") for number in range(5)]
        made += [_user_pod(self.two, f"u{number}") for number in range(2)]
        made += [self._helper_pod(), self._talker()]
        made += [_deployment(self.one, "storage-quota-home-nfs", {"app.kubernetes.io/component": "nfs-server"})]
        made += [self._service(), *self._events(), self._failing_job()]
        return made

    def filled_in(self) -> list[Json]:
        """What a real cluster adds by itself: a node, and the pod of the Job."""
        pod = _pod(self.two, "nfs-share-creator-x", {"job-name": "nfs-share-creator"}, container="dummy")
        return [_object("v1", "Node", "node-a") | {"spec": {}}, pod | {"status": {"phase": "Failed"}}]

    def logs(self) -> dict[tuple[str, str, str], str]:
        """By namespace, pod and container; a real cluster's pods write them themselves."""
        return {
            (self.one, "talker", "main"): "\n".join(WORDS) + "\n",
            (self.two, "nfs-share-creator-x", "dummy"): LAST_WORDS + "\n",
        }

    def _helper_pod(self) -> Json:
        labels = {"hubhomes/owner": "jo", "hubhomes/purpose": "look"}
        return _gated(_pod(self.one, "hubhomes-look-1", labels))

    def _talker(self) -> Json:
        pod = _pod(self.one, "talker", {})
        pod["spec"]["containers"][0]["command"] = [
            "sh",
            "-c",
            "i=1; while [ $i -le 30 ]; do echo line $i; i=$((i+1)); done",
        ]
        return pod | {"status": {"phase": "Succeeded"}}

    def _service(self) -> Json:
        spec = {"selector": {"app.kubernetes.io/component": "nfs-server"}, "ports": [{"port": 2049}]}
        return _object("v1", "Service", "storage-quota-home-nfs", self.one) | {"spec": spec}

    def _events(self) -> list[Json]:
        return [
            _event(self.one, "jupyter-u0.1", "FailedMount", "Output: mount.nfs: access denied by server"),
            _event(self.two, "jupyter-u1.1", "FailedScheduling", "pod has unbound immediate PersistentVolumeClaims"),
            _event(self.two, "jupyter-u1.2", "Pulled", "Container image already present"),
        ]

    def _failing_job(self) -> Json:
        script = f"echo {LAST_WORDS!r}; exit 1"
        container = {"name": "dummy", "image": BUSYBOX, "command": ["sh", "-c", script]}
        template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
        return _object("batch/v1", "Job", "nfs-share-creator", self.two) | {
            "spec": {"backoffLimit": 0, "template": template},
            "status": {"failed": 1, "conditions": [{"type": "Failed", "status": "True"}]},
        }


def _object(version: str, kind: str, name: str, namespace: str = "", labels: dict[str, str] | None = None) -> Json:
    metadata: Json = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _volume(namespace: str, reclaim_policy: str) -> Json:
    return _object("v1", "PersistentVolume", f"{namespace}-home-nfs") | {
        "spec": {
            "capacity": {"storage": "1Mi"},
            "accessModes": ["ReadWriteMany"],
            "nfs": {"server": "10.2.0.2", "path": f"/homes/{namespace}"},
            "mountOptions": ["hard", "noatime"],
            "persistentVolumeReclaimPolicy": reclaim_policy,
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": "home-nfs"},
        },
        "status": {"phase": "Bound"},
    }


def _claim(namespace: str) -> Json:
    return _object("v1", "PersistentVolumeClaim", "home-nfs", namespace) | {
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "",
            "volumeName": f"{namespace}-home-nfs",
            "resources": {"requests": {"storage": "1Mi"}},
        },
        "status": {"phase": "Bound"},
    }


def _secret(namespace: str, name: str, values: str) -> Json:
    labels = {"app": "jupyterhub", "component": "hub"}
    data = {"values.yaml": base64.b64encode(values.encode()).decode(), "hub.config.token": "czNjcmV0"}
    return _object("v1", "Secret", name, namespace, labels) | {"data": data, "type": "Opaque"}


def _deployment(namespace: str, name: str, labels: dict[str, str]) -> Json:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": BUSYBOX}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    return _object("apps/v1", "Deployment", name, namespace, labels) | {"spec": spec, "status": {}}


def _pod(namespace: str, name: str, labels: dict[str, str], *, container: str = "main") -> Json:
    return _object("v1", "Pod", name, namespace, labels) | {
        "spec": {"restartPolicy": "Never", "containers": [{"name": container, "image": BUSYBOX}]}
    }


def _gated(pod: Json) -> Json:
    return pod | {
        "spec": pod["spec"] | {"schedulingGates": [{"name": "hubhomes/never"}]},
        "status": {"phase": "Pending"},
    }


def _user_pod(namespace: str, user: str) -> Json:
    labels = {"app": "jupyterhub", "component": "singleuser-server", "hub.jupyter.org/username": user}
    pod = _gated(_pod(namespace, f"jupyter-{user}", labels, container="notebook"))
    pod["metadata"]["annotations"] = {"hub.jupyter.org/username": f"{user}@example.org"}
    pod["spec"]["volumes"] = [{"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}]
    pod["spec"]["containers"][0]["volumeMounts"] = [
        {"name": "home", "mountPath": "/home/jovyan", "subPath": user},
        {"name": "home", "mountPath": "/home/jovyan/shared", "subPath": "_shared", "readOnly": True},
    ]
    return pod


def _event(namespace: str, name: str, reason: str, message: str) -> Json:
    involved = {"kind": "Pod", "namespace": namespace, "name": name.partition(".")[0]}
    return _object("v1", "Event", name, namespace) | {
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": "Warning",
        "count": 3,
        "firstTimestamp": "2026-11-01T10:00:00Z",
        "lastTimestamp": "2026-11-01T10:05:00Z",
        "source": {"component": "kubelet"},
    }
