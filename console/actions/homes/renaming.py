"""Renaming one path inside a hub's directory: how it is looked at, done, verified and taken back."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from console.actions.hub_directory import (
    LASTS_S,
    by_look,
    by_shell,
    hub_of,
    hubs_here,
    needs,
    owned_words,
    path_of,
    pod_refusals,
    servers_here,
    shown_path,
    states_of,
    way_in,
)
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.home_names import shown
from providers.kubernetes.moving.protocol import Move

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.chain.seen_homes import HomeServer
    from providers.kubernetes.mending.protocol import Owned


class Seen:
    """A path and the one that it is to become, as they are now; None: nothing is there."""

    def __init__(self, move: Move, states: Mapping[bytes, Owned]) -> None:
        self.move = move
        self.old = states.get(path_of(move.folder, move.old))
        self.new = states.get(path_of(move.into, move.new))
        self.shown_old = shown_path(path_of(move.folder, move.old))
        self.shown_new = shown_path(path_of(move.into, move.new))

    @property
    def done(self) -> bool:
        return self.old is None and self.new is not None


async def looked_at(move: Move, context: Context) -> Seen:
    """Looks inside. Raises Refused where the way there is no directory, ProviderError."""
    leading = tuple(_leading(move.folder))
    found = await states_of(context, (*leading, path_of(move.folder, move.old), path_of(move.into, move.new)))
    for each in leading:
        kind = found[each].kind if each in found else None
        if kind is None:
            raise Refused(f"{shown_path(each)} is not there", next_step=by_look(context))
        if kind != "directory":
            raise Refused(f"{shown_path(each)} is a {kind}, not a directory: nothing is moved through it")
    return Seen(move, found)


class Renaming:
    """What actions that rename one path have in common; they say what is to become of what.

    A plan has one step. Its `arguments` are the names, in base64.
    """

    name: str
    asked: tuple[str, ...]
    """The parameters that a plan repeats."""

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        return await pod_refusals(context)

    async def run(self, step: Step, context: Context) -> Outcome:
        from providers.kubernetes.mending.pods import inside
        from providers.kubernetes.moving.move import rename

        move = move_in(step.arguments)
        await self.check(move, context)
        async with inside(context.reached(), await way_in(context), writable=True, lasts_s=LASTS_S) as place:
            outcome = await rename(place, move)
        if outcome == "moved":
            return Outcome(what=f"it is {shown(move.new)} now")
        if outcome == "taken":
            raise Refused(f"{shown(move.new)} is there already: nothing was renamed", next_step="plan again")
        if outcome == "missing":
            raise Refused(f"{shown(move.old)} is no longer there", next_step="plan again")
        raise Refused(f"{shown(move.folder)} is not there, or a link is on the way to it", next_step="look inside")

    async def check(self, move: Move, context: Context) -> None:
        """Raises Refused where MOVE would be unsafe now."""

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        (step,) = plan.steps
        seen = await looked_at(move_in(step.arguments), context)
        if seen.done:
            return Verdict(state="gone")
        return Verdict(
            state="still", why=f"{seen.shown_old} is there" if seen.old else f"{seen.shown_new} is not there"
        )

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        (step,) = run.intent.plan.steps
        move = move_in(step.arguments).back()
        seen = await looked_at(move, context)
        if seen.done:
            return self.planned(context, notes=(f"{seen.shown_new} is in its place",))
        if seen.old is None:
            raise Refused(f"{seen.shown_old} is no longer there", next_step=f"see what is: {by_shell(context)}")
        if seen.new is not None:
            raise Refused(f"{seen.shown_new} was made anew meanwhile", next_step="see which of both is wanted")
        await self.check(move, context)
        return self.planned(context, await renaming_step("back", seen, context), servers=await servers_here(context))

    def planned(
        self,
        context: Context,
        step: Step | None = None,
        *,
        notes: tuple[str, ...] = (),
        servers: Mapping[bytes, HomeServer] | None = None,
    ) -> Plan:
        """The plan of STEP; None: nothing is to be done. SERVERS are those that run, by home."""
        hub = hub_of(context)
        touched = _users(step, servers or {})
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters={key: context.parameters.get(key) for key in self.asked},
            steps=(step,) if step is not None else (),
            affects=Affects(users=touched, hubs=tuple(one.key for one in hubs_here(context))) if step else Affects(),
            risk="a running server may have it open, or write it anew" if touched else "",
            notes=notes or ("what it holds stays as it is",),
            namespace=hub.namespace,
        )


async def renaming_step(key: str, seen: Seen, context: Context, *, undo: str = "") -> Step:
    """The step that renames what was SEEN."""
    old = seen.old
    assert old is not None  # noqa: S101 - the caller has seen it
    move = seen.move
    names = {"folder": move.folder, "old": move.old, "into": move.into, "new": move.new}
    return Step(
        key=key,
        what=f"rename {seen.shown_old} to {shown(move.new)}",
        before=f"{seen.shown_old}: {owned_words(old)}",
        after=f"{seen.shown_new}: the same {old.kind}",
        needs=needs(await way_in(context)),
        undo=undo,
        arguments=packed(names),
    )


def packed(names: Mapping[str, bytes]) -> dict[str, str]:
    """NAMES of any bytes as the record keeps them."""
    return {key: base64.b64encode(name).decode() for key, name in names.items()}


def unpacked(arguments: Mapping[str, Any], key: str) -> bytes:
    return base64.b64decode(arguments[key])


def move_in(arguments: Mapping[str, Any]) -> Move:
    """What a step renames. Records of older versions name no `into`: it is the same folder."""
    folder, old, new = (unpacked(arguments, key) for key in ("folder", "old", "new"))
    return Move(folder=folder, old=old, into=unpacked(arguments, "into") if "into" in arguments else folder, new=new)


def _users(step: Step | None, servers: Mapping[bytes, HomeServer]) -> tuple[str, ...]:
    """Whose running server has the home of STEP mounted."""
    if step is None:
        return ()
    move = move_in(step.arguments)
    home = move.folder.split(b"/")[0] or move.old
    return tuple(server.user for name, server in servers.items() if name == home and server.running)


def _leading(folder: bytes) -> Iterable[bytes]:
    """Every directory that leads to FOLDER, itself included; none for the hub's own."""
    parts = folder.split(b"/") if folder else []
    return (path_of(*parts[:end]) for end in range(1, len(parts) + 1))
