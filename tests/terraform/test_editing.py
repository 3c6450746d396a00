"""Edits of variables files: judged by a real `tofu console`, and by the bytes that stay."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from console.actions.configuration.file_edit import edit_of
from console.inventory.editing.refusals import EditRefused
from console.inventory.terraform.editing.edit import with_value, without_entry
from console.inventory.terraform.parse import parse
from console.inventory.terraform.values import Value, plain
from console.inventory.terraform.variables import Variable, declared
from tests.terraform import folders
from tests.terraform.folders import GCP_START
from tests.terraform.generated import FOLDERS
from tests.terraform.judge import judged, ours

Path_ = tuple[str, ...]
STORE: Value = {"name_suffix": 'n"ew ${x}', "capacity_gb": Decimal(2560), "tier": "BASIC_SSD"}
DISK: Value = {"size": Decimal(75), "type": "pd-ssd", "name_suffix": "new"}
ENTRIES: Mapping[str, Mapping[str, tuple[Value, str, Value]]] = {
    "gcp": {"filestores": (STORE, "capacity_gb", Decimal(4096)), "persistent_disks": (DISK, "size", Decimal(4096))},
    "aws": {"filestores": ({"name_suffix": "new"}, "name_suffix", "old"), "ebs_volumes": (DISK, "size", Decimal(9))},
    "openstack": {"persistent_disks": ({"size": Decimal(75)}, "size", Decimal(4096))},
}
"""By folder and map: a new entry, and an attribute with a new value."""
SCALARS: Mapping[str, Mapping[str, Value]] = {
    "older-gcp": {"enable_filestore": True, "filestore_capacity_gb": Decimal(2048), "filestore_tier": "BASIC_SSD"},
    "azure": {"storage_size": Decimal(5000), "location": "we${st}"},
}
MAY_REFUSE = re.compile(r"not written out as|is worked out|more than once|an object is needed|is missing")


def edits_of(name: str, variables: str, text: str) -> Iterator[tuple[Path_, Value]]:
    for scalar, value in SCALARS.get(name, {}).items():
        yield (scalar,), value
    for variable, (entry, attribute, value) in ENTRIES.get(name, {}).items():
        yield (variable, "new-one"), entry
        there = ours(variables, text, [variable])[variable] or {}
        yield from (((variable, key, attribute), value) for key in list(there)[:2])


def edited(variables: Mapping[str, Variable], text: str, path: Path_, value: Value) -> str | None:
    """The text after the edit; None where it is refused for what stands there."""
    try:
        return with_value(text.encode(), variables, path, value).decode()
    except EditRefused as refused:
        why = refused
    assert MAY_REFUSE.search(why.reason), why.reason
    assert path[0] in why.snippet
    return None


def check_bytes(before: str, after: str) -> None:
    """One cut alone, within a line; taken back it gives the same bytes."""
    edit = edit_of("a.tfvars", before.encode(), after.encode())
    assert "\n" not in edit.removed
    assert edit.reversed.edited(after.encode()) == before.encode()


def wanted(values: dict[str, Any], path: Path_, value: Value) -> dict[str, Any]:
    """VALUES with VALUE at PATH: the attributes that an entry had, or has by default, stay."""
    name, *rest = path
    if not rest:
        return {**values, name: plain(value)}
    old = values[name] or {}
    new = plain(value) if len(rest) == 1 else {rest[1]: plain(value)}
    assert isinstance(new, dict)
    return {**values, name: {**old, rest[0]: {**old.get(rest[0], {}), **new}}}


def covers(found: Any, least: Any) -> bool:
    """Whether FOUND says all that LEAST does; a new entry has its type's defaults besides."""
    if isinstance(least, dict) and isinstance(found, dict):
        return all(key in found and covers(found[key], item) for key, item in least.items())
    return bool(found == least)


