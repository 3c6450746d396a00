"""The fleet as lines: its columns by width, its rows, its title and its status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.chain.filestore_words import FULLNESS_CODES, hub_fullness
from console.chain.marks import SHAPES, Mark, worst_mark
from console.chain.model import ClusterState, FleetState, Link, findings_mark
from console.chain.words import ERROR_WORDS
from console.tui.present.clock import Clock
from console.tui.present.fleet_rows import HUB_LINKS, FleetRow, row_mark, store_of, unreachable
from console.tui.present.lines import Item, Line, Span, crop, cut, fit
from console.tui.present.marks import ROLE, SEVERITY_ROLE

HEADS: dict[Link, str] = {
    "filestore": "store",
    "export": "export",
    "directory": "dir",
    "pv": "pv",
    "pvc": "pvc",
    "mounts": "mnt",
    "homes": "homes",
}

_UNTOLD: frozenset[Mark] = frozenset({"unlooked", "none", "unobserved", "pending"})


class Layout(NamedTuple):
    """How wide each column is, and 0: not there. `gap` stands between marks, `links` are those that have a column."""

    name: int
    finding: int
    links: tuple[Link, ...]
    badge: int = 0
    gap: int = 1
    used: int = 0
    code: int = 0
    since: int = 0
    pods: int = 0
    provider: int = 0
    store: int = 0


FINDING_LEAST = 36
"""The room that the worst finding keeps before another column is added."""


def layout(rows: Sequence[FleetRow], width: int) -> Layout:
    """The columns for WIDTH cells: more of them where there is more room, the finding takes what is left."""
    longest = max((len(_name(row)) for row in rows), default=0)
    name = max(11, min(longest, width // 4))
    badge = 5 if any(row.production for row in rows) else 0
    marks = shown_links(rows)
    room = width - (3 + name + badge + 2 + sum(len(HEADS[link]) + 1 for link in marks))
    chosen: dict[str, int] = {}
    store = max((len(store_of(row)) for row in rows if row.hub), default=0)
    sizes = {
        "gap": len(marks) + 2,
        "used": 7,
        "since": 8,
        "code": 8,
        "exports": 16,
        "pods": 7,
        "provider": 12,
        "store": min(store, 40) + 2,
    }
    for column, size in sizes.items():
        if room - size < FINDING_LEAST:
            break
        room -= size
        chosen[column] = size - 2 if column != "gap" else 2
    links = HUB_LINKS if chosen.pop("exports", 0) else marks
    return Layout(name, max(room, 0), links, badge, **chosen)


def shown_links(rows: Sequence[FleetRow]) -> tuple[Link, ...]:
    """The columns of marks where there is little room: the export stands with its filestore, homes once one is told."""
    homes = any(row.marks[HUB_LINKS.index("homes")] not in _UNTOLD for row in rows)
    return tuple(link for link in HUB_LINKS if link != "export" and (homes or link != "homes"))


def head_line(columns: Layout, width: int) -> Line:
    """The columns' names."""
    text = f"   {fit('cluster/hub', columns.name)}" + " " * columns.badge
    if columns.provider:
        text += f"  {fit('provider', columns.provider)}"
    if columns.store:
        text += f"  {fit('filestore', columns.store)}"
    for link in columns.links:
        text += " " * columns.gap + HEADS[link]
    if columns.used:
        text += f"  {fit('used', columns.used, right=True)}"
    if columns.pods:
        text += f"  {fit('pods', columns.pods, right=True)}"
    if columns.code:
        text += f"  {fit('code', columns.code)}"
    if columns.since:
        text += f"  {fit('since', columns.since, right=True)}"
    return ((cut(f"{text}  worst finding", width), "quiet"),)


def row_item(row: FleetRow, columns: Layout, width: int, clock: Clock) -> Item:
    """One row."""
    mark = ROLE[row.mark]
    quiet = row.mark in ("ok", "none", "unlooked")
    spans: list[Span] = [
        (f" {SHAPES[row.mark]} ", mark),
        (fit(_name(row), columns.name, middle=True), "" if quiet else "strong"),
        (fit(" PROD" if row.production else "", columns.badge), "badge"),
    ]
    if columns.provider:
        spans.append(("  " + fit(row.cluster.provider if row.cluster else "", columns.provider), "quiet"))
    if columns.store:
        store = store_of(row)
        spans.append(("  " + fit("" if store == "~" else store, columns.store, middle=True), "quiet"))
    marks = dict(zip(HUB_LINKS, row.marks, strict=True))
    for link in columns.links:
        merged = link == "filestore" and "export" not in columns.links
        shown = worst_mark((marks[link], marks["export"])) if merged else marks[link]
        spans.append((" " * columns.gap + SHAPES[shown].center(len(HEADS[link])), ROLE[shown]))
    spans += _tail(row, columns, clock)
    return Item(row.key, (crop(tuple(spans), width),))


