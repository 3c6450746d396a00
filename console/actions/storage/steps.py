"""The steps that lead from a hub's volume and claim as they are to what they are to be: planned from what is there, so
that whatever a run has left half done is gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.api_objects import Json
from console.actions.plan import Need, Step
from console.actions.storage.claim_holders import comes_again, is_server, runs, users_of
from console.actions.storage.helm_marks import MARKS, marked_before, marks_steps
from console.actions.storage.hub_storage import (
    RETAIN,
    Live,
    Wanted,
    again,
    claim_fits,
    claim_ref,
    claim_words,
    deleting,
    name,
    phase,
    policy,
    same_options,
    uid,
    version,
    volume_fits,
    volume_words,
)
from console.chain.words import count, plain, some

if TYPE_CHECKING:
    from providers.kubernetes.objects import Pod

POLICY, OPTIONS, CLAIM_GONE, VOLUME_GONE, VOLUME, CLAIM = (
    "policy", "options", "claim-gone", "volume-gone", "volume", "claim",
)  # fmt: skip
_MADE_AGAIN = "made again as it was"
_TAKEN_AWAY = "taken away again"


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """Volume and claim as they are to be; None: not there."""

    volume: Json | None
    claim: Json | None


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """The pods that hold the claim; `stop`: users' servers among them are ended, else waited for, for `wait_s`."""

    pods: tuple[Pod, ...]
    stop: bool
    wait_s: float

    @property
    def stopped(self) -> list[Pod]:
        return [pod for pod in self.pods if self.stop and is_server(pod)]


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """Which of both have to go before they are made again."""

    volume: bool
    claim: bool

    @classmethod
    def of(cls, live: Live, goal: Goal) -> Replaced:
        volume = live.volume is not None and (
            goal.volume is None
            or not volume_fits(live.volume, goal.volume, live.services)
            or is_stale(live.volume, live.claim, claim_ref(goal.volume))
        )
        claim = live.claim is not None and (goal.claim is None or not claim_fits(live.claim, goal.claim))
        # What is bound to each other goes together: the one that stayed would be Lost, or Released.
        if live.bound:
            volume = claim = volume or claim
        return cls(volume=volume, claim=claim)


def is_stale(volume: Json, claim: Json | None, wanted: Json) -> bool:
    """Whether the hub's claim can't bind to VOLUME as it is: it is going, or remembers one that is gone, or another
    than the one that is WANTED."""
    if deleting(volume) or phase(volume) in ("Released", "Failed"):
        return True
    remembered = claim_ref(volume)
    others = any(remembered.get(key) != wanted.get(key) for key in ("namespace", "name") if remembered and wanted)
    gone = remembered.get("uid") and (claim is None or remembered["uid"] != uid(claim))
    return others or bool(gone)


def steps_to(goal: Goal, live: Live, wanted: Wanted, servers: Servers, *, inode: int | None) -> tuple[Step, ...]:
    """What leads from LIVE to GOAL; () when it is so. INODE is of the directory that users are to find."""
    return tuple(_steps(goal, live, wanted, servers, inode))


def _steps(goal: Goal, live: Live, wanted: Wanted, servers: Servers, inode: int | None) -> Iterator[Step]:
    replaced = Replaced.of(live, goal)
    yield from _policies(goal, live, replaced)
    stays = live.volume is not None and goal.volume is not None and not replaced.volume
    if stays and live.volume is not None and goal.volume is not None and not same_options(live.volume, goal.volume):
        yield _options(live.volume, goal.volume)
    yield from marks_of_those_that_stay(goal, live, wanted, replaced)
    if replaced.claim and live.claim is not None:
        yield _claim_gone(live.claim, wanted, servers)
    if replaced.volume and live.volume is not None:
        yield _volume_gone(live.volume)
    if goal.volume is not None and (live.volume is None or replaced.volume):
        yield volume_step(goal.volume, inode=inode)
    if goal.claim is not None and (live.claim is None or replaced.claim):
        yield claim_step(goal.claim, inode=inode)


def marks_of_those_that_stay(goal: Goal, live: Live, wanted: Wanted, replaced: Replaced) -> Iterator[Step]:
    """What is made anew is made with them; what nothing declares, no deploy asks for them."""
    if not wanted.charted:
        return
    volume = (None, None) if replaced.volume else (live.volume, goal.volume)
    claim = (None, None) if replaced.claim else (live.claim, goal.claim)
    yield from marks_steps((volume, claim))


def _policies(goal: Goal, live: Live, replaced: Replaced) -> Iterator[Step]:
    """Retain first, for every volume that is let go; the goal's own policy for one that stays."""
    policies: list[tuple[Json, str]] = []
    if live.volume is not None:
        stays = goal.volume is not None and not replaced.volume
        policies.append((live.volume, policy(goal.volume) if stays and goal.volume is not None else RETAIN))
    if live.held is not None and replaced.claim:
        policies.append((live.held, RETAIN))
    changed = [(volume, wanted) for volume, wanted in policies if policy(volume) != wanted]
    if not changed:
        return
    names = ", ".join(name(volume) for volume, _ in changed)
    yield Step(
        key=POLICY,
        what=f"set the reclaim policy of {names} to {changed[0][1]}",
        before="\n".join(f"{name(volume)}  {policy(volume)}" for volume, _ in changed),
        after="\n".join(f"{name(volume)}  {wanted}" for volume, wanted in changed),
        needs=(Need("patch", "persistentvolumes"), Need("get", "persistentvolumes")),
        undo="set as it was",
        arguments={
            "volumes": [
                {"name": name(volume), "uid": uid(volume), "was": policy(volume), "policy": wanted}
                for volume, wanted in changed
            ]
        },
        observed={"versions": {name(volume): version(volume) for volume, _ in changed}},
    )


