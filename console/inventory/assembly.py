"""Puts the hubs of a tree together: their charts and values files, and what is wrong with any of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from console.inventory.clusters import ClusterEntry, HubEntry, ValuesFile
from console.inventory.documents import Document, Flaw, parse
from console.inventory.entries import cluster_entries, inventory_of
from console.inventory.files import Files, Unreadable
from console.inventory.jsonnet import Evaluation, Job
from console.inventory.layering import WRAPPED, WRAPPING, Layering, Source
from console.inventory.model import DeclaredHub, Inventory, Problem
from console.inventory.tree import Tree
from console.inventory.views import View, YamlFile

JobId = tuple[str, str, str]
"""A cluster's folder name, a hub's name, and the file to evaluate for it."""


class TreeReader:
    """Reads one tree, once."""

    def __init__(self, tree: Tree, files: Files) -> None:
        self._tree = tree
        self._files = files
        self._sources: dict[str, Source] = {}
        self._chart_jsonnet: dict[str, str | None] = {}
        self._chart_folders: dict[str, Path | None] = {}

    @cached_property
    def entries(self) -> tuple[ClusterEntry, ...]:
        """Every cluster.yaml, by folder name."""
        return cluster_entries(self._tree, self._files)

    @cached_property
    def jobs(self) -> dict[JobId, Job]:
        """Every jsonnet file to evaluate, for every hub."""
        jobs = {}
        for cluster in self.entries:
            for hub in cluster.hubs:
                for path in self._jsonnet_files(hub):
                    jobs[cluster.folder.name, hub.name, path] = Job(path, _ext_vars(cluster, hub))
        return jobs

    def _jsonnet_files(self, hub: HubEntry) -> list[str]:
        if hub.chart not in self._chart_jsonnet:
            self._chart_jsonnet[hub.chart] = self._find_jsonnet(hub.chart)
        chart = self._chart_jsonnet[hub.chart]
        own = [str(file.path) for file in hub.files if _is_jsonnet(file)]
        return ([chart] if chart else []) + own

    def _find_jsonnet(self, chart: str) -> str | None:
        folder = self._chart_folder(chart)
        if folder is None:
            return None
        path = folder / "values.jsonnet"
        if not path.exists():
            self._files.note_missing(str(path))
            return None
        return str(path)

    def _chart_folder(self, chart: str) -> Path | None:
        if chart not in self._chart_folders:
            self._chart_folders[chart] = self._find_chart(chart)
        return self._chart_folders[chart]

    def _find_chart(self, chart: str) -> Path | None:
        if not chart or self._tree.charts is None:
            return None
        folder = self._tree.charts / chart
        if not folder.is_dir():
            self._files.note_missing(str(folder))
            return None
        return folder

    def parse_values(self) -> None:
        """Parses every values file that a hub names, and its chart's."""
        for cluster in self.entries:
            for hub in cluster.hubs:
                self._defaults(hub.chart)
                for file in hub.files:
                    if not _is_jsonnet(file):
                        self._source(file.path, chart=False)

    def _defaults(self, chart: str) -> list[tuple[str, Source]]:
        """The values.yaml of CHART and, where it wraps another, of that one."""
        charts = [chart, WRAPPED] if chart in WRAPPING else [chart]
        folders = [(name, self._chart_folder(name)) for name in charts]
        return [(name, self._source(folder / "values.yaml", chart=True)) for name, folder in folders if folder]

    def _source(self, path: Path, *, chart: bool) -> Source:
        source = self._sources.get(str(path))
        if source is None:
            source = self._sources[str(path)] = self._read_source(path, chart=chart)
        return source

    def _read_source(self, path: Path, *, chart: bool) -> Source:
        shown = self._tree.shown(path)
        try:
            document = parse(self._files.read(path))
        except Unreadable as error:
            if error.missing and chart:
                return Source(shown, None)
            kind = "missing-file" if error.missing else "unreadable"
            return Source(shown, None, (Flaw(kind=kind, message=error.message),), missing=error.missing)
        return Source(shown, _view_of(document, shown, chart=chart), document.flaws)

    def inventory(self, results: Mapping[JobId, Evaluation]) -> Inventory:
        """The inventory, with RESULTS of all jobs."""

        def hubs(name: str, entry: ClusterEntry, problems: list[Problem]) -> tuple[DeclaredHub, ...]:
            return tuple(self._hub(name, entry, hub, results, problems) for hub in entry.hubs)

        return inventory_of(self._tree, self._files, self.entries, hubs)

    def _hub(
        self,
        cluster: str,
        entry: ClusterEntry,
        hub: HubEntry,
        results: Mapping[JobId, Evaluation],
        problems: list[Problem],
    ) -> DeclaredHub:
        layering = Layering(self._tree, cluster, hub)
        layering.add_chart(self._defaults(hub.chart), found=self._chart_folder(hub.chart) is not None)
        chart_jsonnet = self._chart_jsonnet.get(hub.chart)
        if chart_jsonnet:
            layering.add_computed(chart_jsonnet, results[entry.folder.name, hub.name, chart_jsonnet], chart=True)
        for file in hub.files:
            if _is_jsonnet(file):
                layering.add_computed(str(file.path), results[entry.folder.name, hub.name, str(file.path)])
            else:
                layering.add_file(file, self._source(file.path, chart=False))
        declared = layering.declared()
        problems += layering.problems
        return declared


def _is_jsonnet(file: ValuesFile) -> bool:
    return file.path.suffix == ".jsonnet"


def _ext_vars(cluster: ClusterEntry, hub: HubEntry) -> dict[str, str]:
    values = {
        "CLUSTER_NAME": cluster.name,
        "HUB_NAME": hub.name,
        "HUB_DOMAIN": hub.domain,
        "PROVIDER": cluster.provider,
        "ACCOUNT_ID": cluster.account_id,
    }
    return {f"VARS_2I2C_{name}": value for name, value in values.items()}


def _view_of(document: Document, shown: str, *, chart: bool) -> View | None:
    return YamlFile(shown, chart=chart).view(document.root) if document.root else None
