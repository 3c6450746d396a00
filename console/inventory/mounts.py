"""The mounts that values declare, in both shapes: a map by key (newer) and a list (older)."""

from __future__ import annotations

from console.inventory.merge import Merged
from console.inventory.model import DeclaredMount, Origin
from console.inventory.settings import Misfit
from console.inventory.views import View

Mounts = tuple[DeclaredMount, ...]


def declared_mounts(place: Merged, what: str) -> tuple[Mounts, list[Misfit]]:
    """The mounts at PLACE, in the order in which they are made, and the entries that are no mounts.

    WHAT names the place in messages. Map entries are sorted by key, as the spawner does; null entries are off.
    """
    if place.kind == "map":
        return _from_map(place, what)
    view = place.deciding
    if view is None or view.kind == "null":
        return (), []
    if view.kind == "scalar":
        return (), [Misfit(view.origin, f"{what} is neither a map nor a list of mounts")]
    return _from_list(view, what)


def _from_map(place: Merged, what: str) -> tuple[Mounts, list[Misfit]]:
    mounts, misfits = [], []
    for key in sorted(place.keys()):
        entry = place.child(key)
        if entry.kind == "null":
            continue
        origin = place.key_origin(key)
        mount = _mount(entry, key, origin)
        if mount is None:
            misfits.append(_no_mount(f"{what}.{key}", origin))
        else:
            mounts.append(mount)
    return tuple(mounts), misfits


def _from_list(view: View, what: str) -> tuple[Mounts, list[Misfit]]:
    mounts, misfits = [], []
    for index, element in enumerate(view.elements()):
        mount = _mount(Merged((element,), ()), None, element.origin)
        if mount is None:
            misfits.append(_no_mount(f"{what}[{index}]", element.origin))
        else:
            mounts.append(mount)
    return tuple(mounts), misfits


def _no_mount(what: str, origin: Origin | None) -> Misfit:
    step = "Give it name and mountPath, or null to turn off an inherited entry."
    return Misfit(origin or Origin(""), f"{what} is no mount: name and mountPath are needed", step)


def _mount(entry: Merged, key: str | None, origin: Origin | None) -> DeclaredMount | None:
    if entry.kind != "map":
        return None
    name, mount_path, sub_path = (_text(entry, field) for field in ("name", "mountPath", "subPath"))
    if not name or not mount_path:
        return None
    view = entry.child("readOnly").deciding
    read_only = bool(view.scalar()) if view else False
    return DeclaredMount(
        key=key, name=name, mount_path=mount_path, sub_path=sub_path, read_only=read_only, origin=origin
    )


def _text(entry: Merged, field: str) -> str:
    view = entry.child(field).deciding
    return view.text() if view and view.kind == "scalar" else ""
