"""The filestores as lines: by trouble, with what is used and who lives on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.chain.model import ClusterState, Finding, FleetState, HubState, Mark
from console.chain.words import size
from console.tui.present.clock import Clock
from console.tui.present.filters import Filter, Searchable
from console.tui.present.finding_lines import finding_lines
from console.tui.present.fleet_rows import hub_mark
from console.tui.present.lines import Item, Line, Role, Span, crop, cut, fit, join, wrap
from console.tui.present.marks import ROLE, SHAPES, findings_mark, rank, worst_mark
from providers.filestores.protocol import Filestore, FilestoreState

STATE_MARK: dict[FilestoreState, Mark] = {
    "ready": "ok", "creating": "pending", "updating": "warning", "starting": "warning", "degraded": "warning",
    "down": "broken", "deleting": "broken", "unknown": "unobserved",
}  # fmt: skip


class FilestoreRow(NamedTuple):
    """One filestore, or what a cluster could not tell of its own (`store` None)."""

    key: str
    mark: Mark
    cluster: ClusterState
    store: Filestore | None
    hubs: tuple[HubState, ...]
    findings: tuple[Finding, ...]
    search: Searchable


def filestore_rows(state: FleetState, wanted: Filter) -> tuple[list[FilestoreRow], int]:
    """Those that match WANTED, by trouble; and how many there are at all."""
    rows = [_row(cluster, store) for cluster in state.clusters for store in cluster.filestores]
    rows += [_unknown(cluster) for cluster in state.clusters if cluster.filestores_unknown]
    rows.sort(key=lambda row: (rank(row.mark), -_used_share(row.store), row.key))
    return [row for row in rows if wanted.matches(row.search)], len(rows)


def _row(cluster: ClusterState, store: Filestore) -> FilestoreRow:
    names = cluster.filestore_hubs.get(store.id, ())
    hubs = tuple(hub for hub in cluster.hubs if hub.name in names or store.id in hub.filestores)
    every = (*cluster.findings, *(finding for hub in cluster.hubs for finding in hub.findings))
    findings = tuple(
        {
            one.code + one.message: one
            for one in every
            if one.filestore == store.id and one.link in ("filestore", "export")
        }.values()
    )
    mark = worst_mark((STATE_MARK[store.state], findings_mark(findings)))
    fields = {
        "cluster": (cluster.name.lower(),), "hub": tuple(hub.name.lower() for hub in hubs),
        "store": (store.id.lower(), store.name.lower(), store.backend, *store.addresses), "is": (mark, store.state),
        "finding": tuple(finding.code.lower() for finding in findings),
    }  # fmt: skip
    text = " ".join((cluster.name, *(word for words in fields.values() for word in words), store.tier, *store.zones))
    return FilestoreRow(
        f"{cluster.name}/{store.id}", mark, cluster, store, hubs, findings, Searchable(text.lower(), fields)
    )


def _unknown(cluster: ClusterState) -> FilestoreRow:
    search = Searchable(
        f"{cluster.name} {cluster.filestores_unknown}".lower(),
        {"cluster": (cluster.name.lower(),), "is": ("unobserved",)},
    )
    return FilestoreRow(f"{cluster.name}//", "unobserved", cluster, None, (), (), search)


def _used_share(store: Filestore | None) -> float:
    usage = store.usage if store else None
    if usage is None or usage.used_bytes is None or not usage.capacity_bytes:
        return 0.0
    return usage.used_bytes / usage.capacity_bytes


class Layout(NamedTuple):
    """Widths; 0: not there."""

    name: int
    backend: int
    zones: int
    address: int
    hubs: int


def layout(rows: Sequence[FilestoreRow], width: int) -> Layout:
    """The columns for WIDTH cells."""
    name = min(max((len(_name(row)) for row in rows), default=12), 26 if width < 110 else 44)
    backend = 13 if width >= 90 else 0
    zones = 18 if width >= 110 else 0
    address = 30 if width >= 170 else 0
    taken = 3 + name + 9 + 9 + 7 + 9 + 10 + 6 + sum(part + 2 for part in (backend, zones, address) if part)
    return Layout(name, backend, zones, address, max(width - taken - 2, 0))


def head_line(columns: Layout, width: int) -> Line:
    """The columns' names."""
    text = "   " + fit("cluster/filestore", columns.name)
    for word, wide in (("capacity", 9), ("used", 9), ("", 7), ("free", 9)):
        text += fit(word, wide, right=True)
    text += "  " + fit("state", 8) + fit("hubs", 6, right=True)
    for word, wide in (("backend", columns.backend), ("zones", columns.zones), ("address", columns.address)):
        text += "  " + fit(word, wide) if wide else ""
    return ((cut(text, width), "quiet"),)


