"""What opens a shell for either front end: an engine for that one shell, which looks at the fleet once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.actions.engine import Engine
from console.actions.protocol import Context, Observe, Target

if TYPE_CHECKING:
    from console.actions.record import Record
    from console.actions.shell.shell import Shell


def engine_for(observe: Observe, record: Record, shell: Shell) -> Engine:
    """The engine that opens SHELL. Whoever works in a shell changes nothing by the plan that a second look could find:
    the first one of OBSERVE stands for preview, run and verification, so that a shell is there in seconds."""
    return Engine(Once(observe), record, find=lambda _name: shell)


class Once:
    """An Observe that looks once at each target, and asks for what is permitted each time."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._seen: dict[tuple[str, str | None], Context] = {}

    async def __call__(self, target: Target) -> Context:
        place = (target.cluster, target.hub)
        if place not in self._seen:
            self._seen[place] = await self._observe(target)
        return self._seen[place]
