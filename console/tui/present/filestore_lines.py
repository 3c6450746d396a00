"""The filestores as lines: by trouble, with what is used and who lives on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.chain.filestore_words import (
    FULLNESS_CODES,
    STATE_MARK,
    Fullness,
    filestore_mark,
    findings_on,
    fullness,
    fullnesses,
    hubs_on,
    state_words,
    tells_full,
    unused_words,
    usage_note,
)
from console.chain.marks import SHAPES, Mark, rank
from console.chain.model import ClusterState, Finding, FleetState, HubState, findings_mark
from console.chain.words import size
from console.tui.present.clock import Clock
from console.tui.present.filestore_page import bar_spans
from console.tui.present.filters import Filter, Searchable
from console.tui.present.finding_lines import finding_lines
from console.tui.present.lines import Item, Line, Role, Span, crop, cut, fit, join, wrap
from console.tui.present.marks import ROLE
from providers.filestores.protocol import Filestore


class FilestoreRow(NamedTuple):
    """One filestore, or what a cluster could not tell of its own (`store` None)."""

    key: str
    mark: Mark
    cluster: ClusterState
    store: Filestore | None
    told: Fullness | None
    hubs: tuple[HubState, ...]
    findings: tuple[Finding, ...]
    search: Searchable


def filestore_rows(state: FleetState, wanted: Filter) -> tuple[list[FilestoreRow], int]:
    """Those that match WANTED, by trouble; and how many there are at all."""
    rows = [_row(cluster, store) for cluster in state.clusters for store in cluster.filestores]
    rows += [_unknown(cluster) for cluster in state.clusters if cluster.filestores_unknown]
    rows.sort(key=lambda row: (rank(row.mark), not tells_full(row.findings), -_used_share(row), row.key))
    return [row for row in rows if wanted.matches(row.search)], len(rows)


def _row(cluster: ClusterState, store: Filestore) -> FilestoreRow:
    hubs, findings = hubs_on(cluster, store), findings_on(cluster, store)
    mark = filestore_mark(store, findings)
    told = fullness(cluster, store)
    orphan = ("unused", "orphan") if not hubs else ()
    fields = {
        "cluster": (cluster.name.lower(),), "hub": tuple(hub.name.lower() for hub in hubs),
        "store": (store.id.lower(), store.name.lower(), store.backend, *store.addresses),
        "is": (mark, store.state, *orphan), "finding": tuple(finding.code.lower() for finding in findings),
    }  # fmt: skip
    text = " ".join((cluster.name, *(word for words in fields.values() for word in words), store.tier, *store.zones))
    return FilestoreRow(
        f"{cluster.name}/{store.id}", mark, cluster, store, told, hubs, findings, Searchable(text.lower(), fields)
    )


def _unknown(cluster: ClusterState) -> FilestoreRow:
    search = Searchable(
        f"{cluster.name} {cluster.filestores_unknown}".lower(),
        {"cluster": (cluster.name.lower(),), "is": ("unobserved",)},
    )
    return FilestoreRow(f"{cluster.name}//", "unobserved", cluster, None, None, (), (), search)


def _used_share(row: FilestoreRow) -> float:
    return (row.told.share if row.told else None) or 0.0


class Layout(NamedTuple):
    """Widths; 0: not there."""

    name: int
    bar: int
    backend: int
    zones: int
    address: int
    hubs: int


def layout(rows: Sequence[FilestoreRow], width: int) -> Layout:
    """The columns for WIDTH cells: each where there is room for it, in this order; the names of hubs take the rest."""
    name = min(max((len(_name(row)) for row in rows), default=12), 26 if width < 110 else 44)
    room = width - (3 + name + 9 + 9 + 7 + 9 + 10 + 6)
    chosen = {"bar": 0, "backend": 0, "zones": 0, "address": 0}
    for column, cells in (("bar", 12), ("backend", 13), ("zones", 18), ("address", 30)):
        if room < cells + 2:
            break
        chosen[column] = cells
        room -= cells + 2
    return Layout(name, **chosen, hubs=max(room - 2, 0))


def head_line(columns: Layout, width: int) -> Line:
    """The columns' names."""
    text = "   " + fit("cluster/filestore", columns.name)
    for word, wide in (("capacity", 9), ("used", 9), ("", 7)):
        text += fit(word, wide, right=True)
    text += "  " + " " * columns.bar if columns.bar else ""
    text += fit("free", 9, right=True)
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
    spans += _amounts(row, row.told, columns) if row.told else []
    spans.append(("  " + fit(store.state, 8), role if store.state != "ready" else ""))
    spans.append((fit(f"{len(row.hubs)}" if row.hubs else "none", 6, right=True), "" if row.hubs else "accent"))
    zones, address = ", ".join(store.zones), ", ".join(store.addresses)
    for word, wide in ((store.backend, columns.backend), (zones, columns.zones), (address, columns.address)):
        if wide:
            spans.append(("  " + fit(word, wide, middle=True), "quiet"))
    names = ", ".join(hub.name for hub in row.hubs) or unused_words(row.cluster, store)
    spans.append(("  " + cut(names, columns.hubs), "quiet") if columns.hubs > 8 else ("", ""))
    return Item(row.key, (tuple(spans),))


def _amounts(row: FilestoreRow, told: Fullness, columns: Layout) -> list[Span]:
    mark = findings_mark(one for one in row.findings if one.code in FULLNESS_CODES)
    role: Role = ROLE[mark] if mark in ("broken", "warning") else ""
    spans: list[Span] = [
        (fit(size(told.capacity_bytes) if told.capacity_bytes else "–", 9, right=True), ""),
        (fit(size(told.used_bytes) if told.used_bytes is not None else "?", 9, right=True), role),
        (fit(told.percent, 7, right=True), role),
    ]
    if columns.bar:
        bar: list[Span] = [(" " * columns.bar, "")] if told.share is None else bar_spans(told.share, columns.bar, role)
        spans += [("  ", ""), *bar]
    spans.append((fit(size(told.free_bytes) if told.free_bytes is not None else "", 9, right=True), role))
    return spans


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
    lines += _pair("state", state_words(store, clock.now()), width)
    for finding in row.findings:
        lines += finding_lines(finding, width, clock, limit=max(height - len(lines) - 2, 3))
    for told in fullnesses(row.cluster, store):
        lines += _pair("used", f"{told.words}, says {told.said_by(clock.now())}", width)
    note = usage_note(row.cluster, store)
    lines += _pair("", note, width) if note else []
    lines += _hubs(row, width)
    terraform = row.cluster.terraform.words(store.id) if row.cluster.terraform else ""
    lines += _pair("terraform", terraform, width) if terraform else []
    for name, text in store.facts:
        lines += _pair(name, text, width)
    return [crop(line, width) for line in lines[:height]]


def _hubs(row: FilestoreRow, width: int) -> list[Line]:
    if not row.hubs:
        return _pair("hubs", unused_words(row.cluster, row.store) if row.store else "none", width)
    lines: list[Line] = []
    current: list[Span] = [(f"   {fit('hubs', 14)}", "quiet")]
    used = 17
    for hub in row.hubs:
        mark = hub.mark
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
