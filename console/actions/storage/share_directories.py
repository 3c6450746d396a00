"""The directories of a hub's storage: which are missing, the step that makes them, and the one that undoes it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec

from console.actions.hub_directory import needs
from console.actions.outcomes import Outcome
from console.actions.plan import Step
from console.actions.protocol import Context
from console.actions.storage.declared_directory import Directory, seen, way_to
from console.actions.storage.hub_storage import Wanted
from console.chain.home_names import shown
from console.chain.words import command, some

if TYPE_CHECKING:
    from providers.kubernetes.looks.protocol import LookRequest

DIRECTORIES, EMPTY = "directories", "empty-directories"
_MODE = 0o755
_LASTS_S = 300


def missing_of(wanted: Wanted, directory: Directory | None) -> tuple[bytes, ...]:
    """What of the hub's directories is not there; all of them where nobody could look yet."""
    paths = wanted.directories()
    if directory is None or not directory.there:
        return paths
    return tuple(
        path for path in paths if path != wanted.below.encode() and path.rpartition(b"/")[2] not in directory.inside
    )


def directories_step(
    wanted: Wanted, where: LookRequest, missing: tuple[bytes, ...], context: Context, *, known: bool
) -> Step:
    owner = context.settings.owner
    return Step(
        key=DIRECTORIES,
        what=f"make {listed(missing)} on {wanted.server}" + ("" if known else ", where they are not there"),
        before="" if known else "not known: nobody can look before the namespace is there",
        after="\n".join(f"{_path(wanted, path)}  {owner.uid}:{owner.gid} {_MODE:04o}" for path in missing),
        needs=needs(where),
        undo="what it made is taken away again, where it is empty",
        arguments={
            "paths": [base64.b64encode(path).decode() for path in missing],
            "uid": owner.uid,
            "gid": owner.gid,
            "through": where.through,
            "source": f"{wanted.server}:{wanted.base}",
        },
    )


def _path(wanted: Wanted, path: bytes) -> str:
    return f"{wanted.base.rstrip('/')}/{shown(path)}"


def listed(paths: tuple[bytes, ...]) -> str:
    return some(map(shown, paths), 4)


async def make_directories(step: Step, wanted: Wanted, context: Context) -> Outcome:
    from providers.kubernetes.making.make import make
    from providers.kubernetes.mending.pods import inside

    asked = step.arguments
    paths = tuple(map(base64.b64decode, asked["paths"]))
    where = msgspec.structs.replace(await way_to(context, wanted), purpose="create-share")
    async with inside(context.reached(), where, writable=True, lasts_s=_LASTS_S) as place:
        made = await make(place, paths, uid=asked["uid"], gid=asked["gid"], mode=_MODE)
    undo = {"made": [base64.b64encode(path).decode() for path in made]}
    return Outcome(what=f"made {listed(made)}" if made else "they were there already", changed=bool(made), undo=undo)


async def emptied(context: Context, wanted: Wanted, paths: list[str]) -> list[Step]:
    """The step that takes directories away again; none where they are gone."""
    directory = await seen(context, wanted)
    if not paths or not directory.there:
        return []
    where, names = await way_to(context, wanted), tuple(map(base64.b64decode, paths))
    return [
        Step(
            key=EMPTY,
            what=f"take {listed(names)} away again, where they are empty",
            before="\n".join(_path(wanted, path) for path in names),
            after="",
            needs=needs(where),
            arguments={"paths": list(reversed(paths)), "through": where.through},
        )
    ]


async def remove_directories(step: Step, wanted: Wanted, context: Context) -> Outcome:
    from providers.kubernetes.making.make import remove_empty
    from providers.kubernetes.mending.pods import inside

    paths = tuple(map(base64.b64decode, step.arguments["paths"]))
    where = msgspec.structs.replace(await way_to(context, wanted), purpose="create-share")
    async with inside(context.reached(), where, writable=True, lasts_s=_LASTS_S) as place:
        kept = await remove_empty(place, paths)
    return Outcome(what=f"{listed(kept)} stay, since something is in them" if kept else "they are gone")


def directories_by_hand(wanted: Wanted, step: Step) -> str:
    """What would make them, on a machine that has the export mounted."""
    paths = [_path(wanted, base64.b64decode(path)) for path in step.arguments["paths"]]
    uid, gid = str(step.arguments["uid"]), str(step.arguments["gid"])
    return command("install", "-d", "-m", f"{_MODE:o}", "-o", uid, "-g", gid, *paths)
