"""What the marks and severities mean, and how the console draws them."""

from __future__ import annotations

from console.chain.marks import SEVERITIES, Mark, Severity
from console.tui.present.lines import Role

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

SEVERITY_ROLE: dict[Severity, Role] = {"error": "error", "warning": "warning", "info": "quiet"}
SEVERITY_SHAPE: dict[Severity, str] = {"error": "✗", "warning": "!", "info": "i"}


def severity_rank(severity: Severity) -> int:
    """0 for error."""
    return SEVERITIES.index(severity)
