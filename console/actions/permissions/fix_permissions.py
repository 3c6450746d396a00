"""Gives a hub's directory, what homes share, and homes the expected owner, and lets owners into their directories."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from console.actions.attachments import read_attachment, unsealed
from console.actions.hub_directory import hub_of, hubs_here, needs, pod_refusals, servers_here, way_in
from console.actions.outcomes import Outcome, Verdict
from console.actions.permissions import words
from console.actions.permissions.manifest import changes_in, digest_of, line_of
from console.actions.permissions.scope import PARTS, Part, Scope, back, found_in, raw_name
from console.actions.plan import Affects, Plan, Step
from console.actions.protocol import Context, Parameter, Refused
from console.actions.record import RecordFailed
from console.chain.home_names import shown
from console.chain.words import count, some
from providers.errors import ProviderError
from providers.kubernetes.mending.protocol import Change, Owned

if TYPE_CHECKING:
    from pathlib import Path

    from console.actions.attachments import Attachment
    from console.actions.history import Run, StepRun
    from providers.kubernetes.looks.protocol import LookRequest
    from providers.kubernetes.mending.pods import Inside

_KEPT = 12
"""How many steps' lists are remembered between a plan and its run."""
_PURPOSE = "permissions"
_SHALLOW_S = 900
_UNDO = "give each path its owner and mode back, as kept beside the record"
_RISK = "a program that writes there meanwhile may leave new paths of its own; look again afterwards"


class FixPermissions:
    """Plans by a look that lists every wrong path, and changes exactly those that are still so when it runs.

    The lists may be long: a plan holds their hashes, and this object the lists of the last plans, by hash.
    """

    name = "fix-permissions"
    summary = "Give a hub's directory, shared directories and homes the expected owner; let owners into directories."
    target = "hub"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="home",
            kind="texts",
            help="Only this home or shared directory; may be given more than once.",
            of_home="name",
        ),
        Parameter(name="deep", kind="flag", help="The whole tree, not only what is directly in the hub's directory."),
        Parameter(name="hard_links", kind="flag", help="Also files with several names, which may be elsewhere."),
    )

    def __init__(self) -> None:
        self._lists: OrderedDict[str, tuple[Change, ...]] = OrderedDict()

    async def plan(self, context: Context) -> Plan:
        from providers.kubernetes.mending.owners import states, wrong
        from providers.kubernetes.mending.pods import inside

        asked, where = scope_of(context), await way_in(context, purpose=_PURPOSE)
        async with inside(context.reached(), where, lasts_s=_lasts_s(context)) as place:
            scope = asked.among(await states(place, asked.candidates()) if asked.homes else {})
            answer = await wrong(place, scope.question())
        if answer.top is None:
            raise Refused(
                f"the hub's directory {where.base_path.rstrip('/')}/{where.hub_directory} is not there",
                next_step="look inside, or make it",
            )
        found = found_in(answer, scope)
        if answer.unread and not found.changes:
            raise ProviderError("internal", f"not all could be read: {answer.unread[0]}", next_step="try again")
        notes = words.notes(where, found.linked, answer.unread, scope)
        return await self._plan(context, where, scope, found.changes, notes=notes)

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        return await pod_refusals(context, purpose=_PURPOSE)

    async def run(self, step: Step, context: Context) -> Outcome:
        from providers.kubernetes.mending.pods import inside

        changes = self._lists.get(step.arguments["list"])
        if changes is None:
            raise Refused("the list of this plan is no longer known", next_step="plan again")
        attachments = context.attachments
        assert attachments is not None  # noqa: S101 - a run has them
        async with inside(
            context.reached(), await way_in(context, purpose=_PURPOSE), writable=True, lasts_s=_lasts_s(context)
        ) as place:
            with attachments.create(f"{step.key}.paths") as manifest:
                left = await _mended(place, changes, manifest, context)
        return _outcome(changes, left)

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        from providers.kubernetes.mending.owners import states
        from providers.kubernetes.mending.pods import inside

        changes = [change for step in plan.steps for change in self._lists.get(step.arguments["list"], ())]
        async with inside(
            context.reached(), await way_in(context, purpose=_PURPOSE), lasts_s=_lasts_s(context)
        ) as place:
            now = await states(place, (change.was.path for change in changes))
        if context.look is not None:
            with suppress(ProviderError):  # what was changed was seen; this is for those who watch the hub
                await context.look()
        left = [change for change in changes if (seen := now.get(change.was.path)) and not change.done(seen)]
        if left:
            names = some(words.path_words(change.was.path) for change in left)
            return Verdict(state="still", why=f"not as planned: {names}")
        return Verdict(state="gone")

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        from providers.kubernetes.mending.owners import states
        from providers.kubernetes.mending.pods import inside

        state = context.state
        assert state is not None  # noqa: S101 - the engine plans
        listed: dict[Part, tuple[Change, ...]] = {}
        for one in run.touched:
            listed[one.step.arguments["part"]] = await asyncio.to_thread(_attached, state, run, one)
        where = await way_in(context, purpose=_PURPOSE)
        async with inside(context.reached(), where, lasts_s=_lasts_s(context)) as place:
            now = await states(place, (change.was.path for changes in listed.values() for change in changes))
        changes = {part: back(listed[part], now) for part in PARTS if part in listed}
        total = sum(map(len, listed.values()))
        others = total - sum(map(len, changes.values()))
        notes = (f"{count(others, 'path')} of {total:,} stay: gone, changed since, or as before",) if others else ()
        scope = scope_of(context)
        return await self._plan(
            context, where, scope, {part: of for part, of in changes.items() if of}, notes=notes, undoing=True
        )

    async def _plan(
        self,
        context: Context,
        where: LookRequest,
        scope: Scope,
        changes: dict[Part, tuple[Change, ...]],
        *,
        notes: tuple[str, ...],
        undoing: bool = False,
    ) -> Plan:
        hub = hub_of(context)
        users, unasked = await _users(context, changes)
        parameters: dict[str, Any] = {
            "home": [shown(name) for name in scope.homes],
            "deep": scope.deep,
            "hard_links": scope.hard_links,
        }
        return Plan(
            action=self.name,
            cluster=hub.cluster,
            hub=hub.name,
            parameters=parameters,
            steps=tuple(self._step(part, of, where, undoing=undoing) for part, of in changes.items()),
            affects=Affects(users=users, hubs=tuple(sorted(one.key for one in hubs_here(context)))),
            risk=_RISK if changes and scope.deep else "",
            notes=(*notes, *unasked),
            commands=() if undoing or not changes else (words.command(context.cluster.context, where, scope),),
            namespace=hub.namespace,
        )

    def _step(self, part: Part, changes: tuple[Change, ...], where: LookRequest, *, undoing: bool) -> Step:
        digest = digest_of(changes)
        self._lists[digest] = changes
        self._lists.move_to_end(digest)
        while len(self._lists) > _KEPT:
            self._lists.popitem(last=False)
        return Step(
            key=part,
            what=words.what(part, changes, undoing=undoing),
            before=words.before(changes),
            after=words.after(changes),
            needs=needs(where),
            undo=_UNDO,
            arguments={"part": part, "list": digest, "paths": len(changes), "through": where.through},
        )


