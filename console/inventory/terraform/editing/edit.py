"""Changes one value of a variables file, and holds what comes out against what was meant before anybody sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from console.inventory.editing.refusals import EditRefused
from console.inventory.terraform.editing.places import read_source
from console.inventory.terraform.editing.rendering import Style, block, entry
from console.inventory.terraform.editing.splice import put, remove_entry
from console.inventory.terraform.evaluate import evaluate
from console.inventory.terraform.parse import parse
from console.inventory.terraform.syntax import Attribute, Document, Faulty
from console.inventory.terraform.values import EXACT, Value
from console.inventory.terraform.variables import Variable, Variables, Wrong

_MARK = "\ufeff"


def with_value(content: bytes, variables: Mapping[str, Variable], path: Sequence[str], value: Value) -> bytes:
    """CONTENT with VALUE at PATH: a variable; a variable and a key of its map; an attribute of such an entry.

    Where the file is silent on the variable, its default in VARIABLES counts: what that holds is carried along. Raises
    EditRefused with the lines to put in by hand.
    """
    steps: tuple[Sequence[str], Value] = path, value
    try:
        document = _parsed(content)
        wanted = _wanted(document, variables, path, value)
        if all(one.name != path[0] for one in document.attributes):
            steps = path[:1], wanted
        after = _encoded(content, put(read_source(_text(content)), *steps))
        _check(document, _parsed(after), variables, path[0], wanted)
    except EditRefused as refused:
        raise EditRefused(refused.reason, snippet=snippet(*steps)) from refused
    return after


def without_entry(content: bytes, variables: Mapping[str, Variable], name: str, key: str) -> bytes:
    """CONTENT without the entry KEY in the map of the variable NAME. Raises EditRefused."""
    document = _parsed(content)
    assigned = next((one for one in document.attributes if one.name == name), None)
    if name not in variables or assigned is None:
        raise EditRefused(f"{name} is not set in it")
    before = _before(assigned, variables[name])
    wanted: Value = {one: item for one, item in before.items() if one != key} if isinstance(before, dict) else before
    after = _encoded(content, remove_entry(read_source(_text(content)), name, key))
    _check(document, _parsed(after), variables, name, wanted)
    return after


def snippet(path: Sequence[str], value: Value) -> str:
    """What to put in by hand for VALUE at PATH; `…` stands for what is there already."""
    name, *rest = path
    quotes = Style(quotes=True)
    if not rest:
        if isinstance(value, dict) and value:
            lines = [f"  {entry(key, item, quotes, inner=Style())}" for key, item in value.items()]
            return "\n".join([f"{name} = {{", *lines, "}"])
        return entry(name, value, Style())
    key, *attribute = rest
    if attribute:
        lines = [f"  {quotes.name(key)} = {{", "    …", f"    {entry(attribute[0], value, Style())}", "  }"]
    elif isinstance(value, dict):
        lines = ["  …", *block(key, value, quotes, inner=Style(), indent="  ")]
    else:
        lines = ["  …", f"  {entry(key, value, quotes)}"]
    return "\n".join([f"{name} = {{", *lines, "}"])


def _before(assigned: Attribute | None, variable: Variable) -> Value:
    """What counts now. Raises EditRefused where that can't be worked out."""
    expression = assigned.expression if assigned is not None else variable.default
    try:
        return evaluate(expression) if expression is not None else None
    except Faulty as error:
        raise EditRefused(f"{variable.name} is worked out, not written out: {error.message}") from error


def _wanted(document: Document, variables: Mapping[str, Variable], path: Sequence[str], value: Value) -> Value:
    """What the variable of PATH is to be."""
    name, *rest = path
    if name not in variables:
        raise EditRefused(f"the folder has no variable {name}")
    assigned = next((one for one in document.attributes if one.name == name), None)
    return _put(_before(assigned, variables[name]), rest, value)


def _put(before: Value, path: Sequence[str], value: Value) -> Value:
    if not path:
        return value
    if before is not None and not isinstance(before, dict):
        raise EditRefused("what stands there is no object")
    key, *rest = path
    old: dict[str, Value] = before or {}
    return {**old, key: _put(old.get(key), rest, value)}


def _text(content: bytes) -> str:
    return content.decode().removeprefix(_MARK)


def _encoded(content: bytes, text: str) -> bytes:
    """TEXT as a file that begins as CONTENT does, with a byte order mark or without."""
    return (_MARK if content.decode().startswith(_MARK) else "").encode() + text.encode()


def _parsed(content: bytes) -> Document:
    try:
        return parse(content)
    except Faulty as error:
        raise EditRefused(f"{error.line}:{error.column}: {error.message}") from error


def _check(before: Document, after: Document, variables: Mapping[str, Variable], name: str, wanted: Value) -> None:
    """Raises EditRefused unless AFTER assigns WANTED to the variable NAME, and everything else as BEFORE does."""
    others = [[_bare(one) for one in document.attributes if one.name != name] for document in (before, after)]
    places = [[one.name for one in document.attributes] for document in (before, after)]
    if name not in places[0]:
        places[0].append(name)
    if others[0] != others[1] or places[0] != places[1] or before.blocks or after.blocks:
        raise EditRefused("an edit of it would change other variables, too")
    found = next(one for one in after.attributes if one.name == name)
    if not _same(_before(found, variables[name]), wanted):
        raise EditRefused("an edit of it would not have the effect that is asked for")
    try:
        Variables(variables, "variables.tf", after, "it").value(name)
    except Wrong as error:
        raise EditRefused(error.message) from error


def _same(one: Value, other: Value) -> bool:
    """Equal in type, too; the order of entries does not count."""
    return msgspec.json.encode(_plain(one), order="sorted") == msgspec.json.encode(_plain(other), order="sorted")


def _plain(value: Value) -> Any:
    """Numbers told from strings, and alike however many zeros they end in."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | bool) or value is None else {"number": str(EXACT.normalize(value))}


def _bare(value: Any) -> Any:
    """A piece of syntax without the places at which it stands."""
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__ if name not in ("line", "column")}
        return [type(value).__name__, {name: _bare(item) for name, item in fields.items()}]
    if isinstance(value, tuple):
        return [_bare(item) for item in value]
    return value
