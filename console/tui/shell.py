"""A shell from a screen: the console steps aside while it runs, and comes back as it was."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.binding import Binding

from console.chain.model import HubState
from console.chain.words import plain
from console.tui.messages import QuestionAnswered
from console.tui.present.permission_lines import asking
from console.tui.screens.looks_inside import LooksInside
from providers.errors import ProviderError
from providers.kubernetes.permission import covers

if TYPE_CHECKING:
    from console.actions.protocol import Refused, Target
    from console.actions.record import RecordFailed
    from console.actions.running import Result
    from console.tui.app import HubhomesApp

SHELL = Binding("s", "shell(False)", "shell", show=False, tooltip="a shell with the homes mounted read-only")
WRITABLE = Binding(
    "S", "shell(True)", "shell", show=False, tooltip="a shell that may write, once writing is permitted here"
)
SHELLS = (SHELL, WRITABLE)
_GROUP = "shell"


class OpensShells(LooksInside):
    """Subclasses say which hub is in view."""

    def __init__(self) -> None:
        super().__init__()
        self._shell_for: str | None = None

    def action_shell(self, writable: bool) -> None:
        """Open a shell at the hub in view, once that is permitted."""
        found, app = self.hub_in_view(), self.console_app
        if found is None:
            app.say("choose a hub: a shell has the homes of one hub")
            return
        cluster, hub = found
        level = cluster.permission.level(app.clock.now())
        command = app.as_started(f"hubhomes shell {hub.key} --writable")
        if writable and hub.production:
            app.say(f"{hub.key} is production, which has to be typed: {command}", role="warning")
        elif writable and not covers(level, "write"):
            app.say(f"writing is not permitted here: an action's w permits it, or {command}", role="warning")
        elif not covers(level, "probe"):
            self._ask_for_shell(hub)
        else:
            open_shell(app, hub.key, writable=writable)

    def _ask_for_shell(self, hub: HubState) -> None:
        from console.tui.widgets.question import Question

        app = self.console_app
        sentences = (
            "This starts one pod that mounts the homes read-only, and a shell in it; the pod goes with the shell.",
            f"It permits looking inside every hub of {hub.cluster} for {app.settings.permissions.probe_minutes:.0f} "
            "minutes, which is as long as the shell may last; P gives that back early.",
        )
        lines = asking(
            f"SHELL AT {hub.key}", sentences, "open it now", production=hub.production, width=self.size.width
        )
        if not self.query(Question):
            self._shell_for = hub.key
            self.mount(Question(lines), before="#status")

    def on_question_answered(self, message: QuestionAnswered) -> None:
        asked, self._shell_for = self._shell_for, None
        if asked and message.agreed:
            self.console_app.fleet.grant(asked.partition("/")[0], "probe")
            open_shell(self.console_app, asked, writable=False)


def open_shell(app: HubhomesApp, hub: str, *, writable: bool) -> None:
    """Opens a shell at the hub CLUSTER/HUB in APP's terminal."""
    from console.actions.protocol import Target

    if app.record_folder is None:
        app.say("this console keeps no record, and does nothing without one")
        return
    cluster, _, name = hub.partition("/")
    target = Target(action="shell", cluster=cluster, hub=name, parameters={"writable": writable})
    app.unsay()
    app.run_worker(_opened(app, target), name=f"{_GROUP} {hub}", group=_GROUP, exclusive=True, exit_on_error=False)


async def _opened(app: HubhomesApp, target: Target) -> None:
    """The shell, from its plan to its end; how it ended stands on the status line."""
    from console.actions.protocol import Refused
    from console.actions.record import RecordFailed

    app.say(f"opening a shell at {target.cluster}/{target.hub} …")
    try:
        result = await _ran(app, target)
    except (Refused, ProviderError, RecordFailed) as error:
        app.say(app.as_started(_words(error)), role="error")
    except SuspendNotSupported:
        command = app.as_started(f"hubhomes shell {target.cluster}/{target.hub}")
        app.say(f"this terminal can't be lent: {command}", role="warning")
    else:
        app.say(_ended(result), role="strong" if result.outcome == "done" else "error")


async def _ran(app: HubhomesApp, target: Target) -> Result:
    """Raises Refused, ProviderError, RecordFailed; SuspendNotSupported."""
    from console.actions.record import Record
    from console.actions.shell.opening import engine_for
    from console.actions.shell.shell import Shell
    from console.actions.shell.terminal import LocalTerminal
    from console.actions.surroundings import Surroundings

    assert app.record_folder is not None  # noqa: S101 - the caller has asked
    terminal = LocalTerminal(tell=_tell, kind=os.environ.get("TERM", ""), source=_descriptor(0), sink=_descriptor(1))
    observe = Surroundings(app.fleet, app.settings, now=app.clock.now).observe
    gone = asyncio.Event()
    engine = engine_for(observe, Record(app.record_folder), Shell(terminal, gone=gone))
    plan = (await engine.preview(target)).plan
    with _ended_by_signal(app, gone):
        return await _beside(app, lambda: engine.run(target, approved=plan, confirmed=plan.place))


@contextmanager
def _ended_by_signal(app: HubhomesApp, gone: asyncio.Event) -> Iterator[None]:
    """A signal that would end APP ends the shell first: while it is beside, the screens can't be left in order."""
    received = list[int]()

    def leave(number: int) -> None:
        received.append(number)
        gone.set()

    try:
        with app.endings.instead(leave):
            yield
    finally:
        if received:
            app.exit(return_code=128 + received[0])


async def _beside(app: HubhomesApp, run: Callable[[], Awaitable[Result]]) -> Result:
    """What RUN gives, APP having stepped aside. It comes back before anything that RUN raises goes on, since Textual
    does not on its own; nothing is drawn meanwhile, while states keep coming."""
    ended: Result | BaseException
    with app.batch_update(), app.suspend():
        try:
            ended = await run()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - raised again below
            ended = error
    if isinstance(ended, BaseException):
        raise ended
    return ended


def _descriptor(number: int) -> int:
    """The terminal's own descriptor, whatever the screens have put in its place."""
    stream = (sys.__stdin__, sys.__stdout__)[number]
    return stream.fileno() if stream is not None else number


def _tell(line: str) -> None:
    """A line on the terminal that the console has left."""
    try:
        os.write(_descriptor(1), f"{plain(line)}\r\n".encode())
    except OSError:
        return  # it has gone


def _words(error: Refused | ProviderError | RecordFailed) -> str:
    return f"{error.message}; {error.next_step}" if error.next_step else error.message


def _ended(result: Result) -> str:
    if result.outcome == "done":
        return "the shell has ended, and its pod is gone"
    return f"shell: {result.message}" + (f"; {result.next_step}" if result.next_step else "")
