"""The law of Helm's merging, against an independent merge that builds whole trees."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from console.inventory.documents import parse
from console.inventory.merge import Merged
from console.inventory.model import Origin
from console.inventory.views import JsonView, View, YamlFile

Tree = dict[str, Any]

KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "yes", ""]) | st.just([1, "two"])
TREES = st.dictionaries(KEYS, st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3)), max_size=3)


def _overridden(base: Tree, over: Tree) -> Tree:
    """mergeMaps of Helm's values options: what comes later wins, null is a value."""
    out = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = _overridden(out[key], value)
        else:
            out[key] = value
    return out


def _coalesce(values: Tree, defaults: Tree) -> None:
    """CoalesceTables: fills VALUES in place; a null stands for a key that was deleted."""
    for key, default in defaults.items():
        if key not in values:
            values[key] = copy.deepcopy(default)
        elif isinstance(values[key], dict) and isinstance(default, dict):
            _coalesce(values[key], default)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


def _naive(files: list[Tree], defaults: list[Tree]) -> Tree:
    """FILES weakest first, DEFAULTS strongest first."""
    values: Tree = {}
    for file in files:
        values = _overridden(values, file)
    values = copy.deepcopy(values)
    for default in defaults:
        _coalesce(values, default)
    return _without_nulls(values)  # type: ignore[no-any-return]


def _whole(place: Merged) -> Any:
    if place.kind == "map":
        return {key: _whole(place.child(key)) for key in place.keys() if place.child(key).kind != "null"}  # noqa: SIM118
    assert place.deciding is not None
    if place.kind == "list":
        return [element.scalar() for element in place.deciding.elements()]
    return place.deciding.scalar()


def _yaml_view(tree: Tree) -> View:
    document = parse(yaml.safe_dump(tree).encode())
    assert document.root is not None
    assert document.flaws == ()
    return YamlFile("x.yaml", chart=False).view(document.root)


def _json_view(tree: Tree) -> View:
    return JsonView(tree, Origin("x.jsonnet"))


@given(st.lists(TREES, min_size=1, max_size=4), st.lists(TREES, max_size=3))
def test_lookups_see_what_helm_would_build(files: list[Tree], defaults: list[Tree]) -> None:
    merged = Merged([_yaml_view(tree) for tree in reversed(files)], [_yaml_view(tree) for tree in defaults])

    assert _whole(merged) == _naive(files, defaults)


@given(st.lists(TREES, min_size=1, max_size=4), st.lists(TREES, max_size=2))
def test_evaluated_layers_merge_as_written_ones(files: list[Tree], defaults: list[Tree]) -> None:
    merged = Merged([_json_view(tree) for tree in reversed(files)], [_json_view(tree) for tree in defaults])

    assert _whole(merged) == _naive(files, defaults)


def test_null_removes_the_default() -> None:
    merged = Merged([_yaml_view({"nfs": None})], [_yaml_view({"nfs": {"enabled": True}})])

    assert merged.at("nfs", "enabled").kind == "null"


def test_a_map_after_a_null_meets_the_default_again() -> None:
    merged = Merged([_yaml_view({"a": {"x": 1}}), _yaml_view({"a": None})], [_yaml_view({"a": {"y": 2}})])

    assert _whole(merged) == {"a": {"x": 1, "y": 2}}


def test_a_map_after_a_null_does_not_meet_the_files_before() -> None:
    merged = Merged([_yaml_view({"a": {"x": 1}}), _yaml_view({"a": None}), _yaml_view({"a": {"y": 2}})], [])

    assert _whole(merged) == {"a": {"x": 1}}


def test_a_removed_place_names_the_null_that_removed_it() -> None:
    document = parse(b"other: 1\nnfs: null\n")
    assert document.root is not None
    view = YamlFile("prod.values.yaml", chart=False).view(document.root)

    assert Merged([view], []).at("nfs", "pv", "serverIP").origin == Origin("prod.values.yaml", 2, 6)
