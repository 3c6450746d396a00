"""Points a hub at a filestore in its own values file: server and base path, and nothing else of any hub."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.inventory.editing import splice
from console.inventory.editing.diff import unified
from console.inventory.editing.hub_files import all_hubs, content_of, own_files, prefix
from console.inventory.editing.overlay import TreeDraft, hub_of
from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.rendering import Value, block_lines
from console.inventory.editing.syntax import Syntax, read_syntax
from console.inventory.model import DeclaredHub, Inventory

SERVER, BASE = ("nfs", "pv", "serverIP"), ("nfs", "pv", "baseShareName")


class ServerEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One values file before and after, with server and path of the hub before and after; `was_base` is the base path
    of before. Where `before` is `after`, nothing is to be done."""

    file: str
    before: bytes
    after: bytes
    was: tuple[str, str]
    then: tuple[str, str]
    was_base: str = ""

    @property
    def diff(self) -> str:
        return unified(self.file, self.before, self.after)


def edit_server(draft: TreeDraft, cluster: str, hub: str, *, server: str, base: str) -> ServerEdit:
    """The edit after which the hub's homes are on SERVER, below BASE; nothing is written.

    Only files that are the hub's own are edited. Raises EditRefused with what to do by hand, and KeyError for a hub
    that the tree does not have.
    """
    declared = hub_of(draft.inventory, cluster, hub)
    was = (declared.server.value or "", declared.base_share.value or "")
    if not declared.resolved:
        raise EditRefused("its values are not known completely: a file of it is broken or missing")
    if was == (server, base):
        return ServerEdit(file="", before=b"", after=b"", was=was, then=was)
    refusals: list[str] = []
    for file in own_files(draft.inventory, declared):
        try:
            return _edited(draft, declared, file, {SERVER: server, BASE: base})
        except EditRefused as refusal:
            refusals.append(f"{file}: {refusal.reason}")
    reason = "; ".join(refusals) or "it has no values file that is its own alone"
    raise EditRefused(reason, snippet=snippet(declared, server=server, base=base))


def snippet(hub: DeclaredHub, *, server: str, base: str) -> str:
    """What to put into a values file of HUB by hand."""
    value: Value = {"nfs": {"pv": {"serverIP": server, "baseShareName": base}}}
    for key in reversed(prefix(hub)):
        value = {key: value}
    assert isinstance(value, Mapping)  # noqa: S101 - it has just been made
    return "\n".join(block_lines(value, 0, 2)) + "\n"


def _edited(draft: TreeDraft, hub: DeclaredHub, file: str, wanted: Mapping[tuple[str, ...], str]) -> ServerEdit:
    before = content_of(draft, file)
    text = before.decode()
    for path, value in wanted.items():
        if _declared(hub)[path] != value:
            text = _put(read_syntax(text), (*prefix(hub), *path), value)
    inventory = draft.with_files({str(draft.path(file)): text.encode()})
    after = hub_of(inventory, hub.cluster, hub.name)
    if not after.resolved or _declared(after) != wanted:
        raise EditRefused("an edit of it would not have the effect that is asked for")
    if _others(draft.inventory, hub) != _others(inventory, hub):
        raise EditRefused("an edit of it would change more than server and base path of this hub")
    return ServerEdit(
        file=file,
        before=before,
        after=text.encode(),
        was=(hub.server.value or "", hub.path.value or ""),
        was_base=hub.base_share.value or "",
        then=(after.server.value or "", after.path.value or ""),
    )


def _declared(hub: DeclaredHub) -> Mapping[tuple[str, ...], str | None]:
    return {SERVER: hub.server.value, BASE: hub.base_share.value}


def _put(syntax: Syntax, path: tuple[str, ...], value: str) -> str:
    place = syntax.root
    for key in path:
        found = place.entry(key) if place is not None and place.kind == "map" else None
        if found is None:
            return splice.add_value(syntax, path, value)
        place = found[1]
    return splice.replace_value(syntax, path, value)


def _others(inventory: Inventory, edited: DeclaredHub) -> list[object]:
    """All that hubs declare besides what is edited, without lines and columns, which an edit moves."""
    return [
        (
            hub.cluster, hub.name, hub.resolved, hub.nfs_enabled.value, hub.mount_options.value,
            hub.share_name_override.value, hub.home_nfs_enabled.value, hub.home_nfs_volume_id.value,
            hub.in_cluster_nfs.value,
            [(one.name, one.mount_path, one.sub_path, one.read_only) for one in (*hub.user_mounts, *hub.admin_mounts)],
            None if (hub.cluster, hub.name) == (edited.cluster, edited.name) else (hub.server.value, hub.path.value),
        )
        for hub in all_hubs(inventory)
    ]  # fmt: skip
