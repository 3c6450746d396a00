"""`hubhomes status`: the chain of every hub."""

from __future__ import annotations

from console.chain.model import ClusterState, FleetState, HubState
from console.cli.exits import Exit
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request, observed_state
from console.cli.scope import Scope


def run(request: Request) -> Exit:
    """Prints the chain of every hub within the request's scope."""
    state = observed_state(request)
    if request.json:
        from console.cli.document import status

        print_json(status(state, request.scope))
        return Exit.NONE
    print_lines(
        status_lines(state, request.scope, width=terminal_width(), colour=takes_colour(), unicode=takes_unicode())
    )
    narrate(summary(state, request.scope))
    return Exit.NONE


def status_lines(state: FleetState, scope: Scope, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """The table of hubs, worst first; a cluster without hubs to show is a row of its own."""
    from console.cli.marks import ASCII, BADNESS, COLOURS, COLUMNS, UNICODE, hub_mark, hub_word
    from console.cli.table import Cell, Column, table

    marks = UNICODE if unicode else ASCII
    rows: list[tuple[tuple[int, str], list[Cell]]] = []
    for cluster in scope.clusters(state):
        hubs = scope.hubs(cluster)
        for hub in hubs:
            mark = hub_mark(hub)
            links = {one.link: one.mark for one in hub.links}
            cells = [Cell(marks[mark], COLOURS.get(mark)), Cell(hub.key), Cell("PROD" if hub.production else "")]
            shown = [links.get(link, "none") for _, link in COLUMNS]
            cells += [Cell(marks[one], COLOURS.get(one)) for one in shown]
            rows.append(((BADNESS.index(mark), hub.key), [*cells, Cell(error_word(cluster) or hub_word(hub))]))
        if not hubs:
            cells = [Cell(marks["unobserved"], COLOURS["unobserved"]), Cell(cluster.name), Cell("")]
            cells += [Cell(marks["none"])] * len(COLUMNS)
            rows.append(((2, cluster.name), [*cells, Cell(error_word(cluster) or "no hubs")]))
    columns = [Column(heading=""), Column(heading="cluster/hub", least=16), Column(heading="")]
    columns += [Column(heading=heading) for heading, _ in COLUMNS]
    columns.append(Column(heading="worst finding", least=12))
    ordered = [row for _, row in sorted(rows, key=lambda entry: entry[0])]
    return table(columns, ordered, width=width, colour=colour, unicode=unicode)


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
    return f"{len(hubs)} hubs; {observed} of {len(clusters)} clusters observed; findings: {', '.join(counts)}"
