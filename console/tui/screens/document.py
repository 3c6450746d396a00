"""Screens that are text to read: help, settings, YAML."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.tui.messages import CursorMoved
from console.tui.present.lines import Item
from console.tui.screens.filtered import FilteredScreen
from console.tui.widgets.line_list import LineList


class DocumentScreen(FilteredScreen):
    """Items to read; `/` keeps those that hold the words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("escape", "back", "back", key_display="esc"),
    ]

    def compose_body(self) -> ComposeResult:
        yield LineList(id="list")

    def document(self) -> list[Item]:
        """What there is to read, for the present width."""
        return []

    def paint(self) -> None:
        items = self.document()
        self.show_items(items, total=len(items))
        self.show_filtered_title(len(items), len(items))
        self.show_status(())
        self.show_keys()

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()
