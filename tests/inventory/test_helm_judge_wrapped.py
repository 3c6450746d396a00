"""Helm itself judges a chart that wraps another, whose hubs have their values under the wrapped one's name."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.inventory.hubs import HubLayers
from tests.cluster.assets import require
from tests.inventory.test_helm_judge import FILES, plain, view, without_nulls

pytestmark = pytest.mark.helm


def _write_chart(folder: Path, name: str, values: Any) -> None:
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(json.dumps(values))


def _rendered(folder: Path, outer: dict[str, Any], inner: dict[str, Any], files: list[dict[str, Any]]) -> Any:
    """The values that the wrapped chart's templates see, by Helm."""
    _write_chart(folder / "daskhub", "daskhub", outer)
    _write_chart(folder / "daskhub" / "charts" / "basehub", "basehub", inner)
    template = folder / "daskhub" / "charts" / "basehub" / "templates" / "values.yaml"
    template.write_text('values: {{ toJson (omit .Values.AsMap "global") | quote }}\n')
    command = [str(require("helm")), "template", "judge", str(folder / "daskhub")]
    for number, values in enumerate(files):
        path = folder / f"{number}.values.yaml"
        path.write_text(json.dumps(values))
        command += ["--values", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"HOME": str(folder)})
    line = next(line for line in done.stdout.splitlines() if line.startswith("values: "))
    return json.loads(json.loads(line.removeprefix("values: ")))


def _merged(outer: dict[str, Any], inner: dict[str, Any], files: list[dict[str, Any]]) -> Any:
    layers = HubLayers(
        files=[view(values) for values in reversed(files)],
        defaults=[view(outer)],
        wrapped=[view(inner)],
        prefix=("basehub",),
    )
    return plain(layers.merged())


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], derandomize=True
)
@given(outer=FILES, inner=FILES, files=st.lists(FILES, min_size=1, max_size=2))
def test_values_of_a_wrapped_chart_merge_as_helm_merges_them(
    tmp_path: Path, outer: dict[str, Any], inner: dict[str, Any], files: list[dict[str, Any]]
) -> None:
    outer, nested = {"basehub": outer}, [{"basehub": file} for file in files]

    assert _merged(outer, inner, nested) == without_nulls(_rendered(tmp_path, outer, inner, nested))
