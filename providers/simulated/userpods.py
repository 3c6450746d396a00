"""User pods, in the form that KubeSpawner gives them under the chart."""

from __future__ import annotations

import string
from collections.abc import Mapping

from providers.simulated.hub import SHARED_MOUNTS, Mounts
from providers.simulated.release import Release
from providers.simulated.resources import Json

_SAFE = frozenset(string.ascii_lowercase + string.digits)
_TWIN_HOME = "/home/rstudio"


def escaped(username: str) -> str:
    """USERNAME as KubeSpawner escapes it in paths and names: "-" and the hex of what is not allowed."""
    return "".join(
        letter if letter in _SAFE else "".join(f"-{byte:x}" for byte in letter.encode()) for letter in username
    )


def user_pod(
    release: Release,
    username: str,
    *,
    admin_mounts: Mounts = (),
    user_mounts: Mounts = SHARED_MOUNTS,
    node_name: str = "",
    image: str = "quay.io/jupyter/scipy-notebook:2026-01-05",
    ownership_fix: bool = True,
) -> Json:
    """The server of USERNAME. ADMIN_MOUNTS are what the hub gave an admin when the pod was made; none to others."""
    own = escaped(username)
    mounts = [
        {"name": "home", "mountPath": "/home/jovyan", "subPath": own},
        {"name": "home", "mountPath": _TWIN_HOME, "subPath": own},
        *_entries(user_mounts),
        *_entries(admin_mounts),
    ]
    spec: Json = {
        "automountServiceAccountToken": False,
        "containers": [_notebook(release, username, image, mounts)],
        "restartPolicy": "OnFailure",
        "securityContext": {"fsGroup": 1000},
        "terminationGracePeriodSeconds": 30,
        "enableServiceLinks": False,
        "tolerations": [_toleration("hub.jupyter.org/dedicated"), _toleration("hub.jupyter.org_dedicated")],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [_PREFER_USER_NODES]}},
        "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}],
    }
    if ownership_fix:
        spec["initContainers"] = [_ownership_fix(own)]
    if node_name:
        spec["nodeName"] = node_name
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"jupyter-{own}",
            "namespace": release.namespace,
            "labels": _labels(release, own),
            "annotations": {
                "hub.jupyter.org/username": username,
                "hub.jupyter.org/kubespawner-version": "7.0.0",
                "hub.jupyter.org/jupyterhub-version": "5.4.0",
            },
        },
        "spec": spec,
    }


_PREFER_USER_NODES: Json = {
    "weight": 100,
    "preference": {"matchExpressions": [{"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}]},
}


def _labels(release: Release, own: str) -> dict[str, str]:
    return {
        **release.hub_labels("singleuser-server"),
        "app.kubernetes.io/managed-by": "kubespawner",
        "heritage": "jupyterhub",
        "hub.jupyter.org/network-access-hub": "true",
        "hub.jupyter.org/servername": "",
        "hub.jupyter.org/username": own[:63].strip("-"),
    }


def _notebook(release: Release, username: str, image: str, mounts: list[Json]) -> Json:
    return {
        "name": "notebook",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["jupyterhub-singleuser"],
        "env": [{"name": name, "value": value} for name, value in _environment(release, username, image).items()],
        "lifecycle": {"postStart": {"exec": {"command": ["/bin/sh", "-c", "true"]}}},
        "ports": [{"name": "notebook-port", "containerPort": 8888, "protocol": "TCP"}],
        "resources": {
            "limits": {"cpu": "2", "memory": "2147483648"},
            "requests": {"cpu": "50m", "memory": "67108864"},
        },
        "securityContext": {"allowPrivilegeEscalation": False, "runAsUser": 1000},
        "volumeMounts": mounts,
    }


def _environment(release: Release, username: str, image: str) -> Mapping[str, str]:
    """What KubeSpawner sets; the token's place is taken by a word, since no test needs one."""
    hub = f"http://hub.{release.namespace}.svc.cluster.local:8081/hub"
    prefix = f"/user/{escaped(username)}/"
    return {
        "JPY_API_TOKEN": "not-a-token",
        "JUPYTERHUB_ACTIVITY_URL": f"{hub}/api/users/{username}/activity",
        "JUPYTERHUB_ADMIN_ACCESS": "1",
        "JUPYTERHUB_API_TOKEN": "not-a-token",
        "JUPYTERHUB_API_URL": f"{hub}/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{escaped(username)}",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
        "JUPYTERHUB_DEBUG": "1",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": f'["access:servers!server={username}/", "access:servers!user={username}"]',
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
        "JUPYTERHUB_OAUTH_SCOPES": f'["access:servers!server={username}/", "access:servers!user={username}"]',
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:8888{prefix}",
        "JUPYTERHUB_USER": username,
        "JUPYTER_IMAGE": image,
        "JUPYTER_IMAGE_SPEC": image,
        "MEM_GUARANTEE": "67108864",
        "MEM_LIMIT": "2147483648",
        "CPU_LIMIT": "2.0",
        "GH_SCOPED_CREDS_APP_URL": "https://example.org/apps/push",
        "PYTHONUSERBASE": "/home/jovyan/.local",
        "SCRATCH_BUCKET": f"s3://scratch-{release.name}/{escaped(username)}",
        "TZ": "UTC",
    }


def _ownership_fix(own: str) -> Json:
    """The chart's init container that gives a fresh home to its user."""
    return {
        "name": "volume-mount-ownership-fix",
        "image": "busybox:1.36.1",
        "command": ["sh", "-c", "id && chown 1000:1000 /home/jovyan /home/jovyan/shared && ls -lhd /home/jovyan"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [
            {"name": "home", "mountPath": "/home/jovyan", "subPath": own},
            {"name": "home", "mountPath": "/home/jovyan/shared", "subPath": "_shared"},
        ],
    }


def _toleration(key: str) -> Json:
    return {"key": key, "operator": "Equal", "value": "user", "effect": "NoSchedule"}


def _entries(mounts: Mounts) -> list[Json]:
    """The entries of either shape; a map is sorted by key, as the chart does it, and null takes an entry away."""
    if isinstance(mounts, Mapping):
        return [entry for _, entry in sorted(mounts.items()) if entry is not None]
    return list(mounts)
