"""Marks and severities in the characters and colours of a terminal, and the places that they stand at."""

from __future__ import annotations

from collections.abc import Mapping

from console.chain.marks import SHAPES, Mark, worst_mark
from console.chain.model import Finding, HubState, Link

ASCII: dict[Mark, str] = {
    "ok": "+", "warning": "!", "broken": "x", "unobserved": "?", "unlooked": ".", "none": "-", "pending": "~",
}  # fmt: skip
COLOURS: dict[Mark, str] = {"ok": "green", "warning": "yellow", "broken": "red", "unobserved": "magenta"}

COLUMNS: tuple[tuple[str, tuple[Link, ...]], ...] = (
    ("store", ("filestore", "export")), ("dir", ("directory",)), ("pv", ("pv",)), ("pvc", ("pvc",)),
    ("mounts", ("mounts",)), ("homes", ("homes",)),
)  # fmt: skip
"""Headings, and the links whose worst mark stands under each."""

SEVERITY_MARKS: dict[str, Mark] = {"error": "broken", "warning": "warning", "info": "none"}


def shapes(*, unicode: bool) -> Mapping[Mark, str]:
    """What to show for each mark: ASCII where the terminal has no more."""
    return SHAPES if unicode else ASCII


def column_mark(hub: HubState, links: tuple[Link, ...]) -> Mark:
    """The worst mark of LINKS; "none" where HUB has none of them."""
    return worst_mark(state.mark for state in hub.links if state.link in links)


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
