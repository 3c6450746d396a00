"""Collects the layers of values of one hub, and what is wrong with them."""

from __future__ import annotations

import msgspec

from console.inventory.clusters import HubEntry, ValuesFile
from console.inventory.documents import Flaw
from console.inventory.hubs import HubLayers, declared_hub
from console.inventory.jsonnet import Evaluation
from console.inventory.model import DeclaredHub, Origin, Problem
from console.inventory.tree import Tree
from console.inventory.views import View, json_view

WRAPPED = "basehub"
WRAPPING = frozenset({"daskhub"})
"""Charts that wrap another: their hubs have their values under the name of the wrapped one."""


class Source(msgspec.Struct, frozen=True):
    """A values file as read: its values, None where it has none, and what is wrong with it."""

    shown: str
    view: View | None
    flaws: tuple[Flaw, ...] = ()
    missing: bool = False

    @property
    def usable(self) -> bool:
        return not any(flaw.fatal for flaw in self.flaws)


class Layering:
    """The layers of one hub as they are found, weakest first, and its problems."""

    def __init__(self, tree: Tree, cluster: str, hub: HubEntry) -> None:
        self._tree = tree
        self._cluster = cluster
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

    def add_computed(self, path: str, result: Evaluation, *, chart: bool = False) -> None:
        """Adds an evaluated file, or the problem that it could not be evaluated."""
        shown = self._tree.shown(path)
        if result.text is None:
            self._resolved = False
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
