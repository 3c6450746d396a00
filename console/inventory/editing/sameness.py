"""Whether two texts of a values file say the same, but for one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.syntax import Loader


def only_differs_at(before: str, after: str, path: Sequence[str]) -> None:
    """Raises EditRefused where the values of the two texts differ elsewhere than at PATH; maps on the way to it that
    are empty, or missing, are the same."""
    old, new = _values(before), _values(after)
    if _without(old, path) != _without(new, path):
        raise EditRefused(
            "an edit of it would change other values, too: parts of it are used in several places, "
            "or the text at its end has no line end"
        )


def _values(text: str) -> Any:
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader, the C one
    except (yaml.YAMLError, ValueError) as error:
        raise EditRefused(f"an edit of it is no valid YAML: {error}".splitlines()[0]) from error


def _without(value: Any, path: Sequence[str]) -> Any:
    """A copy of VALUE without what stands at PATH, and without the empty maps that lead there."""
    if value is None and path:
        return {}
    if not isinstance(value, dict) or not path:
        return value
    rest = {key: entry for key, entry in value.items() if key != path[0]}
    if path[0] in value and len(path) > 1:
        inner = value[path[0]]
        below = inner if inner is None else _without(inner, path[1:])
        if below != {}:
            rest[path[0]] = below
    return rest
