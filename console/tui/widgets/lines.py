"""Some lines that stand still: titles, panels, the status, the keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from console.tui.present.lines import Line
from console.tui.widgets.painted import Painted


class Lines(Painted, can_focus=False):
    """Shows lines from its top; what does not fit is not shown."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    def show(self, lines: Sequence[Line]) -> None:
        """Draw LINES; what is the same as before is not drawn again."""
        before, self._lines = self._lines, tuple(lines)
        self.refresh_changes(before, self._lines)

    def render_line(self, y: int) -> Strip:
        return self.paint(self._lines[y] if y < len(self._lines) else ())
