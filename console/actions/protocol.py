"""What an action is, and what it is given: a fresh observation, a transport, and a way to tell and to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from console.actions.outcomes import Outcome, Verdict, Who
from console.actions.plan import Plan, Step
from providers.errors import ProviderError

if TYPE_CHECKING:
    from pathlib import Path

    from console.actions.attachments import Attachments
    from console.actions.history import Run
    from console.chain.model import ClusterState, FleetState, HubState
    from console.fleet.observer import Changing
    from console.settings import Settings
    from providers.kubernetes.looks.protocol import DirectoryLook, LookRequest
    from providers.kubernetes.permission import Permission
    from providers.kubernetes.protocol import Transport

Kind = Literal["flag", "text", "texts", "choice", "duration", "count"]


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an action, from which the command line makes an argument or an option.

    `name` is its key in the parameters ("read_only", given as --read-only); `argument`: by position, not by --name.
    A `duration` is given as 90s, 30min, 2h or 3d, and kept in seconds. `texts` may repeat.
    """

    name: str
    kind: Kind
    help: str
    argument: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    option: str = ""
    """The option's name where it is not the parameter's own: "for" is no name for a key."""
    of_home: Literal["", "name", "user"] = ""
    """What of a home a front end may fill in where it shows one: its directory, as ./NAME, or its user."""
    settled: bool = False
    """Where it is not said, the plan says it, from what changes by itself: who runs that plan later has to say it."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: an action somewhere, with its parameters. `undoes`: take that record back instead."""

    action: str
    cluster: str
    hub: str | None = None
    parameters: Mapping[str, Any] = {}
    undoes: str | None = None


class Cancelled(Exception):
    """The run was cancelled by who started it."""


class Cancel:
    """A request to stop: seen between steps by the engine, and inside long ones by the action."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        self._asked.set()

    def check(self) -> None:
        """Raises Cancelled when it was asked for."""
        if self.asked:
            raise Cancelled

    async def wait(self) -> None:
        """Returns when it is asked for."""
        await self._asked.wait()


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What an action sees and may use.

    `transport` is guarded: what `permission` does not cover now is refused before it is sent; None where the cluster
    was not reached. `progress(done, total)` tells how far a long step is, `total` None where that is not known;
    `say(line)` passes on what a program of the step writes.
    `cache` is the folder in which the fleet keeps what it read of the tree; None: nowhere.
    `attachments` hold what undoing needs and is too long for the record; None while planning.
    """

    fleet: FleetState
    cluster: ClusterState
    hub: HubState | None
    parameters: Mapping[str, Any]
    settings: Settings
    who: Who
    now: Callable[[], datetime]
    cache: Path | None = None
    transport: Transport | None = None
    permission: Permission | None = None
    cancel: Cancel = msgspec.field(default_factory=Cancel)
    progress: Callable[[int, int | None], None] = lambda _done, _total: None
    say: Callable[[str], None] = lambda _line: None
    attachments: Attachments | None = None
    run: str = ""
    """The run's id in the record; "" while planning."""
    ticket: str = ""
    """Why it is done, in the words of who approved it; "" while planning."""
    state: Path | None = None
    """The record's folder, in which an action finds what an earlier run has attached; None while running."""
    way_in: Callable[[], Awaitable[LookRequest]] | None = None
    """How the hub's directory is reached, by its in-cluster server or a helper pod placed as users' are. Raises
    ProviderError where nothing leads there."""
    look: Callable[[], Awaitable[DirectoryLook]] | None = None
    """Looks inside the hub again, for whoever shows it, and gives what was seen. Raises ProviderError."""
    changing: Callable[[str], Awaitable[Changing]] | None = None
    """What makes and grows the cluster's filestores of one kind, by its backend's name; what changes something there
    asks `permission`. Raises ProviderError where that can't be done from here."""

    def reached(self) -> Transport:
        """The transport. Raises ProviderError, with the reason, where the cluster was not reached."""
        error = self.cluster.error
        if self.transport is not None and error is None:
            return self.transport
        if error is not None:
            raise ProviderError(error.kind, error.message, next_step=error.next_step)
        raise ProviderError("unreachable", f"{self.cluster.name} was not observed", next_step="look again")


Observe = Callable[[Target], Awaitable[Context]]
"""Looks afresh at where the target is. Raises Refused for a name that is not there. A cluster that could not be
observed is in the context as such: what needs it asks for `reached()`."""


class Refused(Exception):
    """An action can't be planned or run, for a reason that is the caller's to mend. `next_step` says how."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class Action(Protocol):
    """One guided action. Its module names it in the registry."""

    name: str
    summary: str
    target: Literal["hub", "cluster", "filestore"]
    """hub: C/H; cluster: C; filestore: C/FILESTORE, which becomes the parameter `filestore`."""
    parameters: tuple[Parameter, ...]

    async def plan(self, context: Context) -> Plan:
        """What would be done, from what CONTEXT observed; it may ask the transport, and changes nothing.

        Raises Refused where it can't be done safely, ProviderError where something can't be observed.
        """
        ...

    async def preview(self, plan: Plan, context: Context) -> tuple[str, ...] | None:
        """Sends every object of PLAN as a dry run to the server; gives its refusals in words, none when all is well.

        None where nothing of it can be tried: commands in a container, files, and what is asked of a cloud.
        """
        ...

    async def run(self, step: Step, context: Context) -> Outcome:
        """Does STEP, or finds it done. Safe to repeat. Raises ProviderError, Refused, Cancelled."""
        ...

    async def verify(self, plan: Plan, context: Context) -> Verdict:
        """Whether what PLAN was for is so now, by a CONTEXT observed after it."""
        ...

    async def undo_plan(self, run: Run, context: Context) -> Plan:
        """The plan that takes RUN back, its steps run by `run`. Raises Refused where it can't be undone."""
        ...
