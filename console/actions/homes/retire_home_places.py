"""Where retired homes are: each in a folder of its own beside the homes, closed, with a manifest.

A folder for each, not one for all: a server with quotas makes every directory beside the homes a quota tree of its own,
and a file system takes no renaming into such a tree from another. A folder that was made just now is none yet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.homes.renaming import packed, unpacked
from console.actions.hub_directory import by_shell, path_of, shown_path
from console.actions.protocol import Context, Refused
from console.chain.home_names import shown, unescaped
from providers.kubernetes.moving.protocol import Move

if TYPE_CHECKING:
    from providers.kubernetes.mending.protocol import Owned

MOST_OF_A_NAME = 9
"""How often one name may be retired before somebody has to clear what was retired of it."""

_PLAIN = re.compile(rb"[a-zA-Z0-9._@+-]{1,100}\Z")
_LONGEST, _HASH = 60, 8


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """A home and the folder that it has, or is to have, in the trash. `was` is what it was, in words."""

    name: bytes
    folder: bytes
    was: str = ""

    @property
    def move(self) -> Move:
        return Move(old=self.name, into=self.folder, new=self.name)

    @property
    def at_home(self) -> bytes:
        return path_of(self.name)

    @property
    def in_trash(self) -> bytes:
        return path_of(self.folder, self.name)

    def paths(self) -> tuple[bytes, bytes, bytes]:
        """The home, its folder, and the home in that."""
        return self.at_home, path_of(self.folder), self.in_trash

    @property
    def shown(self) -> str:
        """Where it is in the trash."""
        return shown_path(self.in_trash)

    def arguments(self) -> dict[str, str]:
        return {**packed({"name": self.name, "folder": self.folder}), "was": self.was}


def retired_in(arguments: Mapping[str, Any]) -> tuple[Retired, ...]:
    """The homes of a step."""
    return tuple(
        Retired(name=unpacked(one, "name"), folder=unpacked(one, "folder"), was=one.get("was", ""))
        for one in arguments["homes"]
    )


def places(name: bytes) -> tuple[Retired, ...]:
    """Where NAME may be in the trash, in the order in which they are taken."""
    tag = _tag(name)
    prefixes = [b"_trash-", *(b"_trash.%d-" % number for number in range(2, MOST_OF_A_NAME + 1))]
    return tuple(Retired(name=name, folder=prefix + tag) for prefix in prefixes)


def free_place(name: bytes, found: Mapping[bytes, Owned], context: Context) -> Retired:
    """The first place for NAME that has no home in it. Raises Refused where all are taken."""
    for place in places(name):
        folder = found.get(path_of(place.folder))
        if place.in_trash not in found and (folder is None or folder.kind == "directory"):
            return place
    raise Refused(
        f"{shown(name)} was retired {MOST_OF_A_NAME} times already",
        next_step=f"remove what is no longer wanted: {by_shell(context)} --writable",
    )


def manifest(place: Retired, context: Context) -> bytes:
    """What stands in the trash about PLACE, for whoever finds it without this program: JSON in ASCII."""
    hub = context.hub
    assert hub is not None  # noqa: S101 - its target is a hub
    told = {
        "format": 1,
        "what": "A retired home of a JupyterHub: to bring it back, move what is beside this file one folder up.",
        "name": shown(place.name),
        "name_base64": base64.b64encode(place.name).decode(),
        "user": unescaped(place.name),
        "was": place.was,
        "folder": shown(place.folder),
        "cluster": hub.cluster,
        "hub": hub.name,
        "retired_at": f"{context.now():%Y-%m-%dT%H:%M:%SZ}",
        "retired_by": str(context.who),
        "ticket": context.ticket,
        "run": context.run,
    }
    return json.dumps(told, indent=1).encode() + b"\n"


def _tag(name: bytes) -> bytes:
    """NAME as part of a folder's name that any tool can take: with a hash where it is not plain."""
    if _PLAIN.match(name):
        return name
    plain = re.sub(rb"[^a-zA-Z0-9._@+-]+", b"-", name)[:_LONGEST]
    return plain + b"-" + hashlib.sha256(name).hexdigest()[:_HASH].encode()
