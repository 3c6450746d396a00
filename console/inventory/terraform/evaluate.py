"""Works out an expression of constants: all that Terraform allows in a variables file, and in a variable's default."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, DecimalException

from console.inventory.terraform.syntax import (
    Call,
    Constant,
    Expression,
    Faulty,
    ListOf,
    Number,
    ObjectOf,
    Operation,
    Template,
    Word,
)
from console.inventory.terraform.values import (
    EXACT,
    Unusable,
    Value,
    described,
    is_primitive,
    number_of,
    to_bool,
    to_number,
    to_string,
)


class NotRead(Faulty):
    """An expression that Terraform may be able to work out, and this reader is not."""


def evaluate(expression: Expression) -> Value:
    """The value. Raises NotRead, else Faulty, each with the place of what can't be worked out."""
    try:
        return _value(expression)
    except Unusable as error:
        raise Faulty(str(error), expression.line, expression.column) from error
    except DecimalException as error:
        raise Faulty("this can't be calculated", expression.line, expression.column) from error


def _value(expression: Expression) -> Value:
    match expression:
        case Constant(value=value):
            return value
        case Number(digits=digits):
            return number_of(digits)
        case ListOf(items=items):
            return [evaluate(item) for item in items]
        case ObjectOf(entries=entries):
            return {key_of(key): evaluate(value) for key, value in entries}
        case Template(parts=(part,)):
            return evaluate(part)
        case Template(parts=parts):
            return "".join(to_string(evaluate(part)) for part in parts)
        case Operation():
            return _operation(expression)
        case Word():
            message = "a reference stands where only constants may"
            raise Faulty(message, expression.line, expression.column)
        case Call():
            message = "a function is called where only constants may stand"
            raise Faulty(message, expression.line, expression.column)
        case _:
            raise NotRead(f"{expression.what} is not read here", expression.line, expression.column)


def key_of(expression: Expression) -> str:
    """The key of an object's entry. Raises Faulty."""
    value = evaluate(expression)
    try:
        return to_string(value)
    except Unusable as error:
        raise Faulty("a key must be a string", expression.line, expression.column) from error


def entry_places(expression: Expression) -> Mapping[str, tuple[int, int]]:
    """Line and column of each key where EXPRESSION is an object as written."""
    if not isinstance(expression, ObjectOf):
        return {}
    return {key_of(key): (key.line, key.column) for key, _ in expression.entries}


_Number2 = Callable[[Decimal, Decimal], Decimal]
_ARITHMETIC: dict[str, _Number2] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": EXACT.divide,
    "%": EXACT.remainder,
}
_ORDER: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _operation(expression: Operation) -> Value:
    mark = expression.operator
    values = [evaluate(operand) for operand in expression.operands]
    if mark == "?":
        return _chosen(values)
    if len(values) == 1:
        return not to_bool(values[0]) if mark == "!" else EXACT.minus(to_number(values[0]))
    left, right = values
    if mark in _ARITHMETIC:
        return _ARITHMETIC[mark](to_number(left), to_number(right))
    if mark in _ORDER:
        return _ORDER[mark](to_number(left), to_number(right))
    if mark in ("==", "!="):
        return _same(left, right) == (mark == "==")
    return _LOGIC[mark](to_bool(left), to_bool(right))


_LOGIC: dict[str, Callable[[bool, bool], bool]] = {"&&": operator.and_, "||": operator.or_}


def _chosen(values: Sequence[Value]) -> Value:
    """The result of `?`; both its results get one type, as Terraform does it."""
    condition, when_true, when_false = values
    chosen, other = (when_true, when_false) if to_bool(condition) else (when_false, when_true)
    if chosen is None or other is None or type(chosen) is type(other):
        return chosen
    if is_primitive(chosen) and is_primitive(other) and isinstance(chosen, str) != isinstance(other, str):
        return to_string(chosen)
    raise Unusable(f"the two results of ? differ in type: {described(when_true)}, {described(when_false)}")


def _same(left: Value, right: Value) -> bool:
    """Equal in type as well: in Python True is 1."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return left == right
