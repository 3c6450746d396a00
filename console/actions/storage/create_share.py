"""Makes what a hub's storage lacks: its directory and what homes share, the PersistentVolume, the claim.

Everything as the chart would: from the path that the volume will use, and with the marks by which Helm's next deploy
takes the objects for its own: what is there and lacks them gets them, and stays as it is otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from console.actions.api_objects import Json, present, refusal, writes_of
from console.actions.hub_directory import hub_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.actions.storage.claim_holders import WAIT_S, holders, until, users_of
from console.actions.storage.commands import by_hand
from console.actions.storage.declared_directory import seen, way_to
from console.actions.storage.helm_marks import MARKS, marks_steps, unmarked
from console.actions.storage.hub_storage import (
    Live,
    Wanted,
    claim_fits,
    live_of,
    owned_by_others,
    phase,
    uid,
    volume_fits,
    wanted_for,
)
from console.actions.storage.runs import done, refusals
from console.actions.storage.share_directories import (
    DIRECTORIES,
    EMPTY,
    directories_by_hand,
    directories_step,
    emptied,
    listed,
    make_directories,
    missing_of,
    remove_directories,
)
from console.actions.storage.steps import (
    CLAIM,
    CLAIM_GONE,
    VOLUME,
    VOLUME_GONE,
    Servers,
    claim_step,
    goal_before,
    names_users,
    steps_to,
    volume_step,
)
from console.chain.words import kubectl
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.history import Run

NAMESPACE = "namespace"
_ACCOUNT_S = 10.0
"""How long a new namespace may take to get the account that pods run as."""
_STAYS = "it stays: delete it by hand, where nothing else is in it"
_RISK_BACK = "servers that start from then on find nothing to mount, and do not start"


class CreateShare:
    """For a hub whose directory, volume or claim is missing."""

    name = "create-share"
    summary = "Make what a hub's storage lacks: its directory and what homes share, PersistentVolume, claim."
    target = "hub"
    parameters = (
        Parameter(name="namespace", kind="flag", help="The namespace, too, of a hub that is not deployed yet."),
    )

    async def plan(self, context: Context) -> Plan:
        wanted = await wanted_for(context)
        steps: list[Step] = []
        there = await _has_namespace(context, wanted)
        if not there:
            if not context.parameters.get("namespace"):
                raise Refused(
                    f"there is no namespace {wanted.namespace}: the hub is not deployed yet",
                    next_step="--namespace makes it, too; or deploy the hub, which makes all of it",
                )
            steps.append(_namespace(wanted))
        live = await live_of(context, wanted)
        directory = await seen(context, wanted) if there else None
        missing = missing_of(wanted, directory)
        if missing:
            where = await way_to(context, wanted)
            steps.append(directories_step(wanted, where, missing, context, known=directory is not None))
        inode = directory.inode if directory is not None else None
        if live.volume is None:
            steps.append(volume_step(wanted.volume_manifest(), inode=inode))
        if live.claim is None:
            steps.append(claim_step(wanted.claim_manifest(), inode=inode))
        if wanted.charted:
            steps += marks_steps(_right(wanted, live))
        risk = "servers that wait for it start as soon as it is there"
        return self._plan(context, wanted, tuple(steps), notes=_notes(wanted, live, steps), risk=risk)

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        keys = {step.key for step in plan.steps}
        found = list(await refusals(plan, context, without=_untried(keys)))
        if NAMESPACE in keys:
            found.append(await refusal(_namespace_made(await wanted_for(context), context, dry_run=True)))
        elif keys & {DIRECTORIES, EMPTY}:
            from providers.kubernetes.mending.pods import refusal as pod_refusal

            found.append(await pod_refusal(context.reached(), await way_to(context, await wanted_for(context))))
        return tuple(words for words in found if words)

    async def run(self, step: Step, context: Context) -> Outcome:
        wanted = await wanted_for(context)
        if step.key == NAMESPACE:
            return await _make_namespace(wanted, context)
        if step.key == DIRECTORIES:
            return await make_directories(step, wanted, context)
        if step.key == EMPTY:
            return await remove_directories(step, wanted, context)
        return await done(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        wanted = await wanted_for(context)
        live = await live_of(context, wanted)
        if plan.undoes is not None:
            if EMPTY in {step.key for step in plan.steps}:
                await _look(context)
            left = _not_taken_back({step.key: step for step in plan.steps}, live)
            return Verdict(state="still", why=left) if left else Verdict(state="gone")
        if live.volume is None or live.claim is None:
            return Verdict(state="still", why="the volume or the claim is not there")
        if {step.key for step in plan.steps} & {VOLUME, CLAIM} and not live.bound:
            return Verdict(state="still", why=f"volume is {phase(live.volume)}, claim is {phase(live.claim)}")
        marked = next((step for step in plan.steps if step.key == MARKS), None)
        if marked is not None and (unlike := unmarked(marked, (live.volume, live.claim))):
            return Verdict(state="still", why=f"{unlike} is not marked as Helm's")
        directory = await seen(context, wanted)
        await _look(context)
        missing = missing_of(wanted, directory)
        if missing:
            return Verdict(state="still", why=f"not there: {listed(missing)}")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        wanted = await wanted_for(context)
        touched = {one.step.key: one.step for one in run.touched}
        live = await live_of(context, wanted)
        pods = tuple(await holders(context, wanted.namespace, wanted.claim)) if live.claim is not None else ()
        servers = Servers(pods=pods, stop=False, wait_s=WAIT_S)
        goal = goal_before(touched, live)
        steps = list(steps_to(goal, live, wanted, servers, inode=None))
        if DIRECTORIES in touched:
            made = next(one for one in run.touched if one.step.key == DIRECTORIES)
            paths = (made.outcome.undo if made.outcome is not None else {}).get("made")
            steps += await emptied(context, wanted, touched[DIRECTORIES].arguments["paths"] if paths is None else paths)
        claim_goes, emptied_too = (any(step.key == key for step in steps) for key in (CLAIM_GONE, EMPTY))
        running = names_users(pods) if claim_goes else ""
        waits = (f"it waits for {running} to end, {WAIT_S / 60:.0f} min at most",) if running else ()
        return self._plan(
            context,
            wanted,
            tuple(steps),
            notes=(*waits, "what is in a directory by now stays, and so does it"),
            risk="no server starts until there is a volume again" if claim_goes else _RISK_BACK if emptied_too else "",
            users=users_of(pods) if claim_goes else (),
        )

    def _plan(
        self,
        context: Context,
        wanted: Wanted,
        steps: tuple[Step, ...],
        *,
        notes: tuple[str, ...],
        risk: str,
        users: tuple[str, ...] = (),
    ) -> Plan:
        hub = hub_of(context)
        deployed = all(step.key != NAMESPACE for step in steps)
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters={"namespace": bool(context.parameters.get("namespace"))},
            steps=steps,
            affects=Affects(users=users, hubs=(hub.key,) if steps else ()),
            risk=risk if steps else "",
            notes=notes,
            commands=tuple(_by_hand(context, wanted, steps)),
            namespace=wanted.namespace if deployed else "",
        )


ACTION = CreateShare()


async def _look(context: Context) -> None:
    """For those who watch the hub: what was seen before is no longer so."""
    if context.look is not None:
        with suppress(ProviderError):
            await context.look()


async def _has_namespace(context: Context, wanted: Wanted) -> bool:
    """Whether there is one, as far as we may ask. Raises ProviderError."""
    from providers.kubernetes.resources import NAMESPACES

    try:
        return await present(context, NAMESPACES, wanted.namespace) is not None
    except ProviderError as error:
        if error.kind != "forbidden":
            raise
        return True


def _notes(wanted: Wanted, live: Live, steps: list[Step]) -> tuple[str, ...]:
    notes: list[str] = []
    if live.volume is not None and not volume_fits(live.volume, wanted.volume_manifest(), live.services):
        notes.append(f"volume {wanted.volume} is there, but not as declared: see rebind")
    if live.volume is not None and phase(live.volume) in ("Released", "Failed"):
        notes.append(f"volume {wanted.volume} is {phase(live.volume)}: see rebind")
    if live.claim is not None and not claim_fits(live.claim, wanted.claim_manifest()):
        notes.append(f"claim {wanted.claim} is there, but not as the chart renders it: see rebind")
    notes += owned_by_others(wanted, live)
    if {step.key for step in steps} & {VOLUME, CLAIM, MARKS}:
        notes.append("the next deploy takes them for its own, by Helm's marks")
    return tuple(notes) if steps or notes else ("directory, volume and claim are there",)


def _right(wanted: Wanted, live: Live) -> Iterator[tuple[Json | None, Json]]:
    """What is there as it is declared, beside what the chart renders."""
    volume, claim = wanted.volume_manifest(), wanted.claim_manifest()
    if live.volume is not None and volume_fits(live.volume, volume, live.services):
        yield live.volume, volume
    if live.claim is not None and claim_fits(live.claim, claim):
        yield live.claim, claim


def _namespace(wanted: Wanted) -> Step:
    return Step(
        key=NAMESPACE,
        what=f"make namespace {wanted.namespace}",
        before="",
        after=f"namespace {wanted.namespace}",
        needs=(Need("create", "namespaces"), Need("get", "namespaces")),
        undo=_STAYS,
    )


def _not_taken_back(steps: dict[str, Step], live: Live) -> str:
    """What is not yet as it was before: made by us and still there, or put back and not there; "" when all is."""
    for key, gone, now in ((VOLUME, VOLUME_GONE, live.volume), (CLAIM, CLAIM_GONE, live.claim)):
        if gone in steps and now is not None and uid(now) == steps[gone].arguments["uid"]:
            return f"still there: {key}"
        if key in steps and now is None:
            return f"not there: {key}"
    return ""


def _untried(keys: set[str]) -> frozenset[str]:
    """A claim can't be tried in a namespace that is not there."""
    return frozenset({CLAIM}) if NAMESPACE in keys else frozenset()


