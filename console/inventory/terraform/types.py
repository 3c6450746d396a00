"""Type constraints: turns a value into the type that its variable has, with the defaults that stand in that type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from console.inventory.terraform.evaluate import NotRead, evaluate, key_of
from console.inventory.terraform.syntax import Call, Constant, Expression, Faulty, ObjectOf, Word
from console.inventory.terraform.values import (
    Unusable,
    Value,
    described,
    is_primitive,
    to_bool,
    to_number,
    to_string,
)

_PRIMITIVES: dict[str, Callable[[Value], Value]] = {"string": to_string, "number": to_number, "bool": to_bool}


def typed(value: Value, constraint: Expression | None) -> Value:
    """VALUE as CONSTRAINT (None: any) wants it. Raises Unusable for the value, Faulty for the constraint."""
    if constraint is None or value is None:
        return value
    name, arguments = _taken_apart(constraint)
    if name == "any":
        return value
    if name in _PRIMITIVES:
        return _PRIMITIVES[name](value)
    inner = arguments[0] if arguments else None
    match name:
        case "list" | "set":
            items = _alike([typed(item, inner) for item in _items(value)], inner)
            return _distinct(items) if name == "set" else items
        case "map":
            return _map(value, inner)
        case "tuple" if inner is not None and not isinstance(inner, ObjectOf):
            return _tuple(value, inner)
        case "object" if isinstance(inner, ObjectOf):
            return _object(value, inner)
    raise NotRead("a type of this kind is not read here", constraint.line, constraint.column)


def _taken_apart(constraint: Expression) -> tuple[str, tuple[Expression, ...]]:
    match constraint:
        case Word(name=name):
            return name, ()
        case Call(name=name, arguments=arguments):
            return name, arguments
        case Constant(value=str(name)):  # as it was written before types were words
            return name, ()
    raise Faulty("this is no type", constraint.line, constraint.column)


def _items(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    raise Unusable(f"a list is needed, not {described(value)}")


def _map(value: Value, inner: Expression | None) -> Value:
    if not isinstance(value, dict):
        raise Unusable(f"a map is needed, not {described(value)}")
    converted: dict[str, Value] = {}
    for key, item in value.items():
        try:
            converted[key] = typed(item, inner)
        except Unusable as error:
            raise Unusable(f"in {key}: {error}") from error
    return dict(zip(converted, _alike(list(converted.values()), inner), strict=True))


def _tuple(value: Value, inner: Expression) -> Value:
    kinds = getattr(inner, "items", ())
    items = _items(value)
    if len(items) != len(kinds):
        raise Unusable(f"a list of {len(kinds)} is needed, not of {len(items)}")
    return [typed(item, kind) for item, kind in zip(items, kinds, strict=True)]


def _object(value: Value, attributes: ObjectOf) -> Value:
    """Attributes that the type does not name are left out, as Terraform does."""
    if not isinstance(value, dict):
        raise Unusable(f"an object is needed, not {described(value)}")
    return {(name := key_of(key)): _attribute(name, value, constraint) for key, constraint in attributes.entries}


def _attribute(name: str, value: dict[str, Value], constraint: Expression) -> Value:
    default: Value = None
    if isinstance(constraint, Call) and constraint.name == "optional":
        constraint, *given = constraint.arguments
        default = evaluate(given[0]) if given else None
    elif name not in value:
        raise Unusable(f"{name} is missing")
    given_value = value.get(name)
    try:
        return typed(default if given_value is None else given_value, constraint)
    except Unusable as error:
        raise Unusable(f"in {name}: {error}") from error


def _alike(items: list[Value], inner: Expression | None) -> list[Value]:
    """A list or map of `any` still has one type: all strings where one is."""
    is_any = inner is None or (isinstance(inner, Word) and inner.name == "any")
    if is_any and any(isinstance(item, str) for item in items):
        return [to_string(item) if is_primitive(item) else item for item in items]
    return items


def _distinct(items: list[Value]) -> list[Value]:
    """A set: each item once, strings and numbers in their order."""
    distinct: list[Value] = []
    for item in items:
        if not any(type(item) is type(other) and item == other for other in distinct):
            distinct.append(item)
    words = [item for item in distinct if isinstance(item, str)]
    numbers = [item for item in distinct if isinstance(item, Decimal)]
    ordered: list[Value] = [*sorted(words), *sorted(numbers)]
    return ordered if len(ordered) == len(distinct) else distinct