def row_item(row: FilestoreRow, columns: Layout, width: int) -> Item:
    """One row."""
    head: Span = (f" {SHAPES[row.mark]} ", ROLE[row.mark])
    if row.store is None:
        name = fit(_name(row), columns.name, middle=True)
        return Item(
            row.key,
            ((head, (name, ""), ("  " + cut(row.cluster.filestores_unknown, width - columns.name - 6), "accent")),),
        )
    store = row.store
    role = ROLE[STATE_MARK[store.state]]
    spans: list[Span] = [
        head,
        (fit(_name(row), columns.name, middle=True), "strong" if row.mark in ("broken", "warning") else ""),
    ]
    spans += _amounts(row, store)
    spans.append(("  " + fit(store.state, 8), role if store.state != "ready" else ""))
    spans.append((fit(f"{len(row.hubs)}", 6, right=True), ""))
    zones, address = ", ".join(store.zones), ", ".join(store.addresses)
    for word, wide in ((store.backend, columns.backend), (zones, columns.zones), (address, columns.address)):
        if wide:
            spans.append(("  " + fit(word, wide, middle=True), "quiet"))
    names = ", ".join(hub.name for hub in row.hubs)
    spans.append(("  " + cut(names, columns.hubs), "quiet") if columns.hubs > 8 else ("", ""))
    return Item(row.key, (tuple(spans),))


def _amounts(row: FilestoreRow, store: Filestore) -> list[Span]:
    usage = store.usage
    capacity = (usage.capacity_bytes if usage else None) or store.capacity_bytes
    used = usage.used_bytes if usage else None
    share = used / capacity if used is not None and capacity else None
    mark = findings_mark(row.findings)
    role: Role = ROLE[mark] if mark in ("broken", "warning") else ""
    return [
        (fit(size(capacity) if capacity else "–", 9, right=True), ""),
        (fit(size(used) if used is not None else "?", 9, right=True), role),
        (fit(f"{share * 100:.0f} %" if share is not None else "", 7, right=True), role),
        (fit(size(capacity - used) if capacity and used is not None else "", 9, right=True), role),
    ]


def _name(row: FilestoreRow) -> str:
    return f"{row.cluster.name}/{row.store.name}" if row.store else f"{row.cluster.name} (unknown)"


def detail_lines(row: FilestoreRow | None, width: int, height: int, clock: Clock) -> list[Line]:
    """What is known of one filestore, as much as HEIGHT lines hold."""
    if row is None:
        return []
    if row.store is None:
        first, *more = wrap(row.cluster.filestores_unknown, width - 4)
        unknown: list[Line] = [((" ? ", "accent"), (first, "")), *((("   " + text, ""),) for text in more)]
        return unknown[:height]
    store = row.store
    head: Line = ((f" {row.cluster.name}/{store.name}", "strong"),)
    exports = f"{', '.join(store.addresses)}:{', '.join(store.exports)}"
    words = (store.backend, store.tier, ", ".join(store.zones), exports)
    lines = [join([head, *(((word, "quiet"),) for word in words if word)])]
    state = f"{store.state}{f' for {clock.age(store.state_since)}' if store.state_since else ''}"
    lines += _pair("state", f"{state}{f': {store.detail}' if store.detail else ''}", width)
    for finding in row.findings:
        lines += finding_lines(finding, width, clock, limit=max(height - len(lines) - 2, 3))
    if store.usage:
        lines += _pair("usage from", f"{store.usage.source}, {clock.age(store.usage.observed_at)} ago", width)
    lines += _hubs(row, width)
    for name, text in store.facts:
        lines += _pair(name, text, width)
    return [crop(line, width) for line in lines[:height]]


def _hubs(row: FilestoreRow, width: int) -> list[Line]:
    if not row.hubs:
        return _pair("hubs", "none", width)
    lines: list[Line] = []
    current: list[Span] = [(f"   {fit('hubs', 14)}", "quiet")]
    used = 17
    for hub in row.hubs:
        mark = hub_mark(hub)
        if used + len(hub.name) + 4 > width:
            lines.append(tuple(current))
            current, used = [(" " * 17, "")], 17
        current += [(f"{SHAPES[mark]} ", ROLE[mark]), (f"{hub.name}  ", "")]
        used += len(hub.name) + 4
    return [*lines, tuple(current)]


def _pair(name: str, text: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for y, piece in enumerate(wrap(text, width - 18)):
        lines.append(((f"   {fit(name if y == 0 else '', 14)}", "quiet"), (piece, "")))
    return lines
