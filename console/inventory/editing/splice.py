"""Puts entries into a file and takes them out, by cutting its text at known places.

Each function gives the new text and leaves every other character alone. What one puts in, its opposite takes out to the
same bytes. Raises EditRefused where the text is not laid out as such a cut needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.rendering import Value, block_lines, flow, item_lines, scalar
from console.inventory.editing.syntax import Node, Syntax

_DASH = re.compile(r"( *)-[ \t]+\Z")


def add_value(syntax: Syntax, path: Sequence[str], value: Value, *, comment: str = "") -> str:
    """The text with VALUE at PATH, where nothing stands yet; maps that are missing on the way are made.

    COMMENT stands at the end of the new key's line, where it has one of its own.
    """
    if syntax.root is None:
        return _inserted_lines(
            syntax, len(syntax.text), _commented(block_lines(_nested(path, value), 0, 2), path, comment)
        )
    place, rest = syntax.root, list(path)
    while len(rest) > 1 and (found := place.entry(rest[0])) is not None:
        place = found[1]
        if place.kind != "map":
            raise EditRefused(f"{'.'.join(path[: len(path) - len(rest) + 1])} is {_words(place)}, not a map")
        rest.pop(0)
    if place.entry(rest[0]) is not None:
        raise EditRefused(f"{'.'.join(path)} is there already")
    new = _nested(rest, value)
    if place.flow:
        return _inserted_in_flow(syntax, place, _spaced(rest, value, quoted=_quotes(syntax, place)))
    if not place.children:
        raise EditRefused(f"{'.'.join(path)} has no place of its own")
    lines = block_lines(new, place.children[0].column, _step(syntax.root))
    return _inserted_lines(syntax, syntax.behind(place), _commented(lines, rest, comment))


def remove_value(syntax: Syntax, path: Sequence[str]) -> str:
    """The text without the entry at PATH, and without the maps around it that would be left empty."""
    places = _places(syntax, path)
    while len(places) > 1 and places[-2][0].flow and _made_for_one(syntax, places[-1][0]):
        places.pop()
    place, key, value = places[-1]
    if place.flow:
        return _cut_from_flow(syntax, place, key, value)
    start, end = _own_lines(syntax, key, value)
    for outer, outer_key, outer_value in reversed(places[:-1]):
        if outer.flow or sum(1 for _ in outer_value.entries()) > 1:
            break
        around = _own_lines(syntax, outer_key, outer_value)
        if "#" in syntax.text[around[0] : start] or "#" in syntax.text[end : around[1]]:
            return _emptied(syntax, outer_key, start, end)
        start, end = around
    return _without(syntax.text, start, end)


def replace_value(syntax: Syntax, path: Sequence[str], value: Value) -> str:
    """The text with the value at PATH replaced by VALUE, written on the key's line."""
    place, key, old = _places(syntax, path)[-1]
    new = flow(value, quoted=_quotes(syntax, place))
    if old.anchor:
        raise EditRefused(f"{'.'.join(path)} is named &{old.anchor}")
    if old.kind in ("map", "list") and not old.flow:
        return _line_for_block(syntax, key, old, new)
    if old.start == old.end:
        colon = _colon(syntax, key)
        return f"{syntax.text[:colon]} {new}{syntax.text[colon:]}"
    return syntax.text[: old.start] + new + syntax.text[old.end :]


def add_item(syntax: Syntax, place: Node, item: Value) -> str:
    """The text with ITEM at the end of the list PLACE."""
    if place.flow:
        return _inserted_in_flow(syntax, place, flow(item, quoted=_quotes(syntax, place)))
    lines = item_lines(item, _dash_column(syntax, place.children[-1]))
    return _inserted_lines(syntax, syntax.behind(place), lines)


def remove_item(syntax: Syntax, place: Node, item: Node) -> str:
    """The text without ITEM of the list PLACE, which keeps others."""
    if place.flow:
        return _cut_from_flow(syntax, place, item, item)
    _dash_column(syntax, item)
    return _without(syntax.text, syntax.line_start(item.start), syntax.behind(item))


def _places(syntax: Syntax, path: Sequence[str]) -> list[tuple[Node, Node, Node]]:
    """The map, key and value of each step of PATH. Raises EditRefused where it leads nowhere."""
    places: list[tuple[Node, Node, Node]] = []
    place = syntax.root
    for name in path:
        found = place.entry(name) if place is not None and place.kind == "map" else None
        if place is None or found is None:
            raise EditRefused(f"{'.'.join(path)} does not stand in it as such")
        places.append((place, *found))
        place = found[1]
    return places


def _nested(path: Sequence[str], value: Value) -> dict[str, Value]:
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)  # noqa: S101 - a path has at least one key
    return value


def _spaced(path: Sequence[str], value: Value, *, quoted: bool) -> str:
    """The entry for a map in braces. Maps that are made on the way have a space behind their brace: by that they are
    told from those that were empty before."""
    key = scalar(path[0], quoted=quoted)
    if len(path) == 1:
        return f"{key}: {flow(value, quoted=quoted)}"
    return f"{key}: {{ {_spaced(path[1:], value, quoted=quoted)} }}"


