"""Gives every cluster a name of its own."""

from __future__ import annotations

from console.inventory.clusters import ClusterEntry
from console.inventory.model import Problem
from console.inventory.tree import CLUSTER_FILE, Tree


def shown_names(entries: tuple[ClusterEntry, ...], tree: Tree, problems: list[Problem]) -> dict[str, str]:
    """A unique name for each cluster, by folder: its own, or its folder's where another cluster has that name."""
    holders: dict[str, ClusterEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.name != entry.folder.name):
        holders.setdefault(entry.name, entry)
    names = {}
    for entry in entries:
        holder = holders[entry.name]
        names[entry.folder.name] = entry.name
        if holder is not entry:
            names[entry.folder.name] = shown = _free_name(entry.folder.name, holders)
            first = tree.shown(holder.folder / CLUSTER_FILE)
            message = f'the name "{entry.name}" is already that of {first}; this cluster is shown as "{shown}"'
            step = "Give one of the two another name."
            problems.append(
                Problem(
                    kind="duplicate-cluster",
                    cluster=shown,
                    hub=None,
                    origin=entry.origin,
                    message=message,
                    next_step=step,
                )
            )
    return names


def _free_name(folder: str, holders: dict[str, ClusterEntry]) -> str:
    return folder if folder not in holders else f"{folder} (folder)"
