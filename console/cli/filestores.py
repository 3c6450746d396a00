"""`hubhomes filestores`: filestores and the hubs on them."""

from __future__ import annotations

from console.chain.model import ClusterState, FleetState
from console.cli.exits import Exit
from console.cli.output import narrate, print_json, print_lines, takes_colour, takes_unicode, terminal_width
from console.cli.request import Request, observed_state
from console.cli.scope import Scope
from providers.filestores.protocol import Filestore


def run(request: Request) -> Exit:
    """Prints the filestores of every cluster within the request's scope."""
    state = observed_state(request)
    if request.json:
        from console.cli.document import filestores

        print_json(filestores(state, request.scope))
        return Exit.NONE
    lines = filestore_lines(
        state, request.scope, width=terminal_width(), colour=takes_colour(), unicode=takes_unicode()
    )
    print_lines(lines)
    for cluster in request.scope.clusters(state):
        why = cluster.error.message if cluster.error else cluster.filestores_unknown
        if why:
            narrate(f"{cluster.name}: filestores may be missing here: {why}")
    return Exit.NONE


def filestore_lines(state: FleetState, scope: Scope, *, width: int | None, colour: bool, unicode: bool) -> list[str]:
    """A table of filestores."""
    from console.cli.table import Cell, Column, table

    columns = [
        Column(heading="cluster", least=10),
        Column(heading="filestore", least=12),
        Column(heading="backend"),
        Column(heading="state"),
        Column(heading="size", right=True),
        Column(heading="used", right=True),
        Column(heading="address", least=12),
        Column(heading="hubs", least=10),
    ]
    rows = [
        [
            Cell(cluster.name),
            Cell(store.name),
            Cell(store.backend),
            Cell(store.state, {"ready": "green", "down": "red", "degraded": "red"}.get(store.state)),
            Cell(size(store.capacity_bytes)),
            Cell(used(store)),
            Cell(store.addresses[0] if store.addresses else ""),
            Cell(hub_words(cluster, store)),
        ]
        for cluster in scope.clusters(state)
        for store in scope.filestores(cluster)
    ]
    return table(columns, rows, width=width, colour=colour, unicode=unicode)


def hub_words(cluster: ClusterState, store: Filestore) -> str:
    hubs = cluster.filestore_hubs.get(store.id, ())
    return ", ".join(hubs) if hubs else "none"


def size(capacity_bytes: int | None) -> str:
    """GiB or TiB; "" where there is no limit, or none is known."""
    if capacity_bytes is None:
        return ""
    gib = capacity_bytes / 2**30
    return f"{gib / 1024:.1f} TiB" if gib >= 1024 else f"{gib:.0f} GiB"


def used(store: Filestore) -> str:
    """Per cent where there is a limit, else the size; "" when it is not known."""
    if store.usage is None or store.usage.used_bytes is None:
        return ""
    if store.usage.capacity_bytes:
        return f"{100 * store.usage.used_bytes / store.usage.capacity_bytes:.0f} %"
    return size(store.usage.used_bytes)
