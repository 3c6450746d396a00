"""Takes homes out of the way: each into a closed folder beside the homes, with a manifest. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from console.actions.homes.named import Named, exactly, named
from console.actions.homes.retire_home_places import Retired, free_place, manifest, places, retired_in
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
    refuse_mounted,
    states_of,
    way_in,
)
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.chain.findings.homes import AT_ONCE
from console.chain.home_names import shown
from console.chain.words import count, some
from providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.actions.history import Run
    from providers.kubernetes.mending.pods import Inside
    from providers.kubernetes.mending.protocol import Owned
    from providers.kubernetes.moving.protocol import Moved

_RETIRE, _RESTORE = "retire", "restore"
_UNDO = "rename each back, where no new home has its name"
_RISK = "who signs in again gets a new, empty home, and the old one can't come back while that is there"


class RetireHome:
    """One step for all homes: they are renamed one by one, in one pod; between two of them it can be stopped."""

    name = "retire-home"
    summary = "Retire homes: each is moved into a closed trash folder beside the homes, and can be brought back."
    target: Literal["hub", "cluster", "filestore"] = "hub"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="name",
            kind="texts",
            argument=True,
            required=True,
            help="Whose home: a user, escaped or not; or the directory as the console shows it: ./NAME.",
            of_home="name",
        ),
    )

    async def plan(self, context: Context) -> Plan:
        asked = tuple(map(named, dict.fromkeys(context.parameters.get("name") or ())))
        if not asked:
            raise Refused("nothing says whose home", next_step="retire-home C/H NAME")
        if len(asked) > AT_ONCE:
            raise Refused(f"{len(asked):,} homes at once are too many", next_step=f"{AT_ONCE} at most")
        found = await states_of(context, _paths(asked))
        homes, notes = _chosen(asked, found, context)
        await refuse_mounted(context, (one.name for one in homes), "retired")
        if homes:
            notes = [*notes, *_notes(through_server=(await way_in(context)).through == "server")]
        return await self._plan(context, _RETIRE, homes, notes=notes)

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        return await pod_refusals(context)

    async def run(self, step: Step, context: Context) -> Outcome:
        from providers.kubernetes.mending.pods import inside

        homes, retiring = retired_in(step.arguments), step.key == _RETIRE
        await refuse_mounted(context, (one.name for one in homes), "retired" if retiring else "put back")
        async with inside(context.reached(), await way_in(context), writable=True, lasts_s=LASTS_S) as place:
            for done, one in enumerate(homes):
                context.progress(done, len(homes))
                context.cancel.check()
                outcome = await (_retired if retiring else _restored)(place, one, context)
                _check(outcome, one, context, retiring=retiring)
        context.progress(len(homes), len(homes))
        where = "in the trash" if retiring else "back in place"
        return Outcome(what=f"{count(len(homes), 'home')} {where}")

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        (step,) = plan.steps
        homes, retiring = retired_in(step.arguments), step.key == _RETIRE
        found = await states_of(context, (path for one in homes for path in one.paths()))
        if context.look is not None:
            with suppress(ProviderError):  # what was moved was seen; this is for those who watch the hub
                await context.look()
        left = [one for one in homes if (one.at_home in found) == retiring or (one.in_trash in found) != retiring]
        if left:
            return Verdict(state="still", why=f"not as planned: {some(shown(one.name) for one in left)}")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        (step,) = run.intent.plan.steps
        homes = retired_in(step.arguments)
        found = await states_of(context, (path for one in homes for path in one.paths()))
        again = [one for one in homes if one.in_trash in found and one.at_home in found]
        if again:
            raise Refused(
                f"there are new homes of these names: {some(shown(one.name) for one in again)}",
                next_step="retire or rename those first, then undo this",
            )
        back = [one for one in homes if one.paths()[1] in found]
        lost = [one for one in homes if one.paths()[1] not in found and one.at_home not in found]
        if lost and not back:
            raise Refused(f"no longer in the trash: {some(one.shown for one in lost)}")
        await refuse_mounted(context, (one.name for one in back), "put back")
        notes = [f"no longer in the trash: {some(one.shown for one in lost)}"] if lost else []
        return await self._plan(context, _RESTORE, back, notes=notes)

    async def _plan(self, context: Context, key: str, homes: Sequence[Retired], *, notes: Iterable[str]) -> Plan:
        hub = hub_of(context)
        names = [exactly(one.name) for one in homes] if key == _RETIRE and homes else context.parameters.get("name")
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters={"name": names},
            steps=(await _step(context, key, homes),) if homes else (),
            affects=Affects(hubs=tuple(one.key for one in hubs_here(context))) if homes else Affects(),
            risk=_RISK if homes and key == _RETIRE else "",
            notes=tuple(notes),
            namespace=hub.namespace,
        )


ACTION = RetireHome()


def _paths(asked: Iterable[Named]) -> Iterable[bytes]:
    """Every place where a home that is asked for may be, in use or in the trash."""
    for one in asked:
        for name in one.names:
            for place in places(name):
                yield from place.paths()


def _chosen(asked: Iterable[Named], found: Mapping[bytes, Owned], context: Context) -> tuple[list[Retired], list[str]]:
    """The homes that are there, with the place that each gets; and words on those that were retired already.

    Raises Refused for a name that none has.
    """
    homes: dict[bytes, Retired] = {}
    notes = []
    for one in asked:
        name = one.there(found)
        if name is not None:
            was = found[path_of(name)]
            homes[name] = msgspec.structs.replace(free_place(name, found, context), was=owned_words(was))
            continue
        there = [place for each in one.names for place in places(each) if place.in_trash in found]
        if not there:
            raise Refused(
                f"{one.text} has no home here: there is none of {one.words()}",
                next_step=by_look(context),
            )
        notes.append(f"{one.text} was retired already: {there[-1].shown}")
    return list(homes.values()), notes


def _notes(*, through_server: bool) -> tuple[str, ...]:
    counted = ("the server's quotas count each as a directory of its own, with the default limit",)
    return (
        "what is retired still takes its space, until its folder is removed by hand",
        *(counted if through_server else ()),
    )


async def _step(context: Context, key: str, homes: Sequence[Retired]) -> Step:
    whose = count(len(homes), "home") if len(homes) > 1 else f"the home {shown(homes[0].name)}"
    here = "\n".join(f"{shown(one.name)}: {one.was}" for one in homes)
    trash = "\n".join(f"{one.shown}: {one.was}" for one in homes)
    retiring = key == _RETIRE
    return Step(
        key=key,
        what=f"retire {whose}" if retiring else f"bring {whose} back",
        before=here if retiring else trash,
        after=trash if retiring else here,
        needs=needs(await way_in(context)),
        undo=_UNDO if retiring else "",
        arguments={"homes": [one.arguments() for one in homes]},
    )


async def _retired(place: Inside, one: Retired, context: Context) -> Moved:
    from providers.kubernetes.moving.move import retire

    return await retire(place, one.move, manifest(one, context))


async def _restored(place: Inside, one: Retired, context: Context) -> Moved:  # noqa: ARG001 - as the other way
    from providers.kubernetes.moving.move import restore

    return await restore(place, one.move.back())


def _check(outcome: Moved, one: Retired, context: Context, *, retiring: bool) -> None:
    """Raises Refused where ONE was not moved."""
    if outcome == "moved":
        return
    what, target = (shown(one.name), one.shown) if retiring else (one.shown, shown(one.name))
    words = {
        "taken": f"{target} is there already, or something else is where it would be: {what} stays",
        "missing": f"{what} is no longer there",
        "no-folder": f"{what}: a directory on the way is not there, or a link",
    }[outcome]
    raise Refused(words, next_step=f"see what is there: {by_shell(context)}; then plan again")
