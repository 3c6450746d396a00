"""Screens that ask for a line of text in the place of their keys."""

from __future__ import annotations

from textual.css.query import NoMatches

from console.tui.messages import CursorMoved
from console.tui.screens.base import BaseScreen
from console.tui.widgets.field import Field, FieldLeft
from console.tui.widgets.line_list import LineList


class AskingScreen(BaseScreen):
    """One field at a time; while it is there every key belongs to it."""

    def ask(self, what: str, text: str = "", *, placeholder: str = "") -> None:
        """Open the field that asks for WHAT."""
        if not self.query(Field):
            self.mount(Field(what, text, placeholder=placeholder), before="#keys")
            self.query_one("#keys").display = False

    @property
    def asking(self) -> bool:
        return bool(self.query(Field))

    def close_field(self) -> None:
        """The keys belong to the screen again."""
        try:
            self.query_one(Field).remove()
        except NoMatches:
            return
        self.query_one("#keys").display = True
        self.query_one(LineList).focus()

    def on_field_left(self, _: FieldLeft) -> None:
        self.close_field()
        self.repaint()

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()
