"""create-filestore in Terraform's variables: the entry, what Terraform makes of it, and the hubs that are to live on
it."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.actions.configuration.file_edit import edit_of
from console.actions.configuration.file_steps import (
    changed_since,
    commit_command,
    committed,
    do,
    not_as_written,
    taken_back,
    uncommitted,
    write_step,
)
from console.actions.configuration.tree import base_of
from console.actions.filestores import pointing
from console.actions.filestores.create_asked import Asked, asked_of
from console.actions.filestores.create_entry import Entry, entry_of
from console.actions.filestores.create_undeclared import check_which, pointing_plan, undeclared
from console.actions.filestores.terraform_files import LIVE, apply_commands, draft_of, edited, made_lines
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.words import command
from providers.filestores.protocol import Filestore

if TYPE_CHECKING:
    from console.actions.history import Run
    from console.inventory.terraform.editing.draft import VariablesDraft, VariablesEdit

NAME = "create-filestore"
_PROTECTED = "Terraform never deletes a filestore here (prevent_destroy): what was applied is not taken back by an edit"


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """The tree now: the entry that was asked for, its edit (None: declared already), and the filestore where live."""

    draft: VariablesDraft
    entry: Entry
    edit: VariablesEdit | None
    store: Filestore | None


async def plan(asked: Asked, context: Context) -> Plan:
    """What would be edited and committed. Raises Refused, with what to do by hand where it can't be."""
    return await asyncio.to_thread(_planned, asked, context)


async def run(step: Step, context: Context) -> Outcome:
    """Does a step of a plan of this module, or one that points a hub. Raises Refused."""
    return await asyncio.to_thread(do, step.arguments, base_of(context, otherwise=LIVE))


async def verify(planned: Plan, context: Context) -> Verdict:
    """Whether the files are as they were written, and declare the filestore."""
    return await asyncio.to_thread(_verdict, planned, context)


async def undo_plan(done: Run, context: Context) -> Plan:
    """The files as they were before; where they were changed since, edits to the same effect. Raises Refused where
    Terraform has made it meanwhile."""
    return await asyncio.to_thread(_planned_back, done, context)


def _found(asked: Asked, context: Context) -> _Found:
    draft = draft_of(context)
    entry = entry_of(asked, draft, context.cluster.name)
    edit = edited(draft, entry.changes) if entry.changes else None
    if edit is not None:
        _check_effect(edit, entry, draft, context)
    return _Found(draft=draft, entry=entry, edit=edit, store=_live(entry, context))


def _check_effect(edit: VariablesEdit, entry: Entry, draft: VariablesDraft, context: Context) -> None:
    """Raises Refused unless the one filestore is all that changes, under a name that no other has."""
    if [one.address for one in edit.made] != [entry.address] or edit.changed or edit.gone:
        raise Refused(f"an edit of {edit.file} would not have the effect that is asked for")
    (made,) = edit.made
    taken = next((one for one in draft.declaration.resources if one.name == made.name and one.kind == made.kind), None)
    if taken is not None:
        raise Refused(f"{made.name} is the name of {taken.address} already", next_step="--key NAME for another name")
    undeclared = set(context.cluster.terraform.undeclared) if context.cluster.terraform else set()
    if any(store.name == made.name and store.id in undeclared for store in context.cluster.filestores):
        raise Refused(
            f"{made.name} is there, and Terraform has not made it",
            next_step="import it: its finding TFM02 has the lines; --key NAME for another one",
        )


def _live(entry: Entry, context: Context) -> Filestore | None:
    """The filestore that is declared so already, where the cloud lists it under its own name."""
    known = context.cluster.terraform.resources if context.cluster.terraform else ()
    named = (one for one in known if one.address == entry.address and all(each.what != "name" for each in one.drift))
    identity = next((one.live for one in named), None)
    return next((store for store in context.cluster.filestores if identity and store.id == identity), None)


def _planned(asked: Asked, context: Context) -> Plan:
    pointing.check_hubs(asked.point, context)
    if asked.point:
        check_which(asked, context)
    there = undeclared(asked, context) if asked.point else None
    if there is not None:
        return pointing_plan(asked, context, there)
    found = _found(asked, context)
    server, path = pointing.mount_source(found.store) if found.store is not None else ("", "")
    hubs: tuple[str, ...] = ()
    if found.edit is not None:
        steps, commands = _edit_steps(asked, context, found, found.edit)
    else:
        # Only what is declared can be there by its own name: an entry and hubs are never edited in one run.
        writes = pointing.point_steps(asked.point if path else (), context, server=server, path=path)
        hubs = pointing.hubs_of(writes, context)
        steps, commands = pointing.with_commit(writes, asked.point, context, commit=asked.commit)
    return Plan(
        action=NAME,
        cluster=context.cluster.name,
        parameters=asked.parameters(),
        steps=tuple(steps),
        affects=Affects(hubs=hubs),
        risk=pointing.RISK if hubs else "",
        notes=tuple(_notes(asked, context, found, server, hubs)),
        commands=commands,
        permission="none",
    )


def _edit_steps(
    asked: Asked, context: Context, found: _Found, edit: VariablesEdit
) -> tuple[list[Step], tuple[str, ...]]:
    """The edit behind its commit, and the commands that are left."""
    change = edit_of(edit.file, edit.before, edit.after)
    was = {"variable": found.entry.variable, "key": found.entry.key}
    steps = [write_step(change, before="", after=made_lines(edit.made[0]), diff=edit.diff, was=was)]
    base, message = base_of(context, otherwise=LIVE), _message(context, found)
    apply = apply_commands(found.draft.declaration)
    if not asked.commit:
        return steps, (commit_command([edit.file], base, message), *apply)
    name = f"{NAME}-{context.cluster.name}-{found.entry.key or 'filestore'}"
    return committed(steps, base, name=name, message=message), apply


