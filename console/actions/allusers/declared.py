"""allusers in the values file: what an edit of it changes for every hub, and the commit and deploys that follow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from console.actions.allusers.asked import Asked, asked_of, mount_lines
from console.actions.allusers.tree import Found, base_of, found_of, hub_name
from console.actions.configuration.deploying import HINT, deploy, deploy_words
from console.actions.configuration.file_edit import FileEdit, edit_of
from console.actions.configuration.file_steps import commit_command, committed, do, not_as_written, write_step
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.words import command, count, some

if TYPE_CHECKING:
    from console.inventory.editing.allusers import HubChange

NAME = "allusers"
LATER = "running servers keep the mounts that they started with until they restart"
_DEPLOYED_BACK = "deployed again, with the file as it was"


async def plan(asked: Asked, context: Context) -> Plan:
    """What would be edited, committed and deployed. Raises Refused, with what to do by hand where it can't be."""
    found = await asyncio.to_thread(found_of, asked, context)
    steps: list[Step] = []
    hubs = [f"{change.cluster}/{change.hub}" for change in found.edit.changes]
    if found.as_asked:
        hubs = _undeployed(found.edit.file, context) if asked.deploy else []
    else:
        steps = await asyncio.to_thread(_edit_steps, asked, context, found)
    if asked.deploy:
        after, undo = f"allusers {asked.kind} for servers that start from then on", _DEPLOYED_BACK
        steps += [deploy_step(key, context, after=after, undo=undo) for key in hubs]
    return Plan(
        action=NAME,
        cluster=context.cluster.name,
        hub=hub_name(context),
        parameters=asked.parameters(),
        steps=tuple(steps),
        affects=Affects(hubs=tuple(hubs)),
        risk=risk(asked) if steps else "",
        notes=tuple(_notes(asked, context, found)) if steps else (),
        commands=tuple(_commands(asked, context, found, hubs)) if steps else (),
        permission="write" if asked.deploy and steps else "none",
        namespace=context.hub.namespace if context.hub and asked.deploy else "",
        lasts_s=asked.lasts_s,
    )


async def run(step: Step, context: Context) -> Outcome:
    """Does one step of a plan of this module. Raises Refused, ProviderError."""
    arguments = step.arguments
    base = base_of(context)
    if arguments["do"] == "deploy":
        words = list(words_of(arguments["cluster"], arguments["hub"], context))
        await deploy(words, folder=base, say=context.say)
        return Outcome(what=f"{words[0]} ended well")
    return await asyncio.to_thread(do, arguments, base)


async def verify(planned: Plan, context: Context) -> Verdict:
    """Whether the tree, read anew, says what was planned; after a deploy, whether the hub runs with it."""
    return await asyncio.to_thread(_verdict, planned, context)


def risk(asked: Asked) -> str:
    if not asked.enabled:
        return ""
    what = "read the files of every user" if asked.read_only else "read, change and delete the files of every user"
    return f"admins of the hub can {what}"


def _edit_steps(asked: Asked, context: Context, found: Found) -> list[Step]:
    """The commit, which is made of what is there before, and then the edit. Raises Refused."""
    edit = found.edit
    change = edit_of(edit.file, edit.before, edit.after)
    steps = [mounts_step(change, edit.changes, was=found.was, diff=edit.diff)]
    if not asked.commit:
        return steps
    name = f"{NAME}-{asked.state}-{context.cluster.name}-{hub_name(context)}"
    return committed(steps, found.base, name=name, message=_message(asked, context))


def mounts_step(edit: FileEdit, changes: Iterable[HubChange], *, was: Mapping[str, Any], diff: str) -> Step:
    """The edit, told by the admin mounts of every hub that it changes."""
    return write_step(
        edit,
        before="\n".join(line for change in changes for line in _side(change, change.before)),
        after="\n".join(line for change in changes for line in _side(change, change.after)),
        diff=diff,
        was=was,
    )


def _side(change: HubChange, mounts: Any) -> list[str]:
    return [f"{change.cluster}/{change.hub}", *(f"  {line}" for line in mount_lines(mounts))]


def deploy_step(key: str, context: Context, *, after: str, undo: str = "") -> Step:
    """Deploys the hub KEY, cluster/hub, by the command of the settings. Raises Refused."""
    cluster, _, hub = key.partition("/")
    words = words_of(cluster, hub, context)
    return Step(
        key=f"deploy {key}",
        what=f"deploy {key}: {command(*words)}",
        before="",
        after=after,
        undo=undo,
        arguments={"do": "deploy", "cluster": cluster, "hub": hub},
    )


def words_of(cluster: str, hub: str, context: Context) -> list[str]:
    """The deploy command for one hub. Raises Refused where the settings have none."""
    found = context.settings.deploy.command
    if not found:
        raise Refused(
            "the settings have no deploy command",
            next_step=f'in settings.toml: [deploy] command = "{HINT}"; or leave out --deploy',
        )
    return deploy_words(found, cluster, hub)


def _undeployed(file: str, context: Context) -> list[str]:
    """The hubs with FILE among their values that do not run with what is declared, or of which that is not known."""
    found = []
    for hub in context.cluster.hubs:
        declared, live = hub.declared_allusers, hub.live_allusers
        if hub.declared is None or file not in hub.declared.values_files:
            continue
        own = hub.name == hub_name(context)
        if live is None:
            found += [hub.key] if own else []
        elif (live.enabled, live.read_only, sorted(live.mount_paths)) != (
            declared.enabled,
            declared.read_only,
            sorted(declared.mount_paths),
        ):
            found.append(hub.key)
    return found


def _message(asked: Asked, context: Context) -> str:
    return f"Turn allusers {asked.kind} for {context.cluster.name}/{hub_name(context)}\n"


def _notes(asked: Asked, context: Context, found: Found) -> Iterable[str]:
    edit = found.edit
    if edit.shared:
        yield f"{edit.file} serves {count(len(edit.shared), 'other hub')}, too: {some(edit.shared, 5)}"
    if not found.as_asked and not asked.commit:
        yield f"commit message: {_message(asked, context).strip()}"
    if not asked.deploy:
        yield f"it takes effect by the next deploy; {LATER}"
        if not context.settings.deploy.command:
            yield f'[deploy] command = "{HINT}" in settings.toml makes --deploy run yours'
    else:
        yield LATER


def _commands(asked: Asked, context: Context, found: Found, hubs: Iterable[str]) -> Iterable[str]:
    if not found.as_asked and not asked.commit:
        yield commit_command([found.edit.file], found.base, _message(asked, context))
    for key in hubs:
        cluster, _, hub = key.partition("/")
        yield command(*deploy_words(context.settings.deploy.command or HINT, cluster, hub))


def _verdict(planned: Plan, context: Context) -> Verdict:
    base = base_of(context)
    for step in planned.steps:
        if file := not_as_written(step, base):
            return Verdict(state="still", why=f"{file} is not what was written")
    asked = asked_of(planned.parameters)
    if planned.undoes is None:
        if not found_of(asked, context).as_asked:
            return Verdict(state="still", why="the values of the tree do not say it")
        if asked.deploy:
            return _deployed(asked, context)
    return Verdict(state="gone")


def _deployed(asked: Asked, context: Context) -> Verdict:
    live = context.hub.live_allusers if context.hub else None
    if live is None:
        return Verdict(state="unobserved", why="what the hub runs with is not known")
    if live.enabled != asked.enabled or (asked.enabled and live.read_only != asked.read_only):
        return Verdict(state="still", why="it is declared, and the hub runs with something else")
    return Verdict(state="gone")
