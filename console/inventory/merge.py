"""Helm's merging, looked up path by path instead of built as a whole.

Two laws follow each other. Values files **override**: a later map merges into an earlier one, anything else, null
included, replaces what was there, and may itself be replaced by a map later. The result is **coalesced** over the
chart's defaults: a map takes in every default that is a map, whatever stands between; null removes the default.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.inventory.model import Origin
from console.inventory.views import Kind, View


def override(views: Sequence[View]) -> tuple[View, ...]:
    """The views that count, of one key's values in all files, strongest first."""
    return _maps_until_other(views) if views and views[0].kind == "map" else tuple(views[:1])


def _maps_until_other(views: Sequence[View]) -> tuple[View, ...]:
    for index, view in enumerate(views):
        if view.kind != "map":
            return tuple(views[:index])
    return tuple(views)


def coalesce(files: tuple[View, ...], defaults: Sequence[View]) -> tuple[View, ...]:
    """The defaults that count under FILES (already overridden), strongest first."""
    strongest = files[0] if files else (defaults[0] if defaults else None)
    if strongest is None:
        return ()
    if strongest.kind == "map":
        return tuple(view for view in defaults if view.kind == "map")
    return () if files else tuple(defaults[:1])


class Merged:
    """The merged value of one place. `files` and `defaults` are what contributes to it, strongest first."""

    __slots__ = ("_children", "defaults", "files")

    def __init__(self, files: Sequence[View], defaults: Sequence[View]) -> None:
        self.files = override(files)
        self.defaults = coalesce(self.files, defaults)
        self._children: dict[str, Merged] = {}

    @property
    def deciding(self) -> View | None:
        """The strongest view; None where nothing is said. A map may have weaker ones that contribute."""
        if self.files:
            return self.files[0]
        return self.defaults[0] if self.defaults else None

    @property
    def kind(self) -> Kind | None:
        view = self.deciding
        return view.kind if view else None

    @property
    def origin(self) -> Origin | None:
        view = self.deciding
        return view.origin if view else None

    def child(self, key: str) -> Merged:
        """What stands under KEY; nothing where this is no map."""
        found = self._children.get(key)
        if found is None:
            files = [value for view in self.files if (value := view.get(key)) is not None]
            defaults = [value for view in self.defaults if (value := view.get(key)) is not None]
            found = self._children[key] = _merged(files, defaults)
        return found

    def at(self, *path: str) -> Merged:
        """What stands at PATH; where a null on the way removed it, that null, so that the origin names it."""
        place = self
        for key in path:
            if place.kind == "null":
                return place
            place = place.child(key)
        return place

    def keys(self) -> list[str]:
        """The keys of a map, files' first, each once; those whose value is null included."""
        return list(dict.fromkeys(key for view in (*self.files, *self.defaults) for key in view.keys()))  # noqa: SIM118 - no mapping

    def key_origin(self, key: str) -> Origin | None:
        """Where KEY stands in the strongest view that has it."""
        for view in (*self.files, *self.defaults):
            if view.get(key) is not None:
                return view.key_origin(key)
        return None


def _merged(files: list[View], defaults: list[View]) -> Merged:
    """As the constructor; what only one file speaks of is the same for every hub, and shared between them."""
    if len(files) + len(defaults) != 1:
        return Merged(files, defaults)
    kept = (files or defaults)[0].kept
    place = kept.get("file" if files else "default")
    if not isinstance(place, Merged):
        place = kept["file" if files else "default"] = Merged(files, defaults)
    return place
