"""Screens with a list that `/` filters as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from console.tui.messages import FilterAccepted, FilterEdited, FilterLeft
from console.tui.present.filters import Filter
from console.tui.present.lines import Item, Line, wrap
from console.tui.screens.base import BaseScreen
from console.tui.widgets.line_list import LineList


class FilteredScreen(BaseScreen):
    """The filter stands until Esc; the cursor stays on its row while the row matches."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back", show=False)]
    UNFILTERED_EMPTY: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Filter()

    def show_items(self, items: Sequence[Item], *, total: int) -> None:
        """The list; where it is empty, why it is."""
        if not items:
            items = [Item(None, tuple(self._why_empty(total)))]
        self.query_one(LineList).show(items)

    def _why_empty(self, total: int) -> list[Line]:
        if total:
            return [(), ((f"   Nothing matches  {self.wanted.source}", ""),), (("   Esc clears the filter.", "quiet"),)]
        words = (piece for text in self.empty_words() for piece in wrap(text, self.size.width - 6))
        return [(), *(((f"   {text}", "quiet"),) for text in words)]

    def empty_words(self) -> tuple[str, ...]:
        """Why there is nothing, and what to do next."""
        return (self.UNFILTERED_EMPTY,)

    def show_filtered_title(self, shown: int, total: int, words: str = "", *, right: Line = ()) -> None:
        """The screen's name, what it is filtered and sorted by, and RIGHT."""
        filtered: Line = (
            ((f"   /{self.wanted.source}", "accent"), (f"  {shown} of {total}", "quiet")) if self.wanted else ()
        )
        said: Line = ((f"   {words}", "quiet"),) if words else ()
        self.show_title((("hubhomes  ", "quiet"), (self.NAME, "strong")), filtered, said, right=right)

    async def action_filter(self) -> None:
        """Open the filter's line in the place of the keys; the next key is for it."""
        from console.tui.widgets.filter_line import FilterLine

        if not self.query(FilterLine):
            line = FilterLine(self.wanted.source)
            await self.mount(line, before="#keys")
            self.query_one("#keys").display = False
            self.set_focus(line)

    def on_filter_edited(self, message: FilterEdited) -> None:
        self.wanted = Filter(message.text)
        self.repaint()

    def on_filter_accepted(self, _: FilterAccepted) -> None:
        self._close_filter()

    def on_filter_left(self, _: FilterLeft) -> None:
        self._close_filter()
        self._clear_filter()

    def action_back(self) -> None:
        """One step back: out of the filter, then out of the screen."""
        if self.wanted:
            self._clear_filter()
        else:
            self.console_app.back()

    def _clear_filter(self) -> None:
        self.wanted = Filter()
        self.repaint()

    def _close_filter(self) -> None:
        from console.tui.widgets.filter_line import FilterLine

        try:
            self.query_one(FilterLine).remove()
        except NoMatches:
            return
        self.query_one("#keys").display = True
        self.query_one(LineList).focus()
