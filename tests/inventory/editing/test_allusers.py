"""Turning allusers on and off in values files: the effect by an independent merge, and every other byte."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from console.inventory.editing.admin_mounts import Wanted
from console.inventory.editing.allusers import AllusersEdit, edit_allusers
from console.inventory.editing.overlay import TreeDraft
from console.inventory.editing.refusals import EditRefused
from tests.inventory.editing.texts import JOVYAN, RSTUDIO, SHARED, Style, render, scalars, styles, values

PATH = ("jupyterhub", "custom", "singleuserAdmin", "extraVolumeMounts")
MAP = {"01-shared-readwrite": SHARED}
CHARTS: dict[str, Any] = {"map": MAP, "list": [SHARED], "none": None}


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value  # type: ignore[no-any-return]


def write_tree(folder: Path, own: str | bytes, *, shape: str, chart: str = "basehub", common: str = "") -> Path:
    """A checkout: the hubs a and b, with a.values.yaml and b.values.yaml behind common.values.yaml."""
    cluster = folder / "config" / "clusters" / "earth"
    cluster.mkdir(parents=True, exist_ok=True)
    hubs = "".join(
        f"  - name: {name}\n    helm_chart: {chart}\n"
        f"    helm_chart_values_files: [common.values.yaml, {name}.values.yaml]\n"
        for name in ("a", "b")
    )
    (cluster / "cluster.yaml").write_text(f"name: earth\nprovider: gcp\nhubs:\n{hubs}")
    (cluster / "common.values.yaml").write_text(common)
    (cluster / "b.values.yaml").write_text("jupyterhub: {}\n")
    content = own if isinstance(own, bytes) else own.encode()
    (cluster / "a.values.yaml").write_bytes(content)
    defaults: dict[str, Any] = {"nfs": {"enabled": True, "pv": {"serverIP": "10.2.0.2", "baseShareName": "/homes/"}}}
    if CHARTS[shape] is not None:
        defaults |= nested(PATH, CHARTS[shape])
    for name in ("basehub", "daskhub"):
        (folder / "helm-charts" / name).mkdir(parents=True, exist_ok=True)
    (folder / "helm-charts" / "basehub" / "values.yaml").write_text(yaml.safe_dump(defaults))
    (folder / "helm-charts" / "daskhub" / "values.yaml").write_text("basehub: {}\n")
    return folder / "config" / "clusters"


def merged(base: Any, over: Any) -> Any:
    """Helm's rule for values, written anew for these tests."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return copy.deepcopy(over)
    result = copy.deepcopy(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def effective(root: Path, hub: str, own: bytes | None = None, prefix: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The admin mounts of a hub, in the order of their keys."""
    cluster, charts = root / "earth", root.parent.parent / "helm-charts"
    value = yaml.safe_load((charts / "basehub" / "values.yaml").read_text())
    for file in ("common.values.yaml", f"{hub}.values.yaml"):
        content = own if own is not None and file.startswith("a.") else (cluster / file).read_bytes()
        over = yaml.safe_load(content)
        for key in prefix:
            over = (over or {}).get(key)
        value = merged(value, over if over is not None else {})
    for key in PATH:
        value = (value or {}).get(key)
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return list(value or [])


def edit(
    root: Path, *, enabled: bool, read_only: bool = False, hub: str = "a", file: str | None = None
) -> AllusersEdit:
    draft = TreeDraft(root, cache_dir=None)
    return edit_allusers(draft, "earth", hub, enabled=enabled, wanted=Wanted(read_only=read_only), file=file)


def put(root: Path, change: AllusersEdit) -> None:
    (root.parent.parent / change.file).write_bytes(change.after)


@st.composite
def own_files(draw: st.DrawFn) -> str:
    """A hub's values file without allusers."""
    style = draw(styles)
    tree: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(["nfs-note", "jupyterhub", "zz"]), unique=True, max_size=3)):
        tree[key] = draw(st.dictionaries(st.sampled_from(["hub", "note", "custom-note"]), values, max_size=2))
    if draw(st.booleans()):
        tree.setdefault("jupyterhub", {})["custom"] = draw(
            st.dictionaries(st.sampled_from(["x", "y"]), scalars, max_size=2)
        )
        depth = draw(st.integers(0, 2))
        if depth:
            tree["jupyterhub"]["custom"]["singleuserAdmin"] = {"extraEnv": draw(values)} if draw(st.booleans()) else {}
        if depth == 2:
            tree["jupyterhub"]["custom"]["singleuserAdmin"]["extraVolumeMounts"] = draw(
                st.sampled_from([{}, {"5-data": {"name": "data", "mountPath": "/data"}}, {"07-off": None}])
            )
    comments = draw(
        st.lists(st.sampled_from(["", "# a remark: with { and - in it", "      # further in", "#", ""]), max_size=4)
    )
    text = render(tree, style, comments)
    return with_anchor(text, style) if draw(st.booleans()) else text


