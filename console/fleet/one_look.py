"""One look at one cluster while it lasts: what is found of it is shown soon, whoever found it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.fleet.record import ClusterRecord

_PATIENCE_S = 0.3
"""How long what was found waits to be shown for more that comes soon."""


class Look:
    """Of those that `began` together, the one at `record`'s cluster."""

    def __init__(self, record: ClusterRecord, began: datetime) -> None:
        self.record, self.began = record, began
        self._answered, self._news = asyncio.Event(), asyncio.Event()

    def answer(self) -> None:
        """Says that the API server has answered, or that it is known that it does not."""
        self._answered.set()
        self.learnt()

    async def answered(self, *, within_s: float | None = None) -> None:
        """Waits for that, or until WITHIN_S have passed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), within_s)

    def learnt(self) -> None:
        """Says that the record holds something new."""
        self._news.set()

    async def show(self, join: Callable[[str], Awaitable[None]]) -> None:
        """Calls JOIN with the cluster's name whenever something new is known, until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(_PATIENCE_S)
            self._news.clear()
            await join(self.record.name)
