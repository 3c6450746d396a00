"""`hubhomes status`: the chain of every hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from console.chain.filestore_words import told_by_clouds
from console.chain.marks import Mark, worst_mark
from console.chain.model import ClusterState, FleetState, HubState, findings_mark
from console.chain.urgency import Urgency, urgency
from console.chain.words import ERROR_WORDS, count
from console.cli.exits import Exit
from console.cli.observing import observed_state
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request
from console.cli.scope import Scope

if TYPE_CHECKING:
    from console.cli.table import Cell


def run(request: Request) -> Exit:
    """Prints the chain of every hub within the request's scope."""
    state = observed_state(request)
    if request.json:
        from console.cli.documents.chain import status

        print_json(status(state, request.scope))
        return Exit.NONE
    if request.scope.hub is not None:
        print_hubs(state, request)
        return Exit.NONE
    print_lines(
        status_lines(state, request.scope, width=terminal_width(), colour=takes_colour(), unicode=takes_unicode())
    )
    narrate(summary(state, request.scope))
    return Exit.NONE


def print_hubs(state: FleetState, request: Request) -> None:
    """The one hub of REQUEST's scope, link by link."""
    from console.cli.hub_lines import hub_lines

    width, colour, unicode = terminal_width(), takes_colour(), takes_unicode()
    for cluster in request.scope.clusters(state):
        for hub in request.scope.hubs(cluster):
            lines = hub_lines(cluster, hub, width=width, colour=colour, unicode=unicode)
            print_lines(map(request.started.words, lines))


def status_lines(state: FleetState, scope: Scope, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """The table of hubs, worst first, full disks first of all.

    A cluster that was never reached, or has no hubs, is a row of its own.
    """
    from console.cli.marks import COLUMNS, shapes
    from console.cli.table import Column, table

    marks = shapes(unicode=unicode)
    rows: list[Row] = []
    for cluster in scope.clusters(state):
        hubs = scope.hubs(cluster)
        if not hubs or (cluster.error is not None and cluster.observed_at is None and scope.hub is None):
            rows.append(cluster_row(cluster, len(hubs), marks))
        else:
            rows += [hub_row(cluster, hub, marks) for hub in hubs]
    columns = [Column(heading=""), Column(heading="cluster/hub", least=16), Column(heading="", gap=1)]
    columns += [Column(heading=heading, gap=2 if index == 0 else 1) for index, (heading, _) in enumerate(COLUMNS)]
    columns.append(Column(heading="worst finding", least=12, sentences=True))
    rows.sort(key=lambda row: row.order)
    return table(columns, [row.cells for row in rows], width=width, colour=colour, unicode=unicode)


class Row(msgspec.Struct, frozen=True):
    """A row of the table and where it sorts."""

    order: Urgency
    cells: list[Cell]


def hub_row(cluster: ClusterState, hub: HubState, marks: Mapping[Mark, str]) -> Row:
    from console.cli.marks import COLOURS, COLUMNS, column_mark, hub_word
    from console.cli.table import Cell

    mark = hub.mark
    cells = [Cell(marks[mark], COLOURS.get(mark)), Cell(hub.key), Cell("PROD" if hub.production else "")]
    for _, links in COLUMNS:
        shown = column_mark(hub, links)
        cells.append(Cell(marks[shown], COLOURS.get(shown)))
    cells.append(Cell(hub_word(hub) or error_word(cluster)))
    order = urgency(mark, cluster, hub.findings, production=hub.production, key=hub.key)
    return Row(order, cells)


def cluster_row(cluster: ClusterState, hubs: int, marks: Mapping[Mark, str]) -> Row:
    """One row for all hubs of CLUSTER."""
    from console.cli.marks import COLOURS, COLUMNS, SEVERITY_MARKS
    from console.cli.table import Cell

    worst = next((one for one in cluster.findings if one.severity != "info"), None)
    told = told_by_clouds(cluster, cluster.findings) if cluster.error is not None else ()
    mark: Mark = "none" if worst is None else SEVERITY_MARKS[worst.severity]
    if cluster.error is not None:
        mark = worst_mark(("unobserved", findings_mark(told)))
    links: Mark = "unobserved" if cluster.error else "none"
    store = worst_mark(hub.link("filestore").mark for hub in cluster.hubs) if cluster.error and hubs else links
    name = f"{cluster.name} ({count(hubs, 'hub')})" if hubs else cluster.name
    cells = [Cell(marks[mark], COLOURS.get(mark)), Cell(name), Cell("")]
    for _, of in COLUMNS:
        shown = store if "filestore" in of else links
        cells.append(Cell(marks[shown], COLOURS.get(shown)))
    word = error_word(cluster)
    if cluster.error is not None and told:
        word = f"{ERROR_WORDS[cluster.error.kind]}; {told[0].message}; {word}"
    cells.append(Cell(word or (worst.message if worst else "no hubs")))
    production = any(hub.production for hub in cluster.hubs)
    return Row(urgency(mark, cluster, told, production=production, key=cluster.name), cells)


def error_word(cluster: ClusterState) -> str:
    """Why CLUSTER could not be observed, and what to do; "" when it was."""
    if cluster.error is None:
        return ""
    return cluster.error.message + (f": {cluster.error.next_step}" if cluster.error.next_step else "")


def summary(state: FleetState, scope: Scope) -> str:
    """How many hubs, clusters and findings, in one line."""
    clusters = scope.clusters(state)
    hubs: list[HubState] = [hub for cluster in clusters for hub in scope.hubs(cluster)]
    observed = sum(cluster.state == "observed" for cluster in clusters)
    counts = [
        f"{sum(one.severity == severity for one in scope.findings(state))} {severity}"
        for severity in ("error", "warning", "info")
    ]
    seen = f"{observed} of {count(len(clusters), 'cluster')} observed"
    return f"{count(len(hubs), 'hub')}; {seen}; findings: {', '.join(counts)}"
