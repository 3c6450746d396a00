"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from console.tui.messages import FilterAccepted, FilterEdited, FilterLeft
from console.tui.widgets.line_list import LineList

PLACEHOLDER = "filter: words  !not  cluster:  store:  finding:  user:  is:broken"


class FilterLine(Input):
    """Filters while one types; Enter keeps the filter, Esc drops it, the arrows move in the list below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "clear the filter", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
    ]

    def __init__(self, text: str, *, placeholder: str = PLACEHOLDER) -> None:
        super().__init__(text, placeholder=placeholder, compact=True)
        self.cursor_blink = False

    def on_mount(self) -> None:
        self.focus()
        self.action_end()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(FilterEdited(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(FilterAccepted())

    def action_leave(self) -> None:
        self.post_message(FilterLeft())

    def action_move(self, by: int) -> None:
        self.screen.query_one(LineList).action_move(by)
