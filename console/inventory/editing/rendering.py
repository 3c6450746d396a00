"""New values as YAML text, in the style of the file that takes them in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import yaml

from console.inventory.editing.syntax import Loader

Value = str | bool | None | Mapping[str, "Value"] | Sequence["Value"]

_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./-]*\Z")
_STRING = "tag:yaml.org,2002:str"


def block_lines(value: Mapping[str, Value], indent: int, step: int) -> list[str]:
    """The entries of a map, a line each, INDENT spaces in; what stands under them STEP further."""
    lines: list[str] = []
    for key, entry in value.items():
        lead = f"{' ' * indent}{scalar(key)}:"
        if isinstance(entry, Mapping) and entry:
            lines += [lead, *block_lines(entry, indent + step, step)]
        elif isinstance(entry, Sequence) and not isinstance(entry, str) and entry:
            lines.append(lead)
            for item in entry:
                lines += item_lines(item, indent + step)
        else:
            lines.append(f"{lead} {flow(entry)}")
    return lines


def item_lines(item: Value, indent: int) -> list[str]:
    """An entry of a list, its dash INDENT spaces in."""
    if not isinstance(item, Mapping) or not item:
        return [f"{' ' * indent}- {flow(item)}"]
    first, *others = block_lines(item, indent + 2, 2)
    return [f"{' ' * indent}- {first.lstrip(' ')}", *others]


def flow(value: Value, *, quoted: bool = False) -> str:
    """VALUE on one line. QUOTED: as JSON writes it."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(key, quoted=quoted)}: {flow(entry, quoted=quoted)}" for key, entry in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(entry, quoted=quoted) for entry in value) + "]"
    return scalar(value, quoted=quoted)


def scalar(value: str | bool | None, *, quoted: bool = False) -> str:
    """A scalar that any YAML parser reads as VALUE."""
    if not isinstance(value, str):
        return json.dumps(value)
    if quoted or not _PLAIN.match(value) or _resolved(value) != _STRING or value.lower() in ("y", "n"):
        return json.dumps(value)
    return value


def _resolved(text: str) -> str:
    node = yaml.compose(text, Loader=Loader)
    return str(node.tag) if node is not None else ""
