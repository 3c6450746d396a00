"""What was begun at Google, followed to its end: by its operation, or by the instance where that is not known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.changes import Follow, Stopped, Unfit
from providers.filestores.gcp_filestore.api import Api, Running
from providers.filestores.gcp_filestore.commands import delete_command
from providers.kubernetes.redact import redacted

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Instance

T = TypeVar("T")
MISSES = 5
"""Questions in a row that may go unanswered while something is followed."""
LOOKS = 3
"""How often what was begun may not show yet."""
SLOWEST = 8
"""The longest pause, in first pauses."""
BAD_REQUEST, CONFLICT, CANCELLED = 400, 409, 499
_SLICE_S = 0.5


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`poll_s` is the first pause between two questions, `patience_s` how long something is followed at all."""

    poll_s: float = 2.0
    patience_s: float = 3600.0


def status_of(error: ProviderError) -> int:
    """The HTTP status that Google answered with, or the one that stands for its gRPC status; 0 where it did not."""
    return int(getattr(error.__cause__, "code", None) or 0)


def is_passing(error: ProviderError) -> bool:
    """Whether asking again may be answered: no answer came, or one of trouble on Google's own side."""
    own = error.kind == "internal" and error.__cause__ is not None and not 0 < status_of(error) < CANCELLED
    return own or error.kind in ("timeout", "unreachable", "throttled")


def is_lost(error: ProviderError) -> bool:
    """Whether a request that ended with ERROR may have been worked all the same."""
    return is_passing(error) and error.kind != "throttled"


