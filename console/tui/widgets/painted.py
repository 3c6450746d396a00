"""What every widget here has in common: it draws lines of words with roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from console.tui.present.lines import ROLES, Line, clean, width_of


class Painted(Widget):
    """Draws lines; a role is a component class of the same name in the styles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*ROLES, "cursor"}

    def paint(self, line: Line, *, cursor: bool = False) -> Strip:
        """LINE in the widget's width, each role in its style."""
        base = self.rich_style
        under = self._cursor_style() if cursor else Style.null()
        segments = [
            Segment(clean(text), base + self._role_style(role) + under if role else base + under) for text, role in line
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base + under).simplify()

    def _role_style(self, role: str) -> Style:
        return self.get_component_rich_style(role, partial=True)

    def _cursor_style(self) -> Style:
        return self.get_component_rich_style("cursor", partial=True)

    def refresh_changes(self, before: Sequence[Line], after: Sequence[Line]) -> None:
        """Repaint the cells in which AFTER differs from BEFORE, both as drawn from the widget's top."""
        for y in range(max(len(before), len(after))):
            old = before[y] if y < len(before) else ()
            new = after[y] if y < len(after) else ()
            if old != new:
                left, right = changed_cells(old, new)
                self.refresh(Region(left, y, min(right, self.size.width) - left, 1))


def changed_cells(old: Line, new: Line) -> tuple[int, int]:
    """From which cell to which (not included) two lines differ, by whole spans."""
    left = 0
    head = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            break
        left += width_of((a,))
        head += 1
    old, new = old[head:], new[head:]
    right = max(width_of(old), width_of(new))
    if width_of(old) == width_of(new):
        for a, b in zip(reversed(old), reversed(new), strict=False):
            if a != b:
                break
            right -= width_of((a,))
    return left, left + right
