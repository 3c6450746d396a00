"""grow in Terraform's variables: the size of a filestore, or of an in-cluster server's disk, and what is left then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from decimal import Decimal
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
from console.actions.filestores.grow_asked import Asked, asked_of
from console.actions.filestores.grow_target import (
    ENDLESS,
    IN_CLUSTER,
    Size,
    declared_of,
    disk_doubt,
    filestore_of,
    size_of,
    wanted_gib,
)
from console.actions.filestores.terraform_files import LIVE, apply_commands, draft_of, edited
from console.actions.outcomes import Outcome, Verdict
from console.actions.plan import Plan, Step
from console.actions.protocol import Context, Refused
from console.chain.growth import GIB, largest_bytes
from console.chain.terraform import capacity
from console.chain.terraform_model import TerraformResource
from console.chain.words import command, some
from console.chain.words import size as size_words
from providers.filestores.gcp_filestore.capacity import TIERS, capacity_warnings, tier_named
from providers.filestores.protocol import Filestore

if TYPE_CHECKING:
    from pathlib import Path

    from console.actions.history import Run
    from console.inventory.terraform.editing.draft import VariablesDraft, VariablesEdit

NAME = "grow"
WATCH = "watch"
RESIZED_WITHIN_S = 330.0
"""The server's own resizer looks every five minutes."""


class _Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What is to grow: the filestore, what declares it, its size now and the one to be, in GiB."""

    store: Filestore
    declared: TerraformResource
    size: Size
    gib: int

    @property
    def in_cluster(self) -> bool:
        return self.store.backend == IN_CLUSTER

    @property
    def is_declared(self) -> bool:
        return self.declared.capacity_gib == self.gib


async def plan(asked: Asked, context: Context) -> Plan:
    """What would be edited and committed; or, where it is declared and a server's disk, what is waited for. Raises
    Refused, with what to do by hand where it can't be."""
    store = filestore_of(asked, context)
    if store.backend == "aws-efs":
        return _plan(asked, context, (), notes=(ENDLESS,))
    declared, size = declared_of(store, context), size_of(store, context)
    gib = await wanted_gib(asked, store, declared, size, context)
    if gib is None and asked.watch:
        now = size_words(size.now_bytes) if size.now_bytes is not None else "a size that no source tells"
        said = f"{capacity(declared.capacity_gib)} are declared" if declared.capacity_gib else "no size is declared"
        return _plan(asked, context, (), notes=(f"{store.name} has {now}, and {said}: there is nothing to wait for",))
    if gib is None:
        used, now = size_words(size.used_bytes or 0), size_words(size.now_bytes or 0)
        return _plan(asked, context, (), notes=(f"{store.name} has room: {used} of {now}; --to GIB for a larger size",))
    aim = _Aim(store=store, declared=declared, size=size, gib=gib)
    return await asyncio.to_thread(_planned, asked, context, aim)


async def run(step: Step, context: Context) -> Outcome:
    """Does a step of a plan of this module. Raises Refused."""
    if step.arguments["do"] == WATCH:
        return Outcome(what="it is looked at from now on", changed=False)
    return await asyncio.to_thread(do, step.arguments, base_of(context, otherwise=LIVE))


async def verify(planned: Plan, context: Context) -> Verdict:
    """Whether the file is as it was written and declares the size; where growth is watched, whether it shows."""
    return await asyncio.to_thread(_verdict, planned, context)


async def undo_plan(done: Run, context: Context) -> Plan:
    """The file as it was before; where it was changed since, an edit to the same effect. Raises Refused where it has
    grown meanwhile."""
    return await asyncio.to_thread(_planned_back, done, context)


def _plan(
    asked: Asked,
    context: Context,
    steps: Sequence[Step],
    *,
    notes: Iterable[str] = (),
    commands: Iterable[str] = (),
    within_s: float | None = None,
) -> Plan:
    return Plan(
        action=NAME,
        cluster=context.cluster.name,
        parameters=asked.parameters(),
        steps=tuple(steps),
        notes=tuple(notes),
        commands=tuple(commands),
        permission="none",
        verified_within_s=within_s,
    )


