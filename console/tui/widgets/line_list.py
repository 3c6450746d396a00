"""A list of items with a cursor: the one widget behind every table and document.

Textual's DataTable measures and styles every cell of every row before the first paint, and repaints whole rows; this
one draws the lines in view, keeps its place by key, and repaints the cells that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.lines import EMPTY, Item, Line
from console.tui.widgets.painted import Painted


class LineList(Painted, can_focus=True):
    """Items top down. The cursor stops at items with a key, and stays with its key when the items change.

    Until somebody moves it, it stays on the first item.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("home,g", "edge(-1)", "first", show=False),
        Binding("end,G", "edge(1)", "last", show=False),
        Binding("enter", "choose", "open", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._item_of: Sequence[int] = ()
        self._first: Sequence[int] = ()
        self._items: Sequence[Item] = ()
        self._stops: Sequence[int] = ()
        self._cursor: int | None = None
        self._top = 0
        self._moved = False

    @property
    def cursor_key(self) -> str | None:
        """The key under the cursor; None in an empty list."""
        return None if self._cursor is None else self._items[self._cursor].key

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    @property
    def place(self) -> tuple[int, int]:
        """Which of how many items the cursor is on, from 1; (0, 0) in an empty list."""
        if self._cursor is None:
            return 0, 0
        return self._stops.index(self._cursor) + 1, len(self._stops)

    @property
    def visible_lines(self) -> Sequence[Line]:
        """What is in view."""
        return self._lines[self._top : self._top + self.size.height]

    def show(self, items: Sequence[Item]) -> None:
        """Draw ITEMS. The cursor stays on its key and, where it can, on its line of the screen."""
        self._taken(lambda: self._take(items))

    def _taken(self, take: Callable[[], None]) -> None:
        """Redraw after TAKE has put others in the place of the items."""
        before, before_cursor = self.visible_lines, self._cursor_lines()
        key, y = self.cursor_key, self._cursor_line() - self._top
        take()
        self._cursor = self._stop_at(key)
        if self._moved and self._cursor is not None and self.cursor_key == key:
            self._top = self._cursor_line() - y
        self._keep_in_view()
        self.refresh_changes(before, self.visible_lines)
        self._refresh_cursor(before_cursor)
        if self.cursor_key != key:
            self.post_message(CursorMoved(self.cursor_key))

    def jump(self, key: str) -> None:
        """Put the cursor on KEY, if there is such an item."""
        index = self._index_of(key)
        if index is not None:
            self._moved = True
            self._go(index)

    def release(self) -> None:
        """Let the cursor go back to the first item, as if nobody had moved it."""
        self._moved = False

    def _take(self, items: Sequence[Item]) -> None:
        lines: list[Line] = []
        item_of: list[int] = []
        first: list[int] = []
        for index, item in enumerate(items):
            first.append(len(lines))
            lines.extend(item.lines)
            item_of.extend([index] * len(item.lines))
        self._items, self._lines, self._item_of, self._first = tuple(items), lines, item_of, first
        self._stops = [index for index, item in enumerate(items) if item.key is not None and item.lines]

    def _index_of(self, key: str | None) -> int | None:
        """Where the item KEY is; None where there is none."""
        return next((index for index in self._stops if self._items[index].key == key), None)

    def _nearest(self, line: int) -> int:
        """The item at which the cursor can stop that is nearest to LINE."""
        return min(self._stops, key=lambda index: abs(self._first[index] - line))

    def _stop_at(self, key: str | None) -> int | None:
        """Where the cursor goes in new items: to its key; to what took its place; to the first."""
        if not self._stops:
            return None
        if not self._moved:
            return self._stops[0]
        if (index := self._index_of(key)) is not None:
            return index
        return next((index for index in self._stops if index >= (self._cursor or 0)), self._stops[-1])

    def _cursor_line(self) -> int:
        return 0 if self._cursor is None or self._cursor >= len(self._first) else self._first[self._cursor]

    def _cursor_lines(self) -> range:
        """The cursor's lines, as lines of the screen."""
        if self._cursor is None or self._cursor >= len(self._items):
            return range(0)
        first = self._cursor_line() - self._top
        return range(first, first + len(self._items[self._cursor].lines))

    def _keep_in_view(self) -> None:
        """Scroll as little as shows the cursor's item, its first line before its last."""
        height = max(self.size.height, 1)
        if self._cursor is not None:
            first = self._cursor_line()
            last = first + len(self._items[self._cursor].lines) - 1
            if self._stops[0] == self._cursor:
                first = 0
            self._top = min(max(self._top, last - height + 1), first)
        self._top = max(min(self._top, len(self._lines) - height), 0)

    def _refresh_cursor(self, before: range) -> None:
        after = self._cursor_lines()
        for y in {*before} ^ {*after}:
            if 0 <= y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def _go(self, index: int | None) -> None:
        if index is None or index == self._cursor:
            return
        before, before_cursor = self.visible_lines, self._cursor_lines()
        self._cursor = index
        self._keep_in_view()
        self.refresh_changes(before, self.visible_lines)
        self._refresh_cursor(before_cursor)
        self.post_message(CursorMoved(self.cursor_key))

    def action_move(self, by: int) -> None:
        if self._cursor is None:
            self._scroll(by)
            return
        self._moved = True
        at = self._stops.index(self._cursor) + by
        if 0 <= at < len(self._stops):
            self._go(self._stops[at])
        else:
            self._scroll(by)

    def action_page(self, by: int) -> None:
        """One screenful, to the item nearest to there."""
        self._moved = True
        page = max(self.size.height - 1, 1)
        if self._cursor is None or not self._stops:
            self._scroll(by * page)
            return
        target = self._cursor_line() + by * page
        nearest = self._nearest(target)
        if nearest == self._cursor:
            self._scroll(by * page)
        else:
            self._go(nearest)

    def action_edge(self, by: int) -> None:
        self._moved = True
        if not self._stops:
            self._scroll(by * len(self._lines))
        else:
            self._go(self._stops[0 if by < 0 else -1])
            if by > 0:
                self._scroll(len(self._lines))

    def action_choose(self) -> None:
        if self.cursor_key is not None:
            self.post_message(ItemChosen(self.cursor_key))

    def _scroll(self, by: int) -> None:
        """Move the view without the cursor."""
        before, before_cursor = self.visible_lines, self._cursor_lines()
        self._top = max(min(self._top + by, len(self._lines) - self.size.height), 0)
        self.refresh_changes(before, self.visible_lines)
        self._refresh_cursor(before_cursor)

    def on_resize(self, _: events.Resize) -> None:
        self._keep_in_view()

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        self._scroll(-3)

    def render_line(self, y: int) -> Strip:
        at = self._top + y
        if at >= len(self._lines):
            return self.paint(EMPTY)
        return self.paint(self._lines[at], cursor=self._item_of[at] == self._cursor)
