"""What stands in the hub directories of the lab: homes as they should be, and what is wrong with some of them."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH101, PTH103, PTH211
from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

KIB_PER_GIB = 2**20
_DAY_S = 86_400


class Plant(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a hub directory; `name` may be a path below it. `target` is a link's."""

    name: bytes
    kind: Literal["directory", "file", "link"] = "directory"
    uid: int = 1000
    mode: int = 0o755
    target: bytes = b""
    days_old: int = 0


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """What the server accounts for one home, in GiB."""

    home: str
    used_gib: float
    hard_gib: float = 10


SHARED = Plant(name=b"_shared")


def plant(folder: Path, plants: Iterable[Plant]) -> None:
    """Makes PLANTS in FOLDER, those that are there already too."""
    for each in plants:
        path = bytes(folder) + b"/" + each.name
        if each.kind == "link":
            os.symlink(each.target, path)
            continue
        if each.kind == "directory":
            os.makedirs(path, exist_ok=True)
        else:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        os.chown(path, each.uid, each.uid)
        os.chmod(path, each.mode)
        moment = time.time() - each.days_old * _DAY_S
        os.utime(path, (moment, moment))


def report(directory: str, quotas: Iterable[Quota]) -> bytes:
    """What `xfs_quota -x -c 'report -N -p -b'` prints of the homes in DIRECTORY, as the server names it."""
    rows = (
        (f"{directory}/{each.home}", int(each.used_gib * KIB_PER_GIB), int(each.hard_gib * KIB_PER_GIB))
        for each in quotas
    )
    return b"".join(
        b"%-10s %10d %10d %10d     %02d %9s\n" % (name.encode(), used, 0, hard, 0, b"[--------]")
        for name, used, hard in rows
    )
