"""What stands behind the API server's proxy: kubelets' statistics and pods' metrics pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from providers.kubernetes.protocol import Response
from providers.simulated import answers
from providers.simulated.access import Identity
from providers.simulated.cluster import timestamp
from providers.simulated.resources import Json, by_path

_STATISTICS = re.compile(r"/api/v1/nodes/(?P<name>[^/]+)/proxy/stats/summary")
_METRICS = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods/(?P<name>[^/:]+):(?P<port>\d+)/proxy/(?P<rest>.*)")


class ClaimFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The share behind a claim, as the kubelet of a node that mounts it sees it."""

    namespace: str
    claim: str
    used_bytes: int
    capacity_bytes: int
    available_bytes: int | None = None


Pages = Mapping[tuple[str, str, int], str]
"""Metrics pages by namespace, pod and port."""


def statistics(node: str, figures: Iterable[ClaimFigures], now: datetime) -> Json:
    """A kubelet's summary, with one pod for each claim."""
    return {
        "node": {"nodeName": node},
        "pods": [
            {
                "podRef": {"name": f"jupyter-{index}", "namespace": each.namespace, "uid": f"{index:08d}"},
                "volume": [{"name": "scratch", "usedBytes": 0}, _volume(each, now)],
            }
            for index, each in enumerate(figures)
        ],
    }


def _volume(figures: ClaimFigures, now: datetime) -> Json:
    free = max(0, figures.capacity_bytes - figures.used_bytes)
    return {
        "time": timestamp(now),
        "name": "home",
        "availableBytes": free if figures.available_bytes is None else figures.available_bytes,
        "capacityBytes": figures.capacity_bytes,
        "usedBytes": figures.used_bytes,
        "inodes": 4_194_304,
        "inodesFree": 3_145_728,
        "inodesUsed": 1_048_576,
        "pvcRef": {"name": figures.claim, "namespace": figures.namespace},
    }


def node_exporter_page(used_bytes: int, capacity_bytes: int, *, device: str = "server:/export") -> str:
    """The page of a node exporter that mounts a share at /shared-volume."""
    labels = f'{{device="{device}",device_error="",fstype="nfs4",mountpoint="/shared-volume"}}'
    free = capacity_bytes - used_bytes
    figures = {"avail_bytes": free, "device_error": 0, "free_bytes": free, "size_bytes": capacity_bytes}
    lines = []
    for name, value in figures.items():
        lines.append(f"# HELP node_filesystem_{name} Filesystem {name}.")
        lines.append(f"# TYPE node_filesystem_{name} gauge")
        lines.append(f"node_filesystem_{name}{labels} {float(value)!r}")
    return "\n".join(lines) + "\n"


def proxied(
    method: str, path: str, *, identity: Identity, statistics: Mapping[str, Json], pages: Pages
) -> Response | None:
    """The answer to a path that goes through the proxy; None for every other path."""
    node, pod = _STATISTICS.fullmatch(path), _METRICS.fullmatch(path)
    found = node or pod
    if found is None:
        return None
    if method != "GET":
        return answers.method_not_allowed()
    plural, namespace = ("nodes", "") if node else ("pods", found["namespace"])
    resource = by_path("", "v1", plural)
    assert resource is not None  # noqa: S101 - both are among the resources
    if not identity.may("get", "", f"{plural}/proxy", namespace, found["name"]):
        return answers.forbidden(identity.user, "get", resource, "proxy", namespace, found["name"])
    if node:
        summary = statistics.get(found["name"])
        return answers.not_found(resource, found["name"]) if summary is None else answers.json_response(200, summary)
    page = pages.get((namespace, found["name"], int(found["port"]))) if found["rest"] == "metrics" else None
    return answers.unavailable() if page is None else answers.text_response(200, page)
