"""Points hubs at a filestore in their values files: the edits, what they mean for users, and the way back."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from console.actions.configuration.file_edit import edit_of
from console.actions.configuration.file_steps import changed_since, commit_command, committed, taken_back, write_step
from console.actions.configuration.tree import base_of, by_hand, tree_draft
from console.actions.plan import Step
from console.actions.protocol import Context, Refused
from console.chain.addresses import is_ip
from console.chain.words import command

if TYPE_CHECKING:
    from console.inventory.editing.overlay import TreeDraft
    from console.inventory.editing.server import ServerEdit
    from providers.filestores.protocol import Filestore

RISK = "homes stay where they are: users of a hub find empty ones on another filestore until they are copied there"
_OTHERWISE = "without --point"


def mount_source(store: Filestore) -> tuple[str, str]:
    """Server and path that a hub's values need to mount STORE: its name where it has one, else its address; "" for
    what the cloud has not said yet."""
    named = sorted(store.addresses, key=is_ip)
    return (named[0] if named else "", store.exports[0] if store.exports else "")


def point_steps(hubs: Iterable[str], context: Context, *, server: str, path: str) -> list[Step]:
    """The edits after which HUBS of the cluster live on SERVER below PATH; none for those that do. Blocks. Raises
    Refused."""
    names = list(hubs)
    check_hubs(names, context)
    if not names:
        return []
    draft = tree_draft(context)
    edits = [(name, _edit(draft, context.cluster.name, name, server, f"{path.rstrip('/')}/")) for name in names]
    return [_write(edit, name, context) for name, edit in edits if edit.before != edit.after]


def hubs_of(steps: Iterable[Step], context: Context) -> tuple[str, ...]:
    """The hubs, as cluster/hub, whose values STEPS edit."""
    names = {step.arguments["was"]["hub"] for step in steps if step.arguments["do"] == "write"}
    return tuple(f"{context.cluster.name}/{name}" for name in sorted(names))


def later(hubs: Iterable[str], context: Context) -> list[str]:
    """What is left to do for HUBS when their values say it."""
    return [
        f"{hub} lives on it when it was deployed and its PersistentVolume was made again: "
        + command("hubhomes", "rebind", f"{context.cluster.name}/{hub}")
        for hub in hubs
    ]


def said_already(hubs: Iterable[str], edited: Container[str], context: Context) -> list[str]:
    """Which of HUBS are not among those EDITED: their values name the filestore as they are."""
    keys = [f"{context.cluster.name}/{hub}" for hub in hubs]
    return [f"the values of {key} say so already" for key in keys if key not in edited]


def with_commit(
    writes: Sequence[Step], hubs: Sequence[str], context: Context, *, commit: bool
) -> tuple[list[Step], tuple[str, ...]]:
    """The edits WRITES behind their one COMMIT, or the command by which they are committed. The branch is named by
    HUBS, all that were asked for: what is left of a run that was cut short finds it again. Blocks. Raises Refused."""
    if not writes:
        return [], ()
    base, cluster = base_of(context, otherwise=_OTHERWISE), context.cluster.name
    if not commit:
        return [*writes], (commit_command((step.arguments["file"] for step in writes), base, _message(writes)),)
    name = "-".join(("point", cluster, *hubs[:3]))
    return committed(writes, base, name=name, message=_message(writes)), ()


def _message(writes: Sequence[Step]) -> str:
    """What the edits do, as a commit says it: `Point earth/staging at 10.2.0.18:/homes/staging`."""
    pointed = [step.after.split(": ", 1) for step in writes]
    if len(pointed) == 1:
        return f"Point {pointed[0][0]} at {pointed[0][1]}\n"
    server = pointed[0][1].partition(":")[0]
    return f"Point {', '.join(key for key, _ in pointed)} at {server}\n"


def check_hubs(names: Iterable[str], context: Context) -> None:
    """Raises Refused for a hub that the cluster does not have."""
    there = [hub.name for hub in context.cluster.hubs]
    for name in names:
        if name not in there:
            raise Refused(f"{context.cluster.name} has no hub {name}",
                          next_step=f"there are: {', '.join(there) or 'none'}")  # fmt: skip


def pointed_back(step: Step, context: Context) -> tuple[Step | None, list[str]]:
    """The way back of such an edit, and what to say of it. Raises Refused."""
    base = base_of(context, otherwise=_OTHERWISE)
    if not changed_since(step, base):
        return taken_back(step, base), []
    file, was = step.arguments["file"], step.arguments["was"]
    edit = _edit(tree_draft(context), context.cluster.name, was["hub"], was["server"], was["base"])
    said = [f"{file} was changed since: it is edited to the same effect, not put back as it was"]
    if edit.before == edit.after:
        return None, said
    return msgspec.structs.replace(_write(edit, was["hub"], context), undo=""), said


def snippet_lines(hub: str, context: Context, *, server: str, path: str) -> list[str]:
    """What goes into the values of HUB when its filestore is there."""
    from console.inventory.editing.server import snippet

    declared = next((one.declared for one in context.cluster.hubs if one.name == hub), None)
    if declared is None:
        raise Refused(f"the configuration has no hub {context.cluster.name}/{hub}")
    return snippet(declared, server=server, base=f"{path.rstrip('/')}/").splitlines()


def _edit(draft: TreeDraft, cluster: str, hub: str, server: str, base: str) -> ServerEdit:
    from console.inventory.editing.refusals import EditRefused
    from console.inventory.editing.server import edit_server

    try:
        return edit_server(draft, cluster, hub, server=server, base=base)
    except KeyError:
        raise Refused(f"the configuration has no hub {cluster}/{hub}") from None
    except EditRefused as refused:
        raise by_hand(f"no file of {cluster}/{hub}", refused) from refused


def _write(edit: ServerEdit, hub: str, context: Context) -> Step:
    key = f"{context.cluster.name}/{hub}"
    return write_step(
        edit_of(edit.file, edit.before, edit.after),
        before=f"{key}: {edit.was[0]}:{edit.was[1]}" if edit.was[0] else f"{key}: no server",
        after=f"{key}: {edit.then[0]}:{edit.then[1]}",
        diff=edit.diff,
        was={"hub": hub, "server": edit.was[0], "base": edit.was_base},
    )
