"""The way back of a declared allusers: the file as it was, its commit's branch removed, and hubs deployed again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.actions.allusers.asked import asked_of
from console.actions.allusers.declared import LATER, deploy_step, mounts_step, risk
from console.actions.allusers.tree import base_of, found_of
from console.actions.configuration.file_edit import edit_in, edit_of
from console.actions.configuration.file_steps import changed_since, taken_back, uncommitted
from console.actions.plan import Plan, Step
from console.actions.protocol import Context

if TYPE_CHECKING:
    from console.actions.history import Run


async def undo_plan(done: Run, context: Context) -> Plan:
    """The file as it was before, byte for byte while it is as we left it; else an edit to the same effect."""
    return await asyncio.to_thread(_planned_back, done, context)


def _planned_back(done: Run, context: Context) -> Plan:
    base = base_of(context)
    steps: list[Step] = []
    notes: list[str] = []
    redeployed: list[str] = []
    for one in reversed(done.touched):
        arguments = one.step.arguments
        if arguments["do"] == "write":
            step, said = _taken_back(one.step, base, context)
            steps += [step] if step else []
            notes += said
        elif arguments["do"] == "commit":
            step, said = uncommitted(arguments, base)
            steps += [step] if step else []
            notes += said
        else:
            redeployed.append(f"{arguments['cluster']}/{arguments['hub']}")
    planned = done.intent.plan
    asked = asked_of({**planned.parameters, "state": "off" if planned.parameters["state"] == "on" else "on",
                      "read_only": False})  # fmt: skip
    steps += [deploy_step(key, context, after="what the file says then") for key in reversed(redeployed)]
    return msgspec.structs.replace(
        planned,
        steps=tuple(steps),
        risk=risk(asked),
        notes=(*notes, *([] if redeployed else [f"it takes effect by the next deploy; {LATER}"])),
        commands=(),
        permission="write" if redeployed else "none",
        namespace=planned.namespace if redeployed else "",
        lasts_s=None,
    )


def _taken_back(step: Step, base: Path, context: Context) -> tuple[Step | None, list[str]]:
    """The way back of an edit, and what to say of it."""
    if not changed_since(step, base):
        return taken_back(step, base), []
    edit = edit_in(step.arguments)
    found = found_of(asked_of({**step.arguments["was"], "file": edit.file}), context)
    said = [f"{edit.file} was changed since: it is edited to the same effect, not put back as it was"]
    if found.as_asked:
        return None, said
    change = edit_of(found.edit.file, found.edit.before, found.edit.after)
    again = mounts_step(change, found.edit.changes, was=found.was, diff=found.edit.diff)
    return msgspec.structs.replace(again, undo=""), said
