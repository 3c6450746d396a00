"""The configuration tree as it is now, with the edit of allusers that was asked for made on a draft of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.allusers.asked import Asked, every_home
from console.actions.configuration import tree as configuration_tree
from console.actions.configuration.tree import by_hand, tree_draft
from console.actions.protocol import Context, Refused

if TYPE_CHECKING:
    from console.inventory.editing.allusers import AllusersEdit


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The edit that was asked for, made on the tree as it is now. `base` is the folder that file names are in."""

    base: Path
    edit: AllusersEdit
    was: Mapping[str, Any]
    """What was asked for is the reverse of this: the parameters that would ask for what the hub has now."""

    @property
    def as_asked(self) -> bool:
        return self.edit.before == self.edit.after

    @property
    def path(self) -> Path:
        return self.base / self.edit.file


def hub_name(context: Context) -> str:
    """The hub that it is about. Raises Refused where none is named."""
    if context.hub is None:
        raise Refused("allusers is for one hub", next_step="hubhomes allusers C/H on")
    return context.hub.name


def base_of(context: Context) -> Path:
    return configuration_tree.base_of(context, otherwise="to change the running hub alone")


def found_of(asked: Asked, context: Context) -> Found:
    """Reads the tree, which blocks. Raises Refused."""
    from console.inventory.editing.admin_mounts import Wanted
    from console.inventory.editing.allusers import edit_allusers
    from console.inventory.editing.overlay import hub_of
    from console.inventory.editing.refusals import EditRefused

    base = base_of(context)
    cluster, hub = context.cluster.name, hub_name(context)
    draft = tree_draft(context)
    try:
        declared = hub_of(draft.inventory, cluster, hub)
    except KeyError:
        raise Refused(f"the configuration has no hub {cluster}/{hub}", next_step="--live changes it alone") from None
    file = _named(asked.file, declared.values_files) if asked.file else None
    wanted = Wanted(read_only=asked.read_only)
    try:
        edit = edit_allusers(draft, cluster, hub, enabled=asked.enabled, wanted=wanted, file=file)
    except EditRefused as refused:
        raise by_hand("no file", refused) from refused
    whole = [mount for mount in declared.admin_mounts if every_home(mount)]
    was = {"state": "on" if whole else "off", "read_only": bool(whole) and all(mount.read_only for mount in whole)}
    return Found(base=base, edit=edit, was=was)


def _named(given: str, files: tuple[str, ...]) -> str:
    """The hub's values file that GIVEN means: as origins name it, or its end. Raises Refused."""
    found = [file for file in files if file == given or file.endswith(f"/{given}")]
    if len(found) == 1:
        return found[0]
    raise Refused(f"{given} is no values file of the hub", next_step=f"there are: {', '.join(files) or 'none'}")
