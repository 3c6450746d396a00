"""The panel below the fleet: what stands behind the row under the cursor; most answers need no second screen."""

from __future__ import annotations

from collections.abc import Sequence

from console.chain.marks import SHAPES
from console.chain.model import ClusterState, Finding, HubState
from console.tui.present.clock import Clock
from console.tui.present.finding_lines import error_lines, finding_lines
from console.tui.present.fleet_rows import FleetRow
from console.tui.present.hub_lines import LINK_WORDS, chain_lines, head_line
from console.tui.present.lines import Line, crop, join, wrap
from console.tui.present.marks import ROLE
from providers.filestores.protocol import Filestore

ROOM_FOR_CHAIN = 9
"""How many lines must be left below the findings for the whole chain to be drawn there."""


def panel_lines(row: FleetRow | None, width: int, height: int, clock: Clock, *, ended: str = "") -> list[Line]:
    """What ROW is and its findings, worst first, as much as HEIGHT lines hold. ENDED: why a look at its hub that was
    just asked for came to nothing."""
    if row is None:
        return []
    lines = [crop(line, width) for line in _head(row)]
    if ended:
        mark: Line = ((f" {SHAPES['unobserved']} ", ROLE["unobserved"]),)
        pieces = wrap(f"the look came to nothing: {ended}", width - 4)
        lines += [(*(mark if y == 0 else (("   ", ""),)), (piece, "")) for y, piece in enumerate(pieces)]
    if row.kind == "cluster" and row.cluster and row.cluster.error:
        lines += error_lines(row.cluster, width, clock)
    elif row.cluster and row.cluster.error:
        lines.append(crop(_out_of_reach(row.cluster, clock), width))
    findings = [finding for finding in row.findings if not _says_the_error(finding, row)]
    lines += findings_within(findings, width, height - len(lines), clock, many=len(row.hubs) > 1)
    if row.hub and not (row.cluster and row.cluster.error):
        lines += _unobserved(row.hub, width)[: max(height - len(lines), 0)]
    if row.hub and height - len(lines) >= ROOM_FOR_CHAIN:
        lines += [(), head_line(width), *chain_lines(row.hub, width, height - len(lines) - 2)]
    return lines[:height]


def _out_of_reach(cluster: ClusterState, clock: Clock) -> Line:
    """That what is known of a hub is not of now, or nothing live is; its cluster's row says the rest."""
    seen = f"seen {clock.time_of_day(cluster.observed_at)}, since then: " if cluster.observed_at else ""
    message = cluster.error.message if cluster.error else ""
    return ((f" {SHAPES['unobserved']} ", ROLE["unobserved"]), (seen + message, ""))


def _unobserved(hub: HubState, width: int) -> list[Line]:
    """The links of HUB that were asked for and not told, each with why."""
    lines: list[Line] = []
    for link in hub.links:
        if link.mark == "unobserved" and link.why:
            mark: Line = ((f" {SHAPES['unobserved']} ", ROLE["unobserved"]), (f"{LINK_WORDS[link.link]:<13} ", ""))
            lines.append(crop((*mark, (link.why, "")), width))
    return lines


def _says_the_error(finding: Finding, row: FleetRow) -> bool:
    """Whether FINDING only repeats why the row's cluster is out of reach."""
    error = row.cluster.error if row.cluster else None
    return error is not None and finding.link == "cluster" and error.message in finding.message


def findings_within(
    findings: Sequence[Finding], width: int, height: int, clock: Clock, *, many: bool = False
) -> list[Line]:
    """As many FINDINGS as HEIGHT lines hold, the first one in any case; the last line counts those left out.

    `many` names each one's hub.
    """
    lines: list[Line] = []
    for index, finding in enumerate(findings):
        left = len(findings) - index
        room = height - len(lines) - (1 if left > 1 else 0)
        block = finding_lines(finding, width, clock, limit=room)
        if len(block) > room and lines:
            lines.append(((f"   and {left} more", "quiet"),))
            break
        if many and finding.hub:
            block = [(*block[0][:2], (f"{finding.hub}: ", "quiet"), *block[0][2:]), *block[1:]]
        lines += block[: max(room, 0)]
    return lines[: max(height, 0)]


def _head(row: FleetRow) -> list[Line]:
    if row.hub is not None:
        return [join(_hub_words(row, row.hub))]
    if row.cluster is not None:
        names = ", ".join(hub.name for hub in row.cluster.hubs)
        about = (row.cluster.provider, f"context {row.cluster.context}" if row.cluster.context else "no context")
        name: Line = ((f" {row.cluster.name}", "strong"),)
        return [join([name, *_quiet(*about, f"hubs {names}" if names else "no hubs")])]
    return [((" the configuration", "strong"),)]


def _hub_words(row: FleetRow, hub: HubState) -> list[Line]:
    provider = row.cluster.provider if row.cluster else ""
    zones = sorted({zone for store in _stores(row) for zone in store.zones})
    name: Line = ((f" {hub.key}", "strong"),)
    words = [name, *_quiet(provider, hub.chart, ", ".join(zones))]
    names = ", ".join(store.name for store in _stores(row)) or hub.backend
    where = _where(hub)
    return [*words, *_quiet(f"{names} {where}".strip())]


def _stores(row: FleetRow) -> list[Filestore]:
    return (
        [store for store in row.cluster.filestores if store.id in row.hub.filestores] if row.cluster and row.hub else []
    )


def _where(hub: HubState) -> str:
    if hub.pv and hub.pv.exists:
        return f"{hub.pv.server}:{hub.pv.path}"
    if hub.declared and hub.declared.server.value:
        return f"{hub.declared.server.value}:{hub.declared.path.value or ''}"
    return ""


def _quiet(*words: str) -> list[Line]:
    return [((word, "quiet"),) for word in words if word]
