"""Commands to copy that mean the fleet which the console, or the command, was started on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.actions.outcomes import Outcome, Verdict
    from console.actions.plan import Plan, Step
    from console.actions.protocol import Action, Context

COMMANDS = ("check", "filestores", "history", "look", "shell", "status", "user")
"""Those besides the guided actions that are about a fleet."""


class Started(msgspec.Struct, frozen=True):
    """`options` are those that said which fleet: `--demo`, `--config DIR`, `--context NAME`."""

    options: tuple[str, ...] = ()

    def words(self, text: str) -> str:
        """TEXT in which every command of hubhomes says the same fleet. Once more, it stays as it is."""
        if not self.options or "hubhomes " not in text:
            return text
        from console.actions.registry import registered  # late, as all here: the first paint waits for none of it
        from console.chain.words import command

        own = f"hubhomes {command(*self.options)} "
        return re.sub(rf"\bhubhomes (?=(?:{'|'.join((*COMMANDS, *registered()))})(?![\w-]))", lambda _: own, text)

    def find(self, find: Callable[[str], Action]) -> Callable[[str], Action]:
        """FIND, whose actions say their commands so."""
        return (lambda name: _AsStarted(find(name), self)) if self.options else find

    @contextmanager
    def said(self) -> Iterator[None]:
        """The next step of what is raised within names such commands."""
        from console.actions.protocol import Refused
        from providers.errors import ProviderError

        try:
            yield
        except (Refused, ProviderError) as error:
            error.message, error.next_step = self.words(error.message), self.words(error.next_step)
            raise


class _AsStarted:
    """ACTION, whose plans, outcomes and refusals name the fleet that is meant. The steps stay as they are: the digest
    is over them, and the same whichever way one came."""

    def __init__(self, action: Action, started: Started) -> None:
        self._action, self._started = action, started
        self.name, self.summary, self.target, self.parameters = (
            action.name, action.summary, action.target, action.parameters,
        )  # fmt: skip

    async def plan(self, context: Context) -> Plan:
        with self._started.said():
            return self._of(await self._action.plan(context))

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:
        with self._started.said():
            return await self._action.preview(plan, context)

    async def run(self, step: Step, context: Context) -> Outcome:
        with self._started.said():
            outcome = await self._action.run(step, context)
        return msgspec.structs.replace(outcome, notes=self._all(outcome.notes))

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        with self._started.said():
            verdict = await self._action.verify(plan, context)
        return msgspec.structs.replace(verdict, why=self._started.words(verdict.why))

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        with self._started.said():
            return self._of(await self._action.undo_plan(run, context))

    def _of(self, plan: Plan) -> Plan:
        said: Mapping[str, Any] = {
            "notes": self._all(plan.notes),
            "commands": self._all(plan.commands),
            "risk": self._started.words(plan.risk),
        }
        return msgspec.structs.replace(plan, **said)

    def _all(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self._started.words, texts))
