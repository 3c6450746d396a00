"""`hubhomes shell`: a shell with a hub's homes mounted, on the terminal that the command was given on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from console.actions.folders import record_folder
from console.cli.action import approved_by_hand, permitted, refusal
from console.cli.exits import Exit
from console.cli.output import narrate

if TYPE_CHECKING:
    from console.actions.preview import Preview
    from console.actions.protocol import Target
    from console.actions.running import Result
    from console.actions.shell.shell import Shell
    from console.cli.request import Request
    from console.fleet.fleet import Fleet

_LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TIME_UP = 124
"""As `timeout` has it."""


def target_of(request: Request, *, writable: bool, base: bool, lasts: str | None) -> Target:
    """What is asked for. Raises UsageError where no hub is named, or LASTS is no time."""
    from console.actions.protocol import Target
    from console.cli.action_command import Duration

    if not request.scope.cluster or not request.scope.hub:
        raise click.UsageError("a shell is for one hub: shell C/H")
    lasts_s = Duration().convert(lasts, None, None) if lasts else None
    parameters = {"writable": writable, "base": base, "lasts_s": lasts_s}
    return Target(action="shell", cluster=request.scope.cluster, hub=request.scope.hub, parameters=parameters)


def run(request: Request, target: Target, *, confirm: str, ticket: str) -> int:
    """Opens the shell; gives its exit code, 128 and the signal where one ended it, 124 where its time was up."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("a shell needs a terminal: standard input and output are none")
    if request.offline:
        raise click.UsageError("a shell runs in the cluster: not with --offline")
    from console.actions.protocol import Refused
    from console.actions.record import RecordFailed
    from providers.errors import ProviderError

    try:
        return asyncio.run(_opened(request, target, confirm, ticket))
    except (Refused, ProviderError, RecordFailed) as error:
        return refusal(request, target, error)


async def _opened(request: Request, target: Target, confirm: str, ticket: str) -> int:
    from console.actions.record import Record, utc_now
    from console.actions.shell.opening import engine_for
    from console.actions.shell.shell import Shell
    from console.actions.shell.terminal import LocalTerminal
    from console.actions.surroundings import Surroundings

    fleet = request.fleet()
    gone = asyncio.Event()
    action = Shell(LocalTerminal(tell=_tell, kind=os.environ.get("TERM", "")), gone=gone)
    with record_folder(demo=request.demo) as folder, _left_by_signal(gone) as signals:
        observe = Surroundings(fleet, request.settings, now=utc_now).observe
        engine = engine_for(observe, Record(folder), action)
        try:
            preview = await engine.preview(target)
            confirmed = _confirmed(preview, confirm)
            with permitted(fleet, preview):
                result = await engine.run(
                    target, approved=preview.plan, confirmed=confirmed, ticket=ticket, tell=_teller()
                )
        finally:
            await _closed(fleet)
    return _code(result, action, signals)


def _confirmed(preview: Preview, confirm: str) -> str:
    """What was typed for a writable shell in production; one that only looks asks for nothing."""
    if preview.plan.permission != "write":
        return preview.plan.place
    if confirm or preview.to_type is None:
        return confirm
    narrate(f"this mounts {', '.join(preview.plan.affects.hubs)} writable")
    return approved_by_hand(preview)


async def _closed(fleet: Fleet) -> None:
    from providers.kubernetes.looks.helper_pods import all_removed

    await all_removed()
    await fleet.close()


@contextmanager
def _left_by_signal(gone: asyncio.Event) -> Iterator[list[int]]:
    """Signals that ask to leave end the shell, and are gathered; the terminal is then put back as after any shell."""
    loop, received = asyncio.get_running_loop(), list[int]()

    def leave(number: int) -> None:
        received.append(number)
        gone.set()

    for number in _LEAVING:
        loop.add_signal_handler(number, leave, number)
    try:
        yield received
    finally:
        for number in _LEAVING:
            loop.remove_signal_handler(number)


def _tell(line: str) -> None:
    from console.chain.words import plain

    # Where the terminal has gone there is nobody to be told.
    with contextlib.suppress(OSError):
        narrate(plain(line))


def _teller() -> Callable[[Any], None]:
    from console.actions import events

    def tell(event: events.Event) -> None:
        match event:
            case events.Warned():
                _tell(f"warning: {event.message}")
            case events.NotVerified():
                _tell(f"not verified: {event.verdict.why}")

    return tell


def _code(result: Result, action: Shell, signals: list[int]) -> int:
    end = action.end
    if end is None:
        if result.message:
            _tell(f"hubhomes: {result.message}")
        if result.next_step:
            _tell(f"  next: {result.next_step}")
        if result.outcome == "cancelled":
            return 128 + signals[0] if signals else Exit.INTERRUPTED
        return Exit.FAILED
    if end.why == "time":
        _tell("the shell's time was up")
        return _TIME_UP
    if end.why == "gone":
        return 128 + (signals[0] if signals else signal.SIGHUP)
    return end.exit_code if end.exit_code is not None else Exit.FAILED
