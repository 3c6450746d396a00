"""One read-only view of values, whether they come from a YAML file or from an evaluated jsonnet file.

A view is a map, a list, a scalar or null, and knows its origin. Maps are indexed when they are first looked into, and
views are shared between the hubs that read the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from console.inventory.model import Origin

Kind = Literal["map", "list", "scalar", "null"]
Scalar = str | bool | int | float

_TAG = "tag:yaml.org,2002:"
_TRUE = frozenset({"y", "yes", "true", "on"})
_PLAIN_BOOLEANS = frozenset({"y", "Y", "n", "N"})


class View:
    """A value in one file. `kept` is for what others derive from this value alone."""

    __slots__ = ("kept", "kind")
    kind: Kind
    kept: dict[str, object]

    @property
    def origin(self) -> Origin:
        raise NotImplementedError

    def get(self, key: str) -> View | None:
        """The value of KEY; None where this is no map or has no such key."""
        raise NotImplementedError

    def keys(self) -> Iterator[str]:
        raise NotImplementedError

    def key_origin(self, key: str) -> Origin:
        """Where KEY itself stands. Raises KeyError."""
        raise NotImplementedError

    def elements(self) -> list[View]:
        """The entries of a list; none where this is no list."""
        raise NotImplementedError

    def scalar(self) -> Scalar | None:
        raise NotImplementedError

    def text(self) -> str:
        """A scalar as a template prints it."""
        value = self.scalar()
        return ("true" if value else "false") if isinstance(value, bool) else str(value)


class YamlFile:
    """What the views of one file share: its name, whether it is a chart's, and the views made so far."""

    def __init__(self, file: str, *, chart: bool) -> None:
        self.file = file
        self.chart = chart
        self._views: dict[int, YamlView] = {}

    def view(self, node: Node) -> YamlView:
        view = self._views.get(id(node))
        if view is None:
            view = self._views[id(node)] = YamlView(node, self)
        return view

    def origin(self, node: Node) -> Origin:
        return Origin(self.file, node.start_mark.line + 1, node.start_mark.column + 1, self.chart)


class YamlView(View):
    __slots__ = ("_file", "_index", "_node")

    def __init__(self, node: Node, file: YamlFile) -> None:
        self._node = node
        self._file = file
        self._index: dict[str, tuple[Node, Node]] | None = None
        self.kind = _kind_of(node)
        self.kept = {}

    @property
    def origin(self) -> Origin:
        return self._file.origin(self._node)

    def get(self, key: str) -> View | None:
        found = self.index().get(key)
        return self._file.view(found[1]) if found else None

    def keys(self) -> Iterator[str]:
        return iter(self.index())

    def key_origin(self, key: str) -> Origin:
        return self._file.origin(self.index()[key][0])

    def index(self) -> Mapping[str, tuple[Node, Node]]:
        """Key and value nodes by key. As in Helm's parser, what stands later wins, merge keys (<<) included."""
        if self._index is None:
            self._index = {}  # also what a merge key that leads back here finds
            if isinstance(self._node, MappingNode):
                for key, value in self._node.value:
                    if key.tag == _TAG + "merge":
                        self._index.update(self._merged(value))
                    elif isinstance(key, ScalarNode):
                        self._index[key.value] = (key, value)
        return self._index

    def _merged(self, value: Node) -> dict[str, tuple[Node, Node]]:
        maps = value.value if isinstance(value, SequenceNode) else [value]
        merged: dict[str, tuple[Node, Node]] = {}
        for node in reversed(maps):
            merged.update(self._file.view(node).index())
        return merged

    def elements(self) -> list[View]:
        nodes = self._node.value if isinstance(self._node, SequenceNode) else []
        return [self._file.view(node) for node in nodes]

    def scalar(self) -> Scalar | None:
        return _scalar_of(self._node) if self.kind == "scalar" else None

    def text(self) -> str:
        value = self.scalar()
        return super().text() if isinstance(value, bool) else str(self._node.value)


def _kind_of(node: Node) -> Kind:
    if isinstance(node, MappingNode):
        return "map"
    if isinstance(node, SequenceNode):
        return "list"
    return "null" if node.tag == _TAG + "null" else "scalar"


def _scalar_of(node: Node) -> Scalar:
    """A scalar as Helm's parser types it (YAML 1.1: a plain yes, on or y is true)."""
    text: str = node.value
    tag = node.tag.removeprefix(_TAG)
    if tag == "bool" or (tag == "str" and getattr(node, "style", None) is None and text in _PLAIN_BOOLEANS):
        return text.lower() in _TRUE
    try:
        if tag == "int":
            return int(text.replace("_", ""), 0) if ":" not in text else text
        if tag == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return text


class JsonView(View):
    """A value that a jsonnet file gave: it has a file, but no line."""

    __slots__ = ("_origin", "_value")

    def __init__(self, value: Any, origin: Origin) -> None:
        self._value = value
        self._origin = origin
        kinds: dict[type, Kind] = {dict: "map", list: "list", type(None): "null"}
        self.kind = kinds.get(type(value), "scalar")
        self.kept = {}

    @property
    def origin(self) -> Origin:
        return self._origin

    def get(self, key: str) -> View | None:
        if isinstance(self._value, dict) and key in self._value:
            return JsonView(self._value[key], self._origin)
        return None

    def keys(self) -> Iterator[str]:
        return iter(self._value if isinstance(self._value, dict) else ())

    def key_origin(self, key: str) -> Origin:
        if self.get(key) is None:
            raise KeyError(key)
        return self._origin

    def elements(self) -> list[View]:
        return [JsonView(entry, self._origin) for entry in self._value] if self.kind == "list" else []

    def scalar(self) -> Scalar | None:
        return self._value if self.kind == "scalar" else None


def json_view(text: bytes, origin: Origin) -> View | None:
    """A view of JSON TEXT; None when it is no map. Raises msgspec.DecodeError."""
    value = msgspec.json.decode(text)
    return JsonView(value, origin) if isinstance(value, dict) else None
