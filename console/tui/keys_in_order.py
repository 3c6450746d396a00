"""Keys in the order in which they were typed, each where the one before it has led to.

Textual hands a key on while the one before it is still on its way through widget, screen and application. Keys that
come together, pasted or over a slow line, would then reach what was there before: the list behind the field that the
first of them opens, or the field that the first of them closes.
"""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

LOOK_S = 0.5
"""How often a widget that does not answer is asked whether it is still there."""


class KeysInOrder(App[None]):
    """A key is handed on when all that the one before it set off is done. Those with priority (ctrl+c) don't wait."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self.handing_on = False

    async def on_event(self, event: events.Event) -> None:
        typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if not typed or (isinstance(event, events.Key) and self._goes_first(event.key)):
            await super().on_event(event)
        elif self.handing_on:
            self._typed.append(event)
        else:
            self.handing_on = True
            await super().on_event(event)
            self.run_worker(self._hand_on(), name="keys", group="keys")

    def _goes_first(self, key: str) -> bool:
        bound = self.screen.active_bindings.get(key)
        return bound is not None and bound.binding.priority

    async def _hand_on(self) -> None:
        """Those that have come meanwhile, one by one."""
        try:
            await self._done()
            while self._typed:
                await super().on_event(self._typed.popleft())
                await self._done()
        finally:
            self.handing_on = False

    async def _done(self) -> None:
        """Until neither the screen, nor what is on it, nor the application has anything left to do."""
        while self.screen_stack:
            pumps: list[MessagePump] = [self, *self.screen.walk_children(with_self=True)]
            answered = [pump for pump in pumps if await _answers(pump)]
            if not any(pump.message_queue_size for pump in answered):
                return


async def _answers(pump: MessagePump) -> bool:
    """Wait until PUMP has done what it was given before now; False: it ends, or has ended."""
    reached = asyncio.Event()
    if not pump.call_later(reached.set):
        return False
    while not reached.is_set():
        try:
            await asyncio.wait_for(reached.wait(), LOOK_S)
        except TimeoutError:
            if not pump.is_running:
                return False
    return True
