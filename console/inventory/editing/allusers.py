"""Turns the admin mount of every home on or off in a values file.

Several ways lead there, by the shape of the mounts and by what the file says already. Each is tried on a copy and
judged by its effect on every hub of the tree; the first whose effect is exactly what was asked for is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from console.inventory.editing.admin_mounts import Wanted, off_ways, on_ways, snippet
from console.inventory.editing.diff import unified
from console.inventory.editing.hub_files import (
    all_hubs,
    content_of,
    others_with,
    own_files,
    prefix,
    strongest_first,
)
from console.inventory.editing.overlay import TreeDraft, hub_of
from console.inventory.editing.refusals import EditRefused
from console.inventory.editing.sameness import only_differs_at
from console.inventory.hubs import ADMIN_MOUNTS
from console.inventory.model import DeclaredHub, DeclaredMount, Inventory, is_every_home

Mounts = tuple[DeclaredMount, ...]


class HubChange(msgspec.Struct, frozen=True, kw_only=True):
    """A hub whose admin mounts the edit changes."""

    cluster: str
    hub: str
    before: Mounts
    after: Mounts


class AllusersEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One file before and after. `file` is relative to the checkout. Where `before` is `after`, nothing is to be done.

    `shared` says that other hubs have the file, too; those whose mounts change are in `changes` with the hub itself.
    """

    file: str
    before: bytes
    after: bytes
    changes: tuple[HubChange, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """The edit as `diff -u` shows it, with the names that git uses."""
        return unified(self.file, self.before, self.after)


def edit_allusers(
    draft: TreeDraft, cluster: str, hub: str, *, enabled: bool, wanted: Wanted, file: str | None = None
) -> AllusersEdit:
    """The edit after which the hub's admins have allusers as WANTED, or no longer; nothing is written.

    FILE is the values file to edit; None: the strongest that is the hub's own, else the strongest that others have,
    too. Raises EditRefused with what to do by hand, and KeyError for a hub that the tree does not have.
    """
    declared = hub_of(draft.inventory, cluster, hub)
    if not declared.resolved:
        raise EditRefused("its values are not known completely: a file of it is broken or missing")
    if _as_asked(declared, enabled, wanted):
        return AllusersEdit(file=file or next(iter(strongest_first(declared)), ""), before=b"", after=b"")
    refusals: list[str] = []
    for candidate in [file] if file else _candidates(draft.inventory, declared):
        try:
            return _edited(draft, declared, candidate, enabled, wanted)
        except EditRefused as refusal:
            refusals.append(f"{candidate}: {refusal.reason}")
    reason = "; ".join(refusals) or "it has no values file that is plain YAML"
    raise EditRefused(reason, snippet=snippet(declared, prefix(declared), enabled, wanted), file=file or "")


def _candidates(inventory: Inventory, hub: DeclaredHub) -> list[str]:
    """The hub's own values files, else those that other hubs have, too; the strongest first."""
    return own_files(inventory, hub) or strongest_first(hub)


def _edited(draft: TreeDraft, hub: DeclaredHub, file: str, enabled: bool, wanted: Wanted) -> AllusersEdit:
    before = content_of(draft, file)
    text = before.decode()
    path = (*prefix(hub), *ADMIN_MOUNTS)
    why = "the mounts stand in it in a way that is not edited"
    for way in _ways(text, path, hub, enabled, wanted):
        try:
            after = way()
            edit = _judged(draft, hub, file, before, after.encode(), path, enabled, wanted)
            if enabled and not any(map(_is_allusers, hub.admin_mounts)):
                _check_way_back(draft, hub, edit)
        except EditRefused as refusal:
            why = refusal.reason
            continue
        return edit
    raise EditRefused(why)


def _ways(
    text: str, path: Sequence[str], hub: DeclaredHub, enabled: bool, wanted: Wanted
) -> Iterator[Callable[[], str]]:
    return on_ways(text, path, hub, wanted) if enabled else off_ways(text, path, hub)


def _judged(
    draft: TreeDraft,
    hub: DeclaredHub,
    file: str,
    before: bytes,
    after: bytes,
    path: Sequence[str],
    enabled: bool,
    wanted: Wanted,
) -> AllusersEdit:
    """The edit, if its effect is what was asked for and nothing else. Raises EditRefused."""
    only_differs_at(before.decode(), after.decode(), path)
    inventory = draft.with_files({str(draft.path(file)): after})
    edited = hub_of(inventory, hub.cluster, hub.name)
    if not edited.resolved or not _as_asked(edited, enabled, wanted):
        raise EditRefused("an edit of it would not have the effect that is asked for")
    changes = tuple(_changes(draft.inventory, inventory))
    for change in changes:
        if _others_mounts(change.before) != _others_mounts(change.after):
            raise EditRefused(f"an edit of it would change other admin mounts of {change.cluster}/{change.hub}, too")
        if len(_places(change.after)) < len(change.after) and len(_places(change.before)) == len(change.before):
            # The API server refuses such a pod: no admin could start a server any more.
            raise EditRefused(f"an edit of it would mount one path twice for admins of {change.cluster}/{change.hub}")
    if _without_mounts(draft.inventory) != _without_mounts(inventory):
        raise EditRefused("an edit of it would change more than admin mounts")
    shared = others_with(draft.inventory, hub, file)
    return AllusersEdit(file=file, before=before, after=after, changes=changes, shared=shared)


def _changes(before: Inventory, after: Inventory) -> Iterator[HubChange]:
    for old, new in zip(all_hubs(before), all_hubs(after), strict=True):
        if _plainly(old.admin_mounts) != _plainly(new.admin_mounts):
            yield HubChange(cluster=old.cluster, hub=old.name, before=old.admin_mounts, after=new.admin_mounts)


def _check_way_back(draft: TreeDraft, hub: DeclaredHub, edit: AllusersEdit) -> None:
    """Raises EditRefused where turning off again would not give back the very bytes of before."""
    inventory = draft.with_files({str(draft.path(edit.file)): edit.after})
    declared = hub_of(inventory, hub.cluster, hub.name)
    path = (*prefix(hub), *ADMIN_MOUNTS)
    for way in off_ways(edit.after.decode(), path, declared):
        try:
            back = way().encode()
        except EditRefused:
            continue
        if back == edit.before:
            return
    raise EditRefused("turning it off again would leave the file different from before")


def _is_allusers(mount: DeclaredMount) -> bool:
    return is_every_home(mount.name, mount.sub_path)


def _as_asked(hub: DeclaredHub, enabled: bool, wanted: Wanted) -> bool:
    whole = [mount for mount in hub.admin_mounts if _is_allusers(mount)]
    if not enabled:
        return not whole
    there = {mount.mount_path.rstrip("/") for mount in whole}
    return set(wanted.mount_paths) <= there and all(mount.read_only == wanted.read_only for mount in whole)


Plain = tuple[str, str, str, bool]


def _plainly(mounts: Mounts) -> list[Plain]:
    return [(mount.name, mount.mount_path, mount.sub_path, mount.read_only) for mount in mounts]


def _places(mounts: Mounts) -> set[str]:
    return {mount.mount_path.rstrip("/") for mount in mounts}


def _others_mounts(mounts: Mounts) -> list[Plain]:
    return _plainly(tuple(mount for mount in mounts if not _is_allusers(mount)))


def _without_mounts(inventory: Inventory) -> Mapping[tuple[str, str], object]:
    """Everything else that each hub declares, without lines and columns, which an edit moves."""
    return {
        (hub.cluster, hub.name): (
            hub.resolved,
            hub.nfs_enabled.value,
            hub.server.value,
            hub.path.value,
            hub.mount_options.value,
            hub.home_nfs_enabled.value,
            hub.in_cluster_nfs.value,
            _plainly(hub.user_mounts),
            _plainly(hub.chart_admin_mounts),
        )
        for hub in all_hubs(inventory)
    }
