"""`hubhomes filestores`: filestores and the hubs on them, by trouble; one of them in full."""

from __future__ import annotations

import msgspec

from console.chain.filestore_lookup import Wanted, filestores_called
from console.chain.filestore_words import (
    STATE_MARK,
    Fullness,
    filestore_mark,
    findings_on,
    fullness,
    hubs_on,
    tells_full,
    unused_words,
)
from console.chain.marks import rank
from console.chain.model import ClusterState, FleetState
from console.chain.words import size
from console.cli.exits import Exit
from console.cli.marks import COLOURS, shapes
from console.cli.observing import observed_state
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request
from console.cli.scope import Scope
from providers.filestores.protocol import Filestore

_WIDE = 140
"""Columns from which a table has room for Terraform's addresses."""


def run(request: Request) -> Exit:
    """Prints the filestores of every cluster within the request's scope; of the one that is named, all."""
    anywhere = msgspec.structs.replace(request.scope, hub=None, filestore=None)
    state = observed_state(msgspec.structs.replace(request, scope=anywhere))
    scope = meant(request.scope, state)
    scope.require(state)
    if request.json:
        from console.cli.documents.filestores import filestores

        print_json(filestores(state, scope))
        return Exit.NONE
    width, colour, unicode = terminal_width(), takes_colour(), takes_unicode()
    if scope.filestore is not None:
        from console.cli.filestore_lines import detail_lines

        for cluster in scope.clusters(state):
            for store in scope.filestores(cluster):
                lines = detail_lines(cluster, store, state.generated_at, width=width, colour=colour, unicode=unicode)
                print_lines(map(request.started.words, lines))
    else:
        print_lines(filestore_lines(state, scope, width=width, colour=colour, unicode=unicode))
    for cluster in scope.clusters(state):
        why = cluster.filestores_unknown or (cluster.error.message if cluster.error else "")
        if why:
            narrate(f"{cluster.name}: filestores may be missing here: {why}")
        for line in missing_lines(cluster) if scope.filestore is None else ():
            narrate(line)
    return Exit.NONE


def missing_lines(cluster: ClusterState) -> list[str]:
    """What Terraform declares and is not there, and where nothing is known of what it declares."""
    made = cluster.terraform
    if made is None:
        return []
    missing = [one for one in made.resources if one.found == "missing"]
    lines = [f"{cluster.name}: {one.name} is declared ({one.origin}) and not there" for one in missing]
    return [*lines, f"{cluster.name}: {made.error}"] if made.error else lines


def meant(scope: Scope, state: FleetState) -> Scope:
    """SCOPE with C/NAME taken for a filestore where the cluster has no such hub."""
    if scope.cluster is None or scope.hub is None:
        return scope
    if any(scope.hubs(cluster) for cluster in scope.clusters(state)):
        return scope
    if filestores_called(state.clusters, Wanted(scope.hub, scope.cluster)):
        return Scope(cluster=scope.cluster, filestore=scope.hub)
    return scope


def filestore_lines(state: FleetState, scope: Scope, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """A table of filestores, the worst and the fullest first."""
    from console.cli.table import Cell, Column, table

    marks = shapes(unicode=unicode)
    columns = [
        Column(heading=""),
        Column(heading="cluster/filestore", least=16),
        Column(heading="backend"),
        Column(heading="state"),
        Column(heading="size", right=True),
        Column(heading="used", right=True),
        Column(heading="", right=True, gap=1),
        Column(heading="hubs", least=10),
        Column(heading="worst finding", least=12, sentences=True),
    ]
    declared = width is None or width >= _WIDE
    if declared:
        columns.insert(-1, Column(heading="terraform", least=16))
    rows = []
    for cluster, store in by_trouble(state, scope):
        mark, told = filestore_mark(store, findings_on(cluster, store)), fullness(cluster, store)
        worst = next((one for one in findings_on(cluster, store) if one.severity != "info"), None)
        made = cluster.terraform.words(store.id) if cluster.terraform and declared else ""
        rows.append(
            [
                Cell(marks[mark], COLOURS.get(mark)),
                Cell(f"{cluster.name}/{store.name}"),
                Cell(store.backend),
                Cell(store.state, COLOURS.get(STATE_MARK[store.state])),
                Cell(size(told.capacity_bytes) if told.capacity_bytes else ""),
                Cell(size(told.used_bytes) if told.used_bytes is not None else "?"),
                Cell(told.percent),
                Cell(", ".join(hub.name for hub in hubs_on(cluster, store)) or "none"),
                *([Cell(made)] if declared else []),
                Cell(worst.message if worst else "" if hubs_on(cluster, store) else unused_words(cluster, store)),
            ]
        )
    return table(columns, rows, width=width, colour=colour, unicode=unicode)


def by_trouble(state: FleetState, scope: Scope) -> list[tuple[ClusterState, Filestore]]:
    """The filestores within SCOPE: by mark, full ones first, then by how full they are."""
    found = [(cluster, store) for cluster in scope.clusters(state) for store in scope.filestores(cluster)]
    return sorted(found, key=lambda each: _order(*each))


def _order(cluster: ClusterState, store: Filestore) -> tuple[int, bool, float, str]:
    findings = findings_on(cluster, store)
    told: Fullness = fullness(cluster, store)
    mark = filestore_mark(store, findings)
    return rank(mark), not tells_full(findings), -(told.share or 0.0), f"{cluster.name}/{store.name}"