@pytest.mark.tofu
@pytest.mark.parametrize("name", [*ENTRIES, *SCALARS])
@settings(
    max_examples=int(os.environ.get("HUBHOMES_JUDGED_FILES", "10")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_edits_of_generated_files_are_what_tofu_reads(tmp_path: Path, name: str, data: st.DataObject) -> None:
    folder = FOLDERS[name]
    text = data.draw(folder.files())
    names = re.findall(r'^variable "?(\w+)', folder.variables, re.MULTILINE)
    variables = declared(parse(folder.variables.encode()))
    texts: list[str] = [text]
    paths: list[tuple[Path_, Value]] = []
    for path, value in edits_of(name, folder.variables, text):
        after = edited(variables, text, path, value)
        event(f"{path[0]}: {'refused' if after is None else 'edited'}")
        if after is not None:
            check_bytes(text, after)
            texts.append(after)
            paths.append((path, value))
    before, *afters = _judged_together(tmp_path, folder.variables, texts, names)
    for values, (path, value) in zip(afters, paths, strict=True):
        expected = wanted(before, path, value)
        assert covers(values, expected)
        assert {key: item for key, item in values.items() if key != path[0]} == {
            key: item for key, item in before.items() if key != path[0]
        }
        assert not isinstance(expected[path[0]], dict) or values[path[0]].keys() == expected[path[0]].keys()


def _judged_together(folder: Path, variables: str, texts: list[str], names: list[str]) -> list[dict[str, Any]]:
    """What tofu makes of each of TEXTS, asked in one go: each has the variables under names of its own."""
    called = re.compile(rf"^(?:{'|'.join([*names, 'unknown_here'])})\b", re.MULTILINE)
    heads = re.compile(r'^variable "?(\w+)"?', re.MULTILINE)
    numbers = range(len(texts))
    every = "\n".join(called.sub(rf"\g<0>_{number}", texts[number].replace("\r\n", "\n")) for number in numbers)
    declarations = "\n".join(
        re.sub(r"var\.(\w+)", rf"var.\1_{number}", heads.sub(rf'variable "\1_{number}"', variables))
        for number in numbers
    )
    found = judged(folder, declarations, every + "\n", [f"{name}_{number}" for number in numbers for name in names])
    return [{name: found[f"{name}_{number}"] for name in names} for number in numbers]


VARIABLES = declared(parse(folders.GCP.encode()))
NEW: Value = {"name_suffix": "new", "capacity_gb": Decimal(2048)}

LAYOUTS = {
    "an empty map": (
        "filestores = {}\n",
        'filestores = {\n  "new" = { name_suffix = "new", capacity_gb = 2048 }\n}\n',
    ),
    "one that holds comments": (
        "filestores = { # none\n  /* yet */\n}\n",
        'filestores = { # none\n  /* yet */\n  "new" = { name_suffix = "new", capacity_gb = 2048 }\n}\n',
    ),
    "colons and commas": (
        'filestores = {\n  "a" : {}, # first\n  # more\n}\n',
        'filestores = {\n  "a" : {}, # first\n  "new" : { name_suffix : "new", capacity_gb : 2048 },\n  # more\n}\n',
    ),
    "bare keys, objects of several lines": (
        'filestores = {\n    a = {\n      tier        = "ZONAL"\n    } // x\n}\n',
        'filestores = {\n    a = {\n      tier        = "ZONAL"\n    } // x\n'
        '    new = {\n      name_suffix = "new"\n      capacity_gb = 2048\n    }\n}\n',
    ),
    "one line": (
        "filestores = { a = { capacity_gb = 1 } }",
        'filestores = { a = { capacity_gb = 1 }, new = { name_suffix = "new", capacity_gb = 2048 } }',
    ),
    "one line that ends in a comma": (
        'filestores = { "a" : { capacity_gb : 1 }, } # c',
        'filestores = { "a" : { capacity_gb : 1 }, "new" : { name_suffix : "new", capacity_gb : 2048 }, } # c',
    ),
    "a file that is silent": (
        'zone = "b"\n',
        'zone = "b"\n\nfilestores = {\n  "filestore" = {}\n  "new" = { name_suffix = "new", capacity_gb = 2048 }\n}\n',
    ),
    "a silent file without an end of line": (
        'zone = "b" # c',
        'zone = "b" # c\n\nfilestores = {\n  "filestore" = {}\n'
        '  "new" = { name_suffix = "new", capacity_gb = 2048 }\n}',
    ),
}


@pytest.mark.parametrize(("before", "after"), LAYOUTS.values(), ids=LAYOUTS)
def test_a_new_entry_is_written_as_those_beside_it(before: str, after: str) -> None:
    found = with_value((GCP_START + before).encode(), VARIABLES, ("filestores", "new"), NEW).decode()
    assert found == GCP_START + after
    windows = (GCP_START + before).replace("\n", "\r\n").encode()
    found = with_value(windows, VARIABLES, ("filestores", "new"), NEW).decode()
    assert found == (GCP_START + after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ a = { capacity_gb = 1024 } }", "{ a = { capacity_gb = 2048 } }"),
        ('{ a : { "capacity_gb" : "1024" /* GiB */ } }', '{ a : { "capacity_gb" : 2048 /* GiB */ } }'),
        ("{ a : {} }", "{ a : { capacity_gb : 2048 } }"),
        ('{ a = { tier = "ZONAL" } }', '{ a = { tier = "ZONAL", capacity_gb = 2048 } }'),
        ('{ a = {\n  "tier" = "ZONAL", # c\n} }', '{ a = {\n  "tier" = "ZONAL", # c\n  "capacity_gb" = 2048,\n} }'),
        ("{ a = {\n  tier = <<E\nZONAL\nE\n} }", "{ a = {\n  tier = <<E\nZONAL\nE\n  capacity_gb = 2048\n} }"),
    ],
)
def test_an_attribute_changes_alone(before: str, after: str) -> None:
    text = f"{GCP_START}filestores = {before}\n"
    found = with_value(text.encode(), VARIABLES, ("filestores", "a", "capacity_gb"), Decimal(2048)).decode()
    assert found == f"{GCP_START}filestores = {after}\n"


