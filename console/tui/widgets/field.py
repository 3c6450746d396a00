"""A line in which something is typed: a filter, a hub's name, a ticket, a parameter. While it is there every key is
its own."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from console.tui.messages import FieldEdited, FieldEntered, FieldLeft
from console.tui.widgets.line_list import LineList


class Field(Input):
    """Asks for WHAT. Enter hands the text on, Esc gives up; with ARROWS they move in the list behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "give up", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
    ]

    def __init__(self, what: str, text: str = "", *, placeholder: str = "", arrows: bool = False) -> None:
        super().__init__(text, placeholder=placeholder, compact=True)
        self.what = what
        self.arrows = arrows
        self.cursor_blink = False

    def on_mount(self) -> None:
        self.focus()
        self.action_end()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(FieldEdited(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(FieldEntered(self.what, message.value.strip()))

    def action_leave(self) -> None:
        self.post_message(FieldLeft())

    def action_move(self, by: int) -> None:
        if self.arrows:
            self.screen.query_one(LineList).action_move(by)
