"""Gives one file or folder of a home another name, so that whatever reads it at start no longer finds it.

A broken start-up file keeps a server from starting; its content stays beside it, and the way back is the undo.
"""

from __future__ import annotations

from typing import Literal

from console.actions.homes.move_aside_path import aside, raw_path
from console.actions.homes.renaming import Renaming, looked_at, renaming_step
from console.actions.hub_directory import by_shell, servers_here
from console.actions.permissions.scope import raw_name
from console.actions.plan import Plan
from console.actions.protocol import Context, Parameter, Refused
from providers.kubernetes.moving.protocol import Move


class MoveAside(Renaming):
    """Renames within its directory, never over something else, and never through a link."""

    name = "move-aside"
    summary = "Move one file or folder of a home aside: it is renamed in its place, and can be moved back."
    target: Literal["hub", "cluster", "filestore"] = "hub"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="home", kind="text", required=True, help="The home, as the console shows its name.", of_home="name"
        ),
        Parameter(name="path", kind="text", required=True, help="The file or folder in it, such as .bashrc."),
    )
    asked = ("home", "path")

    async def plan(self, context: Context) -> Plan:
        seen = await looked_at(_asked(context), context)
        if seen.done:
            return self.planned(context, notes=(f"it was moved aside already: {seen.shown_new}",))
        if seen.old is None:
            raise Refused(f"{seen.shown_old} is not there", next_step=f"see what is: {by_shell(context)}")
        if seen.new is not None:
            raise Refused(f"{seen.shown_new} is there already", next_step=f"see what it is: {by_shell(context)}")
        step = await renaming_step("aside", seen, context, undo="rename it back")
        return self.planned(context, step, servers=await servers_here(context))


ACTION = MoveAside()


def _asked(context: Context) -> Move:
    """What is to be moved. Raises Refused for what is no home, or no path in one."""
    home = raw_name(str(context.parameters.get("home") or ""))
    *above, name = raw_path(str(context.parameters.get("path") or ""))
    folder = b"/".join((home, *above))
    return Move(folder=folder, old=name, into=folder, new=aside(name, context))
