"""Values of Terraform's language, and how it turns one primitive into another.

A number is a Decimal, an object or map a dict, a list, tuple or set a list.
"""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TypeAlias

Value: TypeAlias = "str | bool | Decimal | list[Value] | dict[str, Value] | None"

EXACT = Context(prec=160)
"""Terraform counts with 512 bits."""


class Unusable(Exception):
    """A value of another type is needed. The message does not hold the value."""


def number_of(text: str) -> Decimal:
    """Raises Unusable."""
    try:
        number = EXACT.create_decimal(text)
    except InvalidOperation as error:
        raise Unusable("a number is needed") from error
    if not number.is_finite() or "_" in text or text != text.strip():
        raise Unusable("a number is needed")
    return number


def to_number(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        return number_of(value)
    raise Unusable(f"a number is needed, not {described(value)}")


def to_string(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        digits = format(value, "f")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits) if value else "0"
    raise Unusable(f"a string is needed, not {described(value)}")


def to_bool(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "1", "false", "0"):
        return value in ("true", "1")
    raise Unusable(f"true or false is needed, not {described(value)}")


def described(value: Value) -> str:
    """What kind of value it is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    words = {str: "a string", Decimal: "a number", list: "a list", dict: "an object"}
    return words[type(value)]


def is_primitive(value: Value) -> bool:
    return isinstance(value, str | bool | Decimal)


def plain(value: Value) -> object:
    """VALUE with an int where a number is whole, else a float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
