"""allusers in the running hub, without a deploy: its Secret, its restart, and the servers that have the old mounts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions.allusers.asked import Asked, asked_of, every_home, mount_lines
from console.actions.allusers.declared import NAME, risk
from console.actions.allusers.servers import Servers, old_servers
from console.actions.allusers.tree import hub_name
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Need, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.words import count, kubectl, plain, some
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.actions.history import Run
    from providers.kubernetes.hub_mounts import Entries
    from providers.kubernetes.hub_secret import AdminMounts
    from providers.kubernetes.rollout import Rollout

HUB = "hub"
READY_WITHIN_S = 300.0
_PAUSE_S = 1.0
Sleep = Callable[[float], Awaitable[object]]


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """The hub as it runs now."""

    secret: AdminMounts
    rollout: Rollout
    servers: Servers

    @property
    def restart_is_due(self) -> bool:
        """Whether we changed the mounts, and the hub was not restarted for that: somebody was cut short in between."""
        return bool(self.secret.changed) and self.secret.changed != self.rollout.restarted_for


async def plan(asked: Asked, context: Context) -> Plan:
    """What would be changed in the running hub. Raises Refused, ProviderError."""
    from providers.kubernetes.hub_secret import read_admin_mounts

    namespace = _namespace(context)
    transport, timeout_s = context.reached(), context.settings.timeouts.request_s
    secret = await _deployed(read_admin_mounts(transport, namespace, timeout_s=timeout_s), context)
    after = wanted_entries(secret.entries, asked, listed=_listed(secret.entries, context), at=_declared_at(context))
    return await _plan(asked, context, secret, after)


async def undo_plan(done: Run, context: Context) -> Plan:
    """The mounts of before, while those of after stand; else an edit to the same effect. Servers stay as they are."""
    from providers.kubernetes.hub_mounts import same
    from providers.kubernetes.hub_secret import read_admin_mounts

    transport, timeout_s = context.reached(), context.settings.timeouts.request_s
    reading = read_admin_mounts(transport, _namespace(context), timeout_s=timeout_s)
    secret = await _deployed(reading, context)
    after, asked = secret.entries, asked_of({**done.intent.plan.parameters, "stop_server": ()})
    for arguments in (one.step.arguments for one in done.touched if one.step.arguments["do"] == "secret"):
        asked = asked_of({**arguments["was"], "live": True})
        if same(secret.entries, arguments["after"]):
            after = arguments["before"]
        elif not same(secret.entries, arguments["before"]):
            after = wanted_entries(secret.entries, asked, listed=_listed(secret.entries, context))
    found = await _plan(asked, context, secret, after)
    parameters = done.intent.plan.parameters
    return msgspec.structs.replace(found, parameters=parameters, lasts_s=None, risk=_PAUSE if found.steps else "")


async def _plan(asked: Asked, context: Context, secret: AdminMounts, after: Entries) -> Plan:
    """The plan by which AFTER becomes what the hub gives."""
    from providers.kubernetes.hub_mounts import mounts_of, same
    from providers.kubernetes.rollout import rollout

    namespace, timeout_s = _namespace(context), context.settings.timeouts.request_s
    live = Live(
        secret=secret,
        rollout=await _deployed(rollout(context.reached(), namespace, HUB, timeout_s=timeout_s), context),
        servers=await old_servers(context, namespace, secret.mounts, mounts_of(after)),
    )
    steps = [] if same(secret.entries, after) else [_secret_step(namespace, secret, after)]
    if steps or live.restart_is_due:
        steps.append(_restart_step(namespace))
    stopped = {pod.metadata.uid for pod in live.servers.of(asked.stop_server)}
    steps += [_stop_step(namespace, pod) for pod in live.servers.old if pod.metadata.uid in stopped]
    hub = context.hub
    return Plan(
        action=NAME,
        cluster=context.cluster.name,
        hub=hub_name(context),
        parameters=asked.parameters(),
        steps=tuple(steps),
        affects=Affects(users=live.servers.users, hubs=(hub.key,) if hub and steps else ()),
        risk="; ".join(words for words in (risk(asked), _PAUSE) if words) if steps else "",
        notes=tuple(_notes(asked, context, live)),
        commands=tuple(_commands(context, namespace, steps)),
        namespace=namespace,
        lasts_s=asked.lasts_s,
    )


_PAUSE = "while the hub restarts, about a minute, nobody can log in or start a server; running servers go on"


async def preview(planned: Plan, context: Context) -> tuple[str, ...]:
    """What the API server says to a dry run of every step."""
    from providers.kubernetes.status_errors import StatusError

    refusals = []
    for step in planned.steps:
        try:
            await _sent(step, context, dry_run=True)
        except StatusError as error:
            refusals.append(error.message)
    return tuple(refusals)


async def run(step: Step, context: Context, *, sleep: Sleep = asyncio.sleep) -> Outcome:
    """Does one step of a plan of this module. Raises Refused, ProviderError, Cancelled."""
    changed = await _sent(step, context, dry_run=False)
    if step.arguments["do"] == "secret":
        return Outcome(what="the hub's Secret has them" if changed else "the hub's Secret had them", changed=changed)
    if step.arguments["do"] == "stop":
        return Outcome(what=f"{step.arguments['pod']} is {'going' if changed else 'gone already'}", changed=changed)
    await _ready(step.arguments["namespace"], context, sleep)
    return Outcome(what="the hub is ready" if changed else "the hub was restarted, and is ready", changed=changed)


async def verify(planned: Plan, context: Context) -> Verdict:
    """Whether the hub gives what was planned, runs with it, and the servers that were to be stopped are gone."""
    from providers.kubernetes.hub_mounts import same
    from providers.kubernetes.hub_secret import read_admin_mounts
    from providers.kubernetes.rollout import rollout

    transport, timeout_s = context.reached(), context.settings.timeouts.request_s
    namespace = _namespace(context)
    secret = await read_admin_mounts(transport, namespace, timeout_s=timeout_s)
    known = await rollout(transport, namespace, HUB, timeout_s=timeout_s)
    for step in planned.steps:
        if step.arguments["do"] == "secret" and not same(secret.entries, step.arguments["after"]):
            return Verdict(state="still", why="the hub's Secret gives other mounts: somebody has changed it since")
        if step.arguments["do"] == "stop" and await _is_there(step, context):
            return Verdict(state="still", why=f"{step.arguments['pod']} is still ending")
    if secret.changed and secret.changed != known.restarted_for:
        return Verdict(state="still", why="the hub was not restarted since its mounts changed")
    if known.waits_for:
        return Verdict(state="still", why=f"the hub is not ready: {known.waits_for}")
    return Verdict(state="gone")


def wanted_entries(entries: Entries, asked: Asked, *, listed: bool, at: tuple[str, ...] = ()) -> Entries:
    """ENTRIES with allusers as ASKED. LISTED: as a list, where there are none yet. AT these places and no other, where
    any are given."""
    from console.inventory.editing.admin_mounts import Wanted, new_keys
    from providers.kubernetes.hub_mounts import mounts_of

    wanted = Wanted(read_only=asked.read_only)
    whole = [mount for mount in mounts_of(entries) if every_home(mount)]
    there = {mount.mount_path.rstrip("/") for mount in whole} if asked.enabled else set()
    places = tuple(path.rstrip("/") for path in at) or wanted.mount_paths
    missing = [path for path in places if path not in there] if asked.enabled else []

    def stays(entry: Mapping[str, str | bool]) -> bool:
        elsewhere = bool(at) and str(entry.get("mountPath")).rstrip("/") not in places
        return not _is_whole(entry) or (asked.enabled and not elsewhere)

    added = [_entry(path, read_only=asked.read_only) for path in missing]
    if isinstance(entries, Mapping) or (entries is None and not listed):
        known = {key: entry for key, entry in (entries or {}).items() if entry}
        kept = {key: _moded(entry, asked) for key, entry in known.items() if stays(entry)}
        return kept | dict(zip(new_keys(known, missing), added, strict=True))
    return [*(_moded(entry, asked) for entry in entries or () if stays(entry)), *added]


def _is_whole(entry: Mapping[str, str | bool]) -> bool:
    from providers.kubernetes.hub_mounts import mounts_of

    return every_home(mounts_of([entry])[0])


def _moded(entry: Mapping[str, str | bool], asked: Asked) -> Mapping[str, str | bool]:
    """ENTRY, which if it is allusers is writable or read-only as ASKED."""
    if not _is_whole(entry) or bool(entry.get("readOnly")) == asked.read_only:
        return dict(entry)
    rest = {key: value for key, value in entry.items() if key != "readOnly"}
    return {**rest, "readOnly": True} if asked.read_only else rest


def _entry(path: str, *, read_only: bool) -> Mapping[str, str | bool]:
    entry: dict[str, str | bool] = {"name": "home", "mountPath": path}
    return {**entry, "readOnly": True} if read_only else entry


def _listed(entries: Entries, context: Context) -> bool:
    """Whether mounts of this hub are a list, by what the chart has where the hub has none."""
    if entries is not None:
        return not isinstance(entries, Mapping)
    declared = context.hub.declared if context.hub else None
    mounts = (declared.admin_mounts or declared.chart_admin_mounts) if declared else ()
    return bool(mounts) and mounts[0].key is None


def _declared_at(context: Context) -> tuple[str, ...]:
    """Where the values declare it, so that the running hub becomes as they say; () where they do not."""
    return context.hub.declared_allusers.mount_paths if context.hub is not None else ()


def _namespace(context: Context) -> str:
    hub_name(context)
    return context.hub.namespace if context.hub else ""


async def _deployed(asking: Awaitable[Any], context: Context) -> Any:
    """What ASKING gives. Raises Refused where the hub is not on the cluster."""
    from providers.kubernetes.status_errors import StatusError

    try:
        return await asking
    except StatusError as error:
        if error.status != 404:
            raise
        raise Refused(
            f"no hub runs in namespace {_namespace(context)}: {error.message}", next_step="deploy it first"
        ) from error


def _secret_step(namespace: str, secret: AdminMounts, after: Entries) -> Step:
    from providers.kubernetes.hub_mounts import mounts_of

    whole = [mount for mount in secret.mounts if every_home(mount)]
    was = {"state": "on" if whole else "off", "read_only": bool(whole) and all(mount.read_only for mount in whole)}
    return Step(
        key="secret",
        what=f"edit the admin mounts in Secret hub of {namespace}; nothing else of it",
        before="\n".join(mount_lines(secret.mounts)),
        after="\n".join(mount_lines(mounts_of(after))),
        needs=(Need("get", "secrets", namespace, name=HUB), Need("patch", "secrets", namespace, name=HUB)),
        undo="the mounts of before, and another restart",
        arguments={"do": "secret", "namespace": namespace, "before": secret.entries, "after": after, "was": was},
        observed={"resource_version": secret.resource_version},
    )


def _restart_step(namespace: str) -> Step:
    needs = tuple(Need(verb, "deployments", namespace, "apps", HUB) for verb in ("get", "patch"))
    return Step(
        key="restart",
        what=f"restart Deployment hub in {namespace}, and wait until it is ready",
        before="runs with the mounts that it read at its start",
        after="has read them anew",
        needs=needs,
        undo="another restart, when the mounts are as before",
        arguments={"do": "restart", "namespace": namespace},
    )


def _stop_step(namespace: str, pod: Any) -> Step:
    from console.chain.pods import username

    return Step(
        key=f"stop {pod.metadata.name}",
        what=f"stop the server of {plain(username(pod))}: delete pod {pod.metadata.name}",
        before="\n".join(mount_lines(Servers.whole(pod))) if Servers.whole(pod) else "no allusers mount",
        after="",
        needs=(Need("delete", "pods", namespace),),
        undo="its user starts it anew; what ran in it is lost",
        destructive=True,
        arguments={
            "do": "stop",
            "namespace": namespace,
            "pod": pod.metadata.name,
            "uid": pod.metadata.uid,
            "user": username(pod),
        },
    )


def _notes(asked: Asked, context: Context, live: Live) -> Iterable[str]:
    servers = live.servers
    if servers.unknown:
        yield f"which servers have the old mounts is not known: {servers.unknown}"
    rest = [user for user in servers.users if user not in asked.stop_server]
    if rest:
        yield f"{count(len(rest), 'running server')} of admins will have the old mounts: {plain(some(rest, 10))}"
        yield "--stop-server USER stops one of them"
    for user in asked.stop_server:
        if user not in servers.users and not servers.unknown:
            yield f"{plain(user)} has no running server with old mounts"
    if live.rollout.replicas == 0:
        yield "the hub is scaled to 0: it reads the mounts when it is started"
    yield from _declared_notes(asked, context)


def _declared_notes(asked: Asked, context: Context) -> Iterable[str]:
    if context.hub is None:
        return
    declared = context.hub.declared_allusers
    if declared.enabled == asked.enabled and (not asked.enabled or declared.read_only == asked.read_only):
        return
    said = "do not say it" if declared.enabled is not None else "are not known to say it"
    mode = " --read-only" if asked.read_only else ""
    yield f"the next deploy undoes it: the values {said} (hubhomes {NAME} {context.hub.key} {asked.state}{mode})"


def _commands(context: Context, namespace: str, steps: Iterable[Step]) -> Iterable[str]:
    cluster = context.cluster.context
    for step in steps:
        if step.arguments["do"] == "restart":
            yield kubectl(cluster, "-n", namespace, "rollout", "restart", "deployment/hub")
            yield kubectl(cluster, "-n", namespace, "rollout", "status", "deployment/hub")
        elif step.arguments["do"] == "stop":
            yield kubectl(cluster, "-n", namespace, "delete", "pod", step.arguments["pod"])


async def _sent(step: Step, context: Context, *, dry_run: bool) -> bool:
    """Sends what STEP changes; False where it is so already. Raises ProviderError."""
    from providers.kubernetes.hub_secret import read_admin_mounts, write_admin_mounts
    from providers.kubernetes.resources import PODS
    from providers.kubernetes.rollout import restart
    from providers.kubernetes.writes import Writes

    arguments, transport = step.arguments, context.reached()
    namespace, timeout_s = arguments["namespace"], context.settings.timeouts.request_s
    if arguments["do"] == "secret":
        before, after = arguments["before"], arguments["after"]
        written = await write_admin_mounts(
            transport, namespace, before=before, after=after, dry_run=dry_run, timeout_s=timeout_s
        )
        return written is not None
    if arguments["do"] == "stop":
        writes = Writes(transport, timeout_s=timeout_s)
        return await writes.delete(PODS, arguments["pod"], namespace=namespace, uid=arguments["uid"], dry_run=dry_run)
    secret = await read_admin_mounts(transport, namespace, timeout_s=timeout_s)
    # At the preview the Secret is still as before: any reason that is a new one will do for a dry run.
    reason = f"dry run {secret.resource_version}" if dry_run else secret.changed or secret.resource_version
    return await restart(
        transport, namespace, HUB, reason=reason, dry_run=dry_run, timeout_s=timeout_s, now=context.now
    )


async def _ready(namespace: str, context: Context, sleep: Sleep) -> None:
    """Returns when the hub is ready. Raises ProviderError after READY_WITHIN_S, Cancelled."""
    from providers.kubernetes.rollout import rollout

    said, passed_s = "", 0.0
    while True:
        known = await rollout(context.reached(), namespace, HUB, timeout_s=context.settings.timeouts.request_s)
        if not known.waits_for:
            return
        if passed_s >= READY_WITHIN_S:
            raise ProviderError(
                "timeout",
                f"the hub is not ready after {READY_WITHIN_S:.0f} s: {known.waits_for}",
                next_step=kubectl(context.cluster.context, "-n", namespace, "describe", "deployment/hub"),
            )
        if known.waits_for != said:
            said = known.waits_for
            context.say(said)
        context.cancel.check()
        await sleep(_PAUSE_S)
        passed_s += _PAUSE_S


async def _is_there(step: Step, context: Context) -> bool:
    from providers.kubernetes.resources import PODS
    from providers.kubernetes.writes import Writes

    arguments = step.arguments
    writes = Writes(context.reached(), timeout_s=context.settings.timeouts.request_s)
    there = await writes.metadata(PODS, arguments["pod"], namespace=arguments["namespace"])
    return there is not None and there.uid == arguments["uid"]
