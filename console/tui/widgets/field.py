"""A line in which something is typed: a hub's name, a ticket, a parameter. While it is there every key is its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


@dataclass
class FieldEntered(Message):
    """Enter was pressed in the field that asks for `what`."""

    what: str
    text: str


@dataclass
class FieldLeft(Message):
    """The field was given up."""


class Field(Input):
    """Asks for WHAT. Enter hands the text on, Esc gives up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "give up", show=False)]

    def __init__(self, what: str, text: str = "", *, placeholder: str = "") -> None:
        super().__init__(text, placeholder=placeholder, compact=True)
        self.what = what
        self.cursor_blink = False

    def on_mount(self) -> None:
        self.focus()
        self.action_end()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(FieldEntered(self.what, message.value.strip()))

    def action_leave(self) -> None:
        self.post_message(FieldLeft())
