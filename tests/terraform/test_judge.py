"""OpenTofu itself judges the reading: the same files, asked by a real `tofu console`."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.inventory.terraform.syntax import Faulty
from console.inventory.terraform.variables import Wrong
from tests.terraform.generated import FOLDERS
from tests.terraform.judge import Refused, judged, ours

pytestmark = pytest.mark.tofu

judging = settings(
    max_examples=int(os.environ.get("HUBHOMES_JUDGED_FILES", "15")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", FOLDERS)
@judging
@given(data=st.data())
def test_generated_files_mean_what_tofu_says(tmp_path: Path, name: str, data: st.DataObject) -> None:
    one = FOLDERS[name]
    text = data.draw(one.files())
    names = re.findall(r'^variable "?(\w+)', one.variables, re.MULTILINE)
    assert ours(one.variables, text, names) == judged(tmp_path, one.variables, text, names)


@pytest.mark.parametrize(
    "text",
    [
        "a = {\n",
        "a = 1 b = 2",
        "a = { b = 1 c = 2 }",
        "a = 1\na = 2",
        'a = "x\ny"',
        'a = "\\q"',
        'a = "\\ud800"',
        "a =\n 1",
        "a = 0x10",
        "a {\n}",
        'a = lower("B")',
        "a = other",
        'a = "${var.a}"',
        "a = [1 2]",
        "a = /* no end",
        "a = <<EOT\nx\nEOT",
        "a = <<EOT\nx\n",
        "a = 1 + true",
        "a = -[]",
        'a = "x${null}"',
        "a = { (null) = 1 }",
        "a = 1 / 0",
        "a = 1\rb = 2",
        "a = 1 ? 2 : 3",
        "= 1",
        '"a" = 1',
        "a = 'x'",
        "{{ name }} = 1",
    ],
)
def test_what_tofu_refuses_is_refused(tmp_path: Path, text: str) -> None:
    variables = 'variable "a" {\n  default = 0\n}\n'
    with pytest.raises(Refused):
        judged(tmp_path, variables, text, ["a"])
    with pytest.raises((Faulty, Wrong)):
        ours(variables, text, ["a"])


@pytest.mark.parametrize(
    ("constraint", "value"),
    [
        ("number", '"1x"'),
        ("number", "true"),
        ("number", '" 1"'),
        ("bool", '"yes"'),
        ("bool", "1"),
        ("string", "[]"),
        ("list(number)", "{}"),
        ("map(number)", "[1]"),
        ("map(string)", "{ a = [] }"),
        ("object({ a = number })", "{}"),
        ("object({ a = number })", "1"),
        ("tuple([string])", '["a", "b"]'),
        ("set(number)", '["a"]'),
    ],
)
def test_values_of_another_type_are_refused(tmp_path: Path, constraint: str, value: str) -> None:
    variables = f'variable "a" {{\n  type = {constraint}\n}}\n'
    with pytest.raises(Refused):
        judged(tmp_path, variables, f"a = {value}\n", ["a"])
    with pytest.raises((Faulty, Wrong)):
        ours(variables, f"a = {value}\n", ["a"])


CONVERTED = (
    ("bool", '"1"'),
    ("string", "1e21"),
    ("number", '"1e3"'),
    ("number", '"-.5"'),
    ("list(any)", '[1, "b", true]'),
    ("map(any)", '{ a = 1, b = "c" }'),
    ("set(string)", '["b", "a", "b"]'),
    ("set(number)", '[2, "1", 2]'),
    ("map(object({ a = optional(number, 1) }))", "{ x = null, y = {} }"),
    ("list(list(number))", '[["1"], []]'),
    ("object({ a = any, b = optional(any) })", "{ a = { c = 1 }, d = 2 }"),
    ("any", 'true ? 1 : "a"'),
    ("any", "false ? null : 1"),
)


def test_values_are_converted_as_tofu_does(tmp_path: Path) -> None:
    cases = {f"v{number}": case for number, case in enumerate(CONVERTED)}
    variables = "".join(f'variable "{name}" {{\n  type = {kind}\n}}\n' for name, (kind, _) in cases.items())
    text = "".join(f"{name} = {value}\n" for name, (_, value) in cases.items())
    assert ours(variables, text, cases) == judged(tmp_path, variables, text, cases)