ACTION = FixPermissions()


def scope_of(context: Context) -> Scope:
    """What was asked for. Raises Refused for a name that is none."""
    asked, owner = context.parameters, context.settings.owner
    return Scope(
        uid=owner.uid,
        gid=owner.gid,
        homes=tuple(dict.fromkeys(raw_name(text) for text in asked.get("home") or ())),
        deep=bool(asked.get("deep")),
        hard_links=bool(asked.get("hard_links")),
    )


def _lasts_s(context: Context) -> int:
    """How long a helper pod may be left behind by a console that was killed."""
    from providers.kubernetes.looking import LONGEST_S

    return LONGEST_S if context.parameters.get("deep") else _SHALLOW_S


async def _mended(
    place: Inside, changes: Sequence[Change], manifest: Attachment, context: Context
) -> list[tuple[Change, Owned | None]]:
    """Makes CHANGES batch by batch, each on disk before it is begun; gives those that are not as planned afterwards.

    Raises Cancelled between two batches, ProviderError where nothing of a batch could be changed.
    """
    from providers.kubernetes.mending.mend import batches, mend

    left: list[tuple[Change, Owned | None]] = []
    done = 0
    context.progress(0, len(changes))
    for batch in batches(changes):
        context.cancel.check()
        await asyncio.to_thread(_keep, manifest, batch)
        mended = await mend(place, batch)
        missed = [(change, mended.now.get(change.was.path)) for change in batch]
        missed = [(change, now) for change, now in missed if now is None or not change.done(now)]
        if len(missed) == len(batch) and mended.words:
            raise ProviderError(
                "forbidden",
                f"nothing could be changed: {mended.words}",
                next_step="where the server squashes root, its owner has to be changed on the server itself",
            )
        left += missed
        done += len(batch)
        context.progress(done, len(changes))
    return left


def _keep(manifest: Attachment, batch: Iterable[Change]) -> None:
    manifest.write(b"".join(map(line_of, batch)))
    manifest.sync()


def _outcome(changes: Sequence[Change], left: Sequence[tuple[Change, Owned | None]]) -> Outcome:
    changed = len(changes) - len(left)
    said = f"{count(changed, 'path')} changed"
    if left:
        names = some(words.path_words(change.was.path) for change, _ in left)
        said += f"; {len(left):,} left, since they are no longer as they were: {names}"
    return Outcome(what=said, changed=changed > 0)


def _attached(state: Path, run: Run, one: StepRun) -> tuple[Change, ...]:
    """What a step of RUN has changed, or was about to. Raises RecordFailed, Refused."""
    name = f"{one.step.key}.paths"
    try:
        sealed = [attached for attached in one.attached if attached.name == name]
        if sealed:
            return tuple(changes_in(read_attachment(state, sealed[-1])))
        found = [path for path in unsealed(state, run.id) if path.name == name]
        return tuple(changes_in([found[0].read_bytes()])) if found else ()
    except (OSError, ValueError) as error:
        raise RecordFailed(f"{name} of {run.id} cannot be read: {error}") from error


async def _users(context: Context, changes: dict[Part, tuple[Change, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those with a running server in whose home something changes; and a note where that can't be asked."""
    touched = {change.was.path.split(b"/", 2)[1] for change in changes.get("homes", ())}
    if not touched:
        return (), ()
    try:
        servers = await servers_here(context)
    except ProviderError as error:
        return (), (f"whose servers run is not known: {error.message}",)
    return tuple(sorted(one.user for home, one in servers.items() if one.running and home in touched)), ()
