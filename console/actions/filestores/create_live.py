"""Makes a filestore in the cluster's cloud now, and says what Terraform has to be told of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from console.actions.filestores.cloud_pieces import (
    aim_of,
    changing_of,
    fitting,
    made,
    of_plan,
    steps_of,
    value_lines,
)
from console.actions.filestores.create_asked import Asked
from console.actions.filestores.names import BACKENDS, Named, backend_of, declaration_of, named
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.filestore_words import STATE_WORDS
from console.chain.terraform import capacity, is_of
from console.chain.terraform_import import adoption_lines, import_lines, plan_command
from console.chain.tiers import cost_words
from console.chain.words import command, some
from providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.actions.history import Run
    from console.chain.model import ClusterState
    from console.inventory.terraform import DeclaredTerraform
    from providers.filestores.changes import Draft, Wish
    from providers.filestores.protocol import Filestore

NAME = "create-filestore"


async def plan(asked: Asked, context: Context) -> Plan:
    """See `Action.plan`."""
    cluster = context.cluster
    backend = backend_of(cluster)
    if asked.point:
        raise Refused(
            "--live edits no values: its address is known when it is there",
            next_step=f"leave out --point; then: {_pointing(asked, cluster)}",
        )
    declaration = await asyncio.to_thread(declaration_of, context)
    changing = await changing_of(context, backend)
    wanted = named(asked, cluster, declaration, account=changing.scope.account)
    draft = await fitting(changing.changes.draft_creation(changing.scope, wanted.wish))
    return Plan(
        action=NAME,
        cluster=cluster.name,
        parameters=asked.parameters(),
        steps=steps_of(draft, backend, aim=draft.wish),
        affects=_affects(cluster, draft),
        risk="; ".join(draft.warnings),
        notes=(*_notes(draft), *_terraform_notes(draft, wanted, cluster), *_listing_notes(cluster)),
        commands=draft.commands if draft.pieces else (),
    )


async def run(step: Step, context: Context) -> Outcome:
    """See `Action.run`. Behind the last step it tells what hubs and Terraform need to know."""
    ended = await made(step, context)
    aim = aim_of(step.arguments)
    return Outcome(what=ended, notes=await _told(aim, context) if aim is not None else ())


async def verify(plan: Plan, context: Context) -> Verdict:
    """Whether a fresh look lists it, ready, at an address that nodes reach."""
    found = of_plan(plan.steps)
    if found is None:
        return Verdict(state="gone")
    backend, aim = found
    cluster = context.cluster
    stores = _called(cluster, backend, aim)
    if not stores:
        why = cluster.filestores_unknown or (cluster.error.message if cluster.error else "")
        if why:
            return Verdict(state="unobserved", why=f"{aim.name} is not listed, and not all is known: {why}")
        return Verdict(state="still", why=f"{aim.name} is not listed yet")
    troubles = [_trouble(store, cluster) for store in stores]
    return Verdict(state="still", why=troubles[0]) if all(troubles) else Verdict(state="gone")


async def undo_plan(run: Run, context: Context) -> Plan:  # noqa: ARG001 - the protocol's
    """Raises Refused: nothing here deletes a filestore."""
    raise Refused(
        "nothing here deletes a filestore: what people have put there would be gone",
        next_step="its plan has the command; delete it by hand when it is surely empty",
    )


async def _told(aim: Wish, context: Context) -> tuple[str, ...]:
    """What to write into values and Terraform. That this can't be told is no failure: the filestore is there."""
    backend = BACKENDS[context.cluster.provider]
    declaration = await asyncio.to_thread(declaration_of, context)
    try:
        changing = await changing_of(context, backend)
        draft = await fitting(changing.changes.draft_creation(changing.scope, aim))
    except (ProviderError, Refused) as error:
        return (f"how hubs reach it can't be told now: {error.message}",)
    lines = value_lines(draft.server, draft.path)
    if draft.there is None or declaration is None:
        return lines
    known = _is_known(draft, context.cluster)
    return (*lines, *_terraform_lines(draft.there, declaration, known=known))


