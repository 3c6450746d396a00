"""Finds the clusters of a tree, and gathers them with what is wrong with any of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from console.inventory.clusters import ClusterEntry, broken_cluster, cluster_entry
from console.inventory.documents import Flaw, parse
from console.inventory.files import Files, Unreadable
from console.inventory.model import DeclaredCluster, DeclaredHub, Inventory, Origin, Problem
from console.inventory.names import shown_names
from console.inventory.problems import gathered
from console.inventory.tree import CLUSTER_FILE, IGNORED_FOLDERS, Tree

HubsOf = Callable[[str, ClusterEntry, list[Problem]], tuple[DeclaredHub, ...]]
"""Gives the hubs of a cluster, by the name that it is shown with; adds to the problems."""


def cluster_entries(tree: Tree, files: Files) -> tuple[ClusterEntry, ...]:
    """Every cluster.yaml of TREE, by folder name."""
    root = tree.root
    for folder in tree.chart_folders:
        if not folder.is_dir():
            files.note_missing(str(folder))
    folders = [
        root / name
        for name in files.names(root)
        if name not in IGNORED_FOLDERS and not name.startswith(".") and (root / name).is_dir() and _is_utf8(name)
    ]
    return tuple(entry for folder in folders if (entry := _entry(tree, files, folder)))


def _entry(tree: Tree, files: Files, folder: Path) -> ClusterEntry | None:
    path = folder / CLUSTER_FILE
    shown = tree.shown(path)
    try:
        content = files.read(path)
    except Unreadable as error:
        if error.missing:
            return _folder_without_cluster(files, folder, shown)
        return broken_cluster(folder, shown, [Flaw(kind="unreadable", message=error.message)])
    return cluster_entry(tree, folder, shown, parse(content))


def _folder_without_cluster(files: Files, folder: Path, shown: str) -> ClusterEntry | None:
    """A folder with values but no cluster.yaml lost it; one without values is no cluster."""
    if not any(name.endswith(".values.yaml") for name in files.names(folder)):
        return None
    step = "Restore the file, or move the folder out of the folder of clusters."
    return broken_cluster(folder, shown, [Flaw(kind="missing-file", message="does not exist", next_step=step)])


def inventory_of(tree: Tree, files: Files, entries: tuple[ClusterEntry, ...], hubs_of: HubsOf) -> Inventory:
    """The inventory of ENTRIES with the hubs that HUBS_OF gives for each."""
    problems = _root_problems(tree, files)
    clusters: list[DeclaredCluster] = []
    names = shown_names(entries, tree, problems)
    for entry in entries:
        name = names[entry.folder.name]
        problems += [_entry_problem(name, entry, index) for index in range(len(entry.flaws))]
        clusters.append(_declared_cluster(name, entry, hubs_of(name, entry, problems)))
    return _with_problems(str(tree.root), clusters, gathered(problems))


def _root_problems(tree: Tree, files: Files) -> list[Problem]:
    """That the folder of clusters can't be read, or folders in it can't be named."""
    root = tree.root
    messages = [
        f"the folder {name!a} is left out: its name is not UTF-8" for name in files.names(root) if not _is_utf8(name)
    ]
    if not (os.access(root, os.R_OK | os.X_OK) and root.is_dir()):
        messages = [f"{root} can't be listed"]
    return [
        Problem(kind="unreadable", cluster="", hub=None, origin=Origin("."), message=message) for message in messages
    ]


def _is_utf8(name: str) -> bool:
    return name.isascii() or not any("\udc80" <= character <= "\udcff" for character in name)


def _entry_problem(cluster: str, entry: ClusterEntry, index: int) -> Problem:
    flaw = entry.flaws[index]
    message = f"{flaw.origin.file} {flaw.message}" if flaw.hub is None else f"{flaw.origin.file}: {flaw.message}"
    return Problem(
        kind=flaw.kind,
        cluster=cluster,
        hub=flaw.hub,
        origin=flaw.origin,
        message=message,
        next_step=flaw.next_step,
    )


def _declared_cluster(name: str, entry: ClusterEntry, hubs: tuple[DeclaredHub, ...]) -> DeclaredCluster:
    return DeclaredCluster(
        name=name,
        provider=entry.provider,
        origin=entry.origin,
        provider_url=entry.provider_url,
        account=entry.account,
        kubeconfig=entry.kubeconfig,
        hubs=hubs,
    )


def _with_problems(root: str, clusters: list[DeclaredCluster], problems: list[Problem]) -> Inventory:
    by_cluster: dict[str, list[Problem]] = {}
    for problem in problems:
        by_cluster.setdefault(problem.cluster, []).append(problem)
    own = [msgspec.structs.replace(cluster, problems=tuple(by_cluster.get(cluster.name, ()))) for cluster in clusters]
    return Inventory(root=root, clusters=tuple(own), problems=tuple(by_cluster.get("", ())))
