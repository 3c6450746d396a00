"""Help for the screen that one came from."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from console.tui.keys import EVERYWHERE, keys_of
from console.tui.present.help_lines import help_items
from console.tui.present.lines import Item
from console.tui.screens.base import BaseScreen
from console.tui.screens.document import DocumentScreen


class HelpScreen(DocumentScreen):
    """What SCREEN is, and its keys."""

    NAME = "HELP"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.leave", "close", key_display="?", show=False),
    ]

    def __init__(self, screen: type[BaseScreen]) -> None:
        super().__init__()
        self._of = screen

    def document(self) -> list[Item]:
        about = (f"{self._of.NAME}: {self._of.ABOUT[0]}", *self._of.ABOUT[1:]) if self._of.ABOUT else ()
        return help_items(about, keys_of(self._of), EVERYWHERE, self.size.width)
