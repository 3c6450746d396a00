"""The marks, the severities that they stand for, and how they rank: both front ends show and sort by these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Mark = Literal["ok", "warning", "broken", "unobserved", "unlooked", "none", "pending"]
"""ok ✓, warning !, broken ✗, unobserved ? (asked, not told: why), unlooked · (not asked yet), none – (does not
apply), pending … (on its way)."""

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

SHAPES: Mapping[Mark, str] = {
    "ok": "✓", "warning": "!", "broken": "✗", "unobserved": "?", "unlooked": "·", "none": "–", "pending": "…",
}  # fmt: skip
"""Each a shape of its own: colour only repeats what the shape says."""

OF_SEVERITY: Mapping[Severity, Mark] = {"error": "broken", "warning": "warning", "info": "unlooked"}

_WORST: tuple[Mark, ...] = ("broken", "warning", "unobserved", "pending", "ok", "unlooked", "none")
"""From what needs somebody to what does not."""


def rank(mark: Mark) -> int:
    """0 for the worst."""
    return _WORST.index(mark)


def worst_mark(marks: Iterable[Mark]) -> Mark:
    """The one of MARKS that needs somebody most; none for no marks."""
    return min(marks, key=rank, default="none")
