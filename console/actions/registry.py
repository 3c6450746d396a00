"""The guided actions by name. A module is imported when its action is asked for."""

from __future__ import annotations

from importlib import import_module

import msgspec

from console.actions.protocol import Action, Refused


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """Where an action is: its module has it as ACTION. `offered` False: the front ends open it in a way of its own, and
    only the history asks for it by name. `probes`: its plan looks inside, which has to be permitted."""

    name: str
    module: str
    offered: bool = True
    probes: bool = False


ACTIONS: tuple[Registered, ...] = (
    Registered(name="allusers", module="console.actions.allusers.action"),
    Registered(name="create-share", module="console.actions.storage.create_share", probes=True),
    Registered(name="fix-permissions", module="console.actions.permissions.fix_permissions", probes=True),
    Registered(name="remove-helper-pods", module="console.actions.pods.remove_helper_pods"),
    Registered(name="create-filestore", module="console.actions.filestores.create"),
    Registered(name="grow", module="console.actions.filestores.grow"),
    Registered(name="clear-claim-ref", module="console.actions.storage.clear_claim_ref"),
    Registered(name="move-aside", module="console.actions.homes.move_aside", probes=True),
    Registered(name="rebind", module="console.actions.storage.rebind", probes=True),
    Registered(name="rename-home", module="console.actions.homes.rename_home", probes=True),
    Registered(name="retire-home", module="console.actions.homes.retire_home", probes=True),
    Registered(name="rerun-share-creator", module="console.actions.storage.rerun_share_creator"),
    Registered(name="restart-server", module="console.actions.pods.restart_server"),
    Registered(name="shell", module="console.actions.shell.shell", offered=False),
)


def registered() -> tuple[str, ...]:
    return tuple(one.name for one in ACTIONS if one.offered)


def probes_to_plan(name: str) -> bool:
    """Whether planning the action NAME needs the permission to probe."""
    return any(one.probes for one in ACTIONS if one.name == name)


def action(name: str) -> Action:
    """The action NAME. Raises Refused where there is none."""
    for one in ACTIONS:
        if one.name == name:
            found: Action = import_module(one.module).ACTION
            return found
    raise Refused(f"there is no action {name}", next_step=f"there are: {', '.join(registered()) or 'none'}")
