"""A YAML file as text with places: where each map, list and scalar begins and ends, to the character.

Offsets count characters of the text. A block collection ends where its last own character stands, so that comments and
empty lines behind it belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml gives the same places
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.text import Text

__all__ = ["Loader", "Node", "Syntax", "read_syntax"]

Kind = Literal["map", "list", "scalar", "null", "alias"]
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Node(msgspec.Struct, kw_only=True):
    """One value. `start` is where its text begins, for a map without braces its first key; `end` is behind its last
    character. `column` is that of `start`, from 0. `flow`: written with brackets."""

    kind: Kind
    start: int
    end: int
    column: int
    flow: bool = False
    quoted: bool = False
    anchor: str = ""
    text: str = ""
    children: list[Node] = []

    def entries(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a map."""
        for index in range(0, len(self.children), 2):
            yield self.children[index], self.children[index + 1]

    def entry(self, key: str) -> tuple[Node, Node] | None:
        """The last entry named KEY, which is the one that counts."""
        found = None
        for name, value in self.entries():
            if name.kind == "scalar" and name.text == key:
                found = name, value
        return found


class Syntax(Text, frozen=True):
    """A file of one document. `root` None: it holds no value."""

    root: Node | None

    def behind(self, node: Node) -> int:
        """The start of the line that follows NODE; the text's end where that is its last line."""
        if node.end and self.text[node.end - 1] == "\n":
            return node.end
        line_end = self.text.find("\n", node.end)
        return len(self.text) if line_end < 0 else line_end + 1


def read_syntax(text: str) -> Syntax:
    """TEXT with its places. Raises EditRefused for what is no YAML, holds several documents, or is no map."""
    try:
        events = list(yaml.parse(text, Loader=Loader))
    except yaml.YAMLError as error:
        raise EditRefused(f"it is not valid YAML: {error}".splitlines()[0]) from error
    starts = [event for event in events if isinstance(event, yaml.DocumentStartEvent)]
    if len(starts) > 1:
        raise EditRefused("it holds several documents, of which Helm reads the first only")
    if any(isinstance(event, yaml.DocumentEndEvent) and event.explicit for event in events):
        raise EditRefused("it marks the end of its document")
    builder = _Builder(events)
    root = builder.node(2) if starts else None
    if root is None or root.kind == "null":
        return Syntax(text, None)
    if root.kind != "map":
        raise EditRefused("it is no map of values")
    return Syntax(text, root)


class _Builder:
    """Nodes from the parser's events. Raises EditRefused for nesting beyond what values files have."""

    def __init__(self, events: list[yaml.Event]) -> None:
        self._events = events
        self._next = 0

    def node(self, at: int) -> Node:
        self._next = at
        return self._node(depth=0)

    def _node(self, depth: int) -> Node:
        if depth > 100:
            raise EditRefused("it nests more than 100 levels deep")
        event = self._events[self._next]
        self._next += 1
        if isinstance(event, yaml.AliasEvent):
            return _leaf("alias", event)
        if isinstance(event, yaml.ScalarEvent):
            plain = bool(event.implicit[0])
            node = _leaf("null" if plain and event.value in _NULLS else "scalar", event)
            node.text, node.quoted = event.value, event.style in ("'", '"')
            return node
        return self._collection(event, depth)

    def _collection(self, event: yaml.Event, depth: int) -> Node:
        node = _leaf("map" if isinstance(event, yaml.MappingStartEvent) else "list", event)
        node.flow = bool(event.flow_style)  # type: ignore[attr-defined]
        while not isinstance(self._events[self._next], yaml.CollectionEndEvent):
            node.children.append(self._node(depth + 1))
        end = _leaf("null", self._events[self._next]).end
        self._next += 1
        node.end = end if node.flow else max((child.end for child in node.children), default=node.start)
        return node


def _leaf(kind: Kind, event: yaml.Event) -> Node:
    start, end = event.start_mark, event.end_mark
    assert start is not None and end is not None  # noqa: S101, PT018 - the parser marks every event
    return Node(
        kind=kind,
        start=start.index,
        end=end.index,
        column=start.column,
        anchor=getattr(event, "anchor", None) or "",
        children=[],
    )
