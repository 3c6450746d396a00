"""The ways in which a values file can turn allusers on or off, as edits of its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from console.inventory.editing import splice
from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.rendering import Value, block_lines
from console.inventory.editing.syntax import Node, Syntax, read_syntax
from console.inventory.model import HOME_VOLUME, DeclaredHub, DeclaredMount, is_every_home

Way = Callable[[], str]

REPEATED = "repeats the inherited entries: a list replaces them"
"""What stands beside a list that exists for allusers alone, so that it goes when allusers goes."""

_PREFIX = re.compile(r"(\d+)-")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The allusers mounts to have. `mount_paths` without a slash at the end."""

    mount_paths: tuple[str, ...] = ("/home/jovyan/allusers", "/home/rstudio/allusers")
    read_only: bool = False


def on_ways(text: str, path: Sequence[str], hub: DeclaredHub, wanted: Wanted) -> Iterator[Way]:
    """Ways to have every WANTED mount, the tidiest first."""
    syntax = read_syntax(text)
    mounts = hub.admin_mounts
    missing = [entry for entry in wanted.mount_paths if entry not in _paths(mounts)]
    if _is_list(hub):
        yield lambda: _with_items(syntax, path, mounts, missing, wanted)
        return
    nulls = [key.text for key, value in _entries(syntax, path) if value.kind == "null"]
    if nulls and missing:
        yield lambda: _without_keys(syntax, path, nulls)
    yield lambda: _with_keys(_modes(text, path, mounts, wanted), path, mounts, missing, wanted)


def off_ways(text: str, path: Sequence[str], hub: DeclaredHub) -> Iterator[Way]:
    """Ways to have no allusers mount."""
    syntax = read_syntax(text)
    mounts = hub.admin_mounts
    if _is_list(hub):
        place = _place(syntax, path)
        if place is not None and place.kind == "list":
            if _made_for_allusers(syntax, path):
                yield lambda: splice.remove_value(syntax, path)
            yield lambda: _without_items(text, path)
        elif place is None:
            kept: list[Value] = [_entry(mount) for mount in mounts if not _is_allusers(mount)]
            yield lambda: splice.add_value(syntax, path, kept, comment=REPEATED)
        return
    keys = [mount.key for mount in mounts if _is_allusers(mount) and mount.key]
    yield lambda: _keys_off(text, path, keys, null=())
    inherited = [key for key in keys if key not in {name.text for name, _ in _entries(syntax, path)}]
    yield lambda: _keys_off(text, path, keys, null=inherited)
    yield lambda: _keys_off(text, path, keys, null=keys)


def snippet(hub: DeclaredHub, prefix: Sequence[str], enabled: bool, wanted: Wanted) -> str:
    """What to put into a values file by hand."""
    path = [*prefix, "jupyterhub", "custom", "singleuserAdmin", "extraVolumeMounts"]
    mounts = hub.admin_mounts
    kept = [mount for mount in mounts if not _is_allusers(mount)]
    entries: Value
    if _is_list(hub):
        entries = [*map(_entry, kept), *(_new(mount_path, wanted) for mount_path in wanted.mount_paths if enabled)]
    elif enabled:
        keys = new_keys(_keys(mounts), wanted.mount_paths)
        entries = {key: _new(place, wanted) for key, place in zip(keys, wanted.mount_paths, strict=True)}
    else:
        entries = {mount.key or "": None for mount in mounts if _is_allusers(mount)}
    value: Value = entries
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)  # noqa: S101 - it has just been made
    return "\n".join(block_lines(value, 0, 2)) + "\n"


def _is_allusers(mount: DeclaredMount) -> bool:
    return is_every_home(mount.name, mount.sub_path)


def _paths(mounts: Iterable[DeclaredMount]) -> set[str]:
    return {mount.mount_path.rstrip("/") for mount in mounts if _is_allusers(mount)}


def _is_list(hub: DeclaredHub) -> bool:
    """Whether the hub's mounts have the shape of a list; without any, what the chart has decides."""
    mounts = hub.admin_mounts or hub.chart_admin_mounts
    return bool(mounts) and mounts[0].key is None


def _place(syntax: Syntax, path: Sequence[str]) -> Node | None:
    place = syntax.root
    for name in path:
        found = place.entry(name) if place is not None and place.kind == "map" else None
        if found is None:
            return None
        place = found[1]
    return place


def _entries(syntax: Syntax, path: Sequence[str]) -> list[tuple[Node, Node]]:
    place = _place(syntax, path)
    return list(place.entries()) if place is not None and place.kind == "map" else []


def _entry(mount: DeclaredMount) -> Value:
    entry: dict[str, Value] = {"name": mount.name, "mountPath": mount.mount_path}
    if mount.sub_path:
        entry["subPath"] = mount.sub_path
    if mount.read_only:
        entry["readOnly"] = True
    return entry


def _new(mount_path: str, wanted: Wanted) -> Value:
    entry: dict[str, Value] = {"name": HOME_VOLUME, "mountPath": mount_path}
    return entry | {"readOnly": True} if wanted.read_only else entry


def _keys(mounts: Iterable[DeclaredMount]) -> list[str]:
    return [mount.key or "" for mount in mounts]


