"""A variables file as text with places: where each value, object and entry begins and ends, to the character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.text import Text
from console.inventory.terraform.evaluate import key_of
from console.inventory.terraform.expressions import as_key
from console.inventory.terraform.parse import syntax_tree
from console.inventory.terraform.syntax import Faulty
from console.inventory.terraform.tokens import child_trees, token_text, tokens

if TYPE_CHECKING:
    from lark import Tree
    from lark.lexer import Token

_SINGLE = frozenset({"string", "int_lit", "float_lit", "literal_value"})


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One value, from `start` to behind its last character (behind its last line, for a heredoc).

    `single`: a number, a string without templates, true, false or null, as such. `worked out` is all the rest, which is
    never edited.
    """

    start: int
    end: int
    kind: Literal["object", "single", "worked out"]
    entries: tuple[Entry, ...] = ()

    def named(self, key: str) -> Entry | None:
        """The entry of KEY. Raises EditRefused where there is more than one."""
        found = [entry for entry in self.entries if entry.key == key]
        if len(found) > 1:
            raise EditRefused(f"{key} stands in it more than once")
        return found[0] if found else None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`key = value` in an object. `start` is where the key begins, `mark` is `=` or `:`; `quoted`: the key is."""

    key: str
    start: int
    quoted: bool
    mark: str
    value: Place


class Source(Text, frozen=True):
    """A variables file. `assigned` has the value of each variable that it sets."""

    assigned: dict[str, Place]


def read_source(text: str) -> Source:
    """TEXT with its places. Raises EditRefused where it is no HCL that can be followed."""
    try:
        return Source(text, dict(_Reader(text).assignments()))
    except Faulty as error:
        raise EditRefused(f"{error.line}:{error.column}: {error.message}") from error


class _Reader:
    """Places from the parser's tree, whose marks count lines and columns."""

    def __init__(self, text: str) -> None:
        self._tree = syntax_tree(text)
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def assignments(self) -> Iterator[tuple[str, Place]]:
        (body,) = child_trees(self._tree)
        for statement in child_trees(body):
            if statement.data == "attribute":
                name, value = child_trees(statement)
                yield token_text(name), self._place(value)

    def _place(self, tree: Tree[Token]) -> Place:
        start, end = self._span(tree)
        inner = tree
        while inner.data == "expr_term" and len(inner.children) == 1:
            (inner,) = child_trees(inner)
        if inner.data == "object":
            entries = tuple(self._entry(element) for element in child_trees(inner))
            return Place(start=start, end=end, kind="object", entries=entries)
        plain = inner.data in _SINGLE and all(isinstance(one.children[0], str) for one in child_trees(inner))
        return Place(start=start, end=end, kind="single" if plain else "worked out")

    def _entry(self, element: Tree[Token]) -> Entry:
        key, value = child_trees(element)
        start, _ = self._span(key)
        mark = next(child for child in element.children if isinstance(child, str))
        first = next(tokens(key))
        return Entry(
            key=key_of(as_key(child_trees(key)[0])),
            start=start,
            quoted=first.type == "DBLQUOTE",
            mark=mark.strip(),
            value=self._place(value),
        )

    def _span(self, tree: Tree[Token]) -> tuple[int, int]:
        first, last = next(tokens(tree)), next(tokens(tree, backwards=True))
        return self._offset(first.line, first.column), self._offset(last.end_line, last.end_column)

    def _offset(self, line: int | None, column: int | None) -> int:
        return self._lines[(line or 1) - 1] + (column or 1) - 1