def _options(volume: Json, wanted: Json) -> Step:
    was, now = (list(each["spec"].get("mountOptions", ())) for each in (volume, wanted))
    return Step(
        key=OPTIONS,
        what=f"set the mount options of volume {name(volume)}",
        before=",".join(was) or "none",
        after=",".join(now) or "none",
        needs=(Need("patch", "persistentvolumes"), Need("get", "persistentvolumes")),
        undo="set as they were",
        arguments={"name": name(volume), "uid": uid(volume), "was": was, "options": now},
    )


def _claim_gone(claim: Json, wanted: Wanted, servers: Servers) -> Step:
    namespace, stopped = wanted.namespace, servers.stopped
    users = users_of(stopped)
    ending = f"end the servers of {plain(some(users, 8))}, and " if users else ""
    lines = [claim_words(claim), *(f"{pod.metadata.name}  {pod.status.phase}" for pod in stopped)]
    needs = [Need("delete", "persistentvolumeclaims", namespace), Need("get", "persistentvolumeclaims", namespace),
             Need("list", "pods", namespace)]  # fmt: skip
    if stopped or any(comes_again(pod) for pod in servers.pods):
        needs.append(Need("delete", "pods", namespace))
    return Step(
        key=CLAIM_GONE,
        what=f"{ending}delete claim {namespace}/{name(claim)}",
        before="\n".join(lines),
        after="",
        needs=tuple(needs),
        undo=_MADE_AGAIN,
        destructive=any(map(runs, stopped)),
        arguments={
            "namespace": namespace,
            "name": name(claim),
            "uid": uid(claim),
            "stop": servers.stop,
            "wait_s": servers.wait_s,
            "servers": [{"name": pod.metadata.name, "uid": pod.metadata.uid} for pod in stopped],
            "manifest": again(claim),
        },
    )


def _volume_gone(volume: Json) -> Step:
    return Step(
        key=VOLUME_GONE,
        what=f"delete volume {name(volume)}: the object, not what is on it",
        before=volume_words(volume),
        after="",
        needs=(Need("delete", "persistentvolumes"), Need("get", "persistentvolumes")),
        undo=_MADE_AGAIN,
        arguments={"name": name(volume), "uid": uid(volume), "manifest": again(volume)},
    )


def volume_step(manifest: Json, *, inode: int | None) -> Step:
    return Step(
        key=VOLUME,
        what=f"make volume {name(manifest)}",
        before="",
        after=volume_words(manifest),
        needs=(Need("create", "persistentvolumes"), Need("get", "persistentvolumes")),
        undo=_TAKEN_AWAY,
        arguments={"manifest": manifest, "inode": inode},
    )


def claim_step(manifest: Json, *, inode: int | None) -> Step:
    namespace = manifest["metadata"]["namespace"]
    needs = (Need("create", "persistentvolumeclaims", namespace), Need("get", "persistentvolumeclaims", namespace))
    return Step(
        key=CLAIM,
        what=f"make claim {namespace}/{name(manifest)}",
        before="",
        after=f"bound to {manifest['spec'].get('volumeName') or 'any volume'}",
        needs=needs,
        undo=_TAKEN_AWAY,
        arguments={"manifest": manifest, "inode": inode},
    )


def goal_before(steps: Mapping[str, Step], live: Live) -> Goal:
    """What was there before STEPS, by their keys, were begun. What they did not touch is as it is."""
    volume = again(live.volume) if live.volume is not None else None
    claim = again(live.claim) if live.claim is not None else None
    if VOLUME_GONE in steps:
        volume = dict(steps[VOLUME_GONE].arguments["manifest"])
    elif VOLUME in steps:
        volume = None
    if CLAIM_GONE in steps:
        claim = dict(steps[CLAIM_GONE].arguments["manifest"])
    elif CLAIM in steps:
        claim = None
    if MARKS in steps:
        volume = marked_before(volume, steps[MARKS]) if volume is not None else None
        claim = marked_before(claim, steps[MARKS]) if claim is not None else None
    return Goal(volume=_as_was(volume, steps), claim=claim)


def _as_was(volume: Json | None, steps: Mapping[str, Step]) -> Json | None:
    """VOLUME with the options and the policy that it had."""
    if volume is None:
        return None
    spec: dict[str, Any] = dict(volume["spec"])
    if OPTIONS in steps:
        spec["mountOptions"] = steps[OPTIONS].arguments["was"]
    for one in steps[POLICY].arguments["volumes"] if POLICY in steps else ():
        if one["name"] == name(volume):
            spec["persistentVolumeReclaimPolicy"] = one["was"]
    return {**volume, "spec": spec}


def names_users(pods: tuple[Pod, ...]) -> str:
    users = users_of(pods)
    return f"{count(len(users), 'server')} ({plain(some(users, 8))})" if users else ""
