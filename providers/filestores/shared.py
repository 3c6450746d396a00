"""One question for all clusters of an account: whoever asks in the same look is given the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreScope

T = TypeVar("T")


class _Question(Generic[T]):
    """Asked at `asked_at`, by the clock of scopes. Ends with the last who waits for it."""

    def __init__(self, asked_at: datetime, task: asyncio.Task[T | ProviderError]) -> None:
        self.asked_at, self.task = asked_at, task
        self._waiting = 0

    async def answer(self) -> T:
        self._waiting += 1
        try:
            answer = await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.task.cancel()
        if isinstance(answer, ProviderError):
            raise answer
        return answer


class Shared(Generic[T]):
    """Answers by account, refusals among them: each is kept until a later look asks anew."""

    def __init__(self) -> None:
        self._questions: dict[Hashable, _Question[T]] = {}

    async def answer(self, key: Hashable, scope: FilestoreScope, ask: Callable[[], Awaitable[T]]) -> T:
        """What ASK gives, or gave to another cluster with the same KEY since SCOPE's look began. Raises what it
        raises: ProviderError alone."""
        known = self._questions.get(key)
        if known is None or known.task.cancelling() or scope.since is None or known.asked_at < scope.since:
            known = self._questions[key] = _Question(scope.now, asyncio.create_task(_outcome(ask)))
        return await known.answer()


async def _outcome(ask: Callable[[], Awaitable[T]]) -> T | ProviderError:
    """The error as a value: nobody may be left to take it as an exception."""
    try:
        return await ask()
    except ProviderError as error:
        return error
