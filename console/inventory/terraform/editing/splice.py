"""Puts values into a variables file, and takes entries out, by cutting its text at known places.

Each function gives the new text and leaves every other character alone. Raises EditRefused where the text is not laid
out as such a cut needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from console.inventory.editing.refusals import EditRefused
from console.inventory.terraform.editing.places import Entry, Place, Source
from console.inventory.terraform.editing.rendering import STEP, Style, block, entry, flow
from console.inventory.terraform.values import Value

_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*((#|//)[^\n]*|(/\*[^*\n]*\*/[ \t]*)*)\r?\Z")
"""What may stand between an entry of an object and the end of its line."""


def put(source: Source, path: Sequence[str], value: Value) -> str:
    """The text with VALUE at PATH: a variable, an entry of its map, or an attribute of such an entry.

    What stands there is replaced if it is a single value; what is missing on the way is made, the variable itself only
    for a PATH of its name alone.
    """
    name, *rest = path
    place = source.assigned.get(name)
    if place is None:
        if rest:
            raise EditRefused(f"{name} is not set in it")
        return _assigned(source, name, value)
    style = Style()
    for depth, key in enumerate(rest, start=1):
        if place.kind != "object":
            raise EditRefused(f"{'.'.join(path[:depth])} is not written out as an object")
        style = _style(source, place, above=style, outermost=depth == 1)
        found = place.named(key)
        if found is None:
            for inner in reversed(rest[depth:]):
                value = {inner: value}
            return _inserted(source, place, key, value, style)
        place = found.value
    if place.kind != "single" or isinstance(value, dict):
        raise EditRefused(f"{'.'.join(path)} is not written out as a single value")
    return source.text[: place.start] + flow(value, style) + source.text[place.end :]


def remove_entry(source: Source, name: str, key: str) -> str:
    """The text without the entry KEY in the map of the variable NAME. Lines that it has for itself go with it."""
    place = source.assigned.get(name)
    found = place.named(key) if place is not None and place.kind == "object" else None
    if place is None or found is None:
        raise EditRefused(f"{name}.{key} does not stand in it as such")
    line_end = _line_end(source, found)
    whole = _indent(source, found) is not None and line_end < place.end
    if whole and _REST_OF_LINE.match(source.text[found.value.end : line_end]):
        return source.text[: source.line_start(found.start)] + source.text[line_end + 1 :]
    return _cut(source, place, found)


def _assigned(source: Source, name: str, value: Value) -> str:
    """The text with the assignment of a variable at its end; a map has a line for each entry."""
    lines = [f"{name} = {flow(value, Style())}"]
    if isinstance(value, dict) and value:
        entries = (f"{STEP}{entry(key, item, Style(quotes=True))}" for key, item in value.items())
        lines = [f"{name} = {{", *entries, "}"]
    text, end = source.text, source.line_end
    new = end.join(lines)
    gap = end if text.strip() and len(lines) > 1 else ""
    if text and not text.endswith("\n"):
        return f"{text}{end}{gap}{new}"
    return f"{text}{gap}{new}{end}"


def _style(source: Source, place: Place, *, above: Style, outermost: bool) -> Style:
    """How the last entry of PLACE is written; of an empty one, what it stands in."""
    if not place.entries:
        return Style(mark=above.mark, quotes=outermost)
    last = place.entries[-1]
    rest = _REST_OF_LINE.match(source.text[last.value.end : _line_end(source, last)])
    return Style(mark=last.mark, quotes=last.quoted, commas=bool(rest and rest[1]))


def _inserted(source: Source, place: Place, key: str, value: Value, style: Style) -> str:
    """The text with a new entry at the end of PLACE: on a line of its own where the last one is."""
    if not place.entries:
        return _into_empty(source, place, entry(key, value, style))
    text, last = source.text, place.entries[-1]
    inner = Style(mark=style.mark)
    if last.value.entries:
        inner = _style(source, last.value, above=style, outermost=False)
    at, indent = _line_end(source, last) + 1, _indent(source, last)
    if indent is None and text[last.value.end - 1] == "\n":
        indent = ""  # a heredoc ends its line itself
    if indent is None or at >= place.end or not _REST_OF_LINE.match(text[last.value.end : at - 1]):
        new = entry(key, value, style, inner=inner)
        return f"{text[: last.value.end]}, {new}{text[last.value.end :]}"
    lines = [indent + entry(key, value, style, inner=inner)]
    if isinstance(value, dict) and last.value.entries and "\n" in text[last.value.start : last.value.end]:
        lines = block(key, value, style, inner=inner, indent=indent)
    lines[-1] += "," if style.commas else ""
    return text[:at] + "".join(line + source.line_end for line in lines) + text[at:]


def _into_empty(source: Source, place: Place, new: str) -> str:
    """The text with the one entry NEW in PLACE, which holds none. Comments in it stay."""
    text, end = source.text, source.line_end
    begin, close = place.start + 1, place.end - 1
    if not text[begin:close].strip(" \t"):
        if place not in source.assigned.values():
            return f"{text[:begin]} {new} {text[close:]}"
        return f"{text[:begin]}{end}{STEP}{new}{end}{text[close:]}"
    line = source.line_start(close)
    if line > begin and not text[line:close].strip(" \t"):
        return f"{text[:line]}{text[line:close]}{STEP}{new}{end}{text[line:]}"
    return f"{text[:begin]} {new} {text[begin:]}"


def _cut(source: Source, place: Place, found: Entry) -> str:
    """The text without an entry between others, and the comma that it needed."""
    text, at = source.text, place.entries.index(found)
    begin, end = found.start, found.value.end
    if at > 0:
        begin = place.entries[at - 1].value.end
    elif len(place.entries) > 1:
        end = place.entries[1].start
    else:
        begin, end = place.start + 1, place.end - 1
    around = text[begin : found.start] + text[found.value.end : end]
    if around.strip(" \t\r\n,"):
        raise EditRefused("a comment stands beside it")
    return text[:begin] + text[end:]


def _line_end(source: Source, found: Entry) -> int:
    """Where the line ends on which FOUND does; a heredoc holds the end of its own."""
    end = found.value.end
    line_end = source.text.find("\n", end - (source.text[end - 1] == "\n"))
    return len(source.text) if line_end < 0 else line_end


def _indent(source: Source, found: Entry) -> str | None:
    """What stands before FOUND on its line; None where that is more than spaces."""
    before = source.text[source.line_start(found.start) : found.start]
    return None if before.strip(" \t") else before
