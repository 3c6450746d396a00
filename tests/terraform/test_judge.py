"""OpenTofu itself judges the reading: the same files, asked by a real `tofu console`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.inventory.terraform.syntax import Faulty
from console.inventory.terraform.variables import Wrong
from tests.terraform import folders
from tests.terraform.hcl_text import (
    ANYTHING,
    BOOLS,
    NUMBERS,
    QUOTED,
    STRINGS,
    Text,
    files,
    list_of,
    map_of,
    object_of,
    or_null,
)
from tests.terraform.judge import Refused, judged, ours

pytestmark = pytest.mark.tofu

judging = settings(
    max_examples=int(os.environ.get("HUBHOMES_JUDGED_FILES", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

OPTIONAL_STRING, OPTIONAL_NUMBER = or_null(STRINGS), or_null(NUMBERS)
TAGS = or_null(map_of(STRINGS))
GCP_FILESTORES = map_of(
    object_of(
        {
            "name_suffix": OPTIONAL_STRING,
            "capacity_gb": OPTIONAL_NUMBER,
            "tier": OPTIONAL_STRING,
            "source_backup": OPTIONAL_STRING,
            "not_in_the_type": ANYTHING,
        }
    )
)
DISK = {"size": NUMBERS, "type": STRINGS, "name_suffix": OPTIONAL_STRING, "tags": TAGS}
VOLUME = DISK | {"iops": OPTIONAL_NUMBER, "throughput": OPTIONAL_NUMBER}


class Folder(NamedTuple):
    """A cloud's variables, and what a file may assign to them."""

    variables: str
    assignments: Mapping[str, Text]
    required: frozenset[str]

    def files(self) -> Text:
        return files(self.assignments, self.required)


def folder(variables: str, required: str, **others: Text) -> Folder:
    names = required.split()
    return Folder(variables, dict.fromkeys(names, STRINGS) | others, frozenset(names))


FOLDERS = {
    "gcp": folder(
        folders.GCP,
        "prefix project_id",
        zone=OPTIONAL_STRING,
        region=QUOTED,
        filestores=or_null(GCP_FILESTORES),
        persistent_disks=map_of(object_of(DISK, frozenset({"size"}))),
    ),
    "older-gcp": folder(
        folders.OLD_GCP,
        "prefix project_id zone region",
        enable_filestore=or_null(BOOLS),
        filestore_capacity_gb=OPTIONAL_NUMBER,
        filestore_tier=OPTIONAL_STRING,
    ),
    "aws": folder(
        folders.AWS,
        "region cluster_name cluster_nodes_location",
        disable_cluster_wide_filestore=BOOLS,
        filestores=map_of(object_of({"name_suffix": OPTIONAL_STRING, "tags": TAGS})),
        ebs_volumes=map_of(object_of(VOLUME, frozenset({"size", "type"}))),
    ),
    "azure": folder(
        folders.AZURE.replace('"storage_size" { type = number }', '"storage_size" {\n type = number\n default = 1\n}'),
        "subscription_id resourcegroup_name global_storage_account_name",
        location=STRINGS,
        storage_size=NUMBERS,
    ),
    "openstack": folder(
        folders.OPENSTACK, "prefix", persistent_disks=or_null(map_of(object_of(DISK, frozenset({"size"}))))
    ),
}

SHAPES = """\
variable "deep" {
  description = "Defaults within defaults."
  nullable    = false
  type = map(object({
    label : optional(string, "none")
    size = optional(number), # no default: null
    inner : optional(object({
      on = optional(bool, true)
      items : optional(list(object({ key = string, weight = optional(number, 1) })), [{ key : "x" }])
      tags = optional(map(string), { made = "by default", "n" : 1 })
    }), {})
    pair  = optional(tuple([string, number]), ["a", 1])
    names = optional(set(string), ["b", "a", "b"])
  }))
  default = { only = { inner = { on = false } } }

  validation {
    condition     = length(var.deep) < 10
    error_message = "Too many: ${length(var.deep)}."
  }
}

variable "anything" {
  default = <<-EOT
      indented
    less so

      # no comment
  EOT
}

variable "typed_any" {
  type    = any
  default = null
}

variable "words" {
  type    = list(string)
  default = [1, true, "three"]
}
"""
ITEM = object_of({"key": STRINGS, "weight": OPTIONAL_NUMBER}, frozenset({"key"}))
INNER = object_of({"on": or_null(BOOLS), "items": or_null(list_of(ITEM)), "tags": TAGS})
DEEP = object_of(
    {
        "label": OPTIONAL_STRING,
        "size": OPTIONAL_NUMBER,
        "inner": or_null(INNER),
        "pair": st.sampled_from(['["x", 2]', '[1, "2"]', "null"]),
        "names": or_null(list_of(STRINGS)),
    }
)
FOLDERS["shapes"] = folder(
    SHAPES, "", deep=or_null(map_of(DEEP)), anything=ANYTHING, typed_any=ANYTHING, words=or_null(list_of(STRINGS))
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
