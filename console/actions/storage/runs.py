"""Does the steps on a hub's volume and claim, and sends them as dry runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from console.actions.api_objects import Json, writes_of
from console.actions.api_objects import refusals as refusals_of
from console.actions.outcomes import Outcome
from console.actions.protocol import Context, Refused
from console.actions.storage.claim_holders import comes_again, holders, is_server, until_free, until_gone
from console.actions.storage.helm_marks import MARKS, marks_change
from console.actions.storage.hub_storage import (
    claim_fits,
    claim_now,
    deleting,
    name,
    same_options,
    uid,
    volume_fits,
    volume_now,
)
from console.actions.storage.steps import CLAIM, CLAIM_GONE, OPTIONS, POLICY, VOLUME, VOLUME_GONE

if TYPE_CHECKING:
    from console.actions.plan import Plan, Step
    from providers.kubernetes.objects import Pod

_GONE_S = 60.0
"""How long a volume may take to go: nothing uses it any more."""
_TRIED = "-hubhomes-tried"
"""Behind the name of what is sent as a dry run while the one of that name is still there."""


async def done(step: Step, context: Context) -> Outcome:
    """Does STEP. Raises ProviderError, Refused, Cancelled."""
    return await _RUNS[step.key](step, context)


async def refusals(plan: Plan, context: Context, *, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What the API server says against PLAN's steps on volumes and claims, each sent as a dry run; WITHOUT those of
    these keys, which can't be tried yet."""
    going = {step.key for step in plan.steps}
    tried = (one for step in plan.steps if step.key not in without for one in _tried(step, context, going))
    return await refusals_of(tried)


def _tried(step: Step, context: Context, going: set[str]) -> Iterator[Awaitable[object]]:
    """Each awaited before the next is asked for."""
    if step.key in (POLICY, OPTIONS):
        for volume, change, at in _changes(step):
            yield _patched(volume, change, at, context, dry_run=True)
    elif step.key == MARKS:
        for one in step.arguments["objects"]:
            yield _marked_one(one, context, dry_run=True)
    elif step.key in (VOLUME_GONE, CLAIM_GONE):
        yield _deleted(step, context, dry_run=True)
        for server in step.arguments.get("servers", ()):
            yield _ended(server, step.arguments["namespace"], context, dry_run=True)
    elif step.key in (VOLUME, CLAIM):
        gone = VOLUME_GONE if step.key == VOLUME else CLAIM_GONE
        yield _created(step.arguments["manifest"], context, dry_run=True, suffix=_TRIED if gone in going else "")


def _changes(step: Step) -> list[tuple[Mapping[str, Any], Json, str]]:
    """The volumes that a step changes in their place, what of their spec, and which version of them."""
    if step.key == OPTIONS:
        return [(step.arguments, {"mountOptions": step.arguments["options"] or None}, "")]
    versions = step.observed["versions"]
    return [
        (one, {"persistentVolumeReclaimPolicy": one["policy"]}, versions[one["name"]])
        for one in step.arguments["volumes"]
    ]


async def _patched(volume: Mapping[str, Any], change: Json, version: str, context: Context, *, dry_run: bool) -> object:
    """Held to the very volume that was planned for, and to VERSION where one is given. Raises ProviderError."""
    from providers.kubernetes.resources import PERSISTENT_VOLUMES

    return await writes_of(context).merge_patch(
        PERSISTENT_VOLUMES,
        volume["name"],
        {"spec": change},
        uid=volume["uid"],
        resource_version=version,
        dry_run=dry_run,
    )


async def _changed(step: Step, context: Context) -> Outcome:
    for volume, change, at in _changes(step):
        await _patched(volume, change, at, context, dry_run=False)
    return Outcome(what="servers that start from now on mount with them" if step.key == OPTIONS else "it is set")


async def _marked(step: Step, context: Context) -> Outcome:
    for one in step.arguments["objects"]:
        await _marked_one(one, context, dry_run=False)
    return Outcome(what="they are marked so")


async def _marked_one(one: Mapping[str, Any], context: Context, *, dry_run: bool) -> object:
    """Held to the very object that was planned for. Raises ProviderError."""
    from providers.kubernetes.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

    return await writes_of(context).merge_patch(
        PERSISTENT_VOLUME_CLAIMS if one["namespace"] else PERSISTENT_VOLUMES,
        one["name"],
        marks_change(one["marks"]),
        namespace=one["namespace"],
        uid=one["uid"],
        dry_run=dry_run,
    )


