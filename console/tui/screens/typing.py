"""Screens with a line in which one types, in the place of the keys."""

from __future__ import annotations

from console.tui.screens.base import BaseScreen
from console.tui.widgets.line_list import LineList


class TypingScreen(BaseScreen):
    """One field at a time; while it is there every key belongs to it."""

    @property
    def typing(self) -> bool:
        """Whether a field has the keys."""
        return bool(self.query("Field"))

    def open_field(self, what: str, text: str, *, placeholder: str, arrows: bool = False) -> None:
        """Ask for WHAT in the place of the keys, unless something is asked for already."""
        from console.tui.widgets.field import Field  # late: nobody types before the first paint

        if not self.typing:
            self.mount(Field(what, text, placeholder=placeholder, arrows=arrows), before="#keys")
            self.query_one("#keys").display = False

    def close_field(self) -> None:
        """The keys belong to the list again."""
        if self.typing:
            self.query_one("Field").remove()
            self.query_one("#keys").display = True
            self.set_focus(self.query_one(LineList))
