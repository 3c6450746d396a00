"""All findings of the fleet as rows, by severity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.chain.filestore_words import filled, tells_full
from console.chain.model import Finding, FleetState
from console.tui.present.clock import Clock
from console.tui.present.filters import Filter, Searchable
from console.tui.present.lines import Item, Line, cut, fit
from console.tui.present.marks import SEVERITY_ROLE, SEVERITY_SHAPE, severity_rank

WORDS = {"error": "broken", "warning": "warning", "info": "info"}


class FindingRow(NamedTuple):
    """One finding; `target` is the hub's or the cluster's key, to go to. `production` is its hub's.

    `hubs` are those on the filestore that it concerns, when it stands for all of them. `filled` is how much of a disk
    that it tells to be full is used, 0..1.
    """

    key: str
    finding: Finding
    target: str
    production: bool
    hubs: tuple[str, ...]
    search: Searchable
    filled: float


def finding_rows(state: FleetState, wanted: Filter) -> tuple[list[FindingRow], int]:
    """Those that match WANTED, worst first, production before the rest; and how many there are at all."""
    production = {hub.key for hub in state.hubs() if hub.production}
    rows: list[FindingRow] = []
    seen: dict[str, int] = {}
    hubs_of = _hubs_by_filestore(state)
    clusters = {cluster.name: cluster for cluster in state.clusters}
    for finding in state.all_findings():
        hubs = hubs_of.get((finding.cluster, finding.code, finding.filestore), ())
        if hubs and finding.hub in hubs:
            continue
        target = f"{finding.cluster}/{finding.hub or ''}"
        base = f"{target}:{finding.code}:{finding.subject}"
        seen[base] = seen.get(base, 0) + 1
        counts = target in production or any(f"{finding.cluster}/{hub}" in production for hub in hubs)
        cluster = clusters.get(finding.cluster)
        full = filled(cluster, (finding,)) if cluster else 0.0
        search = _search(finding, hubs, counts)
        rows.append(FindingRow(f"{base}:{seen[base]}", finding, target, counts, hubs, search, full))
    rows.sort(key=_worst_first)
    return [row for row in rows if wanted.matches(row.search)], len(rows)


def _worst_first(row: FindingRow) -> tuple[int, bool, bool, float, str, str]:
    """By severity; among equals full disks first, then production, then the fullest."""
    one, full = row.finding, tells_full((row.finding,))
    return severity_rank(one.severity), not full, not row.production, -row.filled, row.target, one.code


def _hubs_by_filestore(state: FleetState) -> dict[tuple[str, str, str | None], tuple[str, ...]]:
    """For each finding of a cluster about a filestore, the hubs that repeat it: one row stands for all of them."""
    found: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
    for cluster in state.clusters:
        for one in cluster.findings:
            if one.filestore:
                same = (hub.name for hub in cluster.hubs for other in hub.findings if _same(one, other))
                found[cluster.name, one.code, one.filestore] = tuple(dict.fromkeys(same))
    return found


def _same(one: Finding, other: Finding) -> bool:
    return (one.code, one.filestore) == (other.code, other.filestore)


def _search(finding: Finding, hubs: tuple[str, ...], production: bool) -> Searchable:
    where = f"{finding.cluster}/{finding.hub or ''}".lower()
    text = " ".join((where, finding.code, finding.link, finding.message, finding.consequence, *finding.detail)).lower()
    words = (WORDS[finding.severity], finding.severity, *(("prod", "production") if production else ()))
    fields = {
        "cluster": (finding.cluster.lower(),),
        "hub": ((finding.hub or "").lower(), *(hub.lower() for hub in hubs)),
        "finding": (finding.code.lower(),),
        "store": ((finding.filestore or "").lower(),),
        "is": words,
    }
    return Searchable(text, fields)


def head_line(rows: Sequence[FindingRow], width: int) -> Line:
    """The columns' names."""
    name = fit("cluster/hub", _name_width(rows, width))
    return ((cut(f"   {fit('code', 6)}  {name}        {fit('since', 6, right=True)}  finding", width), "quiet"),)


def row_item(row: FindingRow, rows: Sequence[FindingRow], width: int, clock: Clock) -> Item:
    """One row."""
    finding, name = row.finding, _name_width(rows, width)
    role = SEVERITY_ROLE[finding.severity]
    room = width - name - 27
    line: Line = (
        (f" {SEVERITY_SHAPE[finding.severity]} ", role),
        (fit(finding.code, 6), role),
        ("  " + fit(_where(row), name, middle=True), "strong" if finding.severity == "error" else ""),
        (" PROD " if row.production else "      ", "badge"),
        (fit(clock.age(finding.since), 8, right=True), "quiet"),
        ("  " + cut(finding.message, room), "" if finding.severity != "info" else "quiet"),
    )
    return Item(row.key, (line,))


def _where(row: FindingRow) -> str:
    finding = row.finding
    if finding.hub:
        return f"{finding.cluster}/{finding.hub}"
    if row.hubs:
        return f"{finding.cluster} ({len(row.hubs)} hub{'' if len(row.hubs) == 1 else 's'})"
    return f"{finding.cluster} (cluster)" if finding.cluster else "the configuration"


def _name_width(rows: Sequence[FindingRow], width: int) -> int:
    return min(max((len(_where(row)) for row in rows), default=11), width // 3)
