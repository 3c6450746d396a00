"""Every origin points at the text that decided."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from console.inventory.documents import parse
from console.inventory.merge import Merged
from console.inventory.views import YamlFile

WORDS = st.text(alphabet="abcxyz", min_size=1, max_size=4)
MARKS = st.integers(10_000, 99_999).map(lambda number: f"mark-{number}")
TREES = st.dictionaries(
    WORDS,
    st.recursive(
        MARKS, lambda inner: st.dictionaries(WORDS, inner, min_size=1, max_size=3) | st.lists(MARKS, min_size=1)
    ),
    min_size=1,
    max_size=4,
)
STYLES = st.sampled_from([(2, 4, 2, False), (4, 2, 0, False), (2, 2, 0, None), (6, 6, 3, False)])


def _dumped(tree: dict[str, Any], style: tuple[int, int, int, bool | None]) -> str:
    yaml = YAML(typ="rt", pure=True)
    mapping, sequence, offset, flow = style
    yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
    yaml.default_flow_style = flow
    stream = StringIO()
    yaml.dump(tree, stream)
    return f"# a comment\n\n{stream.getvalue()}"


def _texts(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _texts(value, (*path, key))
    else:
        yield path, tree if isinstance(tree, list) else [tree]


@given(st.lists(st.tuples(TREES, STYLES), min_size=1, max_size=3))
def test_the_line_and_column_of_an_origin_hold_the_value(files: list[tuple[dict[str, Any], Any]]) -> None:
    contents = [_dumped(tree, style) for tree, style in files]
    views = []
    for number, content in enumerate(contents):
        document = parse(content.encode())
        assert document.root is not None
        views.append(YamlFile(str(number), chart=False).view(document.root))
    merged = Merged(views, [])

    for path, marks in _texts(files[0][0]):
        deciding = merged.at(*path).deciding
        assert deciding is not None
        found = deciding.elements() or [deciding]
        for view, mark in zip(found, marks, strict=True):
            origin = view.origin
            line = contents[int(origin.file)].splitlines()[origin.line - 1]
            assert origin.file == "0"
            assert line[origin.column - 1 :].startswith(mark)