def test_an_entry_goes_with_its_lines() -> None:
    for before, _ in LAYOUTS.values():
        if "filestores" in before:
            text = (GCP_START + before).encode()
            after = with_value(text, VARIABLES, ("filestores", "new"), NEW)
            back = without_entry(after, VARIABLES, "filestores", "new").decode()
            assert back.replace("{\n}", "{}") == GCP_START + before


REFUSED = {
    "worked out": "{ a = { capacity_gb = 2 * 512 } }",
    "a template": '{ a = { capacity_gb = "${1024}" } }',
    "twice": "{ a = {}, a = { capacity_gb = 1024 } }",
    "null": "{ a = null }",
    "chosen": "true ? { a = {} } : {}",
    "a for expression": '{ for key in ["a"] : key => { capacity_gb = 1024 } }',
    "a function": "merge({}, { a = {} })",
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_edited_safely_is_refused_with_what_to_paste(value: str) -> None:
    text = f"{GCP_START}filestores = {value}\n".encode()
    with pytest.raises(EditRefused) as refused:
        with_value(text, VARIABLES, ("filestores", "a", "capacity_gb"), Decimal(2048))
    assert refused.value.snippet.splitlines() == [
        "filestores = {", '  "a" = {', "    …", "    capacity_gb = 2048", "  }", "}",
    ]  # fmt: skip


def test_a_value_that_its_type_does_not_take_is_refused() -> None:
    with pytest.raises(EditRefused, match="a number is needed"):
        with_value(GCP_START.encode(), VARIABLES, ("filestores", "filestore", "capacity_gb"), "much")


def test_a_mark_at_the_beginning_stays() -> None:
    text = ("\ufeff" + GCP_START + "filestores = {}\n").encode()
    assert with_value(text, VARIABLES, ("filestores", "a"), {}).decode() == (
        "\ufeff" + GCP_START + 'filestores = {\n  "a" = {}\n}\n'
    )
