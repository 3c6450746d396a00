"""Turns the admin mount of every home on or off: in the values file, or in the running hub."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from console.actions.allusers import back, declared, live
from console.actions.allusers.asked import PARAMETERS, asked_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Plan, Step
from console.actions.protocol import Context, Parameter, Refused

if TYPE_CHECKING:
    from console.actions.history import Run


class Allusers:
    """Declared by default: the values file is edited, and a deploy makes it so. `--live` does without, until then.

    `sleep` is how it waits for the hub.
    """

    name = declared.NAME
    summary = "Mount every home for a hub's admins, or no longer: in the values file, or live in the running hub."
    target: Literal["hub", "cluster", "filestore"] = "hub"
    parameters: tuple[Parameter, ...] = PARAMETERS

    def __init__(self, *, sleep: live.Sleep = asyncio.sleep) -> None:
        self._sleep = sleep

    async def plan(self, context: Context) -> Plan:
        asked = asked_of(context.parameters)
        if asked.enabled and context.hub is not None and context.hub.backend == "none":
            raise Refused(
                f"homes of {context.hub.key} are not on NFS: there is no volume of every home, and servers of admins"
                " would not start with a mount of it"
            )
        return await live.plan(asked, context) if asked.live else await declared.plan(asked, context)

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:
        return await live.preview(plan, context) if _is_live(plan) else None

    async def run(self, step: Step, context: Context) -> Outcome:
        if step.arguments["do"] in ("secret", "restart", "stop"):
            return await live.run(step, context, sleep=self._sleep)
        return await declared.run(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        return await live.verify(plan, context) if _is_live(plan) else await declared.verify(plan, context)

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        if _is_live(run.intent.plan):
            return await live.undo_plan(run, context)
        return await back.undo_plan(run, context)


ACTION = Allusers()


def _is_live(plan: Plan) -> bool:
    return asked_of(plan.parameters).live
