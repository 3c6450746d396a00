"""The hub itself: its Deployment, and the Secret that holds what it runs with."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

from providers.simulated.release import Release
from providers.simulated.resources import Json

Mounts = Sequence[Json] | Mapping[str, Json | None]
"""extraVolumeMounts in either shape: a list, or a map by key."""

_SHARED = {"name": "home", "mountPath": "/home/jovyan/shared", "subPath": "_shared", "readOnly": True}
_SHARED_TWIN = {**_SHARED, "mountPath": "/home/rstudio/shared"}
SHARED_MOUNTS: Mapping[str, Json] = {"1-shared": _SHARED, "2-shared-rstudio": _SHARED_TWIN}
"""What every user gets beside the home."""

_READWRITE = {"name": "home", "mountPath": "/home/jovyan/shared-readwrite", "subPath": "_shared"}
_READWRITE_TWIN = {**_READWRITE, "mountPath": "/home/rstudio/shared-readwrite"}
SHARED_READWRITE: Mapping[str, Json] = {
    "1-shared-readwrite": _READWRITE,
    "2-shared-readwrite-rstudio": _READWRITE_TWIN,
}
"""What the chart gives to admins."""

SECRETS = ("demo-cookie-secret-5f1e", "demo-proxy-token-90ab", "demo-oauth-secret-77cd", "demo-api-token-13ef")
"""What stands in the Secrets and must never be seen outside of them."""


def allusers_mounts(*, read_only: bool = False) -> dict[str, Json]:
    """The mount of every home, for admins: the hub directory itself."""
    mount: Json = {"name": "home", "mountPath": "/home/jovyan/allusers"}
    twin: Json = {"name": "home", "mountPath": "/home/rstudio/allusers"}
    if read_only:
        mount, twin = {**mount, "readOnly": True}, {**twin, "readOnly": True}
    return {"3-allusers": mount, "4-allusers-rstudio": twin}


def hub_values(
    release: Release, *, admin_mounts: Mounts = SHARED_READWRITE, user_mounts: Mounts = SHARED_MOUNTS
) -> Json:
    """The chart's whole values, as far as they matter here: with what is secret in them."""
    cookie, proxy_token, oauth, api_token = SECRETS
    return {
        "custom": {
            "singleuserAdmin": {"extraEnv": {}, "extraVolumeMounts": _plain(admin_mounts)},
            "2i2c": {"add_staff_user_ids_to_admin_users": False},
        },
        "hub": {
            "config": {
                "JupyterHub": {"authenticator_class": "github", "cookie_secret": cookie},
                "GitHubOAuthenticator": {"client_id": f"{release.name}-client", "client_secret": oauth},
                "Authenticator": {"admin_users": ["ana"]},
            },
            "services": {"announcement": {"apiToken": api_token, "url": "http://announcement:8000"}},
            "db": {"type": "sqlite-pvc", "pvc": {"storage": "1Gi"}},
            "extraConfig": {"motd": "c.JupyterHub.template_vars = {'motd': \"welcome: #1\\n- all\"}\n"},
        },
        "proxy": {"secretToken": proxy_token, "service": {"type": "ClusterIP"}},
        "singleuser": {
            "defaultUrl": "/lab",
            "image": {"name": "quay.io/jupyter/scipy-notebook", "tag": "2026-01-05"},
            "memory": {"guarantee": "1G", "limit": "2G"},
            "storage": {
                "type": "static",
                "static": {"pvcName": "home-nfs", "subPath": "{escaped_username}"},
                "homeMountPath": "/home/jovyan",
                "extraVolumeMounts": _plain(user_mounts),
            },
        },
    }


def hub_secret(
    release: Release,
    *,
    admin_mounts: Mounts = SHARED_READWRITE,
    user_mounts: Mounts = SHARED_MOUNTS,
    values: str | None = None,
) -> Json:
    """The Secret `hub`. VALUES is the text of values.yaml where it should not be the chart's own."""
    text = (
        values if values is not None else _yaml(hub_values(release, admin_mounts=admin_mounts, user_mounts=user_mounts))
    )
    data = {
        "values.yaml": text,
        "hub.config.JupyterHub.cookie_secret": SECRETS[0],
        "hub.config.ConfigurableHTTPProxy.auth_token": SECRETS[1],
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "hub",
            "namespace": release.namespace,
            "labels": release.hub_labels("hub"),
            "annotations": release.helm_annotations(),
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }


def hub_deployment(release: Release) -> Json:
    labels = {"app": "jupyterhub", "component": "hub", "release": release.name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "hub",
            "namespace": release.namespace,
            "labels": release.hub_labels("hub"),
            "annotations": release.helm_annotations(),
        },
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": release.hub_labels("hub")},
                "spec": {
                    "containers": [
                        {
                            "name": "hub",
                            "image": "quay.io/jupyterhub/k8s-hub:4.2.0",
                            "args": ["jupyterhub", "--config", "/usr/local/etc/jupyterhub/jupyterhub_config.py"],
                            "ports": [{"name": "http", "containerPort": 8081}],
                            "volumeMounts": [{"name": "secret", "mountPath": "/usr/local/etc/jupyterhub/secret/"}],
                        }
                    ],
                    "volumes": [{"name": "secret", "secret": {"secretName": "hub"}}],
                },
            },
        },
    }


def _plain(mounts: Mounts) -> Json | list[Json]:
    return dict(mounts) if isinstance(mounts, Mapping) else list(mounts)


def _yaml(value: object, indent: str = "") -> str:
    """VALUE as block YAML; scalars as JSON has them, which YAML reads the same."""
    if isinstance(value, dict) and value:
        return "".join(f"{indent}{json.dumps(key)}:{_nested(item, indent)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{indent}-{_nested(item, indent)}" for item in value)
    return f"{indent}{json.dumps(value)}\n"


def _nested(value: object, indent: str) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + _yaml(value, f"{indent}  ")
    return " " + _yaml(value)
