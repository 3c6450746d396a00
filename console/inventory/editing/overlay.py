"""A configuration tree as it would be with some of its files changed, before any of them is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from console.inventory.assembly import TreeReader
from console.inventory.collector import collector_at_rest
from console.inventory.files import Files, Overlaid, Unreadable
from console.inventory.jsonnet import Evaluations
from console.inventory.model import DeclaredHub, Inventory
from console.inventory.read import results_of
from console.inventory.snapshot import cache_file
from console.inventory.tree import layout


class TreeDraft:
    """One tree, read now. What jsonnet gives does not depend on values files and is evaluated once."""

    def __init__(self, root: Path, *, cache_dir: Path | None) -> None:
        self.tree = layout(root)
        files = Files()
        reader = TreeReader(self.tree, files)
        kept = cache_file(cache_dir, self.tree.root, "jsonnet") if cache_dir else None
        self._results = results_of(reader, Evaluations(files, kept))
        with collector_at_rest():
            self.inventory = reader.inventory(self._results)

    def with_files(self, replaced: Mapping[str, bytes]) -> Inventory:
        """What the tree declares when the files at the given paths have the given contents."""
        reader = TreeReader(self.tree, Overlaid(replaced))
        _ = reader.jobs  # a reader knows its charts' jsonnet files when it has named the jobs
        with collector_at_rest():
            return reader.inventory(self._results)

    def path(self, shown: str) -> Path:
        """Where the file is that origins call SHOWN."""
        return self.tree.base / shown

    def read(self, shown: str) -> bytes:
        """The content of a values file. Raises Unreadable."""
        try:
            return Files().read(self.path(shown))
        except Unreadable as error:
            raise Unreadable(f"{shown} {error.message}", missing=error.missing) from error


def hub_of(inventory: Inventory, cluster: str, name: str) -> DeclaredHub:
    """Raises KeyError where the tree has no such hub."""
    for declared in inventory.clusters:
        for hub in declared.hubs if declared.name == cluster else ():
            if hub.name == name:
                return hub
    raise KeyError(f"{cluster}/{name}")