def with_anchor(text: str, style: Style) -> str:
    """TEXT with something that is said once and used twice, beside what is edited."""
    end = "\r\n" if style.crlf else "\n"
    begun = text if not text or text.endswith(end) else text + end
    return f"{begun}shared-note: &note{end}  kept: [1, 2]{end}same-note: *note" + end * style.final_line_end


@settings(max_examples=150)
@given(own=own_files(), shape=st.sampled_from(["map", "list", "none"]), read_only=st.booleans())
def test_on_is_effective_and_off_gives_the_bytes_back(own: str, shape: str, read_only: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(Path(folder), own, shape=shape)
        before, neighbour = effective(root, "a"), effective(root, "b")
        try:
            on = edit(root, enabled=True, read_only=read_only)
        except EditRefused as refusal:
            refused = refusal
            on = None
        if on is None:
            assert "extraVolumeMounts" in refused.snippet
            return
        put(root, on)
        mode = {"readOnly": True} if read_only else {}
        assert effective(root, "a") == [*before, JOVYAN | mode, RSTUDIO | mode] or (
            sorted(map(str, effective(root, "a"))) == sorted(map(str, [*before, JOVYAN | mode, RSTUDIO | mode]))
        )
        assert effective(root, "b") == neighbour
        assert len(on.after) > len(on.before) == len(own.encode())
        off = edit(root, enabled=False)
        put(root, off)
        assert effective(root, "a") == before
        assert off.after == own.encode()


@settings(max_examples=40)
@given(own=own_files())
def test_what_people_write_is_edited_and_seldom_refused(own: str) -> None:
    """Block style, which is what people write, is never refused."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(Path(folder), own, shape="map")
        if "{" in own or "null" in own:
            return
        assert edit(root, enabled=True).after


@settings(max_examples=25)
@given(own=own_files(), shape=st.sampled_from(["map", "list"]))
def test_several_documents_are_refused_whatever_they_hold(own: str, shape: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(Path(folder), own, shape=shape)
        file = root / "earth" / "a.values.yaml"
        file.write_bytes(f"{own}\n---\nnote: 1\n---\nnote: 2\n".encode())
        content = file.read_bytes()
        with pytest.raises(EditRefused) as caught:
            edit(root, enabled=True, file="config/clusters/earth/a.values.yaml")
        assert caught.value.reason
        assert "extraVolumeMounts" in caught.value.snippet
        assert file.read_bytes() == content


def test_a_diff_has_only_the_new_lines(tmp_path: Path) -> None:
    own = (
        "# Of a.\njupyterhub:\n  custom:\n    singleuserAdmin:\n      extraVolumeMounts:\n"
        "        # kept\n        5-x: {name: x, mountPath: /x}\n\n# The end.\n"
    )
    root = write_tree(tmp_path, own, shape="map")
    change = edit(root, enabled=True)
    added = [line for line in change.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert not [line for line in change.diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert added == [
        "+        06-allusers:",
        "+          name: home",
        "+          mountPath: /home/jovyan/allusers",
        "+        07-rstudio-allusers:",
        "+          name: home",
        "+          mountPath: /home/rstudio/allusers",
    ]
    assert change.file == "config/clusters/earth/a.values.yaml"
    assert [(one.cluster, one.hub) for one in change.changes] == [("earth", "a")]


def test_off_turns_off_what_a_weaker_file_says_with_null_in_the_own_file(tmp_path: Path) -> None:
    common = yaml.safe_dump(nested(PATH, {"02-allusers": JOVYAN}))
    root = write_tree(tmp_path, "x: 1\n", shape="map", common=common)
    change = edit(root, enabled=False)
    put(root, change)
    assert change.file.endswith("a.values.yaml")
    assert b"02-allusers: null" in change.after
    assert effective(root, "a") == [SHARED]
    assert JOVYAN in effective(root, "b")
    back = edit(root, enabled=True)
    put(root, back)
    assert JOVYAN in effective(root, "a")


def test_a_shared_file_names_every_hub_that_it_changes(tmp_path: Path) -> None:
    root = write_tree(tmp_path, "x: 1\n", shape="map", common="y: 1\n")
    change = edit(root, enabled=True, file="config/clusters/earth/common.values.yaml")
    assert [one.hub for one in change.changes] == ["a", "b"]
    assert change.shared == ("earth/b",)


def test_a_list_takes_the_inherited_entries_along(tmp_path: Path) -> None:
    root = write_tree(tmp_path, "jupyterhub:\n  hub: {}\n", shape="list")
    change = edit(root, enabled=True, read_only=True)
    put(root, change)
    assert effective(root, "a") == [SHARED, JOVYAN | {"readOnly": True}, RSTUDIO | {"readOnly": True}]


def test_a_list_of_allusers_alone_becomes_empty_and_nothing_comes_back(tmp_path: Path) -> None:
    own = (
        "jupyterhub:\n  custom:\n    singleuserAdmin:\n      extraVolumeMounts:\n"
        "        - name: home\n          mountPath: /home/jovyan/allusers\n"
    )
    root = write_tree(tmp_path, own, shape="list")
    change = edit(root, enabled=False)
    put(root, change)
    assert effective(root, "a") == []


def test_the_mode_changes_in_place(tmp_path: Path) -> None:
    own = yaml.safe_dump(nested(PATH, {"2-allusers": JOVYAN, "3-rstudio-allusers": RSTUDIO | {"readOnly": False}}))
    root = write_tree(tmp_path, own, shape="map")
    change = edit(root, enabled=True, read_only=True)
    put(root, change)
    assert [mount for mount in effective(root, "a") if mount.get("readOnly")] == [
        JOVYAN | {"readOnly": True},
        RSTUDIO | {"readOnly": True},
    ]


def test_a_hub_of_a_wrapping_chart_is_edited_under_the_wrapped_name(tmp_path: Path) -> None:
    root = write_tree(tmp_path, "basehub:\n  x: 1\ndask: {}\n", shape="map", chart="daskhub")
    change = edit(root, enabled=True)
    put(root, change)
    assert JOVYAN in effective(root, "a", prefix=("basehub",))
    assert change.after.startswith(b"basehub:\n  x: 1\n  jupyterhub:\n    custom:\n")


def test_nothing_is_to_be_done_where_it_is_so_already(tmp_path: Path) -> None:
    own = yaml.safe_dump(nested(PATH, {"2-allusers": JOVYAN, "3-r": RSTUDIO}))
    root = write_tree(tmp_path, own, shape="map")
    change = edit(root, enabled=True)
    assert change.before == change.after
    assert change.changes == ()


REFUSED: dict[str, str | bytes] = {
    "several documents": "a: 1\n---\nb: 2\n",
    "an alias on the way": "x: &x {y: 1}\njupyterhub: *x\n",
    "a part that is used elsewhere": (
        "jupyterhub:\n  custom: &c\n    singleuserAdmin:\n      extraVolumeMounts:\n"
        "        5-x: {name: x, mountPath: /x}\nother: *c\n"
    ),
    "a null on the way": "jupyterhub:\n  custom:\n",
    "a merge key on the way": "base: &b\n  custom: {a: 1}\njupyterhub:\n  <<: *b\n",
    "broken YAML": "a: [1\n",
    "no UTF-8": b"a: \xff\n",
    "a byte order mark": b"\xef\xbb\xbfa: 1\n",
    "an end mark": "a: 1\n...\n",
    "a text that ends without a line end": "a: |\n  x",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_edited_safely_is_refused_with_a_snippet(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path, REFUSED[name], shape="map")
    with pytest.raises(EditRefused) as caught:
        edit(root, enabled=True, file="config/clusters/earth/a.values.yaml")
    assert caught.value.reason
    if name not in ("broken YAML", "no UTF-8"):  # there the values are not known, and so nothing can be proposed
        pasted = yaml.safe_load(caught.value.snippet)
        for key in PATH:
            pasted = pasted[key]
        assert JOVYAN in pasted.values()


@pytest.mark.parametrize("style", [Style(), Style(crlf=True), Style(final_line_end=False), Style(step=3, flow_below=2)])
def test_line_ends_and_the_last_line_stay_as_they_are(tmp_path: Path, style: Style) -> None:
    own = render({"jupyterhub": {"hub": {"a": "b"}, "custom": {"x": 1}}}, style, ["# é"])
    root = write_tree(tmp_path, own, shape="map")
    change = edit(root, enabled=True)
    assert (b"\r\n" in change.after) == style.crlf
    assert change.after.replace(b"\r\n", b"").count(b"\n") == 0 or not style.crlf
    assert change.after.endswith(b"\n") == own.endswith("\n")


def test_a_shared_file_is_not_edited_where_another_hub_would_mount_a_path_twice(tmp_path: Path) -> None:
    root = write_tree(tmp_path, "jupyterhub: {}\n", shape="map", common="nfs: {enabled: true}\n")
    own = nested(PATH, {"03-allusers": JOVYAN, "04-mine": RSTUDIO})
    (root / "earth" / "b.values.yaml").write_text(yaml.safe_dump(own))
    draft = TreeDraft(root, cache_dir=None)
    file = "config/clusters/earth/common.values.yaml"
    with pytest.raises(EditRefused, match="one path twice for admins of earth/b"):
        edit_allusers(draft, "earth", "a", enabled=True, wanted=Wanted(), file=file)
