"""A pod that can only look, and where the tests may change it."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

NAME = "hubhomes-look-1"


def looking_pod(*, name: str = NAME, namespace: str = "prod", image: str = "busybox:1.36.1") -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"hubhomes/owner": "jo", "hubhomes/purpose": "look"},
        },
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": 300,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {
                    "name": "look",
                    "image": image,
                    "command": ["sleep", "300"],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"], "add": ["DAC_READ_SEARCH"]},
                    },
                    "volumeMounts": [
                        {"name": "homes", "mountPath": "/homes", "readOnly": True},
                        {"name": "scratch", "mountPath": "/tmp"},
                    ],
                }
            ],
            "volumes": [
                {"name": "homes", "nfs": {"server": "10.2.0.2", "path": "/homes", "readOnly": True}},
                {"name": "scratch", "emptyDir": {}},
            ],
        },
    }


def with_value(manifest: Json, path: str, value: Any) -> Json:
    """A copy in which PATH ("spec.containers.0.image") has VALUE; None takes it away."""
    changed = copy.deepcopy(manifest)
    *steps, last = path.split(".")
    parent: Any = changed
    for step in steps:
        parent = parent[int(step)] if isinstance(parent, list) else parent.setdefault(step, {})
    key: Any = int(last) if isinstance(parent, list) else last
    if value is None:
        del parent[key]
    elif isinstance(parent, list) and key == len(parent):
        parent.append(value)
    else:
        parent[key] = value
    return changed
