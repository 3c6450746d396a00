"""`hubhomes ACTION`: a guided action without the screens. The command is made of what the action declares."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
import msgspec

from console.actions.folders import record_folder
from console.cli.exits import Exit
from console.cli.output import narrate, over_itself, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console.actions.engine import Engine
    from console.actions.plan import Plan
    from console.actions.preview import Preview
    from console.actions.protocol import Cancel, Target
    from console.actions.running import Result
    from console.cli.request import Request
    from console.fleet.fleet import Fleet

_PERMITTED_MINUTES = 720.0
"""The longest that one run may take from here; the permission is taken back as soon as it has ended."""


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What was said about running. `digest` None: it is asked for on the terminal."""

    dry_run: bool = False
    yes: bool = False
    digest: str | None = None
    confirm: str = ""
    ticket: str = ""

    def check(self) -> None:
        """Raises UsageError where nobody is there to approve the plan, or a plan is approved that nobody has seen."""
        if self.yes and not self.digest and not self.dry_run:
            raise click.UsageError("--yes needs --digest: that of the plan which --dry-run has shown")
        if not self.dry_run and not self.yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise click.UsageError("nobody is here to approve the plan: say --dry-run, then --yes --digest D")


def run(request: Request, target: Target, answers: Answers, *, resumes: str | None = None) -> Exit:
    """Plans TARGET and shows it, or runs it as ANSWERS say; RESUMES is the run that this one finishes."""
    answers.check()
    if request.offline:
        raise click.UsageError("an action looks at what is there: not with --offline")
    from console.actions.protocol import Refused
    from console.actions.record import RecordFailed
    from providers.errors import ProviderError

    try:
        return asyncio.run(_acted(request, target, answers, resumes))
    except asyncio.CancelledError:
        narrate(request.started.words("broken off: hubhomes history shows how far it came"))
        return Exit.INTERRUPTED
    except (Refused, ProviderError, RecordFailed) as error:
        return refusal(request, target, error)


async def _acted(request: Request, target: Target, answers: Answers, resumes: str | None) -> Exit:
    fleet = request.fleet()
    with record_folder(demo=request.demo) as folder:
        try:
            return await _acted_in(fleet, engine_of(fleet, request, folder), request, target, answers, resumes)
        finally:
            await fleet.close()


async def _acted_in(
    fleet: Fleet, engine: Engine, request: Request, target: Target, answers: Answers, resumes: str | None
) -> Exit:
    from console.actions.registry import probes_to_plan

    if probes_to_plan(target.action):
        # Whoever gives the command has permitted what its plan has to look at; it ends with this process.
        fleet.grant(target.cluster, "probe", minutes=_PERMITTED_MINUTES)
    preview = await engine.preview(target)
    if answers.dry_run:
        show(preview, json=request.json, settled=settled_words(target, preview))
        return Exit.NONE
    if preview.plan.empty:
        return _ended(request, await engine.run(target, approved=preview.plan, resumes=resumes))
    narrate_plan(preview)
    approved, confirmed = approved_by(answers.digest, preview), answers.confirm
    if answers.digest is None or not answers.yes:
        approved, confirmed = preview.plan, approved_by_hand(preview)
    with permitted(fleet, preview), cancelled_by_signal() as cancel:
        result = await engine.run(
            target,
            approved=approved,
            confirmed=confirmed,
            ticket=answers.ticket,
            resumes=resumes,
            cancel=cancel,
            tell=teller(),
        )
    return _ended(request, result)


def engine_of(fleet: Fleet, request: Request, folder: Path) -> Engine:
    """The engine over FLEET, with the record in FOLDER."""
    from console.actions.engine import Engine
    from console.actions.record import Record, utc_now
    from console.actions.registry import action
    from console.actions.surroundings import Surroundings
    from console.fleet.start import demo_settings

    settings = demo_settings(request.settings) if request.demo else request.settings
    surroundings = Surroundings(fleet, settings, now=utc_now)
    return Engine(surroundings.observe, Record(folder), find=request.started.find(action))


def settled_words(target: Target, preview: Preview) -> tuple[str, ...]:
    """What the plan has settled, as options: TARGET does not say it, and whoever runs that plan has to."""
    from console.actions.offers import option_words
    from console.actions.registry import action

    found = (one for one in action(target.action).parameters if one.settled and not target.parameters.get(one.name))
    return tuple(word for one in found for word in option_words(one, preview.plan.parameters.get(one.name)))


def approved_by(digest: str | None, preview: Preview) -> Plan | str:
    """The plan that DIGEST approves: the one that was just made, where it is its own."""
    from console.actions.plan import same_digest

    return preview.plan if digest is None or same_digest(digest, preview.plan.digest) else digest


def show(preview: Preview, *, json: bool, settled: tuple[str, ...] = ()) -> None:
    """The plan on stdout: what --dry-run is for. SETTLED are options to run it with."""
    if json:
        from console.cli.documents.actions import plan

        print_json(plan(preview))
        return
    print_lines(plan_lines(preview))
    for refusal in preview.refusals:
        narrate(f"the API server would refuse it: {refusal}")
    if preview.denied:
        narrate("it can't run: rights are missing, as marked above")
    elif not preview.plan.empty:
        confirm = ("--confirm", preview.to_type) if preview.to_type else ()
        narrate(f"to run it: {' '.join((*settled, '--yes --digest', preview.plan.digest, *confirm))}")


