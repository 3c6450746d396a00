"""New values as HCL text, in the style of what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from console.inventory.terraform.strings import quoted
from console.inventory.terraform.values import Value, to_string

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
STEP = "  "


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How the entries of an object are written: what stands between key and value, whether keys are between quotes,
    and whether a comma stands behind each line."""

    mark: str = "="
    quotes: bool = False
    commas: bool = False

    def name(self, key: str) -> str:
        return quoted(key) if self.quotes or not _WORD.match(key) else key


def entry(key: str, value: Value, style: Style, *, inner: Style | None = None, width: int = 0) -> str:
    """`key = value` on one line, with INNER for the objects in it; the key is padded to WIDTH."""
    return f"{style.name(key):<{width}} {style.mark} {flow(value, inner or Style(mark=style.mark))}"


def flow(value: Value, style: Style) -> str:
    """VALUE on one line."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool | Decimal):
        return to_string(value)
    if isinstance(value, list):
        return f"[{', '.join(flow(item, style) for item in value)}]"
    inside = ", ".join(entry(key, item, style, inner=style) for key, item in value.items())
    return f"{{ {inside} }}" if inside else "{}"


def block(key: str, attributes: Mapping[str, Value], style: Style, *, inner: Style, indent: str) -> list[str]:
    """An object as an entry of another: a line each for what opens it, its attributes and what closes it.

    Attributes are lined up as `terraform fmt` does it, where `=` stands between.
    """
    width = max((len(inner.name(name)) for name in attributes), default=0) if inner.mark == "=" else 0
    comma = "," if inner.commas else ""
    return [
        f"{indent}{style.name(key)} {style.mark} {{",
        *(f"{indent}{STEP}{entry(name, value, inner, width=width)}{comma}" for name, value in attributes.items()),
        f"{indent}}}",
    ]
