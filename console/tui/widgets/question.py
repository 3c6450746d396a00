"""A question below the list: some lines, and keys that only it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from console.tui.messages import QuestionAnswered
from console.tui.present.lines import Line
from console.tui.widgets.lines import Lines


class Question(Lines, can_focus=True):
    """y or Enter says yes, Esc no. Any other key is as ever: it leaves the question and does what it always does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "yes", show=False),
        Binding("escape", "answer(False)", "no", show=False),
    ]

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(id="question")
        self._lines = tuple(lines)
        self.styles.height = len(self._lines)

    def on_mount(self) -> None:
        self.focus()

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("y", "enter", "escape"):
            self._leave()

    def on_blur(self) -> None:
        """Somebody clicked elsewhere. A terminal that lies in the background for a while leaves nothing."""
        if self.app.app_focus:
            self.post_message(QuestionAnswered(agreed=False))

    def action_answer(self, agreed: bool) -> None:
        self.post_message(QuestionAnswered(agreed=agreed))
        self._leave()

    def _leave(self) -> None:
        """The keys belong to the list again, this one already."""
        self.screen.set_focus(self.screen.query_one("#list"))