class Following:
    """One instance (`resource`, its whole name) of which VERB (create, update) is waited for. Raises Stopped between
    two questions, ProviderError."""

    def __init__(self, api: Api, resource: str, verb: str, *, follow: Follow, pace: Pace) -> None:
        self._api, self._resource, self._verb = api, resource, verb
        self._follow, self._pace = follow, pace
        self._name = resource.rpartition("/")[2]
        self._ends = asyncio.get_running_loop().time() + pace.patience_s
        self._wait_s = pace.poll_s
        self._said = ""

    def check_stop(self) -> None:
        if self._follow.stopped():
            raise Stopped(f"{self._name} is no longer followed; what was begun goes on at Google")

    def say(self, line: str) -> None:
        """Once, however often the cloud says it."""
        if line != self._said:
            self._said = line
            self._follow.say(line)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to QUESTION, asked again while none comes."""
        for left in reversed(range(MISSES)):
            self.check_stop()
            try:
                return await question()
            except ProviderError as error:
                if not left or not is_passing(error):
                    raise
                self.say(f"no answer, asked again: {error.message}")
            await self.pause()
        raise AssertionError("the last question is answered or raised")

    async def running(self) -> Running | None:
        """The newest operation of this kind on the instance that has not ended; None where there is none, or where
        operations may not be listed."""
        try:
            found = await self.ask(lambda: self._api.operations(self._resource))
        except ProviderError as error:
            if error.kind == "unauthorized":
                raise
            return None
        return next((each for each in found if not each.done and each.verb.lower() == self._verb), None)

    async def operation_ended(self, operation: Running) -> None:
        """Returns when OPERATION has ended well, or can't be read. Raises ProviderError with Google's words and what is
        left behind where it failed."""
        while not operation.done:
            doing = operation.detail or f"{operation.verb or self._verb} is running"
            self.say(f"{self._name}: {doing} (operation {operation.id})")
            await self.pause()
            try:
                operation = await self.ask(partial(self._api.operation, operation.name))
            except ProviderError as error:
                if error.kind == "unauthorized" or is_passing(error):
                    raise
                self.say(f"{self._name} is followed by its state: {error.message}")
                return
        if operation.error:
            raise await self.failed(operation.error)

    async def ready(self) -> Instance:
        """The instance, as soon as it is READY."""
        absent = 0
        while True:
            instance = await self.ask(lambda: self._api.instance(self._resource))
            if instance is None:
                absent += 1
                if absent >= LOOKS:
                    raise await self._gone()
            else:
                absent = 0
                word = state_of(instance)
                if word == "READY":
                    return instance
                if word != "CREATING":
                    raise await self.failed(redacted(instance.status_message) or f"its state is {word}")
                self.say(f"{self._name} is CREATING")
            await self.pause()

    async def shown(self, after: ProviderError) -> Instance:
        """The instance that a request may have begun although it ended with AFTER; looked for some times. Raises that
        where it does not show."""
        for _ in range(LOOKS):
            instance = await self.ask(lambda: self._api.instance(self._resource))
            if instance is not None:
                return instance
            await self.pause()
        raise _unknown(after, f"{self._name} is not there yet, and whether it was begun is not known")

    async def settled(self) -> Instance:
        """The instance after what runs on it has ended. Raises Unfit where it is gone."""
        running = await self.running()
        if running is not None:
            await self.operation_ended(running)
        instance = await self.ask(lambda: self._api.instance(self._resource))
        if instance is None:
            raise Unfit(f"the Filestore instance {self._name} is not there any more", next_step="refresh")
        return instance

    async def begun_after(self, error: ProviderError, done: Callable[[Instance], bool]) -> Running | None:
        """The operation that a request has begun although it ended with ERROR; None where the instance is DONE. Raises
        ERROR where it was not begun, or does not show."""
        if status_of(error) in (BAD_REQUEST, CONFLICT):
            other = await self.running()
            if other is None:
                raise error
            message = f"{error.message}; another {other.verb or 'change'} of {self._name} is running ({other.id})"
            raise ProviderError("internal", message, next_step="wait until it has ended, then do it again") from error
        if not is_lost(error):
            raise error
        for _ in range(LOOKS):
            running = await self.running()
            instance = None if running else await self.ask(lambda: self._api.instance(self._resource))
            if running is not None or (instance is not None and done(instance)):
                return running
            await self.pause()
        raise _unknown(error, f"{self._name} is as before, and whether it was begun is not known")

    async def pause(self) -> None:
        """Waits, each time longer. Raises ProviderError `timeout` when patience has ended."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._wait_s
        self._wait_s = min(self._wait_s * 1.5, self._pace.poll_s * SLOWEST)
        while (left_s := until - loop.time()) > 0:
            self.check_stop()
            if loop.time() > self._ends:
                raise ProviderError(
                    "timeout",
                    f"{self._name}: {self._verb} has not ended within {self._pace.patience_s / 60:g} min; "
                    "Google goes on with it",
                    next_step="do it again to go on waiting: nothing is begun twice",
                )
            await asyncio.sleep(min(left_s, _SLICE_S))

    async def failed(self, words: str) -> ProviderError:
        """What to raise where Google failed, in its WORDS: with what it left behind."""
        doing = "grow" if self._verb == "update" else self._verb
        message = f"Google could not {doing} the Filestore instance {self._name}: {words}"
        try:
            instance = await self._api.instance(self._resource)
        except ProviderError as error:
            left, step = f"what is left behind is not known: {error.message}", "plan it anew"
        else:
            left, step = self._left(instance)
        return ProviderError("internal", f"{message}; {left}", next_step=step)

    def _left(self, instance: Instance | None) -> tuple[str, str]:
        if instance is None:
            return "nothing is left behind", "mend the cause, then plan it anew"
        word = state_of(instance)
        if word in ("READY", "CREATING"):
            return f"it is {word}", "mend the cause, then plan it anew"
        return (
            f"left behind is the instance in state {word}",
            f"look at it, delete it by hand ({delete_command(self._resource)}), then plan it anew",
        )

    async def _gone(self) -> ProviderError:
        """What to raise where an instance that was followed is not there any more."""
        try:
            ended = await self._api.operations(self._resource)
        except ProviderError:
            ended = ()
        words = next((each.error for each in ended if each.error and each.verb.lower() == self._verb), "")
        return await self.failed(words or "it is not there any more")


def _unknown(error: ProviderError, words: str) -> ProviderError:
    step = "do it again: what was begun is looked for first, and nothing is begun twice"
    known = ProviderError(error.kind, f"{error.message}; {words}", next_step=step)
    known.__cause__ = error
    return known


def state_of(instance: Instance) -> str:
    """Google's own word; the number of a state that is newer than the package."""
    return str(getattr(instance.state, "name", instance.state))
