"""Turns what is wrong into Problems, each cause once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from console.inventory.model import Problem


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """PROBLEMS with each cause once: what hits several hubs is their cluster's, what hits several clusters the tree's.

    The message then says whom it hits. Order is that of first appearance.
    """
    causes: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        causes.setdefault((problem.kind, problem.origin, problem.message), []).append(problem)
    return [_one(group) for group in causes.values()]


def _one(group: list[Problem]) -> Problem:
    first = group[0]
    clusters = list(dict.fromkeys(problem.cluster for problem in group))
    hubs = list(dict.fromkeys((problem.cluster, problem.hub) for problem in group if problem.hub))
    if len(hubs) < 2 and len(clusters) < 2:
        return first
    if len(clusters) > 1:
        message = f"{first.message} (hits {_counted([f'{cluster}/{hub}' for cluster, hub in hubs] or clusters)})"
        return msgspec.structs.replace(first, cluster="", hub=None, message=message)
    message = f"{first.message} (hits {_counted([hub or '' for _, hub in hubs])})"
    return msgspec.structs.replace(first, hub=None, message=message)


def _counted(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