async def _claim_gone(step: Step, context: Context) -> Outcome:
    """Waits for users' servers first, unless they are to be ended: while the claim is there, others may start. Ended
    ones go only once the claim is going, so that nobody starts another meanwhile."""
    asked = step.arguments
    namespace, claim, wait_s = asked["namespace"], asked["name"], asked["wait_s"]

    async def there() -> bool:
        found = await claim_now(context, namespace, claim)
        return found is not None and uid(found) == asked["uid"]

    async def held_by() -> list[Pod]:
        return await holders(context, namespace, claim)

    found = await claim_now(context, namespace, claim)
    if found is None or uid(found) != asked["uid"]:
        return Outcome(what=f"{claim} was gone already", changed=False)
    if not asked["stop"] and not deleting(found):
        await until_free(context, namespace, claim, wait_s=wait_s)
    await _deleted(step, context, dry_run=False)
    for server in asked["servers"]:
        await _ended(server, namespace, context, dry_run=False)
    for pod in await held_by():
        if comes_again(pod) and not is_server(pod):
            again = {"name": pod.metadata.name, "uid": pod.metadata.uid}
            await _ended(again, namespace, context, dry_run=False)
    await until_gone(context, there, f"claim {claim}", wait_s=wait_s, held_by=held_by)
    return Outcome(what=f"{claim} is gone")


async def _volume_gone(step: Step, context: Context) -> Outcome:
    async def there() -> bool:
        found = await volume_now(context, step.arguments["name"])
        return found is not None and uid(found) == step.arguments["uid"]

    if not await there():
        return Outcome(what=f"{step.arguments['name']} was gone already", changed=False)
    await _deleted(step, context, dry_run=False)
    await until_gone(context, there, f"volume {step.arguments['name']}", wait_s=_GONE_S)
    return Outcome(what=f"{step.arguments['name']} is gone; what is on it is untouched")


async def _made(step: Step, context: Context) -> Outcome:
    """Makes what the step holds; one that is there already and is the same counts as made. Raises Refused for any
    other, ProviderError."""
    from providers.kubernetes.status_errors import AlreadyExists

    manifest = step.arguments["manifest"]
    try:
        await _created(manifest, context, dry_run=False)
    except AlreadyExists:
        found = await _now(manifest, context)
        if found is None or not _same(found, manifest):
            raise Refused(f"another {name(manifest)} was made meanwhile", next_step="plan again") from None
        return Outcome(what=f"{name(manifest)} was there already", changed=False)
    return Outcome(what=f"{name(manifest)} is made")


async def _now(manifest: Json, context: Context) -> Json | None:
    namespace = manifest["metadata"].get("namespace", "")
    if namespace:
        return await claim_now(context, namespace, name(manifest))
    return await volume_now(context, name(manifest))


def _same(found: Json, manifest: Json) -> bool:
    if "volumeName" in manifest["spec"]:
        return claim_fits(found, manifest)
    return volume_fits(found, manifest, {}) and same_options(found, manifest)


async def _created(manifest: Json, context: Context, *, dry_run: bool, suffix: str = "") -> object:
    from providers.kubernetes.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

    namespace = manifest["metadata"].get("namespace", "")
    kind = PERSISTENT_VOLUME_CLAIMS if namespace else PERSISTENT_VOLUMES
    sent = {**manifest, "metadata": {**manifest["metadata"], "name": name(manifest) + suffix}}
    return await writes_of(context).create(kind, sent, namespace=namespace, dry_run=dry_run)


async def _deleted(step: Step, context: Context, *, dry_run: bool) -> bool:
    from providers.kubernetes.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

    asked = step.arguments
    kind, namespace = (
        (PERSISTENT_VOLUME_CLAIMS, asked["namespace"]) if step.key == CLAIM_GONE else (PERSISTENT_VOLUMES, "")
    )
    return await writes_of(context).delete(kind, asked["name"], namespace=namespace, uid=asked["uid"], dry_run=dry_run)


async def _ended(pod: Mapping[str, Any], namespace: str, context: Context, *, dry_run: bool) -> bool:
    from providers.kubernetes.resources import PODS

    return await writes_of(context).delete(PODS, pod["name"], namespace=namespace, uid=pod["uid"], dry_run=dry_run)


_RUNS: Mapping[str, Callable[[Step, Context], Awaitable[Outcome]]] = {
    POLICY: _changed,
    OPTIONS: _changed,
    MARKS: _marked,
    CLAIM_GONE: _claim_gone,
    VOLUME_GONE: _volume_gone,
    VOLUME: _made,
    CLAIM: _made,
}
