"""Terminals with less: no UTF-8, no colours, sixteen colours. Decided once, applied to everything that is drawn."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_ASCII = str.maketrans(
    {
        "✓": "+", "✗": "x", "·": ".", "–": "-", "—": "-", "…": "~", "│": "|", "─": "-", "├": "+", "└": "+", "×": "x",
        "→": ">", "▏": "|", "⏎": "^", "≤": "<", "≥": ">", "“": '"', "”": '"', "’": "'", "▲": "^", "▼": "v",
        "█": "#", "░": ".",
    }
)  # fmt: skip


def lacks_utf8(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the locale says that the terminal does not draw UTF-8, or it is one whose font lacks the marks.

    A Python that starts in the C locale sets LC_CTYPE to C.UTF-8 for itself; that says nothing of the terminal.
    """
    if environment.get("TERM") in ("linux", "vt100", "vt220"):
        return True
    coerced = environment.get("LC_CTYPE") == "C.UTF-8" and environment.get("LANG", "") in ("", "C", "POSIX")
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "C")
    return "utf8" not in locale.lower().replace("-", "")


def few_colours(color_system: str | None) -> bool:
    """Whether the terminal has sixteen colours, or none."""
    return color_system in (None, "standard", "windows")


class AsciiOnly(LineFilter):
    """Draws everything in ASCII, the marks by their own letters, cell for cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        return [Segment(ascii_text(text), style, control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def ascii_text(text: str) -> str:
    """TEXT in ASCII and in as many cells."""
    if text.isascii():
        return text
    return "".join(one if one.isascii() else "?" * cell_len(one) for one in text.translate(_ASCII))


class NoColours(LineFilter):
    """Takes every colour away and leaves bold, dim and reverse; what has a background of its own is reversed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        return [Segment(text, without_colours(style) if style else style, control) for text, style, control in segments]


@lru_cache(maxsize=256)
def without_colours(style: Style) -> Style:
    """STYLE's attributes alone."""
    return Style(bold=style.bold, dim=style.dim, underline=style.underline, reverse=style.reverse, italic=style.italic)
