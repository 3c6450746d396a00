"""The admin mounts in the text of a hub's values.yaml: taken out, and replaced in place.

`custom.singleuserAdmin.extraVolumeMounts` is spliced into the text: every other byte stays as Helm wrote it. What comes
out is parsed and held against what was there before; where anything else would differ, nothing is edited.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from providers.errors import ProviderError
from providers.kubernetes.objects import HubMount

PATH = ("custom", "singleuserAdmin", "extraVolumeMounts")

Entry = Mapping[str, str | bool]
Entries = Mapping[str, Entry | None] | Sequence[Entry] | None
"""extraVolumeMounts as it stands: a map by key, a list, or None where there is none."""

_FIELDS = frozenset(
    {"name", "mountPath", "subPath", "subPathExpr", "readOnly", "mountPropagation", "recursiveReadOnly"}
)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NULL = "tag:yaml.org,2002:null"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotEditable(ProviderError):
    """The Secret's values are not such that the mounts can be edited in place. The words hold none of them."""

    def __init__(self, why: str) -> None:
        super().__init__("internal", f"the hub's values are not edited: {why}", next_step="deploy the hub again")


def mounts_of(entries: Entries) -> tuple[HubMount, ...]:
    """ENTRIES in the order in which the chart mounts them: a map's by their keys."""
    if isinstance(entries, Mapping):
        return tuple(_mount(key, entry) for key, entry in sorted(entries.items()) if entry)
    return tuple(_mount(None, entry) for entry in entries or ())


def _mount(key: str | None, entry: Entry) -> HubMount:
    return HubMount(
        key=key,
        name=str(entry.get("name", "")),
        mount_path=str(entry.get("mountPath", "")),
        sub_path=str(entry.get("subPath", "")),
        read_only=bool(entry.get("readOnly")),
    )


def same(one: Entries, other: Entries) -> bool:
    """Whether the two mean the same: nulls and empty ones count for nothing, nor does the order of a map."""
    return bool(_shape(one) == _shape(other))


def _shape(entries: Entries) -> Any:
    if isinstance(entries, Mapping):
        return {key: dict(entry) for key, entry in entries.items() if entry} or None
    return [dict(entry) for entry in entries or ()] or None


def checked(value: Any) -> Entries:
    """VALUE, which stands as extraVolumeMounts, where it is nothing but mounts. Raises NotEditable."""
    if value is None:
        return None
    if isinstance(value, dict):
        listed = [entry for entry in value.values() if entry is not None]
        plain = all(isinstance(key, str) for key in value)
    else:
        listed, plain = value, isinstance(value, list)
    if not plain or not all(_is_entry(entry) for entry in listed):
        raise NotEditable("extraVolumeMounts holds something else than mounts")
    return value  # type: ignore[no-any-return]


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) <= _FIELDS
        and all(isinstance(value, str | bool) for value in entry.values())
    )


def entries_of(text: str) -> Entries:
    """What stands in TEXT, a values.yaml. Raises NotEditable."""
    return checked(_at(_parsed(text), PATH))


def spliced(text: str, entries: Entries) -> str:
    """TEXT, a values.yaml, with ENTRIES as its admin mounts and every other value as it was. Raises NotEditable."""
    before = _parsed(text)
    try:
        edited = _edited(text, entries)
        after = _parsed(edited)
    except (ValueError, TypeError, NotEditable):
        raise NotEditable("the mounts stand in it in a way that is not edited") from None
    if _without(after, PATH) != _without(before, PATH) or not same(_at(after, PATH), entries):
        raise NotEditable("more than the mounts would change")
    return edited


def _parsed(text: str) -> dict[str, Any]:
    try:
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, the fast one
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotEditable("values.yaml is not YAML") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise NotEditable("values.yaml is not a map")
    return values


def _at(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _without(value: Any, path: Sequence[str]) -> Any:
    """A copy of VALUE without what stands at PATH, and without the maps on the way that are then empty."""
    if not isinstance(value, dict):
        return {} if value is None else value
    rest = {key: entry for key, entry in value.items() if key != path[0]}
    if path[0] in value and len(path) > 1:
        inner = _without(value[path[0]], path[1:])
        if inner != {}:
            rest[path[0]] = inner
    return rest


def _edited(text: str, entries: Entries) -> str:
    """TEXT with ENTRIES, as JSON on one line, at PATH: in place of what is there, else as a new first key.

    Raises ValueError, TypeError where it can't be written so.
    """
    node: Any = yaml.compose(text, Loader=_Loader)
    value: Any = entries if entries is not None else {}
    if node is None:
        return text + _line(PATH, value)
    depth = 0
    while depth < len(PATH):
        found = _entry(node, PATH[depth])
        if found is None:
            break
        node = found
        depth += 1
    if depth == len(PATH):
        return _replaced(text, node, value)
    if isinstance(node, yaml.MappingNode) and node.value:
        start = node.value[0][0].start_mark
        line = _line(PATH[depth:], value)
        added = f"{line.rstrip()}, " if node.flow_style else line + " " * int(start.column)
        return text[: start.index] + added + text[start.index :]
    if not (isinstance(node, yaml.MappingNode) or (isinstance(node, yaml.ScalarNode) and node.tag == _NULL)):
        raise ValueError("there is no map on the way to the mounts")
    for key in reversed(PATH[depth:]):
        value = {key: value}
    return _replaced(text, node, value)


def _entry(node: Any, key: str) -> Any:
    """The value of KEY in NODE; the last one where it stands there twice, as parsers take it."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in reversed(node.value) if name.value == key), None)


def _replaced(text: str, node: Any, value: Any) -> str:
    start, end = int(node.start_mark.index), _end(node)
    # A block's first line, and an empty value, stand behind the key's colon and whatever space there is.
    head = text[:start].rstrip(" \r\n")
    if not head.endswith(":"):
        return text[:start] + _json(value) + text[end:]
    return f"{head} {_json(value)}{text[end:]}"


def _end(node: Any) -> int:
    """Where the text of NODE ends; a block's own mark stands behind the blanks that follow it."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _json(value: Any) -> str:
    """VALUE as JSON that YAML reads: pairs of surrogates, as JSON may have them, YAML does not know."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _line(path: Sequence[str], value: Any) -> str:
    for key in reversed(path[1:]):
        value = {key: value}
    return f"{path[0]}: {_json(value)}\n"
