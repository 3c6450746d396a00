"""Makes a hub's PersistentVolume and claim again, bound to each other and to the declared directory; data stays.

Retain comes first, for every volume that is let go. Nothing is deleted while a user's server uses the claim, unless
those are to be ended. What is there is what is planned from: a run that was cut short is gone on with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.hub_directory import hub_of
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.actions.storage.claim_holders import WAIT_S, comes_again, holders, is_server, users_of
from console.actions.storage.commands import by_hand
from console.actions.storage.declared_directory import Directory, seen
from console.actions.storage.helm_marks import MARKS, unmarked
from console.actions.storage.hub_storage import (
    Live,
    Wanted,
    claim_now,
    claim_ref,
    live_of,
    name,
    owned_by_others,
    phase,
    policy,
    same_options,
    split,
    uid,
    wanted_for,
)
from console.actions.storage.runs import done, refusals
from console.actions.storage.steps import (
    CLAIM,
    CLAIM_GONE,
    OPTIONS,
    POLICY,
    VOLUME,
    VOLUME_GONE,
    Goal,
    Replaced,
    Servers,
    goal_before,
    names_users,
    steps_to,
)
from console.chain.words import count, some
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.chain.model import HubState

_UNTOUCHED = "what is on the filestore is untouched"


class Rebind:
    """For a volume or claim that points elsewhere, is Released, Failed, Lost or going, or has other options."""

    name = "rebind"
    summary = "Make a hub's PersistentVolume and claim again, on the declared directory; the data stays."
    target = "hub"
    parameters = (
        Parameter(name="stop_servers", kind="flag", help="End running servers, instead of waiting for them."),
        Parameter(name="wait", kind="duration", help="How long to wait for running servers to end: 10min unless said."),
    )

    async def plan(self, context: Context) -> Plan:
        wanted, live = await _observed(context)
        await _check(context, wanted, live)
        goal = Goal(volume=wanted.volume_manifest(), claim=wanted.claim_manifest())
        return await self._planned(context, wanted, live, goal, directory=partial(_to_be_found, context, wanted))

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...]:
        return await refusals(plan, context)

    async def run(self, step: Step, context: Context) -> Outcome:
        return await done(step, context)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        wanted, live = await _observed(context)
        steps = {step.key: step for step in plan.steps}
        wrong = _wrong(steps, wanted, live)
        if wrong:
            return Verdict(state="still", why=wrong)
        looked = next((step for key in (CLAIM, VOLUME) if (step := steps.get(key)) is not None), None)
        if looked is None or live.claim is None or context.look is None:
            return Verdict(state="gone")
        return _compared(Directory.of(await context.look()), looked)

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        if run.intent.resumes:
            raise Refused(
                f"{run.id} finished {run.intent.resumes}, which knows what was there before",
                next_step=f"hubhomes history undo {run.intent.resumes}",
            )
        wanted, live = await _observed(context)
        finished = run.ended is not None and run.ended.outcome == "finished"
        steps = run.intent.plan.steps if finished else [one.step for one in run.touched]
        goal = goal_before({step.key: step for step in steps}, live)
        if goal.claim is not None and goal.claim["spec"].get("volumeName") not in ("", None, wanted.volume):
            raise Refused(
                f"the claim was bound to {goal.claim['spec']['volumeName']}, which is another hub's",
                next_step="it stays bound to its own",
            )
        if goal.volume is not None and "nfs" in goal.volume["spec"]:
            source = goal.volume["spec"]["nfs"]
            base, below = split(source["path"], wanted.base if source["path"].startswith(wanted.base) else "")
            wanted = msgspec.structs.replace(
                wanted, server=source["server"], path=source["path"], base=base, below=below
            )
        return await self._planned(context, wanted, live, goal, directory=partial(_if_seen, context, wanted))

    async def _planned(
        self,
        context: Context,
        wanted: Wanted,
        live: Live,
        goal: Goal,
        *,
        directory: Callable[[], Awaitable[Directory | None]],
    ) -> Plan:
        """The plan that leads to GOAL. DIRECTORY looks at what users are to find."""
        hub = hub_of(context)
        stop = bool(context.parameters.get("stop_servers"))
        wait_s = float(context.parameters.get("wait") or WAIT_S)
        pods = tuple(await holders(context, wanted.namespace, wanted.claim)) if live.claim is not None else ()
        servers = Servers(pods=pods, stop=stop, wait_s=wait_s)
        replaced = Replaced.of(live, goal)
        made = goal.volume is not None and (
            live.volume is None or live.claim is None or replaced.volume or replaced.claim
        )
        found = await directory() if made else None
        steps = steps_to(goal, live, wanted, servers, inode=found.inode if found is not None else None)
        if found is not None and steps:
            steps = (*steps[:-1], msgspec.structs.replace(steps[-1], observed={"homes": found.homes}))
        parameters: dict[str, Any] = {"stop_servers": stop, "wait": wait_s}
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters=parameters,
            steps=steps,
            affects=Affects(
                users=users_of(pods) if replaced.claim else (), hubs=_hubs(context, hub, live) if steps else ()
            ),
            risk=_risk(live, wanted, servers, replaced) if steps else "",
            notes=_notes(wanted, found, servers, replaced) if steps else _why_not(wanted, live),
            commands=tuple(line for step in steps for line in by_hand(context, step)),
            namespace=wanted.namespace,
        )


ACTION = Rebind()


async def _observed(context: Context) -> tuple[Wanted, Live]:
    """What the hub's volume and claim are to be, and what they are. Raises Refused, ProviderError."""
    wanted = await wanted_for(context)
    return wanted, await live_of(context, wanted)