async def _namespace_made(wanted: Wanted, context: Context, *, dry_run: bool) -> object:
    from providers.kubernetes.resources import NAMESPACES

    manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": wanted.namespace}}
    return await writes_of(context).create(NAMESPACES, manifest, dry_run=dry_run)


async def _make_namespace(wanted: Wanted, context: Context) -> Outcome:
    from providers.kubernetes.status_errors import AlreadyExists

    try:
        await _namespace_made(wanted, context, dry_run=False)
    except AlreadyExists:
        return Outcome(what=f"{wanted.namespace} was there already", changed=False)
    await _until_pods_may_run(wanted, context)
    return Outcome(what=f"{wanted.namespace} is made")


async def _until_pods_may_run(wanted: Wanted, context: Context) -> None:
    """A moment after a namespace is made it has the account that its pods run as. Where that can't be asked it is not
    waited for: then the pod is refused, and the run can be finished."""
    from providers.kubernetes.resources import SERVICE_ACCOUNTS

    async def waits_for() -> str:
        account = await present(context, SERVICE_ACCOUNTS, "default", namespace=wanted.namespace)
        return f"waiting for the account of pods in {wanted.namespace}" if account is None else ""

    with suppress(ProviderError):
        await until(context, waits_for, wait_s=_ACCOUNT_S)


def _by_hand(context: Context, wanted: Wanted, steps: tuple[Step, ...]) -> Iterator[str]:
    """What would do the same, as commands."""
    for step in steps:
        if step.key == NAMESPACE:
            yield kubectl(context.cluster.context, "create", "namespace", wanted.namespace)
        elif step.key == DIRECTORIES:
            yield directories_by_hand(wanted, step)
        else:
            yield from by_hand(context, step)
