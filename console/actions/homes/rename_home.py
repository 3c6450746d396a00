"""Gives a home the name that another user's home has: the user is the same, and is called otherwise now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from console.actions.homes.named import SCHEME_WORDS, Named, agreed, exactly, forms, named, scheme_of
from console.actions.homes.renaming import Renaming, Seen, renaming_step
from console.actions.hub_directory import by_look, hub_of, refuse_mounted, servers_here, states_of, way_in
from console.actions.plan import Plan
from console.actions.protocol import Context, Parameter, Refused
from console.chain.home_names import is_home, shown, unescaped
from providers.kubernetes.moving.protocol import Move

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from console.actions.homes.named import Scheme
    from console.chain.seen_homes import HomeServer


class RenameHome(Renaming):
    """Renames in the hub's directory, never over something else, and only while no server has either home mounted."""

    name = "rename-home"
    summary = "Rename a home when its user's name has changed; never over another, and it can be renamed back."
    target: Literal["hub", "cluster", "filestore"] = "hub"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="old",
            kind="text",
            argument=True,
            required=True,
            help="The user as they were called, escaped or not; or the directory as the console shows it: ./NAME.",
            of_home="name",
        ),
        Parameter(
            name="new",
            kind="text",
            argument=True,
            required=True,
            help="The user as they are called now; or the directory that it is to be: ./NAME.",
        ),
    )
    asked = ("old", "new")

    async def plan(self, context: Context) -> Plan:
        old, new = (named(str(context.parameters.get(key) or "")) for key in self.asked)
        found = await states_of(context, (*old.paths(), *new.paths()))
        servers = await servers_here(context)
        was, now = old.there(found), new.there(found)
        if was is None:
            return self._not_there(context, old, new, now)
        to = new.names[0] if new.exact else await _target(new, lambda: _scheme(was, old, context, servers))
        exact = msgspec.structs.replace(context, parameters={"old": exactly(was), "new": exactly(to)})
        if to == was:
            return self.planned(exact, notes=(f"{shown(was)} is the home of {new.text} by that name already",))
        _check_free(new, now, was=was)
        seen = Seen(Move(old=was, new=to), found)
        await self.check(seen.move, context)
        step = await renaming_step("rename", seen, context, undo="rename it back, where nothing has the old name since")
        step = msgspec.structs.replace(step, what=f"rename the home {shown(was)} to {shown(to)}")
        return self.planned(exact, step, notes=(*_notes(was, to, old, new), *await _quota_notes(was, to, context)))

    async def check(self, move: Move, context: Context) -> None:
        """Raises Refused where a server has either home mounted, or is about to: it would go on in the old one."""
        await refuse_mounted(context, (move.old, move.new), "renamed")

    def _not_there(self, context: Context, old: Named, new: Named, now: bytes | None) -> Plan:
        """Raises Refused unless it was renamed already."""
        if now is None:
            raise Refused(
                f"{old.text} has no home here: there is none of {old.words()}",
                next_step=by_look(context),
            )
        return self.planned(context, notes=(f"{old.text} has no home here, and {new.text} has {shown(now)}",))


ACTION = RenameHome()


async def _scheme(was: bytes, old: Named, context: Context, servers: Mapping[bytes, HomeServer]) -> Scheme | None:
    """How the hub escapes users: as this home shows, else servers that run, else the other homes; None: nothing tells.

    Raises ProviderError.
    """
    # What was typed as the directory itself tells nothing of the user.
    user = "" if old.exact or was == old.names[0] else old.text
    told = scheme_of(was, user) or agreed(scheme_of(home, server.user) for home, server in servers.items())
    return told or agreed(map(scheme_of, await _homes(context)))


async def _homes(context: Context) -> list[bytes]:
    """The names of all homes; looked for where nobody has looked yet."""
    homes = hub_of(context).homes
    if homes is not None and homes.listed:
        return [row.name for row in homes.rows if row.home]
    from providers.kubernetes.looks.look import looked

    look = await looked(context.reached(), await way_in(context))
    return [entry.name for entry in look.entries or () if is_home(entry.name)]


async def _target(new: Named, scheme: Callable[[], Awaitable[Scheme | None]]) -> bytes:
    """The directory that it becomes. Raises Refused where nothing tells which, and it makes a difference."""
    ways = forms(new.text)
    if len(set(ways.values())) == 1:
        return ways["older"]
    way = await scheme()
    if way is None:
        listed = " or ".join(f"{exactly(name)} ({SCHEME_WORDS[one]})" for one, name in ways.items())
        raise Refused(
            f"nothing here tells in which way the hub escapes {new.text}", next_step=f"name the directory: {listed}"
        )
    return ways[way]


def _check_free(new: Named, now: bytes | None, *, was: bytes) -> None:
    """Raises Refused where the new user has a home."""
    if now is not None and now != was:
        raise Refused(
            f"{shown(now)} is there already" if new.exact else f"{new.text} has a home already: {shown(now)}",
            next_step="see which of both is wanted, and retire or rename the other",
        )


def _notes(was: bytes, to: bytes, old: Named, new: Named) -> tuple[str, ...]:
    """Whose directories these are, and what the new one would be in the other way."""
    users = f"{unescaped(was) if old.exact else old.text} has {shown(was)}; {new.text} will have {shown(to)}"
    notes = [users if not new.exact else f"{shown(was)} becomes {shown(to)}, as was said"]
    if not new.exact:
        notes += [
            f"by {SCHEME_WORDS[way]} {new.text} is {shown(name)}"
            for way, name in forms(new.text).items()
        ]  # fmt: skip
    return (*notes, "the hub itself has to know the user by the new name")


async def _quota_notes(was: bytes, to: bytes, context: Context) -> tuple[str, ...]:
    where = await way_in(context)
    if where.through != "server":
        return ()
    return (f"quotas go by the directory's name: quota_overrides of {shown(was)} has to name {shown(to)}",)