def _is_known(draft: Draft, cluster: ClusterState) -> bool:
    """Whether Terraform declared it and it was there, before anything was made now."""
    return draft.there is not None and cluster.terraform is not None and bool(cluster.terraform.of(draft.there.id))


def _terraform_lines(store: Filestore, declaration: DeclaredTerraform, *, known: bool) -> Iterator[str]:
    if known:
        yield "what was made of it now is not in Terraform's state: what this would make again is to be imported"
        yield plan_command(declaration)
        return
    declared = next((one for one in declaration.resources if is_of(one, store)), None)
    if declared is not None:
        yield f"Terraform declares it as {declared.address}, and does not know yet that it is there:"
        yield from adoption_lines(declaration, declared, store)
        return
    yield "so that Terraform knows it:"
    yield from import_lines(declaration, store)


def _notes(draft: Draft) -> Iterator[str]:
    wish = draft.wish
    facts = [capacity(wish.capacity_gib)] if wish.capacity_gib else []
    facts += [word for word in (wish.tier, wish.location) if word]
    if not draft.pieces:
        yield f"{wish.name} is there already, with all that belongs to it"
        yield from draft.notes
        yield from value_lines(draft.server, draft.path)
        return
    yield f"{wish.name}: {', '.join(facts)}"
    if cost_words(wish.tier):
        yield f"cost: {cost_words(wish.tier)}"
    yield from draft.notes
    by_hand = f"; by hand: {draft.deletion}" if draft.deletion else ""
    yield f"nothing here deletes a filestore: what is made stays{by_hand}"


def _terraform_notes(draft: Draft, wanted: Named, cluster: ClusterState) -> Iterator[str]:
    if not draft.pieces or cluster.terraform is None:
        return
    if _is_known(draft, cluster):
        yield "Terraform's state has to hear of what is made of it: the command that shows it is told at the end"
    elif wanted.resource is not None:
        yield f"Terraform declares it as {wanted.resource.address}: import it before the next apply, which else fails"
        yield "or makes a second one; the commands are told at the end"
    else:
        yield "Terraform does not know of it: what to add to its variables, and the import, are told at the end"


def _listing_notes(cluster: ClusterState) -> Iterator[str]:
    if cluster.error is not None:
        yield f"the cluster was not observed: {cluster.error.message}"
    elif cluster.filestores_unknown:
        yield f"not all of its filestores are known: {cluster.filestores_unknown}"


def _affects(cluster: ClusterState, draft: Draft) -> Affects:
    """Who lives on what is there already: a new filestore touches nobody."""
    hubs = cluster.filestore_hubs.get(draft.there.id, ()) if draft.there is not None and draft.pieces else ()
    return Affects(hubs=tuple(sorted(f"{cluster.name}/{hub}" for hub in hubs)))


def _called(cluster: ClusterState, backend: str, aim: Wish) -> list[Filestore]:
    return [one for one in cluster.filestores if one.backend == backend and one.name.lower() == aim.name.lower()]


def _trouble(store: Filestore, cluster: ClusterState) -> str:
    """Why nodes cannot mount STORE yet; "" where they can, as far as is known."""
    if store.state != "ready":
        return f"{store.name} is {STATE_WORDS[store.state]}" + (f": {store.detail}" if store.detail else "")
    if not store.addresses:
        return f"{store.name} has no address yet"
    if store.firewall is not None and store.firewall.admits_nodes is False:
        return f"{store.name} does not let the nodes in: {store.firewall.detail}"
    if store.mount_targets is not None and not store.one_zone:
        ready = {target.zone for target in store.mount_targets if target.state == "ready"}
        missing = [zone for zone in sorted(cluster.node_zones or {}) if zone not in ready]
        return f"{store.name} has no mount target that is ready in {some(missing)}" if missing else ""
    return ""


def _pointing(asked: Asked, cluster: ClusterState) -> str:
    points = [word for hub in asked.point for word in ("--point", hub)]
    return command("hubhomes", NAME, cluster.name, *(("--key", asked.key) if asked.key else ()), *points)
