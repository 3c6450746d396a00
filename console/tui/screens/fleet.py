"""Fleet: every hub of every cluster in one table, worst first."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.fleet_lines import counts, head_line, layout, row_item, status
from console.tui.present.fleet_rows import ORDER_WORDS, ORDERS, FleetRow, Order, arranged, fleet_rows
from console.tui.present.panel_lines import panel_lines
from console.tui.screens.filtered import FilteredScreen
from console.tui.widgets.line_list import LineList
from console.tui.widgets.lines import Lines


class FleetScreen(FilteredScreen):
    """The first screen."""

    NAME = "FLEET"
    HELP: ClassVar[tuple[str, ...]] = (
        "Every hub of every cluster, worst first; a mark for each link of its storage.",
        "A cluster that can't be reached is one row for all of its hubs; Enter unfolds it.",
        "The panel below follows the cursor: what is wrong, what users see, what to do next.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("s", "order", "sort"),
        Binding("enter", "open", "open", key_display="⏎"),
        Binding("F", "app.show('findings')", "findings"),
        Binding("S", "app.show('filestores')", "filestores"),
        Binding("y", "yaml", "YAML"),
        Binding("r", "app.look_again", "refresh"),
        Binding("colon", "app.palette", "go to", key_display=":"),
        Binding("question_mark", "app.help", "help", key_display="?"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._order: Order = "worst"
        self._unfolded: frozenset[str] = frozenset()
        self._rows: dict[str, FleetRow] = {}

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield LineList(id="list")
        yield Lines(id="panel")

    @property
    def row(self) -> FleetRow | None:
        """The row under the cursor."""
        key = self.query_one(LineList).cursor_key
        return self._rows.get(key) if key else None

    def paint(self) -> None:
        width = self.size.width
        clock = self.console_app.clock
        every = fleet_rows(self.state, unfolded=self._unfolded)
        rows = arranged(every, order=self._order, wanted=self.wanted)
        self._rows = {row.key: row for row in rows}
        columns = layout(every, width)
        self.query_one("#heads", Lines).show([head_line(columns, width)] if every else [])
        self._share_height(len(rows))
        self.show_items([row_item(row, columns, clock) for row in rows], total=len(every))
        words = "" if self._order == "worst" else ORDER_WORDS[self._order]
        self.show_filtered_title(len(rows), len(every), words, right=counts(self.state))
        self.show_status(status(self.state, clock))
        self.show_keys()
        self._paint_panel()

    def _share_height(self, rows: int) -> None:
        """The panel has the lines that the rows leave, and never less than its share."""
        height = self.size.height - 5
        least = min(max(height * 2 // 5, 6), height - 3)
        self.query_one("#panel").styles.height = max(least, height - rows)

    def _paint_panel(self) -> None:
        panel = self.query_one("#panel", Lines)
        height = int(panel.styles.height.value) if panel.styles.height else panel.size.height
        rule = (("─" * self.size.width, "rule"),)
        body = panel_lines(self.row, self.size.width, height - 1, self.console_app.clock)
        panel.show([rule, *body])

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self._paint_panel()
        self.console_app.unsay()

    def on_item_chosen(self, message: ItemChosen) -> None:
        row = self._rows.get(message.key)
        if row is None:
            return
        if row.hub is not None:
            self.console_app.open_hub(row.key)
        elif row.cluster is not None:
            self._unfolded ^= {row.cluster.name}
            self.repaint()

    def action_order(self) -> None:
        """The next order; the cursor stays on its row."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self.repaint()

    def action_open(self) -> None:
        self.query_one(LineList).action_choose()
