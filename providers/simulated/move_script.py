"""Answers as the script that renames does, of a directory in memory: the same refusals."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from providers.simulated.directories import Place

_MISSING, _NO_FOLDER, _TAKEN = 3, 4, 5
_MANIFEST = b"_manifest.json"


def is_move(command: Sequence[str]) -> bool:
    """Whether a command line renames: `sh -c SCRIPT move VERB ROOT HUB FOLDER OLD INTO NEW [MANIFEST]`."""
    return len(command) in (11, 12) and command[1] == "-c" and command[3] == "move"


def move(command: Sequence[str], hub: Place | None, now: datetime) -> int:
    """Renames in HUB; gives the script's exit code."""
    verb = command[4]
    folder, old, into, new, *_ = map(base64.b64decode, command[7:])
    source = _at(hub, folder)
    if hub is None or source is None:
        return _NO_FOLDER
    if old not in source.inside:
        return 0 if verb == "restore" and _removed(hub, folder) else _MISSING
    if verb == "retire":
        if into in hub.inside and not _removed(hub, into):
            return _TAKEN
        told = Place(kind="file", uid=0, gid=0, mode=0o600, modified_at=now)
        hub.inside[into] = Place(uid=0, gid=0, mode=0o700, modified_at=now, inside={_MANIFEST: told})
    target = _at(hub, into)
    if target is None:
        return _NO_FOLDER
    if new in target.inside:
        return _TAKEN
    target.inside[new] = source.inside.pop(old)
    if verb == "restore":
        _removed(hub, folder)
    return 0


def _at(hub: Place | None, folder: bytes) -> Place | None:
    """The directory FOLDER; None where a part of it is none."""
    place = hub
    for part in folder.split(b"/") if folder else ():
        place = place.inside.get(part) if place is not None and place.kind == "directory" else None
    return place if place is not None and place.kind == "directory" else None


def _removed(hub: Place, folder: bytes) -> bool:
    """Whether FOLDER, which held nothing but a manifest, is gone now."""
    place = _at(hub, folder)
    if place is None or set(place.inside) - {_MANIFEST}:
        return False
    del hub.inside[folder]
    return True
