"""What the demo's exporters of directory sizes tell: the walker of one hub, and the in-cluster servers' own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.described import Cluster
from providers.simulated.directories import Place, Shares, quota_rows
from providers.simulated.release import Release
from providers.simulated.resources import Json, by_path

_WALKED = timedelta(minutes=50)
_COMPONENT = "shared-dirsize-metrics"
WALKER_PORT, SERVER_PORT = 8000, 7500


def walker_pod(release: Release, *, node_name: str) -> Json:
    """The pod of the exporter that walks every home, as its Deployment makes it."""
    container = {
        "name": "dirsize-exporter",
        "image": "quay.io/yuvipanda/prometheus-dirsize-exporter:v3.2",
        "args": ["dirsize-exporter", "/shared-volume", "250", "120", "--port=8000"],
        "ports": [{"name": "dirsize-metrics", "containerPort": WALKER_PORT}],
        "volumeMounts": [{"name": "shared-volume", "mountPath": "/shared-volume", "readOnly": True}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{_COMPONENT}-7d9c5b6f4-h2k8w",
            "namespace": release.namespace,
            "labels": {"app": "jupyterhub", "component": _COMPONENT},
        },
        "spec": {
            "nodeName": node_name,
            "containers": [container],
            "volumes": [{"name": "shared-volume", "persistentVolumeClaim": {"claimName": "home-nfs"}}],
        },
    }


def tell_sizes(server: SimulatedApiServer, cluster: Cluster, shares: Shares, now: datetime) -> None:
    """Gives SERVER the page of every exporter of directory sizes that runs."""
    pods = by_path("", "v1", "pods")
    assert pods is not None  # noqa: S101 - one of the resources
    hubs = {hub.name: hub for hub in cluster.hubs}
    for _, pod in server.store.of(pods):
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        hub = hubs.get(namespace)
        if hub is None or hub.store is None or pod["status"].get("phase") != "Running":
            continue
        place = shares.directory(hub.server, f"{hub.store.base_share}{hub.override or hub.name}")
        containers = {container["name"] for container in pod["spec"]["containers"]}
        if place is not None and "dirsize-exporter" in containers:
            server.pages[namespace, name, WALKER_PORT] = _walked(place, now - _WALKED)
        elif place is not None and "enforce-xfs-quota" in containers:
            server.pages[namespace, name, SERVER_PORT] = _accounted(place, f"{cluster.name}/{hub.name}")


def _walked(place: Place, now: datetime) -> str:
    figures: dict[str, dict[str, float]] = {
        "dirsize_total_size_bytes": {name: each.size_kib * 1024 for name, each in _homes(place)},
        "dirsize_entries_count": {name: len(each.inside) + 1 for name, each in _homes(place)},
        "dirsize_latest_mtime": {name: each.modified_at.timestamp() for name, each in _homes(place)},
        "dirsize_last_updated": {name: now.timestamp() for name, _ in _homes(place)},
    }
    return _page(figures)


def _accounted(place: Place, hub: str) -> str:
    rows = [(name.decode(errors="replace"), used, hard) for name, used, hard in quota_rows(place, hub)]
    return _page(
        {
            "dirsize_total_size_bytes": {name: used * 1024 for name, used, _ in rows},
            "dirsize_hard_limit_bytes": {name: hard * 1024 for name, _, hard in rows if hard},
        }
    )


def _homes(place: Place) -> Iterable[tuple[str, Place]]:
    return ((name.decode(errors="replace"), each) for name, each in place.inside.items() if each.kind == "directory")


def _page(figures: Mapping[str, Mapping[str, float]]) -> str:
    lines = []
    for metric, values in figures.items():
        lines.append(f"# TYPE {metric} gauge")
        lines += [f'{metric}{{directory="{_label(name)}"}} {float(value)!r}' for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _label(name: str) -> str:
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
