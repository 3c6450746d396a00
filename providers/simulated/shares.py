"""How full the demo's shares are: what kubelets and exporters say, and what they said in the days before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from providers.filestores.protocol import Filestore, Usage
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.described import Cluster, Hub, Store
from providers.simulated.proxied import ClaimFigures, node_exporter_page, statistics
from providers.simulated.resources import Json, by_path

_GIB = 1024**3
_ENDLESS = 2**63
_SAID = timedelta(seconds=20)
_PAST_DAYS = 3
_CLAIM = "home-nfs"

PastUsages = Mapping[str, Mapping[str, tuple[Usage, ...]]]
"""By cluster and filestore's id, oldest first."""


def fill(server: SimulatedApiServer, cluster: Cluster, now: datetime) -> None:
    """Gives SERVER the statistics of every node, and the metrics page of every NFS server that runs."""
    hubs = {hub.name: hub for hub in cluster.hubs}
    told: dict[str, dict[str, ClaimFigures]] = {}
    for pod in _running(server):
        hub = hubs.get(pod["metadata"]["namespace"])
        figures = _figures(hub) if hub is not None else None
        node = pod["spec"].get("nodeName")
        if hub is None or figures is None or node is None:
            continue
        if any(_claims(volume) == _CLAIM for volume in pod["spec"]["volumes"]):
            told.setdefault(node, {})[hub.name] = figures
        elif any(container["name"] == "metrics-exporter" for container in pod["spec"]["containers"]):
            page = node_exporter_page(figures.used_bytes, figures.capacity_bytes, device="/dev/nvme1n1")
            server.pages[hub.name, pod["metadata"]["name"], 9100] = page
    for node in _nodes(server):
        server.statistics[node] = statistics(node, told.get(node, {}).values(), now - _SAID)


def with_size(cluster: Cluster, store: Filestore) -> Cluster:
    """CLUSTER whose hubs on STORE have shares of its size."""
    size_gib = (store.capacity_bytes or 0) / _GIB
    hubs = [
        msgspec.structs.replace(hub, store=msgspec.structs.replace(hub.store, size_gib=size_gib))
        if hub.store is not None and _is_on(hub.store, store)
        else hub
        for hub in cluster.hubs
    ]
    return msgspec.structs.replace(cluster, hubs=tuple(hubs))


def _is_on(described: Store, store: Filestore) -> bool:
    base = described.base_share.rstrip("/") or "/"
    return described.server in store.addresses and base in store.exports


def past_usages(clusters: tuple[Cluster, ...], now: datetime) -> PastUsages:
    """What was told of the in-cluster servers' disks on each of the days before, of those that fill up."""
    past: dict[str, dict[str, tuple[Usage, ...]]] = {}
    for cluster in clusters:
        for hub in cluster.hubs:
            if hub.home_nfs is not None and hub.home_nfs.grown_gib:
                identity = f"home-nfs/{hub.name}/storage-quota-home-nfs"
                past.setdefault(cluster.name, {})[identity] = tuple(_past(hub, now))
    return past


def _past(hub: Hub, now: datetime) -> list[Usage]:
    disk = hub.home_nfs
    assert disk is not None  # noqa: S101 - the caller's own condition
    return [
        Usage(
            used_bytes=int((disk.used_gib - days * disk.grown_gib) * _GIB),
            capacity_bytes=int(disk.disk_gib * _GIB),
            source="kubelet of an earlier look",
            observed_at=now - timedelta(days=days),
        )
        for days in range(_PAST_DAYS, 0, -1)
    ]


def _running(server: SimulatedApiServer) -> list[Json]:
    pods = by_path("", "v1", "pods")
    assert pods is not None  # noqa: S101 - one of the resources
    return [pod for _, pod in server.store.of(pods) if pod["status"].get("phase") == "Running"]


def _nodes(server: SimulatedApiServer) -> list[str]:
    nodes = by_path("", "v1", "nodes")
    assert nodes is not None  # noqa: S101 - one of the resources
    return [name for name, _ in server.store.of(nodes)]


def _claims(volume: Json) -> str:
    return str(volume.get("persistentVolumeClaim", {}).get("claimName", ""))


def _figures(hub: Hub) -> ClaimFigures | None:
    """What is used of the hub's share: of its own server's disk, else of the filestore that it is on."""
    if hub.home_nfs is not None:
        used, size = hub.home_nfs.used_gib, hub.home_nfs.disk_gib
    elif hub.store is not None:
        used, size = hub.store.used_gib, hub.store.size_gib
    else:
        return None
    capacity = int(size * _GIB) if size else _ENDLESS
    return ClaimFigures(namespace=hub.name, claim=_CLAIM, used_bytes=int(used * _GIB), capacity_bytes=capacity)
