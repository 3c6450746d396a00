"""Finds a filestore by what people call it: its name, its id, or either behind its cluster's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from console.chain.model import ClusterState, FleetState
from providers.filestores.protocol import Filestore


class Wanted(msgspec.Struct, frozen=True):
    """A filestore by NAME: its name or its id. `cluster` None: whichever has one."""

    name: str
    cluster: str | None = None

    def __str__(self) -> str:
        return f"{self.cluster}/{self.name}" if self.cluster else self.name


Found = tuple[ClusterState, Filestore]


def filestores_called(clusters: Sequence[ClusterState], wanted: Wanted) -> tuple[Found, ...]:
    """Those of CLUSTERS that WANTED may mean, in their order: by id, else by name, else by CLUSTER/NAME."""
    every = tuple(_every(clusters, wanted.cluster))
    by_id = tuple((cluster, store) for cluster, store in every if store.id == wanted.name)
    if by_id:
        return by_id
    by_name = tuple((cluster, store) for cluster, store in every if store.name == wanted.name)
    if by_name or wanted.cluster is not None:
        return by_name
    cluster_name, slash, name = wanted.name.partition("/")
    return filestores_called(clusters, Wanted(name, cluster_name)) if slash and name else ()


def _every(clusters: Sequence[ClusterState], cluster: str | None) -> Iterator[Found]:
    for one in clusters:
        if cluster in (None, one.name):
            for store in one.filestores:
                yield one, store


def may_still_come(fleet: FleetState, wanted: Wanted) -> str:
    """Why WANTED, which is not there, may be there nevertheless, in words; "" where all was asked and told."""
    for cluster in fleet.clusters:
        if wanted.cluster in (None, cluster.name):
            if cluster.state in ("pending", "observing") and cluster.observed_at is None:
                return "its cluster is still being asked" if wanted.cluster else "clusters are still being asked"
            if cluster.state == "offline":
                return "offline: filestores are listed by the clusters and clouds, and nothing is asked"
            if cluster.error is not None:
                return f"{cluster.name} cannot be observed: {cluster.error.message}"
            if cluster.filestores_unknown:
                return f"filestores may be missing from the list of {cluster.name}: {cluster.filestores_unknown}"
    return ""
