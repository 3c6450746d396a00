"""Makes one part: looks, begins it where it is not there, and looks until it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import caller_account
from providers.filestores.aws_efs.errors import may_pass, of_another_account, too_slow
from providers.filestores.aws_efs.parts import Part
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import Clients
from providers.filestores.aws_efs.values import BACKEND
from providers.filestores.changes import Follow, Stopped
from providers.pool import run_blocking

T = TypeVar("T")
Pause = Callable[[float], Awaitable[object]]

_FIRST_PAUSES_S = (0.5, 1.0, 2.0, 3.0)
_PAUSE_S = 5.0
PATIENCE_S = 900.0
"""How long is waited for one part in all; a mount target takes a minute or two."""
_MOST_FAULTS = 5
"""In a row, until the last is told as it is."""


class Asker:
    """Asks AWS in a thread, `seconds` each time at most. Raises ProviderError."""

    def __init__(self, place: Place, seconds: float) -> None:
        self._place, self._seconds = place, seconds

    async def __call__(self, call: Callable[[], T]) -> T:
        try:
            return await run_blocking(call, timeout_s=self._seconds, lane=BACKEND)
        except TimeoutError as error:
            raise too_slow(self._place, self._seconds) from error


def check_account(clients: Clients, expected: str) -> str:
    """The number of the account that the credentials are of. Raises ProviderError where another was EXPECTED ("": any
    is right)."""
    account = caller_account(clients)
    if expected and account != expected:
        raise of_another_account(clients.place, [account], expected)
    return account


class Making:
    """Follows one part until it is there. An answer that is lost costs nothing: the next look finds what was made, and
    nothing is sent before it. `pause` waits between two looks."""

    def __init__(self, asker: Asker, follow: Follow, pause: Pause = asyncio.sleep) -> None:
        self._ask, self._follow, self._pause = asker, follow, pause
        self._said = ""

    async def make(self, part: Part) -> str:
        """How it ended, in words. Raises ProviderError, Stopped."""
        waited_s, faults = 0.0, 0
        for pause_s in _pauses():
            try:
                ended = await self._round(part)
                faults = 0
            except ProviderError as error:
                faults += 1
                if not may_pass(error) or faults > _MOST_FAULTS:
                    raise
                self._say(f"{error.message}: looking again")
                ended = None
            if ended is not None:
                return ended
            waited_s += pause_s
            if waited_s > PATIENCE_S:
                break
            await self._pause(pause_s)
        raise ProviderError(
            "timeout",
            f"after {PATIENCE_S / 60:.0f} min of waiting: {self._said}",
            next_step="what was begun goes on in AWS: finish this action later",
        )

    async def _round(self, part: Part) -> str | None:
        """One look, and the beginning where nothing is there; how it ended, None where it has not."""
        self._check_stopped()
        sight = await self._ask(part.look)
        if sight.state == "there":
            return sight.words
        self._say(sight.words)
        if sight.state == "absent":
            self._check_stopped()
            await self._ask(part.begin)
        return None

    def _check_stopped(self) -> None:
        if self._follow.stopped():
            raise Stopped

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._follow.say(line)


def _pauses() -> Iterator[float]:
    """Seconds between looks, without end."""
    yield from _FIRST_PAUSES_S
    while True:
        yield _PAUSE_S
