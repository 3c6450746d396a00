"""Editing the mounts in a hub's values: the mounts as wanted, every other byte as it was, or a refusal."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.kubernetes.hub_mounts import NotEditable, entries_of, mounts_of, same, spliced
from providers.simulated.chart import Release
from providers.simulated.hub import SECRETS, SHARED_READWRITE, hub_values

SHARED = {"name": "home", "mountPath": "/home/jovyan/shared-readwrite", "subPath": "_shared"}
ALLUSERS: dict[str, str | bool] = {"name": "home", "mountPath": "/home/jovyan/allusers", "readOnly": True}

keys = st.sampled_from(["1-shared", "01-x", "allusers", "a b", "zoé", "yes", "12", "#", "k: v", "𝄞"])
mounts = st.fixed_dictionaries(
    {
        "name": st.just("home"),
        "mountPath": st.sampled_from(["/home/jovyan/allusers", "/a b", '/"q"', "/é\u2028", "/𝄞"]),
    },
    optional={"readOnly": st.booleans(), "subPath": st.sampled_from(["_shared", "", "on", "1"])},
)
entries = st.one_of(st.none(), st.dictionaries(keys, mounts, max_size=4), st.lists(mounts, max_size=4))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20),
    st.sampled_from(["1e+06", "multi\nline\n", "- a", "{{ x }}", "~", "0o17", "2026-01-05", "a: b # c", "𝄞𝄞"]),
)  # fmt: skip
others = st.dictionaries(
    st.sampled_from(["hub", "proxy", "singleuser", "zz", "a", "𝄞"]),
    st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
)
Depth = st.sampled_from(["none", "custom", "custom empty", "admin", "admin empty", "mounts"])


def values(other: dict[str, Any], depth: str, before: Any, first: bool) -> dict[str, Any]:
    """A hub's values: OTHER, and the way to the mounts as far as DEPTH says."""
    ways: dict[str, dict[str, Any]] = {
        "none": {},
        "custom": {"custom": {"2i2c": {"x": 1}}},
        "custom empty": {"custom": None},
        "admin": {"custom": {"singleuserAdmin": {"extraEnv": {"A": "b"}}}},
        "admin empty": {"custom": {"singleuserAdmin": {}, "zz": [1]}},
        "mounts": {"custom": {"singleuserAdmin": {"extraEnv": {}, "extraVolumeMounts": before, "zz": "end"}, "y": 2}},
    }
    custom = ways[depth]
    return custom | other if first else other | custom


def dumped(value: dict[str, Any], style: str) -> str:
    flow = {"block": False, "mixed": None, "flow": True}[style]
    return yaml.safe_dump(value, default_flow_style=flow, sort_keys=False, allow_unicode=True, indent=2)


def without(value: dict[str, Any]) -> dict[str, Any]:
    """VALUE without the mounts and the empty maps that lead there."""
    found = copy.deepcopy(value)
    admin = (found.get("custom") or {}).get("singleuserAdmin") or {}
    admin.pop("extraVolumeMounts", None)
    if not admin and found.get("custom"):
        found["custom"].pop("singleuserAdmin", None)
    if not found.get("custom"):
        found.pop("custom", None)
    return found


@settings(max_examples=300)
@given(others, Depth, entries, entries, st.sampled_from(["block", "mixed", "flow"]), st.booleans())
def test_the_mounts_are_as_wanted_and_everything_else_is_as_it_was(
    other: dict[str, Any], depth: str, before: Any, after: Any, style: str, first: bool
) -> None:
    text = dumped(values(other, depth, before, first), style)
    found = spliced(text, after)
    assert same(entries_of(found), after)
    assert without(yaml.safe_load(found)) == without(yaml.safe_load(text))


@settings(max_examples=100)
@given(others, entries, entries)
def test_outside_of_the_mounts_every_byte_stays(other: dict[str, Any], before: Any, after: Any) -> None:
    text = dumped(values(other, "mounts", before, first=True), "block")
    head, mark, _ = text.partition("extraVolumeMounts:")
    found = spliced(text, after)
    assert found.startswith(head + mark)
    tail = text[text.index("    zz: end") :]
    assert found.endswith(tail)
    assert found.count("\n") == head.count("\n") + 1 + tail.count("\n")


def test_numbers_that_yaml_1_1_does_not_know_stay_as_they_are() -> None:
    text = "a: 1e+06\ncustom:\n  singleuserAdmin:\n    extraVolumeMounts: {}\nb: 012\n"
    assert spliced(text, [SHARED]).splitlines()[0] == "a: 1e+06"
    assert spliced(text, [SHARED]).splitlines()[-1] == "b: 012"


def test_what_a_real_hub_has() -> None:
    release = Release(name="prod", server="10.2.0.2", base_share="/homes/")
    text = yaml.safe_dump(hub_values(release), sort_keys=False)
    on = spliced(text, {**SHARED_READWRITE, "3-allusers": ALLUSERS})
    assert [mount.mount_path for mount in mounts_of(entries_of(on))][-1] == "/home/jovyan/allusers"
    assert all(secret in on for secret in SECRETS)
    assert same(entries_of(spliced(on, SHARED_READWRITE)), SHARED_READWRITE)


def edited(text: str) -> str:
    """TEXT as an edit of what was read of it gives it."""
    entries_of(text)
    return spliced(text, [SHARED])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("custom: [1", "not YAML"),
        ("- a", "not a map"),
        ("custom:\n  singleuserAdmin:\n    extraVolumeMounts: {a: {name: home, password: x}}\n", "else than mounts"),
        ("custom:\n  singleuserAdmin:\n    extraVolumeMounts: {a: {name: home, subPath: [x]}}\n", "else than mounts"),
        ("custom:\n  singleuserAdmin:\n    extraVolumeMounts: words\n", "else than mounts"),
        ("custom: words\n", "not edited"),
        ("x: &a {}\ncustom:\n  singleuserAdmin: *a\ny: *a\n", "a way that is not edited"),
        ("custom:\n  singleuserAdmin: &a\n    extraVolumeMounts: &m {}\nother: *m\n", "a way that is not edited"),
    ],
)
def test_what_is_not_edited_is_refused_without_its_words(text: str, why: str) -> None:
    with pytest.raises(NotEditable, match=why) as refused:
        edited(text)
    assert "password" not in str(refused.value)
    assert "words" not in str(refused.value)
