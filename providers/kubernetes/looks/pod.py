"""The helper pod of a look: as little as sees what users see.

It has no token, writes nowhere, ends by itself, and lands where users' pods could. Three forms are tried, since a
namespace's Pod Security may refuse the first: root with nothing but the right to read what others own; the same by
the wider right that "baseline" admits, which on read-only mounts does no more; at last the users' own uid, which
"restricted" admits and which does not see into what others closed.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Literal

from providers.kubernetes.looks.command import MOUNTED_AT, look_command
from providers.kubernetes.looks.protocol import LookedAs, LookRequest

CONTAINER = "look"
OWNER, PURPOSE = "hubhomes/owner", "hubhomes/purpose"
_LABEL_CHARACTERS = 63

Form = Literal["reader", "baseline-reader", "user"]
FORMS: tuple[Form, ...] = ("reader", "baseline-reader", "user")


def looked_as(form: Form) -> LookedAs:
    return "user" if form == "user" else "reader"


def new_name() -> str:
    """A name that no other pod has. It is ours, not the server's, so that it can be removed whatever was answered."""
    return f"hubhomes-look-{secrets.token_hex(4)}"


def label(text: str) -> str:
    """TEXT as a label's value: what is not allowed becomes "-"; the annotation of the same name keeps it whole."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", text.replace("@", "-at-"))[:_LABEL_CHARACTERS]
    return plain.strip("-_.") or "unknown"


def look_pod(request: LookRequest, name: str, nonce: str, form: Form) -> dict[str, Any]:
    """The manifest."""
    below = request.claim_directory if request.through == "claim" else request.hub_directory
    container = {
        "name": CONTAINER,
        "image": request.image,
        "command": look_command(request, nonce, root=MOUNTED_AT.encode(), hub=below.strip("/").encode()),
        "resources": {
            "requests": {"cpu": "50m", "memory": "32Mi"},
            "limits": {"cpu": "1", "memory": "128Mi"},
        },
        "securityContext": _security(request, form),
        "volumeMounts": [{"name": "homes", "mountPath": MOUNTED_AT, "readOnly": True}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": request.namespace,
            "labels": {
                "app.kubernetes.io/managed-by": "hubhomes",
                OWNER: label(request.owner),
                PURPOSE: label(request.purpose),
            },
            # A pod without a controller would otherwise hold its node when the cluster shrinks.
            "annotations": {OWNER: request.owner, "cluster-autoscaler.kubernetes.io/safe-to-evict": "true"},
        },
        "spec": {
            "activeDeadlineSeconds": request.deadline_s,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": "homes", **_source(request)}],
            **_placed(request),
        },
    }


def _source(request: LookRequest) -> dict[str, Any]:
    if request.through == "claim":
        return {"persistentVolumeClaim": {"claimName": request.claim, "readOnly": True}}
    return {"nfs": {"server": request.server, "path": request.base_path or "/", "readOnly": True}}


def _security(request: LookRequest, form: Form) -> dict[str, Any]:
    common = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
    if form == "user":
        identity = {"runAsUser": request.uid or 1000, "runAsGroup": request.gid or 1000, "runAsNonRoot": True}
        return {**common, **identity, "capabilities": {"drop": ["ALL"]}}
    reading = "DAC_READ_SEARCH" if form == "reader" else "DAC_OVERRIDE"
    capabilities = {"drop": ["ALL"], "add": [reading]}
    return {**common, "runAsUser": 0, "runAsGroup": 0, "capabilities": capabilities}


def _placed(request: LookRequest) -> dict[str, Any]:
    placement = request.placement
    fields: dict[str, Any] = {}
    if placement.node_selector:
        fields["nodeSelector"] = dict(placement.node_selector)
    if placement.tolerations:
        fields["tolerations"] = [dict(toleration) for toleration in placement.tolerations]
    if placement.affinity:
        fields["affinity"] = dict(placement.affinity)
    return fields
