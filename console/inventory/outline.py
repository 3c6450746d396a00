"""What a tree's cluster.yaml files alone say: which clusters and hubs there are, before any values file is parsed."""

from __future__ import annotations

import msgspec

from console.inventory.clusters import ClusterEntry, HubEntry
from console.inventory.entries import cluster_entries, inventory_of
from console.inventory.files import Files
from console.inventory.model import DeclaredHub, Inventory, Problem
from console.inventory.tree import Tree


def outline(tree: Tree) -> Inventory:
    """The clusters and hubs of TREE by name, with the problems of their cluster.yaml; not `evaluated`."""
    files = Files()
    inventory = inventory_of(tree, files, cluster_entries(tree, files), _hubs)
    return msgspec.structs.replace(inventory, evaluated=False)


def _hubs(name: str, entry: ClusterEntry, problems: list[Problem]) -> tuple[DeclaredHub, ...]:  # noqa: ARG001 - HubsOf
    return tuple(_hub(name, hub) for hub in entry.hubs)


def _hub(cluster: str, hub: HubEntry) -> DeclaredHub:
    return DeclaredHub(
        cluster=cluster,
        name=hub.name,
        chart=hub.chart,
        resolved=False,
        display_name=hub.display_name,
        domain=hub.domain,
        origin=hub.origin,
        values_files=hub.values_files,
        secret_files=hub.secret_files,
    )
