"""Screens with a list that `/` filters as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from console.tui.messages import FieldEdited, FieldEntered, FieldLeft
from console.tui.present.filters import Filter
from console.tui.present.lines import Item, Line, wrap
from console.tui.screens.typing import TypingScreen
from console.tui.widgets.line_list import LineList

PLACEHOLDER = "filter: words  !not  cluster:  store:  finding:  user:  is:broken"


class FilteredScreen(TypingScreen):
    """The filter stands until Esc; the cursor stays on its row while the row matches."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back", show=False)]
    UNFILTERED_EMPTY: ClassVar[str] = ""
    ESCAPES: ClassVar[str] = "clears the filter"

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
            hint: Line = ((f"   Esc {self.ESCAPES}.", "quiet"),)
            return [(), ((f"   Nothing matches  {self.wanted.source}", ""),), hint]
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

    def action_filter(self) -> None:
        """It filters while one types: Enter keeps the filter, Esc drops it, the arrows move in the list."""
        self.open_field("filter", self.wanted.source, placeholder=PLACEHOLDER, arrows=True)

    def on_field_edited(self, message: FieldEdited) -> None:
        self.wanted = Filter(message.text)
        self.repaint()

    def on_field_entered(self, _: FieldEntered) -> None:
        self.close_field()

    def on_field_left(self, _: FieldLeft) -> None:
        self.close_field()
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