def new_keys(there: Iterable[str], mount_paths: Sequence[str]) -> list[str]:
    """Keys for new entries beside the keys that are THERE, with the next numbers where those have numbers in front."""
    there = list(there)
    numbers = [found.group(1) for key in there if (found := _PREFIX.match(key))]
    width = max((len(number) for number in numbers), default=0)
    number = max((int(number) for number in numbers), default=0)
    keys: list[str] = []
    for mount_path in mount_paths:
        number += 1
        owner = mount_path.split("/")[2] if mount_path.startswith("/home/") and mount_path.count("/") > 2 else ""
        name = f"{owner}-allusers" if owner not in ("", "jovyan") else "allusers"
        key = f"{number:0{width}}-{name}" if width else name
        while key in there or key in keys:
            key += "-2"
        keys.append(key)
    return keys


def _with_keys(
    text: str, path: Sequence[str], mounts: Sequence[DeclaredMount], missing: Sequence[str], wanted: Wanted
) -> str:
    syntax = read_syntax(text)
    taken = [key.text for key, _ in _entries(syntax, path)]
    for key, mount_path in zip(new_keys([*_keys(mounts), *taken], missing), missing, strict=True):
        text = splice.add_value(syntax, [*path, key], _new(mount_path, wanted))
        syntax = read_syntax(text)
    return text


def _modes(text: str, path: Sequence[str], mounts: Sequence[DeclaredMount], wanted: Wanted) -> str:
    """The text in which the allusers entries that are there are read-only or not, as wanted."""
    for mount in mounts:
        if not _is_allusers(mount) or mount.read_only == wanted.read_only or not mount.key:
            continue
        syntax = read_syntax(text)
        place = [*path, mount.key, "readOnly"]
        if _place(syntax, place) is None:
            text = splice.add_value(syntax, place, wanted.read_only)
        else:
            text = splice.replace_value(syntax, place, wanted.read_only)
    return text


def _without_keys(syntax: Syntax, path: Sequence[str], keys: Sequence[str]) -> str:
    for key in keys:
        syntax = read_syntax(splice.remove_value(syntax, [*path, key]))
    return syntax.text


def _keys_off(text: str, path: Sequence[str], keys: Sequence[str], *, null: Sequence[str]) -> str:
    """The text without the entries KEYS, or with null for those that are inherited."""
    for key in reversed(keys):
        syntax = read_syntax(text)
        there = _place(syntax, [*path, key]) is not None
        if key not in null:
            if there:
                text = splice.remove_value(syntax, [*path, key])
        elif there:
            text = splice.replace_value(syntax, [*path, key], None)
    for key in null:
        syntax = read_syntax(text)
        if _place(syntax, [*path, key]) is None:
            text = splice.add_value(syntax, [*path, key], None)
    return text


def _with_items(
    syntax: Syntax, path: Sequence[str], mounts: Sequence[DeclaredMount], missing: Sequence[str], wanted: Wanted
) -> str:
    place = _place(syntax, path)
    if place is None:
        entries: list[Value] = [*map(_entry, mounts), *(_new(mount_path, wanted) for mount_path in missing)]
        return splice.add_value(syntax, path, entries, comment=REPEATED)
    if place.kind != "list":
        raise EditRefused("extraVolumeMounts is not written out as a list in it")
    text = _item_modes(syntax, path, wanted)
    for mount_path in missing:
        syntax = read_syntax(text)
        text = splice.add_item(syntax, _list_at(syntax, path), _new(mount_path, wanted))
    return text


def _item_modes(syntax: Syntax, path: Sequence[str], wanted: Wanted) -> str:
    """As _modes, for a list: an entry of the wrong mode is taken out and put in again at the end."""
    text = syntax.text
    for item in reversed(_list_at(syntax, path).children):
        if item.kind == "map" and _item_is_allusers(item) and _item_read_only(item) != wanted.read_only:
            raise EditRefused("an entry of the list has the other mode: turn allusers off first")
    return text


def _without_items(text: str, path: Sequence[str]) -> str:
    while True:
        syntax = read_syntax(text)
        place = _list_at(syntax, path)
        whole = [item for item in place.children if item.kind == "map" and _item_is_allusers(item)]
        if not whole:
            return text
        if len(place.children) == len(whole) and not place.flow:
            return splice.replace_value(syntax, path, [])
        text = splice.remove_item(syntax, place, whole[-1])


def _list_at(syntax: Syntax, path: Sequence[str]) -> Node:
    place = _place(syntax, path)
    if place is None or place.kind != "list":
        raise EditRefused("extraVolumeMounts is not written out as a list in it")
    return place


def _item_text(item: Node, key: str) -> str:
    found = item.entry(key)
    return found[1].text if found is not None and found[1].kind == "scalar" else ""


def _item_is_allusers(item: Node) -> bool:
    return is_every_home(_item_text(item, "name"), _item_text(item, "subPath"))


def _item_read_only(item: Node) -> bool:
    return _item_text(item, "readOnly").lower() in ("true", "yes", "on", "y")


def _made_for_allusers(syntax: Syntax, path: Sequence[str]) -> bool:
    """Whether the list at PATH says beside its key that it only repeats what is inherited."""
    outer = _place(syntax, path[:-1])
    found = outer.entry(path[-1]) if outer is not None else None
    if found is None:
        return False
    line_end = syntax.text.find("\n", found[0].end)
    return REPEATED in syntax.text[found[0].end : line_end]