def _tail(row: FleetRow, columns: Layout, clock: Clock) -> list[Span]:
    """From the pods to the worst finding."""
    spans: list[Span] = []
    worst = row.worst
    if columns.used:
        told = hub_fullness(row.cluster, row.hub) if row.hub and row.cluster else None
        full = findings_mark(one for one in row.findings if one.code in FULLNESS_CODES)
        percent = told.percent if told else ""
        spans.append(("  " + fit(percent, columns.used, right=True), "quiet" if full == "none" else ROLE[full]))
    if columns.pods:
        running = row.hub.pods.running if row.hub and row.hub.pods else None
        spans.append(("  " + fit("" if running is None else f"{running:,}", columns.pods, right=True), ""))
    if columns.code:
        spans.append(("  " + fit(worst.code if worst else "", columns.code), "quiet"))
    if columns.since:
        since = row.cluster.error.since if row.cluster and row.cluster.error else worst.since if worst else None
        spans.append(("  " + fit(clock.age(since), columns.since, right=True), "quiet"))
    text, role = _finding(row, clock)
    spans.append(("  " + cut(text, columns.finding), role))
    return spans


def _finding(row: FleetRow, clock: Clock) -> Span:
    """The worst finding. Of a hub whose cluster is out of reach, with when that was seen, unless its cloud tells it."""
    if row.told is not None and row.told is row.worst and row.cluster and row.cluster.error:
        worst = row.told
        role = "" if worst.severity == "error" else SEVERITY_ROLE[worst.severity]
        return f"{ERROR_WORDS[row.cluster.error.kind]}; {worst.message}", role
    if row.hub and row.cluster and row.cluster.error and row.cluster.observed_at:
        seen, text = clock.time_of_day(row.cluster.observed_at), row.worst.message if row.worst else ""
        return f"seen {seen}{': ' if text else ''}{text}", "accent"
    if row.kind == "cluster" and row.cluster and row.cluster.error:
        error = row.cluster.error
        return f"{ERROR_WORDS[error.kind]}: {error.next_step or error.message}", "accent"
    if row.worst is None and row.hub is not None and row.mark == "unobserved":
        return next((link.why for link in row.hub.links if link.mark == "unobserved"), ""), "accent"
    if row.worst is None:
        return "", ""
    return row.worst.message, "" if row.worst.severity == "error" else SEVERITY_ROLE[row.worst.severity]


def _name(row: FleetRow) -> str:
    if row.kind != "cluster" or row.cluster is None:
        return row.key
    count = len(row.cluster.hubs)
    if unreachable(row.cluster):
        return f"{row.cluster.name} ({count} hub{'' if count == 1 else 's'})"
    return f"{row.cluster.name} (cluster)"


def counts(state: FleetState) -> Line:
    """`30 hubs · 4 ✗ · 3 !`: the whole fleet's, whatever the filter."""
    hubs = state.hubs()
    found: dict[Mark, int] = {}
    for cluster in state.clusters:
        for hub in cluster.hubs:
            mark = row_mark(cluster, hub)
            found[mark] = found.get(mark, 0) + 1
    spans: list[Span] = [(f"{len(hubs)} hub{'' if len(hubs) == 1 else 's'}", "strong")]
    for mark in ("broken", "warning", "unobserved"):
        if mark in found:
            spans += [(" · ", "quiet"), (f"{found[mark]} {SHAPES[mark]}", ROLE[mark])]
    return tuple(spans)


def status(state: FleetState, clock: Clock) -> Line:
    """`observed 14:02:31 · 5 of 6 clusters · polar: credentials refused`: true by itself, as long as it stands."""
    clusters = state.clusters
    if not clusters:
        return (("reading the configuration …" if state.version == 0 else "no cluster in the configuration", "quiet"),)
    if all(cluster.state == "offline" for cluster in clusters):
        return (("offline: declared side only, nothing is asked", "quiet"),)
    observed = [cluster for cluster in clusters if cluster.state == "observed"]
    busy = sum(cluster.state in ("pending", "observing") for cluster in clusters)
    spans: list[Span] = []
    moments = [cluster.observed_at for cluster in clusters if cluster.observed_at and not unreachable(cluster)]
    if moments:
        spans.append((f"observed {clock.time_of_day(min(moments))} · ", "quiet"))
    words = "" if not busy else " …" if state.resolved else " …, reading the configuration"
    spans.append((f"{len(observed)} of {len(clusters)} clusters{words}", "quiet"))
    lost = [cluster for cluster in clusters if unreachable(cluster)]
    if len(lost) > 1:
        names = ", ".join(cluster.name for cluster in lost)
        spans += [(" · ", "quiet"), (f"{len(lost)} out of reach: {names}", "accent")]
    for cluster in lost:
        if len(lost) == 1:
            spans += [(" · ", "quiet"), (f"{cluster.name}: {_trouble(cluster, clock)}", "accent")]
    return tuple(spans)


def _trouble(cluster: ClusterState, clock: Clock) -> str:
    if cluster.error is None:
        return ""
    since = clock.age(cluster.error.since)
    return ERROR_WORDS[cluster.error.kind] + (f" {since} ago" if since else "")
