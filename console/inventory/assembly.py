"""Puts a tree together: clusters, the charts and values files of their hubs, and what is wrong with any of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from console.inventory.clusters import (
    ClusterEntry,
    HubEntry,
    ValuesFile,
    broken_cluster,
    cluster_entry,
)
from console.inventory.documents import Document, Flaw, parse
from console.inventory.files import Files, Unreadable
from console.inventory.hubs import HubLayers, declared_hub
from console.inventory.jsonnet import Evaluation, Job
from console.inventory.model import DeclaredCluster, DeclaredHub, Inventory, Origin, Problem
from console.inventory.problems import gathered
from console.inventory.tree import CLUSTER_FILE, IGNORED_FOLDERS, Tree
from console.inventory.views import View, YamlFile, json_view

JobId = tuple[str, str, str]
"""A cluster's folder name, a hub's name, and the file to evaluate for it."""

WRAPPED = "basehub"
WRAPPING = frozenset({"daskhub"})


class Source(msgspec.Struct, frozen=True):
    """A values file as read: its values, None where it has none, and what is wrong with it."""

    shown: str
    view: View | None
    flaws: tuple[Flaw, ...] = ()
    missing: bool = False

    @property
    def usable(self) -> bool:
        return not any(flaw.fatal for flaw in self.flaws)


class TreeReader:
    """Reads one tree, once."""

    def __init__(self, tree: Tree, files: Files) -> None:
        self._tree = tree
        self._files = files
        self._sources: dict[str, Source] = {}
        self._chart_jsonnet: dict[str, str | None] = {}

    @cached_property
    def entries(self) -> tuple[ClusterEntry, ...]:
        """Every cluster.yaml, by folder name."""
        root = self._tree.root
        found = []
        for name in self._files.names(root):
            if name in IGNORED_FOLDERS or name.startswith(".") or not (root / name).is_dir():
                continue
            entry = self._entry(root / name)
            if entry:
                found.append(entry)
        return tuple(found)

    def _entry(self, folder: Path) -> ClusterEntry | None:
        path = folder / CLUSTER_FILE
        shown = self._tree.shown(path)
        try:
            content = self._files.read(path)
        except Unreadable as error:
            if error.missing:
                return self._folder_without_cluster(folder, shown)
            return broken_cluster(folder, shown, [Flaw(kind="unreadable", message=error.message)])
        return cluster_entry(self._tree, folder, shown, parse(content))

    def _folder_without_cluster(self, folder: Path, shown: str) -> ClusterEntry | None:
        """A folder with values but no cluster.yaml lost it; one without values is no cluster."""
        if not any(name.endswith(".values.yaml") for name in self._files.names(folder)):
            return None
        step = "Restore the file, or move the folder out of the folder of clusters."
        return broken_cluster(folder, shown, [Flaw(kind="missing-file", message="does not exist", next_step=step)])

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
        """The inventory with RESULTS of jobs; a hub whose jobs have none is not resolved."""
        problems: list[Problem] = []
        clusters: list[DeclaredCluster] = []
        names = _shown_names(self.entries, self._tree, problems)
        for entry in self.entries:
            name = names[entry.folder.name]
            problems += [_entry_problem(name, entry, index) for index in range(len(entry.flaws))]
            hubs = tuple(self._hub(name, entry, hub, results, problems) for hub in entry.hubs)
            clusters.append(_declared_cluster(name, entry, hubs))
        return _with_problems(str(self._tree.root), clusters, gathered(problems))

    def _hub(
        self,
        cluster: str,
        entry: ClusterEntry,
        hub: HubEntry,
        results: Mapping[JobId, Evaluation],
        problems: list[Problem],
    ) -> DeclaredHub:
        layering = _Layering(self._tree, cluster, entry, hub)
        layering.add_chart(self._defaults(hub.chart), found=self._chart_folder(hub.chart) is not None)
        chart_jsonnet = self._chart_jsonnet.get(hub.chart)
        if chart_jsonnet:
            result = results.get((entry.folder.name, hub.name, chart_jsonnet))
            layering.add_computed(chart_jsonnet, result, chart=True)
        for file in hub.files:
            if _is_jsonnet(file):
                layering.add_computed(str(file.path), results.get((entry.folder.name, hub.name, str(file.path))))
            else:
                layering.add_file(file, self._source(file.path, chart=False))
        declared = layering.declared()
        problems += layering.problems
        return declared


class _Layering:
    """The layers of one hub as they are found, weakest first, and its problems."""

    def __init__(self, tree: Tree, cluster: str, entry: ClusterEntry, hub: HubEntry) -> None:
        self._tree = tree
        self._cluster = cluster
        self._entry = entry
        self._hub = hub
        self._files: list[View] = []
        self._computed: list[View] = []
        self._defaults: list[View] = []
        self._wrapped: list[View] = []
        self._resolved = True
        self._chart_found = True
        self.problems: list[Problem] = []

    def _problem(self, kind: str, origin: Origin, message: str, next_step: str = "") -> None:
        self.problems.append(
            Problem(
                kind=kind,
                cluster=self._cluster,
                hub=self._hub.name,
                origin=origin,
                message=message,
                next_step=next_step,
            )
        )

    def add_chart(self, defaults: list[tuple[str, Source]], *, found: bool) -> None:
        self._chart_found = found
        for chart, source in defaults:
            wrapped = chart == WRAPPED and self._hub.chart in WRAPPING
            self._note_flaws(source)
            if source.view:
                (self._wrapped if wrapped else self._defaults).append(source.view)

    def add_file(self, file: ValuesFile, source: Source) -> None:
        if source.missing:
            self._resolved = False
            step = "Restore the file, or take it out of helm_chart_values_files."
            self._problem("missing-file", file.named_at, f"{source.shown} does not exist", step)
            return
        self._note_flaws(source)
        if source.view:
            self._files.append(source.view)

    def _note_flaws(self, source: Source) -> None:
        self._resolved = self._resolved and source.usable
        for flaw in source.flaws:
            origin = Origin(source.shown, flaw.line, flaw.column)
            self._problem(flaw.kind, origin, f"{source.shown} {flaw.message}", flaw.next_step)

    def add_computed(self, path: str, result: Evaluation | None, *, chart: bool = False) -> None:
        """Adds an evaluated file; RESULT None: not evaluated yet."""
        shown = self._tree.shown(path)
        if result is None or result.text is None:
            self._resolved = False
            if result is not None:
                self._jsonnet_problem(shown, result)
            return
        view = json_view(result.text.encode(), Origin(shown, chart=chart))
        if view is None:
            self._resolved = False
            self._problem("not-a-map", Origin(shown), f"{shown} does not evaluate to a map of values")
            return
        (self._computed if chart else self._files).append(view)

    def _jsonnet_problem(self, shown: str, result: Evaluation) -> None:
        file, line, column = result.place_of_error() or ("", 0, 0)
        origin = Origin(self._tree.shown(file) if file.startswith("/") else shown, line, column)
        self._problem("jsonnet", origin, f"{shown} fails: {result.cause()}")

    def declared(self) -> DeclaredHub:
        layers = HubLayers(
            files=self._files[::-1],
            computed=self._computed,
            defaults=self._defaults,
            wrapped=self._wrapped,
            prefix=(WRAPPED,) if self._hub.chart in WRAPPING else (),
        )
        hub, misfits = declared_hub(self._cluster, self._hub, layers, resolved=self._resolved)
        for misfit in misfits:
            self._problem("wrong-type", misfit.origin, misfit.message, misfit.next_step)
        if not self._chart_found and self._hub.chart and _needs_chart(hub):
            return self._without_chart(hub)
        return hub

    def _without_chart(self, hub: DeclaredHub) -> DeclaredHub:
        message = f"the chart {hub.chart} is not in the tree: its defaults are not known"
        step = "Give a checkout that holds helm-charts, or declare nfs.enabled, nfs.pv.serverIP and baseShareName."
        self._problem("missing-chart", self._hub.origin, message, step)
        return msgspec.structs.replace(hub, resolved=False)


def _needs_chart(hub: DeclaredHub) -> bool:
    """Whether values that the chain needs may stand in the chart, and nowhere else."""
    if hub.nfs_enabled.origin is None:
        return True
    return hub.nfs_enabled.value and (hub.server.value is None or hub.base_share.value is None)


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


def _shown_names(entries: tuple[ClusterEntry, ...], tree: Tree, problems: list[Problem]) -> dict[str, str]:
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
