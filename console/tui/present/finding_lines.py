"""A finding in full: what is wrong, what users see, what was found, what to do next."""

from __future__ import annotations

import re

from console.actions.registry import registered
from console.chain.marks import SHAPES
from console.chain.model import ClusterState, Finding
from console.tui.present.clock import Clock
from console.tui.present.lines import Line, Role, wrap
from console.tui.present.marks import ROLE, SEVERITY_ROLE, SEVERITY_SHAPE

_SAYS_SINCE = re.compile(r"\bfor \d+ (s|min|h|d)\b")


def finding_lines(finding: Finding, width: int, clock: Clock, *, limit: int | None = None) -> list[Line]:
    """FINDING wrapped to WIDTH. Where LIMIT lines do not hold all, the words of events and logs give way first, then
    what users see; what to do next stays."""
    head = _head(finding, width, clock)
    means = _paragraph("", finding.consequence, width)
    detail = [line for text in finding.detail for line in _paragraph("│ ", text, width, "quiet")]
    after = _paragraph("next  ", finding.next_step, width)
    action = f"m  {finding.action.replace('-', ' ')}" if finding.action in registered() else ""
    mends = _paragraph("mends it  ", action or "", width, "accent")
    if limit is not None:
        room = limit - len(head) - len(means) - len(after) - len(mends)
        if room < 0:
            kept = max(len(means) + room, 0)
            means, room = _cut_off(means, kept), room + len(means) - kept
        if room < 0:
            mends = []
        detail = detail[: max(room, 0)]
    return [*head, *means, *detail, *after, *mends]


def _head(finding: Finding, width: int, clock: Clock) -> list[Line]:
    """Mark, code and message; since when, where the message does not say it."""
    role = SEVERITY_ROLE[finding.severity]
    age = clock.age(finding.since)
    since = f" (for {age})" if age and not _SAYS_SINCE.search(finding.message) else ""
    first, *more = wrap(finding.message + since, width - 11)
    mark: Line = ((f" {SEVERITY_SHAPE[finding.severity]} ", role), (f"{finding.code:<6} ", role), (first, "strong"))
    return [mark, *(((" " * 10 + text, "strong"),) for text in more)]


def _cut_off(lines: list[Line], kept: int) -> list[Line]:
    """The first KEPT of LINES; where others are left out, the last one says so."""
    if kept >= len(lines) or not kept:
        return lines[:kept]
    *first, (margin, label, (text, role)) = lines[:kept]
    return [*first, (margin, label, (f"{text[:-1] if text[-1:] in '.,' else text} …", role))]


def _paragraph(label: str, text: str, width: int, role: Role = "") -> list[Line]:
    if not text:
        return []
    room = width - 11 - len(label)
    lines: list[Line] = []
    for index, piece in enumerate(wrap(text, room)):
        head = label if index == 0 or label == "│ " else " " * len(label)
        lines.append(((" " * 10, ""), (head, "quiet"), (piece, role)))
    return lines


def finding_text(finding: Finding) -> str:
    """FINDING as plain text, for the clipboard."""
    where = f"{finding.cluster}/{finding.hub}" if finding.hub else finding.cluster
    parts = [f"{where}: {finding.code} {finding.severity}: {finding.message}", finding.consequence, *finding.detail]
    if finding.next_step:
        parts.append(f"next: {finding.next_step}")
    return "\n".join(part for part in parts if part)


def error_lines(cluster: ClusterState, width: int, clock: Clock) -> list[Line]:
    """Why CLUSTER could not be observed, and what to do about it."""
    error = cluster.error
    if error is None:
        return []
    since = clock.age(error.since)
    first, *more = wrap(error.message + (f"  (for {since})" if since else ""), width - 4)
    lines: list[Line] = [((f" {SHAPES['unobserved']} ", ROLE["unobserved"]), (first, "strong"))]
    lines += [(("   " + text, "strong"),) for text in more]
    for y, text in enumerate(wrap(error.next_step, width - 10) if error.next_step else ()):
        lines.append((("   next  " if y == 0 else " " * 9, "quiet"), (text, "")))
    if cluster.observed_at:
        seen = clock.time_of_day(cluster.observed_at)
        lines.append(((f"   last seen whole {seen}; what is shown is from then", "quiet"),))
    return lines
