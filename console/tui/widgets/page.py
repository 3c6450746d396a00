"""Lines to read, with no cursor: Enter belongs to the screen."""

from __future__ import annotations

from console.tui.messages import CursorMoved, ItemChosen
from console.tui.widgets.line_list import LineList


class Page(LineList):
    """A list of lines that scrolls; Enter tells the screen, whatever is in view."""

    @property
    def below(self) -> int:
        """How many lines are below what is in view."""
        return max(len(self._lines) - self._top - self.size.height, 0)

    def action_choose(self) -> None:
        self.post_message(ItemChosen(""))

    def _scroll(self, by: int) -> None:
        super()._scroll(by)
        self.post_message(CursorMoved(None))
