"""All findings of the fleet as rows, by severity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from console.chain.model import Finding, FleetState
from console.tui.present.clock import Clock
from console.tui.present.filters import Filter, Searchable
from console.tui.present.lines import Item, Line, cut, fit
from console.tui.present.marks import SEVERITY_ROLE, SEVERITY_SHAPE, severity_rank

WORDS = {"error": "broken", "warning": "warning", "info": "info"}


class FindingRow(NamedTuple):
    """One finding; `target` is the hub's or the cluster's key, to go to. `production` is its hub's."""

    key: str
    finding: Finding
    target: str
    production: bool
    search: Searchable


def finding_rows(state: FleetState, wanted: Filter) -> tuple[list[FindingRow], int]:
    """Those that match WANTED, worst first, production before the rest; and how many there are at all."""
    production = {hub.key for hub in state.hubs() if hub.production}
    rows: list[FindingRow] = []
    seen: dict[str, int] = {}
    for finding in state.all_findings():
        target = f"{finding.cluster}/{finding.hub or ''}"
        base = f"{target}:{finding.code}:{finding.subject}"
        seen[base] = seen.get(base, 0) + 1
        rows.append(
            FindingRow(
                f"{base}:{seen[base]}", finding, target, target in production, _search(finding, target in production)
            )
        )
    rows.sort(key=lambda row: (severity_rank(row.finding.severity), not row.production, row.target, row.finding.code))
    return [row for row in rows if wanted.matches(row.search)], len(rows)


def _search(finding: Finding, production: bool) -> Searchable:
    where = f"{finding.cluster}/{finding.hub or ''}".lower()
    text = " ".join((where, finding.code, finding.link, finding.message, finding.consequence, *finding.detail)).lower()
    words = (WORDS[finding.severity], finding.severity, *(("prod", "production") if production else ()))
    fields = {
        "cluster": (finding.cluster.lower(),), "hub": ((finding.hub or "").lower(),), "finding": (finding.code.lower(),),
        "store": ((finding.filestore or "").lower(),), "is": words,
    }  # fmt: skip
    return Searchable(text, fields)


def head_line(rows: Sequence[FindingRow], width: int) -> Line:
    """The columns' names."""
    return (
        (
            cut(
                f"   {fit('code', 6)}  {fit('cluster/hub', _name_width(rows, width))}        {fit('since', 6, right=True)}  finding",
                width,
            ),
            "quiet",
        ),
    )


def row_item(row: FindingRow, rows: Sequence[FindingRow], width: int, clock: Clock) -> Item:
    """One row."""
    finding, name = row.finding, _name_width(rows, width)
    role = SEVERITY_ROLE[finding.severity]
    room = width - name - 27
    line: Line = (
        (f" {SEVERITY_SHAPE[finding.severity]} ", role),
        (fit(finding.code, 6), role),
        ("  " + fit(_where(finding), name, middle=True), "strong" if finding.severity == "error" else ""),
        (" PROD " if row.production else "      ", "badge"),
        (fit(clock.age(finding.since), 8, right=True), "quiet"),
        ("  " + cut(finding.message, room), "" if finding.severity != "info" else "quiet"),
    )
    return Item(row.key, (line,))


def _where(finding: Finding) -> str:
    if finding.hub:
        return f"{finding.cluster}/{finding.hub}"
    return f"{finding.cluster} (cluster)" if finding.cluster else "the configuration"


def _name_width(rows: Sequence[FindingRow], width: int) -> int:
    return min(max((len(_where(row.finding)) for row in rows), default=11), width // 3)