async def _check(context: Context, wanted: Wanted, live: Live) -> None:
    """Raises Refused where somebody else's claim has the hub's volume."""
    holder = claim_ref(live.volume) if live.volume is not None else {}
    if not holder.get("uid") or (holder["namespace"], holder["name"]) == (wanted.namespace, wanted.claim):
        return
    other = await claim_now(context, holder["namespace"], holder["name"])
    if other is not None and uid(other) == holder["uid"]:
        key = f"{hub_of(context).cluster}/{holder['namespace']}"
        raise Refused(
            f"{wanted.volume} is bound to claim {holder['namespace']}/{holder['name']}, whose servers use it",
            next_step=f"rebind {key} first: it lets go of the volume",
        )


async def _to_be_found(context: Context, wanted: Wanted) -> Directory:
    """The directory that users are to find. Raises Refused where it is not there, ProviderError."""
    directory = await seen(context, wanted)
    if not directory.there:
        raise Refused(
            f"{wanted.source} is not there: no hub is bound to what is missing",
            next_step=f"create-share {hub_of(context).key} makes it; or declare the one that holds the homes",
        )
    return directory


async def _if_seen(context: Context, wanted: Wanted) -> Directory | None:
    """What was there before is put back whatever can be seen of it."""
    try:
        directory = await seen(context, wanted)
    except ProviderError:
        return None
    return directory if directory.there else None


def _wrong(steps: dict[str, Step], wanted: Wanted, live: Live) -> str:
    """What is not yet as STEPS leave it; "" when all is."""
    volume, claim = live.volume, live.claim
    for key, gone, now in ((VOLUME, VOLUME_GONE, volume), (CLAIM, CLAIM_GONE, claim)):
        if gone in steps and now is not None and uid(now) == steps[gone].arguments["uid"]:
            return f"{name(now)} is still the one that was there"
        if key in steps and now is None:
            return f"{name(steps[key].arguments['manifest'])} is not there"
    if volume is None:
        return ""
    changed = {one["name"]: one["policy"] for one in steps[POLICY].arguments["volumes"]} if POLICY in steps else {}
    if policy(volume) != changed.get(name(volume), policy(volume)):
        return f"{name(volume)} has reclaim policy {policy(volume)}"
    if OPTIONS in steps and not same_options(volume, {"spec": {"mountOptions": steps[OPTIONS].arguments["options"]}}):
        return f"{name(volume)} has other mount options"
    if MARKS in steps and (unlike := unmarked(steps[MARKS], (volume, claim))):
        return f"{unlike} is not marked so"
    if steps.keys() & {VOLUME, CLAIM} and claim is not None and not live.bound:
        return f"volume {wanted.volume} is {phase(volume)}, claim {wanted.claim} is {phase(claim)}"
    return ""


def _compared(now: Directory, step: Step) -> Verdict:
    """Whether users find the directory that was looked at before."""
    inode, homes = step.arguments["inode"], step.observed.get("homes")
    if not now.there:
        return Verdict(state="still", why="the directory is not there")
    if None not in (inode, now.inode) and inode != now.inode:
        return Verdict(state="still", why=f"another directory is mounted: inode {now.inode}, not {inode}")
    if homes is not None and now.homes is not None and now.homes < homes:
        return Verdict(state="still", why=f"{count(now.homes, 'home')}, where {homes:,} were before")
    return Verdict(state="gone")


def _risk(live: Live, wanted: Wanted, servers: Servers, replaced: Replaced) -> str:
    parts: list[str] = []
    if any(map(is_server, servers.stopped)):
        parts.append("what users have running is lost: kernels, terminals, what is not saved")
    old = live.held or live.volume
    source = (old or {"spec": {}})["spec"].get("nfs")
    if replaced.claim and source is not None and source["path"].rstrip("/") != wanted.path.rstrip("/"):
        parts.append(f"users find what is in {wanted.path} then, no longer what is in {source['path']}")
    if replaced.claim:
        parts.append("no server starts until the new claim is bound")
    return "; ".join(parts)


def _notes(wanted: Wanted, directory: Directory | None, servers: Servers, replaced: Replaced) -> tuple[str, ...]:
    notes: list[str] = []
    if directory is not None:
        notes.append(
            f"{wanted.source} has {count(directory.homes or 0, 'home')}, inode {directory.inode}: compared afterwards"
        )
    running = names_users(servers.pods) if replaced.claim else ""
    if running and not servers.stop:
        notes.append(f"it waits for {running} to end, {servers.wait_s / 60:.0f} min at most; --stop-servers ends them")
    others = sorted({pod.metadata.owner_references[0].name for pod in servers.pods if comes_again(pod)})
    if others and replaced.claim:
        notes.append(f"pods that mount the claim and are made again by themselves are ended: {some(others, 4)}")
    return (*notes, _UNTOUCHED)


def _why_not(wanted: Wanted, live: Live) -> tuple[str, ...]:
    state = f" and {phase(live.volume)}" if live.volume is not None else ""
    return (f"{wanted.volume} is as declared{state}: there is nothing to rebind", *owned_by_others(wanted, live))


def _hubs(context: Context, hub: HubState, live: Live) -> tuple[str, ...]:
    """The hub, and the one whose volume its claim has."""
    held = name(live.held) if live.held is not None else ""
    others = [one.key for one in context.cluster.hubs if held and one.pv is not None and one.pv.name == held]
    return tuple(sorted({hub.key, *others}))
