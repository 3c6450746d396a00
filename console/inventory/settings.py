"""Typed values out of merged ones, each with its origin; what has the wrong type becomes a Flaw with a place."""

from __future__ import annotations

from typing import NamedTuple

from console.inventory.merge import Merged
from console.inventory.model import Origin, Setting
from console.inventory.views import View


class Misfit(NamedTuple):
    """A value of the wrong type: Helm would render it, but not as what is meant."""

    origin: Origin
    message: str
    next_step: str = ""


class ValueReader:
    """Reads values under one hub's merged values and collects the misfits."""

    def __init__(self, values: Merged) -> None:
        self._values = values
        self.misfits: list[Misfit] = []

    def place(self, *path: str) -> Merged:
        """What stands at PATH; something else than a map on the way is a misfit."""
        place = self._values
        for depth, key in enumerate(path):
            view = place.deciding
            if view and view.kind == "null":
                return place
            if view and view.kind != "map":
                self._wrong(path[:depth], view, "a map")
            place = place.child(key)
        return place

    def flag(self, *path: str, default: bool) -> Setting[bool]:
        """A switch as templates see it: true unless false, empty, zero or null."""
        place = self.place(*path)
        view = place.deciding
        if view is None:
            return Setting(default)
        value = view.scalar()
        if not isinstance(value, bool) and view.kind != "null":
            truth = bool(value) or (view.kind == "map" and bool(place.keys())) or bool(view.elements())
            self._wrong(path, view, f"true or false; templates take it as {'true' if truth else 'false'}")
            return Setting(truth, view.origin)
        return Setting(bool(value), view.origin)

    def text(self, *path: str) -> Setting[str | None]:
        """A text; None where it is not declared, null or empty."""
        view = self.place(*path).deciding
        if view is None:
            return Setting(None)
        if view.kind in ("map", "list"):
            self._wrong(path, view, "a single text")
            return Setting(None, view.origin)
        return Setting((view.text() if view.kind == "scalar" else "") or None, view.origin)

    def texts(self, *path: str) -> Setting[tuple[str, ...]]:
        """A list of texts; () where it is not declared or null."""
        view = self.place(*path).deciding
        if view is None or view.kind == "null":
            return Setting((), view.origin if view else None)
        entries = view.elements()
        if view.kind != "list" or any(entry.kind != "scalar" for entry in entries):
            self._wrong(path, view, "a list of texts")
        return Setting(tuple(entry.text() for entry in entries if entry.kind == "scalar"), view.origin)

    def number(self, *path: str) -> Setting[float | None]:
        """A number; None where it is not declared or null."""
        view = self.place(*path).deciding
        value = view.scalar() if view else None
        if view is None or view.kind == "null":
            return Setting(None, view.origin if view else None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(path, view, "a number")
            return Setting(None, view.origin)
        return Setting(float(value), view.origin)

    def _wrong(self, path: tuple[str, ...], view: View, wanted: str) -> None:
        misfit = Misfit(view.origin, f"{'.'.join(path)} is {_what(view)}, not {wanted}")
        if misfit not in self.misfits:
            self.misfits.append(misfit)


def _what(view: View) -> str:
    names = {"map": "a map", "list": "a list", "null": "null"}
    if view.kind != "scalar":
        return names[view.kind]
    return "a text" if isinstance(view.scalar(), str) else f"the value {view.text()}"
