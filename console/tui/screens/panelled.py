"""Screens with a list and, below it, a panel that follows the cursor."""

from __future__ import annotations

from textual.app import ComposeResult

from console.tui.messages import CursorMoved
from console.tui.present.lines import Line
from console.tui.screens.filtered import FilteredScreen
from console.tui.widgets.line_list import LineList
from console.tui.widgets.lines import Lines


class PanelledScreen(FilteredScreen):
    """Subclasses call `share_height` before the list is drawn, and `paint_panel` after."""

    def __init__(self) -> None:
        super().__init__()
        self._panel_height = 0

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield LineList(id="list")
        yield Lines(id="panel")

    def panel_body(self, height: int) -> list[Line]:  # noqa: ARG002 - what subclasses fit in
        """What the panel says of the item under the cursor, in at most HEIGHT lines."""
        return []

    @property
    def cursor_key(self) -> str | None:
        return self.query_one(LineList).cursor_key

    def share_height(self, rows: int) -> None:
        """The panel has the lines that all ROWS leave, filtered or not: a filter moves nothing but the rows."""
        height = self.size.height - 4
        least = min(max(height * 2 // 5, 7), height - 3)
        wanted = max(least, height - max(rows, 3))
        if wanted != self._panel_height:
            self._panel_height = wanted
            self.query_one("#panel").styles.height = wanted

    def paint_panel(self) -> None:
        """Draw the panel anew; cells that stay the same are not sent."""
        rule: Line = (("─" * self.size.width, "rule"),)
        self.query_one("#panel", Lines).show([rule, *self.panel_body(self._panel_height - 1)])

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.paint_panel()
        self.console_app.unsay()

    def action_open(self) -> None:
        """Enter, where the list does not have the keys."""
        self.query_one(LineList).action_choose()
