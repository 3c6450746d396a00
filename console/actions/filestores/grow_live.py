"""Gives a filestore more room in its cloud now, and says what Terraform has to be told of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from console.actions.filestores.cloud_pieces import aim_of, changing_of, fitting, made, of_plan, steps_of
from console.actions.filestores.grow_asked import Asked
from console.actions.filestores.grow_target import ENDLESS, Size, filestore_of, size_of
from console.actions.filestores.names import declaration_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.filestore_words import STATE_WORDS
from console.chain.growth import GIB, largest_bytes, roomy_gib
from console.chain.terraform import capacity
from console.chain.terraform_import import mending_lines
from console.chain.tiers import cost_words
from console.chain.words import command, size
from providers.filestores.registry import CLOUDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.actions.history import Run
    from console.chain.model import ClusterState
    from console.fleet.observer import Changing
    from console.inventory.terraform import DeclaredTerraform
    from providers.filestores.changes import Draft, Wish
    from providers.filestores.protocol import Filestore

NAME = "grow"


async def plan(asked: Asked, context: Context) -> Plan:
    """See `Action.plan`."""
    cluster = context.cluster
    store = filestore_of(asked, context)
    if store not in cluster.filestores:
        why = cluster.error.message if cluster.error is not None else cluster.filestores_unknown
        raise Refused(
            f"{store.name} is declared, and not listed: {why}", next_step="without --live it is declared larger"
        )
    if store.backend not in CLOUDS:
        raise Refused(
            f"{store.name} is a server in the cluster: its disk is Terraform's, and grows there",
            next_step=f"without --live: {command('hubhomes', NAME, f'{cluster.name}/{store.name}')}",
        )
    changing = await changing_of(context, store.backend)
    now = size_of(store, context)
    wanted = _wanted(asked, store, now, changing)
    asked = msgspec.structs.replace(asked, filestore=store.id, to=wanted)
    if wanted is None:
        return _nothing(asked, cluster, _no_need(store, now, changing))
    draft = await fitting(changing.changes.draft_growth(changing.scope, store, wanted))
    if not draft.pieces:
        return _nothing(asked, cluster, f"{store.name} has {capacity(wanted)} already", *draft.notes)
    return Plan(
        action=NAME,
        cluster=cluster.name,
        parameters=asked.parameters(),
        steps=steps_of(draft, store.backend, aim=msgspec.structs.replace(draft.wish, capacity_gib=wanted)),
        affects=Affects(hubs=_hubs(cluster, store)),
        risk="; ".join((*draft.warnings, *_beyond(store, wanted))),
        notes=tuple(_notes(cluster, store, now, draft, wanted)),
        commands=draft.commands,
    )


async def run(step: Step, context: Context) -> Outcome:
    """See `Action.run`. Behind the last step it tells what Terraform should say then."""
    ended = await made(step, context)
    aim = aim_of(step.arguments)
    if aim is None:
        return Outcome(what=ended)
    declaration = await asyncio.to_thread(declaration_of, context)
    return Outcome(what=ended, notes=_terraform_lines(aim, context.cluster, declaration))


async def verify(plan: Plan, context: Context) -> Verdict:
    """Whether a fresh look lists it, ready, with the size that was asked for."""
    found = of_plan(plan.steps)
    if found is None:
        return Verdict(state="gone")
    aim, cluster = found[1], context.cluster
    store = next((one for one in cluster.filestores if one.id == plan.parameters["filestore"]), None)
    if store is None:
        why = cluster.filestores_unknown or (cluster.error.message if cluster.error else "")
        state = "unobserved" if why else "still"
        return Verdict(state=state, why=why or f"{aim.name} is not listed any more")  # type: ignore[arg-type]
    if (store.capacity_bytes or 0) < (aim.capacity_gib or 0) * GIB:
        has = size(store.capacity_bytes) if store.capacity_bytes else "no size that is told"
        return Verdict(state="still", why=f"{store.name} has {has} still")
    if store.state != "ready":
        return Verdict(state="still", why=f"{store.name} is {STATE_WORDS[store.state]}")
    return Verdict(state="gone")


async def undo_plan(run: Run, context: Context) -> Plan:  # noqa: ARG001 - the protocol's
    """Raises Refused: nothing here makes a filestore smaller."""
    raise Refused("a filestore that has grown is not made smaller from here", next_step="most clouds refuse it, too")


def _terraform_lines(aim: Wish, cluster: ClusterState, declaration: DeclaredTerraform | None) -> tuple[str, ...]:
    """What its entry should say now; nothing where it is not declared."""
    stores = [one for one in cluster.filestores if one.name == aim.name]
    resource = cluster.terraform.of(stores[0].id) if cluster.terraform is not None and stores else None
    if declaration is None or resource is None:
        return ()
    own = next((one for one in declaration.resources if one.address == resource.address), None)
    if own is None or own.capacity_gib is None or own.capacity_gib >= (aim.capacity_gib or 0):
        return ()
    grown = msgspec.structs.replace(stores[0], capacity_bytes=(aim.capacity_gib or 0) * GIB)
    again = command("hubhomes", NAME, f"{cluster.name}/{aim.name}", "--to", str(aim.capacity_gib))
    return (*mending_lines(declaration, own, grown), f"{again} writes that into the file")


def _wanted(asked: Asked, store: Filestore, now: Size, changing: Changing) -> int | None:
    """The size in GiB: as asked for, else the least that leaves some room; None where it needs none."""
    if changing.changes.suitable_gib(store, 1) is None:
        return None
    if asked.to:
        return asked.to
    if now.used_bytes is None or not now.now_bytes:
        raise Refused(f"how full {store.name} is, is not known", next_step="say its new size: --to GIB")
    least = roomy_gib(now.used_bytes)
    return None if least * GIB <= now.now_bytes else changing.changes.suitable_gib(store, least)


def _no_need(store: Filestore, now: Size, changing: Changing) -> str:
    if changing.changes.suitable_gib(store, 1) is None:
        return ENDLESS if store.backend == "aws-efs" else f"{store.name} has no size: there is nothing to change"
    used, has = size(now.used_bytes or 0), size(now.now_bytes or 0)
    return f"{store.name} has room: {used} of {has} are used; --to GIB grows it all the same"


def _nothing(asked: Asked, cluster: ClusterState, *notes: str) -> Plan:
    return Plan(action=NAME, cluster=cluster.name, parameters=asked.parameters(), notes=notes)


def _notes(cluster: ClusterState, store: Filestore, now: Size, draft: Draft, wanted: int) -> Iterator[str]:
    if now.used_bytes is not None and now.words(wanted):
        yield f"{size(now.used_bytes)} are used: {capacity(wanted)} {now.words(wanted)}"
    if cost_words(store.tier):
        yield f"cost, {store.tier}: {cost_words(store.tier)}"
    yield from draft.notes
    yield "users keep working meanwhile: it stays mounted"
    if cluster.error is not None:
        yield f"whose servers run is not known: the cluster could not be observed: {cluster.error.message}"
    resource = cluster.terraform.of(store.id) if cluster.terraform is not None else None
    if resource is not None and resource.capacity_gib is not None and resource.capacity_gib < wanted:
        declares = f"Terraform declares {capacity(resource.capacity_gib)} for {resource.address}"
        yield f"{declares}: an apply would try to shrink it until that says more; the lines are told at the end"


def _beyond(store: Filestore, wanted: int) -> Iterator[str]:
    largest = largest_bytes(store)
    if largest is not None and wanted * GIB > largest:
        yield f"{store.tier} takes no more than {size(largest)}, as far as is known here"


def _hubs(cluster: ClusterState, store: Filestore) -> tuple[str, ...]:
    return tuple(sorted(f"{cluster.name}/{hub}" for hub in cluster.filestore_hubs.get(store.id, ())))
