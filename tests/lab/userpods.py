"""User pods as KubeSpawner itself makes them, with what the chart configures it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubespawner.objects import make_pod  # type: ignore[import-untyped]
from kubespawner.slugs import escape_slug  # type: ignore[import-untyped]

from providers.simulated.chart import SHARED_MOUNTS, Release
from providers.simulated.hub import Mounts
from tests.cluster.client import Json
from tests.lab.hubs import LabUser

IMAGE = "localhost/singleuser:1"


def spawned_pod(release: Release, user: LabUser, admin_mounts: Mounts) -> Json:
    """The pod of USER's server; ADMIN_MOUNTS are what the hub gives to admins."""
    own = escape_slug(user.name)
    mounts = [
        {"name": "home", "mountPath": "/home/jovyan", "subPath": own},
        {"name": "home", "mountPath": "/home/rstudio", "subPath": own},
        *entries(SHARED_MOUNTS if user.mounts is None else user.mounts),
        *(entries(admin_mounts) if user.admin else ()),
    ]
    pod = make_pod(
        name=f"jupyter-{own}",
        cmd=["jupyterhub-singleuser"],
        port=8888,
        image=IMAGE,
        image_pull_policy="IfNotPresent",
        fs_gid=100,
        env={"JUPYTERHUB_USER": user.name, "JUPYTERHUB_API_TOKEN": "not-a-token"},
        volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}],
        volume_mounts=mounts,
        labels={**release.hub_labels("singleuser-server"), "hub.jupyter.org/username": own[:63].strip("-")},
        annotations={"hub.jupyter.org/username": user.name},
        cpu_guarantee=0.001,
        mem_guarantee=1024 * 1024,
        automount_service_account_token=False,
        extra_pod_config={"terminationGracePeriodSeconds": 0},
    )
    manifest: Json = plain(pod)
    manifest["metadata"]["namespace"] = release.namespace
    return manifest


def entries(mounts: Mounts) -> list[Json]:
    """The entries of either shape; a map is sorted by key, as the chart does it."""
    if isinstance(mounts, Mapping):
        return [dict(entry) for _, entry in sorted(mounts.items()) if entry is not None]
    return [dict(entry) for entry in mounts]


def plain(model: Any) -> Any:
    """A model of the Kubernetes client as JSON, by the API's own names."""
    if isinstance(model, list):
        return [plain(item) for item in model]
    if isinstance(model, dict):
        return {key: plain(value) for key, value in model.items()}
    if hasattr(model, "attribute_map"):
        fields = {name: getattr(model, own) for own, name in model.attribute_map.items()}
        return {name: plain(value) for name, value in fields.items() if value is not None}
    return model