def _planned(asked: Asked, context: Context, aim: _Aim) -> Plan:
    _check_larger(aim)
    # The size is the plan's own: planned again it is the same, however much is used by then.
    asked = msgspec.structs.replace(asked, to=aim.gib)
    draft = draft_of(context, file=aim.declared.file)
    if asked.watch and not aim.is_declared:
        raise Refused(f"{aim.declared.address} is not declared with {capacity(aim.gib)}", next_step="leave out --watch")
    if aim.is_declared:
        return _of_declared(asked, context, aim, draft)
    edit = edited(draft, [(_path(aim.declared, draft), Decimal(aim.gib))])
    _check_effect(edit, aim)
    change = edit_of(edit.file, edit.before, edit.after)
    message = f"Grow {aim.declared.name} of {context.cluster.name} to {aim.gib} GiB\n"
    base = base_of(context, otherwise=LIVE)
    old, new = edit.changed[0]
    was = {"address": aim.declared.address, "gib": old.capacity_gib}
    steps = [
        write_step(
            change,
            before=_side(aim, old.capacity_gib, ""),
            after=_side(aim, new.capacity_gib, aim.size.words(aim.gib)),
            diff=edit.diff,
            was=was,
        )
    ]
    commands: tuple[str, ...] = apply_commands(draft.declaration)
    if asked.commit:
        name = f"{NAME}-{context.cluster.name}-{aim.declared.key or aim.declared.name}"
        steps = committed(steps, base, name=name, message=message)
    else:
        commands = (commit_command([edit.file], base, message), *commands)
    said = [] if asked.commit else [f"commit message: {message.strip()}"]
    return _plan(asked, context, steps, notes=[*said, *_notes(aim, context)], commands=commands)


def _check_larger(aim: _Aim) -> None:
    """Raises Refused for a size that is smaller than it has, or is declared to have."""
    now = 0 if aim.in_cluster else (aim.size.now_bytes or 0) / GIB
    there = max(now, aim.declared.capacity_gib or 0)
    if aim.gib < there:
        what = "a disk" if aim.in_cluster else "a filestore that is to grow"
        raise Refused(
            f"{aim.declared.name} has {capacity(there)}: {what} does not shrink to {capacity(aim.gib)}",
            next_step=f"--to {int(there) + 1} or more",
        )


def _path(declared: TerraformResource, draft: VariablesDraft) -> tuple[str, ...]:
    """Where the variables say the size."""
    cloud, key = draft.declaration.cloud, declared.key
    if cloud == "azure":
        return ("storage_size",)
    if declared.kind == "filestore":
        return ("filestore_capacity_gb",) if key is None else ("filestores", key, "capacity_gb")
    return ("ebs_volumes" if cloud == "aws" else "persistent_disks", key or "", "size")


def _check_effect(edit: VariablesEdit, aim: _Aim) -> None:
    """Raises Refused unless this one size is all that changes."""
    changed = [new for _, new in edit.changed]
    as_asked = [(one.address, one.capacity_gib) for one in changed] == [(aim.declared.address, aim.gib)]
    if not as_asked or edit.made or edit.gone:
        raise Refused(f"an edit of {edit.file} would not have the effect that is asked for")


def _side(aim: _Aim, gib: float | None, words: str) -> str:
    name = f"{aim.declared.name}, the disk of {aim.store.name}" if aim.store.namespace else aim.store.name
    size = capacity(gib) if gib is not None else "no size"
    return f"{aim.declared.address}\n  {name}: {size}" + (f"\n  {words}" if words else "")


def _notes(aim: _Aim, context: Context) -> Iterable[str]:
    hubs = context.cluster.filestore_hubs.get(aim.store.id, ())
    if hubs:
        yield f"hubs on it: {some(hubs)}"
    yield from _doubts(aim)
    if aim.in_cluster and aim.store.namespace and (doubt := disk_doubt(aim.store, aim.declared, context)):
        yield doubt
    yield f"nothing grows before Terraform is applied; {_never_back(aim)}"
    if aim.size.now_bytes is None:
        yield f"how large {aim.store.name} is now is not known: its declared size alone is"
    if aim.store.namespace:
        yield _then(aim, context)
    show = command("hubhomes", "filestores", f"{context.cluster.name}/{aim.store.name}")
    yield f"{show} shows what its hubs have"


def _doubts(aim: _Aim) -> Iterable[str]:
    """What the cloud may have against the size, as far as is known here."""
    largest, tier = largest_bytes(aim.store), tier_named(aim.store.tier)
    if aim.store.backend == "gcp-filestore" and tier in TIERS:
        now_gib = int((aim.store.capacity_bytes or 0) / GIB)
        for line in capacity_warnings(tier, aim.gib, now_gib=now_gib):
            yield f"{line}, as far as is known: Google decides"
    elif largest is not None and aim.gib * GIB > largest:
        yield f"{aim.store.tier} takes {size_words(largest)} at most, as far as is known: the cloud decides"


def _never_back(aim: _Aim) -> str:
    return "a disk never shrinks again" if aim.in_cluster else "what has grown may never shrink again"


