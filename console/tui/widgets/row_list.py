"""A list of very many rows of one line each: a row is drawn when it comes into view, and found by its key at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple, overload

from textual.binding import Binding, BindingType

from console.tui.present.lines import Item, Line
from console.tui.widgets.line_list import LineList


class Rows(NamedTuple):
    """Rows top down: their keys, where each key is, and how one is drawn."""

    keys: Sequence[str]
    places: Mapping[str, int]
    draw: Callable[[int], Line]


class _Drawn(Sequence[Line]):
    """The rows as lines, each drawn when it is asked for."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows.keys)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self._rows.draw(index) for index in range(*at.indices(len(self)))]
        return self._rows.draw(at)

    def __iter__(self) -> Iterator[Line]:
        return (self._rows.draw(index) for index in range(len(self)))


class _Items(Sequence[Item]):
    """The rows as items."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows.keys)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        if isinstance(at, slice):
            return [self._item(index) for index in range(*at.indices(len(self)))]
        return self._item(at)

    def _item(self, index: int) -> Item:
        return Item(self._rows.keys[index], (self._rows.draw(index),))


class RowList(LineList):
    """A list whose rows are one line each; `show` draws ordinary items in their place, where there are none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "screen.choose", "choose", show=False)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: Mapping[str, int] | None = None

    def show_rows(self, rows: Rows) -> None:
        """Draw ROWS. The cursor stays on its key."""
        self._taken(lambda: self._take_rows(rows))

    def _take(self, items: Sequence[Item]) -> None:
        self._places = None
        super()._take(items)

    def _take_rows(self, rows: Rows) -> None:
        every = range(len(rows.keys))
        self._places = rows.places
        self._items, self._lines = _Items(rows), _Drawn(rows)
        self._item_of = self._first = self._stops = every

    def _index_of(self, key: str | None) -> int | None:
        if self._places is None:
            return super()._index_of(key)
        return self._places.get(key) if key is not None else None

    def _nearest(self, line: int) -> int:
        if self._places is None:
            return super()._nearest(line)
        return max(min(line, len(self._stops) - 1), 0)
