"""Label and field selectors, read and matched as the API server does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from providers.simulated.resources import Json, Resource

Requirement = Callable[[Mapping[str, str]], bool]

_SET = re.compile(r"^(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^\s=!]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[^\s=!]*)$")
_KEY = re.compile(r"^!?[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$")
_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")


class SelectorError(ValueError):
    """A selector that the API server would answer with 400; the message is for its Status."""


def label_requirements(selector: str) -> tuple[Requirement, ...]:
    """The requirements of a label selector, all of which must hold. Raises SelectorError."""
    parts = [part.strip() for part in _OUTSIDE_PARENTHESES.split(selector)] if selector.strip() else []
    return tuple(_label_requirement(part) for part in parts)


def _label_requirement(text: str) -> Requirement:
    if found := _SET.match(text):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["operator"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUAL.match(text):
        key, value = found["key"], found["value"]
        if found["operator"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if not _KEY.match(text):
        raise SelectorError(f"unable to parse requirement: found {text!r}, expected: identifier")
    if text.startswith("!"):
        return lambda labels: text[1:] not in labels
    return lambda labels: text in labels


def field_requirements(selector: str, resource: Resource) -> tuple[tuple[str, bool, str], ...]:
    """(field, wanted equal, value) for each term. Raises SelectorError for a field that RESOURCE cannot select by."""
    terms = []
    for part in (part for part in selector.split(",") if part):
        found = _EQUAL.match(part.strip())
        if found is None:
            raise SelectorError(f"invalid field selector: {part!r}; can't understand {part!r}")
        field = found["key"]
        if field not in ("metadata.name", "metadata.namespace", *resource.fields):
            raise SelectorError(f"field label not supported: {field}")
        terms.append((field, found["operator"] != "!=", found["value"]))
    return tuple(terms)


def selected_name(selector: str) -> str:
    """The one name that a field selector asks for: authorisation may be given by it. "" when there is none."""
    for part in selector.split(","):
        found = _EQUAL.match(part.strip())
        if found and found["key"] == "metadata.name" and found["operator"] != "!=":
            return found["value"]
    return ""


def matches(item: Json, labels: tuple[Requirement, ...], fields: tuple[tuple[str, bool, str], ...]) -> bool:
    own = item["metadata"].get("labels") or {}
    return all(holds(own) for holds in labels) and all(
        (_field(item, field) == value) is wanted for field, wanted, value in fields
    )


def _field(item: Json, field: str) -> str:
    value: object = item
    for step in field.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):  # an event's `source` is selected by its component
        value = value.get("component")
    return "" if value is None else str(value)