def _of_declared(asked: Asked, context: Context, aim: _Aim, draft: VariablesDraft) -> Plan:
    """Nothing is left to edit: it is said what is left, or a server's file system is waited for."""
    declared = f"{aim.declared.address} is declared with {capacity(aim.gib)}: {aim.declared.origin}"
    if aim.size.has_grown_to(aim.gib):
        return _plan(asked, context, (), notes=(declared,))
    left = f"what is left: {' && '.join(apply_commands(draft.declaration))}"
    if not aim.in_cluster or not asked.watch:
        return _plan(asked, context, (), notes=(declared, left, *([_then(aim, context)] if aim.in_cluster else ())))
    now = size_words(aim.size.now_bytes) if aim.size.now_bytes is not None else "a size that no source tells"
    step = Step(
        key=f"{WATCH} {aim.store.id}",
        what=f"wait until the file system of {aim.store.name} has the size of its disk",
        before=now,
        after=f"{capacity(aim.gib)}, by the server's own resizer, which looks every 5 minutes",
        undo="nothing is changed: it is only looked at",
        arguments={"do": WATCH, "gib": aim.gib, "from_bytes": aim.size.now_bytes},
    )
    notes = (declared, f"where Terraform is not applied yet, nothing will change; {left}")
    return _plan(asked, context, (step,), notes=notes, within_s=RESIZED_WITHIN_S)


def _then(aim: _Aim, context: Context) -> str:
    again = command("hubhomes", NAME, f"{context.cluster.name}/{aim.store.name}", "--watch")
    return f"then the server's own resizer grows the file system within 5 minutes: {again} waits for it"


def _verdict(planned: Plan, context: Context) -> Verdict:
    base = base_of(context, otherwise=LIVE)
    for step in planned.steps:
        if step.arguments["do"] == WATCH:
            return _watched(planned, context, step)
        if file := not_as_written(step, base):
            return Verdict(state="still", why=f"{file} is not what was written")
    if planned.undoes is None:
        asked = asked_of(planned.parameters)
        declared = declared_of(filestore_of(asked, context), context)
        draft = draft_of(context, file=declared.file)
        now = next((one for one in draft.declaration.resources if one.address == declared.address), None)
        if now is None or now.capacity_gib != asked.to:
            return Verdict(state="still", why=f"{declared.file} does not declare it")
        return Verdict(state="gone", why=f"{declared.file} declares it; it grows when Terraform is applied")
    return Verdict(state="gone")


def _watched(planned: Plan, context: Context, step: Step) -> Verdict:
    store = filestore_of(asked_of(planned.parameters), context)
    size = size_of(store, context)
    if size.now_bytes is None:
        why = context.cluster.usages[store.id].why if store.id in context.cluster.usages else ""
        return Verdict(state="unobserved", why=why or f"no source tells the size of {store.name}")
    if size.has_grown_to(step.arguments["gib"], from_bytes=step.arguments["from_bytes"]):
        return Verdict(state="gone")
    source = store.usage.source if store.usage is not None else "its source"
    return Verdict(state="still", why=f"{store.name} has {size_words(size.now_bytes)}, says {source}")


def _planned_back(done: Run, context: Context) -> Plan:
    base = base_of(context, otherwise=LIVE)
    steps: list[Step] = []
    notes: list[str] = []
    for one in reversed(done.touched):
        step, said = _back(one.step, done, context, base)
        steps += [step] if step else []
        notes += said
    return msgspec.structs.replace(
        done.intent.plan, steps=tuple(steps), notes=tuple(notes), commands=(), verified_within_s=None
    )


def _back(step: Step, done: Run, context: Context, base: Path) -> tuple[Step | None, list[str]]:
    if step.arguments["do"] == WATCH:
        return None, []
    if step.arguments["do"] == "commit":
        return uncommitted(step.arguments, base)
    asked = asked_of(done.intent.plan.parameters)
    store = filestore_of(asked, context)
    declared = declared_of(store, context)
    aim = _Aim(store=store, declared=declared, size=size_of(store, context), gib=asked.to or 0)
    was = step.arguments["was"]["gib"]
    if aim.size.has_grown_to(aim.gib, from_bytes=int((was or 0) * GIB)):
        raise Refused(f"{store.name} has grown: {_never_back(aim)}", next_step="leave it declared as it is")
    if not changed_since(step, base):
        return taken_back(step, base), []
    return _smaller_again(step, aim, context)


def _smaller_again(step: Step, aim: _Aim, context: Context) -> tuple[Step | None, list[str]]:
    """The edit that declares the size of before in a file that was changed since."""
    said = [f"{aim.declared.file} was changed since: it is edited to the same effect, not put back as it was"]
    was = step.arguments["was"]
    draft = draft_of(context, file=aim.declared.file)
    now = next((one for one in draft.declaration.resources if one.address == was["address"]), None)
    if now is None or now.capacity_gib == was["gib"]:
        return None, said
    edit = edited(draft, [(_path(aim.declared, draft), Decimal(str(was["gib"])))])
    change = edit_of(edit.file, edit.before, edit.after)
    before, after = _side(aim, now.capacity_gib, ""), _side(aim, was["gib"], "")
    again = write_step(change, before=before, after=after, diff=edit.diff, was=was)
    return msgspec.structs.replace(again, undo=""), said