def narrate_plan(preview: Preview) -> None:
    for line in plan_lines(preview):
        narrate(line)


def plan_lines(preview: Preview) -> list[str]:
    """The plan in full; its filestore by the name that the fleet knows."""
    from console.actions.offers import called
    from console.actions.protocol import Target
    from console.actions.render import text_lines

    plan = preview.plan
    target = Target(action=plan.action, cluster=plan.cluster, hub=plan.hub, parameters=plan.parameters)
    place = called(target, preview.context.fleet.clusters)
    return text_lines(plan, place=place, denied=preview.denied, unasked=preview.unasked, remedy=preview.remedy)


def approved_by_hand(preview: Preview) -> str:
    """What was typed to approve the plan. Raises Abort where it was not approved."""
    if preview.to_type is None:
        click.confirm("run it?", abort=True, err=True)
        return ""
    typed: str = click.prompt(f"type {preview.to_type} to run it", default="", show_default=False, err=True)
    if typed not in (preview.to_type, preview.plan.place):
        raise click.Abort
    return typed


@contextmanager
def permitted(fleet: Fleet, preview: Preview) -> Iterator[None]:
    """Permits what the plan needs, for as long as it is entered: whoever approved the plan has permitted it."""
    plan = preview.plan
    if plan.permission != "none":
        fleet.grant(plan.cluster, plan.permission, minutes=_PERMITTED_MINUTES)
    try:
        yield
    finally:
        fleet.revoke(plan.cluster)


@contextmanager
def cancelled_by_signal() -> Iterator[Cancel]:
    """The first interrupt asks to stop behind the step, the second breaks off."""
    from console.actions.protocol import Cancel

    cancel = Cancel()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupted() -> None:
        if cancel.asked and task is not None:
            task.cancel()
            return
        narrate("stopping behind this step; interrupt again to break off")
        cancel.ask()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield cancel
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def teller() -> Callable[[Any], None]:
    """Tells events on stderr, a line each; progress only on a terminal, over itself."""
    from console.actions import events
    from console.chain.words import plain

    def tell(event: events.Event) -> None:
        if isinstance(event, events.Progress):
            if sys.stderr.isatty():
                over_itself(progress_words(event))
            return
        line = event_words(event)
        if line:
            narrate(("\r\x1b[K" if sys.stderr.isatty() else "") + plain(line))
        if isinstance(event, events.StepDone):
            for note in event.outcome.notes:
                narrate(plain(f"    {note}"))

    return tell


def progress_words(event: Any) -> str:
    """12,000 of 90,000, 3,100 a second, 25 s left."""
    words = [f"{event.done:,}" + (f" of {event.total:,}" if event.total is not None else "")]
    words += [f"{event.rate:,.0f} a second"] * bool(event.rate)
    words += [f"{event.remaining_s:.0f} s left"] if event.remaining_s is not None else []
    return "  " + ", ".join(words)


def event_words(event: Any) -> str:
    from console.actions import events

    match event:
        case events.Begun():
            return f"run {event.run}"
        case events.Warned():
            return f"warning: {event.message}"
        case events.StepStarted():
            return f"{event.number} {event.step.what}"
        case events.Said():
            return f"  | {event.line}"
        case events.StepDone():
            return f"  {event.outcome.what or 'done'}"
        case events.StepFailed():
            return f"  failed: {event.message}"
        case events.Verifying(why=""):
            return "looking whether it helped"
        case events.Verified():
            return "verified" + (f": {event.verdict.why}" if event.verdict.why else "")
        case events.NotVerified():
            return f"not verified: {event.verdict.why}"
        case events.Cancelled():
            return f"stopped: {event.done} of {event.steps} steps were done"
    return ""


def _ended(request: Request, result: Result) -> Exit:
    if request.json:
        from console.cli.documents.actions import result as document

        print_json(document(result))
    elif result.outcome == "nothing":
        from console.chain.words import plain

        narrate("nothing to do")
        for note in result.plan.notes:
            narrate(plain(f"  {note}"))
    elif result.outcome != "done":
        narrate(f"{result.outcome}: {result.message}")
        if result.next_step:
            narrate(f"  next: {result.next_step}")
    unseen = result.verdict is not None and result.verdict.state == "unobserved"
    if result.outcome in ("nothing", "done"):
        return Exit.NONE
    if result.outcome == "cancelled":
        return Exit.INTERRUPTED
    return Exit.UNOBSERVED if unseen else Exit.FAILED


def refusal(request: Request, target: Target, error: Any) -> Exit:
    """Why nothing was run: what could not be observed is 3, a plan that was not approved 2, all else 1."""
    from console.actions.refusals import NotApproved, PlanChanged
    from providers.errors import ProviderError

    if request.json:
        from console.cli.documents.actions import refused

        print_json(refused(target, error))
    narrate(f"hubhomes: {error.message}")
    if error.next_step:
        narrate(f"  next: {request.started.words(error.next_step)}")
    if isinstance(error, PlanChanged):
        for line in error.differences:
            narrate(f"  {line}")
    if isinstance(error, ProviderError):
        return Exit.UNOBSERVED
    return Exit.USAGE if isinstance(error, NotApproved) else Exit.FAILED
