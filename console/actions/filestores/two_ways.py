"""An action that can be done in two ways: declared, in the files of the configuration, or live, in the cloud itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol

from console.actions.outcomes import Outcome, Verdict
from console.actions.protocol import Context, Parameter

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.actions.plan import Plan, Step

CLOUD = "cloud"
"""What a step's argument `do` says where it changes the cloud; other steps change files."""


class Way(Protocol):
    """A module that does an action in one way. Its functions are those of `protocol.Action`, with what was asked."""

    async def plan(self, asked: Any, context: Context) -> Plan: ...

    async def run(self, step: Step, context: Context) -> Outcome: ...

    async def verify(self, plan: Plan, context: Context) -> Verdict: ...

    async def undo_plan(self, run: Run, context: Context) -> Plan: ...


class TwoWays:
    """Declared by default: files are edited, and Terraform makes it so. `--live` asks the cloud at once; so does what
    nothing can declare.

    A way is a module in `console.actions`, imported when it is taken: it brings what only that way needs.
    """

    name: str
    summary: str
    target: Literal["hub", "cluster", "filestore"]
    parameters: tuple[Parameter, ...]
    ways: tuple[str, str]
    """The names of the modules: the declared one, the live one."""

    async def plan(self, context: Context) -> Plan:
        asked = self.chosen(self.asked(context.parameters), context)
        return await self._way(live=asked.live).plan(asked, context)

    async def preview(self, plan: Plan, context: Context) -> None:
        """No object is sent: neither files nor a cloud can be tried."""

    async def run(self, step: Step, context: Context) -> Outcome:
        return await self._way(live=step.arguments["do"] == CLOUD).run(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        return await self._way_of(plan).verify(plan, context)

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        return await self._way_of(run.intent.plan).undo_plan(run, context)

    def asked(self, parameters: Any) -> Any:
        """PARAMETERS in their own types, one of which is `live`. Raises Refused."""
        raise NotImplementedError

    def chosen(self, asked: Any, context: Context) -> Any:
        """ASKED with the way that is left where CONTEXT has only one."""
        raise NotImplementedError

    def _way_of(self, plan: Plan) -> Way:
        return self._way(live=self.asked(plan.parameters).live)

    def _way(self, *, live: bool) -> Way:
        found: Any = import_module(f"console.actions.filestores.{self.ways[live]}")
        way: Way = found
        return way