def _made_for_one(syntax: Syntax, place: Node) -> bool:
    return len(place.children) == 2 and syntax.text.startswith("{ ", place.start)


def _commented(lines: list[str], path: Sequence[str], comment: str) -> list[str]:
    if comment:
        lines[len(path) - 1] += f"  # {comment}"
    return lines


def _words(place: Node) -> str:
    return {"alias": "an alias of another part", "null": "null", "list": "a list"}.get(place.kind, "a single value")


def _step(root: Node) -> int:
    """How far the file indents: as its first map within a map does."""
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        for key, value in node.entries():
            if value.kind == "map" and not value.flow and value.children:
                return max(1, value.children[0].column - key.column)
        waiting += [value for _, value in node.entries() if value.kind == "map"]
    return 2


def _quotes(syntax: Syntax, place: Node) -> bool:
    """Whether a map or list in brackets quotes as JSON does."""
    if not place.flow:
        return False
    scalars = [child for child in place.children if child.kind == "scalar"]
    if scalars:
        return all(syntax.text[child.start] == '"' for child in scalars[:1])
    return bool(syntax.root and syntax.root.flow and syntax.text.lstrip()[1:].lstrip().startswith('"'))


def _inserted_lines(syntax: Syntax, at: int, lines: list[str]) -> str:
    text, end = syntax.text, syntax.line_end
    new = end.join(lines)
    if at == len(text) and text and not text.endswith("\n"):
        return f"{text}{end}{new}"
    return f"{text[:at]}{new}{end}{text[at:]}"


def _inserted_in_flow(syntax: Syntax, place: Node, new: str) -> str:
    if place.children:
        at = place.children[-1].end
        return f"{syntax.text[:at]}, {new}{syntax.text[at:]}"
    at = syntax.text.index("{" if place.kind == "map" else "[", place.start) + 1
    return f"{syntax.text[:at]}{new}{syntax.text[at:]}"


def _cut_from_flow(syntax: Syntax, place: Node, first: Node, last: Node) -> str:
    """Without what stands from FIRST to LAST between brackets, and the comma that it needed."""
    at = next(index for index, child in enumerate(place.children) if child is first)
    width = 1 if first is last and place.kind == "list" else 2
    text, begin, end = syntax.text, first.start, last.end
    if at > 0:
        begin = place.children[at - 1].end
    elif len(place.children) > width:
        end = place.children[width].start
    if "#" in text[begin:end]:
        raise EditRefused("a comment stands within its brackets")
    return text[:begin] + text[end:]


def _own_lines(syntax: Syntax, key: Node, value: Node) -> tuple[int, int]:
    """From where to where the lines of an entry reach. Raises EditRefused where it shares its first line."""
    start = syntax.line_start(key.start)
    if syntax.text[start : key.start].strip(" "):
        raise EditRefused(f'"{key.text}" does not begin a line')
    return start, syntax.behind(value if value.end > key.end else key)


def _without(text: str, start: int, end: int) -> str:
    """TEXT without whole lines. A last line that had no end leaves none behind."""
    if end == len(text) and not text.endswith("\n") and start > 0:
        start -= 2 if text[start - 2 : start] == "\r\n" else 1
    return text[:start] + text[end:]


def _colon(syntax: Syntax, key: Node) -> int:
    """Where the value of KEY may begin: behind its colon."""
    found = re.compile(r"[ \t]*:").match(syntax.text, key.end)
    if found is None:
        raise EditRefused(f'"{key.text}" is written in a way that is not edited')
    return found.end()


def _emptied(syntax: Syntax, key: Node, start: int, end: int) -> str:
    """Without the lines from START to END, all that KEY held: an empty map in their place."""
    colon = _colon(syntax, key)
    return _without(f"{syntax.text[:colon]} {{}}{syntax.text[colon:]}", start + 3, end + 3)


def _line_for_block(syntax: Syntax, key: Node, old: Node, new: str) -> str:
    """NEW on the line of KEY, for the block OLD below it. What is said about the key stays."""
    text, colon = syntax.text, _colon(syntax, key)
    line_end = text.find("\n", colon)
    said = text[colon:line_end]
    if line_end < 0 or old.start < line_end or (said.strip() and not said.strip().startswith("#")):
        raise EditRefused(f'"{key.text}" is written in a way that is not edited')
    if re.search(r"(^|[ \t])#", text[line_end : syntax.behind(old)], re.MULTILINE):
        raise EditRefused(f'comments stand within "{key.text}"')
    return _without(
        f"{text[:colon]} {new}{text[colon:]}", line_end + 1 + len(new) + 1, syntax.behind(old) + len(new) + 1
    )


def _dash_column(syntax: Syntax, item: Node) -> int:
    start = syntax.line_start(item.start)
    found = _DASH.match(syntax.text[start : item.start])
    if found is None:
        raise EditRefused("its list is written in a way that is not edited")
    return len(found.group(1))
