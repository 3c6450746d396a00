"""Marks, severities and ages in the characters of a terminal."""

from __future__ import annotations

from datetime import datetime

from console.chain.model import Finding, HubState, Link, Mark

UNICODE: dict[Mark, str] = {
    "ok": "✓", "warning": "!", "broken": "✗", "unobserved": "?", "unlooked": "·", "none": "–", "pending": "…",
}  # fmt: skip
ASCII: dict[Mark, str] = {
    "ok": "+", "warning": "!", "broken": "x", "unobserved": "?", "unlooked": ".", "none": "-", "pending": "~",
}  # fmt: skip
COLOURS: dict[Mark, str] = {"ok": "green", "warning": "yellow", "broken": "red", "unobserved": "magenta"}
BADNESS: tuple[Mark, ...] = ("broken", "warning", "unobserved", "pending", "unlooked", "ok", "none")

COLUMNS: tuple[tuple[str, tuple[Link, ...]], ...] = (
    ("store", ("filestore", "export")), ("dir", ("directory",)), ("pv", ("pv",)), ("pvc", ("pvc",)),
    ("mounts", ("mounts",)), ("homes", ("homes",)),
)  # fmt: skip
"""Headings, and the links whose worst mark stands under each."""

SEVERITY_MARKS: dict[str, Mark] = {"error": "broken", "warning": "warning", "info": "none"}


def hub_mark(hub: HubState) -> Mark:
    """The worst that is known of HUB: of its findings, else of what could not be observed, else of its links."""
    for finding in hub.findings:
        if finding.severity == "error":
            return "broken"
    if any(finding.severity == "warning" for finding in hub.findings):
        return "warning"
    marks = {state.mark for state in hub.links}
    return next((mark for mark in BADNESS if mark in marks and mark != "unlooked"), "unlooked")


def column_mark(hub: HubState, links: tuple[Link, ...]) -> Mark:
    """The worst mark of LINKS; "none" where HUB has none of them."""
    marks = {state.mark for state in hub.links if state.link in links}
    return next((mark for mark in BADNESS if mark in marks), "none")


def hub_word(hub: HubState) -> str:
    """The line beside HUB: its worst finding, else why something is not observed."""
    worst = next((one for one in hub.findings if one.severity != "info"), None)
    if worst is not None:
        return worst.message
    why = next((state.why for state in hub.links if state.mark == "unobserved" and state.why), "")
    return why or (hub.findings[0].message if hub.findings else "")


def finding_place(finding: Finding) -> str:
    """Where FINDING stands: cluster/hub, cluster, or the configuration."""
    if not finding.cluster:
        return "configuration"
    return f"{finding.cluster}/{finding.hub}" if finding.hub else finding.cluster


def age(then: datetime | None, now: datetime) -> str:
    """How long ago, coarsely: 12 s, 3 min, 2 h, 5 d; "" for never."""
    if then is None:
        return ""
    passed_s = max(0, int((now - then).total_seconds()))
    for least, unit_s, unit in ((172_800, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "min")):
        if passed_s >= least:
            return f"{passed_s // unit_s} {unit}"
    return f"{passed_s} s"
