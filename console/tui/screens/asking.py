"""Screens that ask for a line of text in the place of their keys."""

from __future__ import annotations

from console.tui.messages import CursorMoved, FieldLeft
from console.tui.screens.typing import TypingScreen


class AskingScreen(TypingScreen):
    """What is asked for is taken in `on_field_entered`."""

    def ask(self, what: str, text: str = "", *, placeholder: str = "") -> None:
        """Open the field that asks for WHAT."""
        self.open_field(what, text, placeholder=placeholder)

    def on_field_left(self, _: FieldLeft) -> None:
        self.close_field()
        self.repaint()

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()
