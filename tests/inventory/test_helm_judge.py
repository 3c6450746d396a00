"""Helm itself judges the merging: the same files, rendered by a real `helm template`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.inventory.documents import parse
from console.inventory.merge import Merged
from console.inventory.views import View, YamlFile
from tests.cluster.assets import require

pytestmark = pytest.mark.helm

KEYS = st.sampled_from(["a", "b", "nfs", "pv", "1-home", "on"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "x", "/exports/", "1Mi"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(KEYS, inner, max_size=3), st.lists(SCALARS.filter(lambda it: it is not None), max_size=2)
    ),
    max_leaves=10,
)
FILES = st.dictionaries(KEYS, VALUES, max_size=4)


def rendered(folder: Path, defaults: dict[str, Any], files: list[dict[str, Any]]) -> Any:
    """The values that templates see, by Helm."""
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: judge\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text(json.dumps(defaults))
    (chart / "templates" / "values.yaml").write_text("values: {{ toJson .Values | quote }}\n")
    command = [str(require("helm")), "template", "judge", str(chart)]
    for number, values in enumerate(files):
        path = folder / f"{number}.values.yaml"
        path.write_text(json.dumps(values))
        command += ["--values", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"HOME": str(folder)})
    line = next(line for line in done.stdout.splitlines() if line.startswith("values: "))
    return json.loads(json.loads(line.removeprefix("values: ")))


def merged(defaults: dict[str, Any], files: list[dict[str, Any]]) -> Merged:
    """The same by hubhomes; strongest file first, as it wants them."""
    return Merged([view(values) for values in reversed(files)], [view(defaults)])


def view(values: dict[str, Any]) -> View:
    root = parse(json.dumps(values).encode()).root
    assert root is not None
    return YamlFile("values.yaml", chart=False).view(root)


def plain(place: Merged) -> Any:
    deciding = place.deciding
    assert deciding is not None
    if deciding.kind == "map":
        return {key: plain(place.child(key)) for key in place.keys() if place.child(key).kind not in (None, "null")}  # noqa: SIM118
    return [entry.scalar() for entry in deciding.elements()] if deciding.kind == "list" else deciding.scalar()


def without_nulls(value: Any) -> Any:
    """A null that removes nothing stays in Helm's values; to a template it is as good as absent, and so it is here."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], derandomize=True
)
@given(defaults=FILES, files=st.lists(FILES, min_size=1, max_size=3))
def test_any_files_merge_as_helm_merges_them(
    tmp_path: Path, defaults: dict[str, Any], files: list[dict[str, Any]]
) -> None:
    assert plain(merged(defaults, files)) == without_nulls(rendered(tmp_path, defaults, files))


def test_a_map_that_replaces_a_null_takes_the_defaults_back_in(tmp_path: Path) -> None:
    defaults = {"mounts": {"1-shared": {"readOnly": True}}}
    files: list[dict[str, Any]] = [{"mounts": None}, {"mounts": {"9-allusers": {"name": "home"}}}]
    expected = {"mounts": {"1-shared": {"readOnly": True}, "9-allusers": {"name": "home"}}}
    assert rendered(tmp_path, defaults, files) == expected
    assert plain(merged(defaults, files)) == expected
