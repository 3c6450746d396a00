"""The Secret `hub`: cut or whole, the same mounts; broken, no word of its content."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.kubernetes.hub_values import HubSecret, SecretContent, hub_values
from providers.kubernetes.objects import HubValues, Metadata

MOUNTS = {"name": "home", "mountPath": "/home/jovyan/allusers"}


def values_of(text: str | bytes | None) -> HubValues:
    content = text.encode() if isinstance(text, str) else text
    secret = HubSecret(Metadata(name="hub", namespace="prod", resource_version="7"), SecretContent(content))
    return hub_values(secret)


def dumped(values: dict[str, Any], **style: Any) -> str:
    text: str = yaml.dump(values, Dumper=yaml.CSafeDumper, **style)
    return text


def whole(values: dict[str, Any]) -> HubValues:
    """The same through a form that is never cut: one line of JSON-like YAML."""
    return values_of(dumped(values, default_flow_style=True, width=10**9))


def tree(admin: Any, **around: Any) -> dict[str, Any]:
    return {
        **around,
        "custom": {"singleuserAdmin": {"extraVolumeMounts": admin}},
        "singleuser": {"storage": {"type": "static", "static": {"pvcName": "home-nfs"}}},
    }


KEYS = st.sampled_from(["custom", "singleuser", "singleuserAdmin", "storage", "static", "hub", "a"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from(
    ["custom:\n  x: 1", "\nsingleuser:\n", "# no comment", "- a\n- b", "'", '"', "&a", "*a", "|", "---\nstorage: x"]
)  # fmt: skip
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(max_examples=80)
@given(st.dictionaries(KEYS, TREES, max_size=5), st.sampled_from(["map", "list", "none"]), st.booleans())
def test_cutting_gives_what_parsing_the_whole_gives(around: dict[str, Any], shape: str, replaced: bool) -> None:
    admin = {"map": {"1-a": MOUNTS, "2-b": None}, "list": [MOUNTS, MOUNTS], "none": None}[shape]
    values = around if replaced else tree(admin, **around)
    for indent in (2, 4):
        assert values_of(dumped(values, indent=indent, width=60)) == whole(values)


def test_both_shapes_of_mounts() -> None:
    by_key = values_of(dumped(tree({"2-b": MOUNTS | {"readOnly": True}, "1-a": MOUNTS | {"subPath": "_shared"}})))
    assert [(m.key, m.sub_path, m.read_only) for m in by_key.admin_mounts] == [
        ("1-a", "_shared", False),
        ("2-b", "", True),
    ]
    listed = values_of(dumped(tree([MOUNTS])))
    assert [(m.key, m.mount_path) for m in listed.admin_mounts] == [(None, "/home/jovyan/allusers")]
    assert (listed.namespace, listed.resource_version, listed.pvc_name) == ("prod", "7", "home-nfs")


@pytest.mark.parametrize(
    "text",
    [
        "custom: {singleuserAdmin: {extraVolumeMounts: [{name: home, mountPath: /m}]}}\n",
        '"custom":\n  singleuserAdmin:\n    extraVolumeMounts: [{name: home, mountPath: /m}]\n',
        "custom:\n  'singleuserAdmin':\n    extraVolumeMounts: [{name: home, mountPath: /m}]\n",
        "a: &m\n- {name: home, mountPath: /m}\ncustom:\n  singleuserAdmin:\n    extraVolumeMounts: *m\n",
        "# w\n---\ncustom:\n  # w\n  singleuserAdmin:\n# w\n    extraVolumeMounts: [{name: home, mountPath: /m}]\n",
        '{"custom": {"singleuserAdmin": {"extraVolumeMounts": [{"name": "home", "mountPath": "/m"}]}}}',
        "custom:\r\n  singleuserAdmin:\r\n    extraVolumeMounts:\r\n    - mountPath: /m\r\nz: 1\r\n",
    ],
    ids=["flow", "quoted top", "quoted inner", "alias", "comments", "json", "crlf"],
)
def test_other_ways_to_write_it(text: str) -> None:
    assert [mount.mount_path for mount in values_of(text).admin_mounts] == ["/m"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "has no key values.yaml"),
        ("custom: [s3cret", "not YAML"),
        ("custom:\n  singleuserAdmin: {s3cret\nz: 1\n", "not YAML"),
        ("- s3cret", "not a map"),
        (b"\xff\xfe\x00s3cret", "not YAML"),
    ],
)
def test_what_cannot_be_read_says_so_without_its_content(text: str | bytes | None, words: str) -> None:
    values = values_of(text)
    assert values.error is not None
    assert words in values.error
    assert "s3cret" not in repr(values)
    assert values.admin_mounts == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "custom: null\n", "custom:\nsingleuser: 3\n", "custom:\n  singleuserAdmin: [1]\n"]
)
def test_values_without_mounts(text: str) -> None:
    values = values_of(text)
    assert (values.error, values.admin_mounts, values.user_mounts) == (None, (), ())


def test_a_secret_never_shows_its_content() -> None:
    assert "s3cret" not in repr(HubSecret(Metadata(name="hub"), SecretContent(b"s3cret")))


def test_hubs_alike_share_a_parse_and_nothing_else() -> None:
    alike: dict[bytes, HubValues] = {}
    used = "custom:\n  singleuserAdmin:\n    extraVolumeMounts: *m\n"
    texts = [f"a: &m [{{name: home, mountPath: {path}}}]\n{used}" for path in ("/one", "/two")]
    plain = dumped(tree([MOUNTS]))
    secrets = [
        HubSecret(Metadata(name="hub", namespace=str(number)), SecretContent(text.encode()))
        for number, text in enumerate([*texts, plain, f"other: 1\n{plain}"])
    ]
    found = [hub_values(secret, alike) for secret in secrets]
    assert [values.admin_mounts[0].mount_path for values in found[:2]] == ["/one", "/two"]
    assert found[2].admin_mounts is found[3].admin_mounts
    assert [values.namespace for values in found] == ["0", "1", "2", "3"]
