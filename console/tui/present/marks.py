"""The marks, each with a shape of its own: colour only repeats what the shape says."""

from __future__ import annotations

from collections.abc import Iterable

from console.chain.model import SEVERITIES, Finding, Mark, Severity
from console.tui.present.lines import Role

SHAPES: dict[Mark, str] = {
    "ok": "✓", "warning": "!", "broken": "✗", "unobserved": "?", "unlooked": "·", "none": "–", "pending": "…",
}  # fmt: skip

ROLE: dict[Mark, Role] = {
    "ok": "ok", "warning": "warning", "broken": "error", "unobserved": "accent", "unlooked": "quiet", "none": "quiet",
    "pending": "quiet",
}  # fmt: skip

MEANING: dict[Mark, str] = {
    "ok": "fine",
    "warning": "a warning: will hit users, or two sides disagree",
    "broken": "broken: users are hit, or data is at risk",
    "unobserved": "asked and not told: forbidden, unreachable or timed out; the panel says why",
    "unlooked": "not looked at",
    "none": "does not apply here",
    "pending": "on its way",
}

OF_SEVERITY: dict[Severity, Mark] = {"error": "broken", "warning": "warning", "info": "unlooked"}
SEVERITY_ROLE: dict[Severity, Role] = {"error": "error", "warning": "warning", "info": "quiet"}
SEVERITY_SHAPE: dict[Severity, str] = {"error": "✗", "warning": "!", "info": "i"}

_WORST: tuple[Mark, ...] = ("broken", "warning", "unobserved", "pending", "ok", "unlooked", "none")
"""From what needs somebody to what does not."""


def rank(mark: Mark) -> int:
    """0 for the worst."""
    return _WORST.index(mark)


def worst_mark(marks: Iterable[Mark]) -> Mark:
    """The one of MARKS that needs somebody most; none for no marks."""
    return min(marks, key=rank, default="none")


def findings_mark(findings: Iterable[Finding]) -> Mark:
    """What FINDINGS alone make of their row: information makes nothing of it."""
    return worst_mark(OF_SEVERITY[finding.severity] for finding in findings if finding.severity != "info")


def severity_rank(severity: Severity) -> int:
    """0 for error."""
    return SEVERITIES.index(severity)