def _message(context: Context, found: _Found) -> str:
    name = found.edit.made[0].name if found.edit else ""
    return f"Declare filestore {name} for {context.cluster.name}\n"


def _notes(asked: Asked, context: Context, found: _Found, server: str, edited_hubs: Container[str]) -> Iterable[str]:
    entry, there = found.entry, found.entry.there
    yield from entry.warnings
    if found.edit is not None:
        if not asked.commit:
            yield f"commit message: {_message(context, found).strip()}"
        yield f"nothing is made in the cloud before Terraform is applied; {_PROTECTED}"
    elif there is not None:
        yield f"{entry.address} is declared: {there.origin}" + ("" if asked.key else "; --key NAME for another one")
        if found.store is None:
            yield from _left(entry, found, context)
    if server:
        yield f"hubs mount it from {server}"
        yield from pointing.said_already(asked.point, edited_hubs, context)
        yield from pointing.later(asked.point, context)
        return
    again = command("hubhomes", NAME, context.cluster.name, *(("--key", asked.key) if asked.key else ()), "--point")
    yield f"its address is known when Terraform has made it: then {again} HUB edits the values of a hub"
    for hub in asked.point:
        lines = pointing.snippet_lines(hub, context, server=_SERVERS[found.draft.declaration.cloud], path=_path(found))
        yield f"for {hub}, with the address in capitals filled in:"
        yield from lines


def _left(entry: Entry, found: _Found, context: Context) -> Iterable[str]:
    """What is left where it is declared, and not seen under its own name."""
    made = context.cluster.terraform
    known = next((one for one in (made.resources if made is not None else ()) if one.address == entry.address), None)
    other = next((one.live for one in (known.drift if known is not None else ()) if one.what == "name"), "")
    if other:
        yield f"{other} is there in its place, of another name: its finding TFM05 says how the two agree"
        return
    if known is not None and known.found == "unknown":
        yield f"whether it is there is not known: {known.why or context.cluster.filestores_unknown}"
    yield f"what is left: {' && '.join(apply_commands(found.draft.declaration))}"


_SERVERS = {"gcp": "ADDRESS", "aws": "FILE-SYSTEM-ID.efs.REGION.amazonaws.com", "azure": "ADDRESS", "openstack": ""}


def _path(found: _Found) -> str:
    made = found.edit.made[0] if found.edit else found.entry.there
    return f"/{made.share}" if made is not None and made.share else "/"


def _verdict(planned: Plan, context: Context) -> Verdict:
    base = base_of(context, otherwise=LIVE)
    for step in planned.steps:
        if file := not_as_written(step, base):
            return Verdict(state="still", why=f"{file} is not what was written")
    if planned.undoes is None:
        now = _planned(asked_of(planned.parameters), context)
        if any(step.arguments["do"] == "write" for step in now.steps):
            return Verdict(state="still", why="the files of the tree do not say it")
        return Verdict(state="gone", why="the files say it; Terraform and deploys make it so")
    return Verdict(state="gone")


def _planned_back(done: Run, context: Context) -> Plan:
    base = base_of(context, otherwise=LIVE)
    steps: list[Step] = []
    notes: list[str] = []
    for one in reversed(done.touched):
        step, said = _back(one.step, asked_of(done.intent.plan.parameters), context, base)
        steps += [step] if step else []
        notes += said
    return msgspec.structs.replace(done.intent.plan, steps=tuple(steps), notes=tuple(notes), commands=())


def _back(step: Step, asked: Asked, context: Context, base: Path) -> tuple[Step | None, list[str]]:
    if step.arguments["do"] == "commit":
        return uncommitted(step.arguments, base)
    was = step.arguments["was"]
    if "hub" in was:
        return pointing.pointed_back(step, context)
    store = _live(entry_of(asked, draft_of(context), context.cluster.name), context)
    if store is not None:
        raise Refused(f"{store.name} is made: {_PROTECTED}", next_step="leave it declared, and move its hubs first")
    if not changed_since(step, base):
        return taken_back(step, base), []
    return _removed(step, context)


def _removed(step: Step, context: Context) -> tuple[Step | None, list[str]]:
    """The edit that takes the entry out of a file that was changed since. Raises Refused."""
    from console.inventory.editing.refusals import EditRefused

    file, was = step.arguments["file"], step.arguments["was"]
    said = [f"{file} was changed since: it is edited to the same effect, not put back as it was"]
    draft = draft_of(context, file=file)
    if was["key"] is None:
        edit = edited(draft, [((was["variable"],), False)])
    else:
        if all(one.key != was["key"] or one.kind != "filestore" for one in draft.declaration.resources):
            return None, said
        try:
            edit = draft.without(was["variable"], was["key"])
        except EditRefused as refused:
            raise Refused(f"{file} is not edited: {refused.reason}", next_step=f"take {was['key']} out of it") from None
    change = edit_of(edit.file, edit.before, edit.after)
    gone = "\n".join(made_lines(one) for one in edit.gone)
    return msgspec.structs.replace(write_step(change, before=gone, after="", diff=edit.diff, was=was), undo=""), said
