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
from textual.binding import Binding
from textual.message_pump import MessagePump

MOVES = ("move(", "page(", "edge(")
"""Actions that change nothing but where the cursor is."""
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
        if not typed or self._goes_first(event):
            await super().on_event(event)
        elif self.handing_on:
            self._typed.append(event)
        elif self._only_moves(event):
            await super().on_event(event)
        else:
            self.handing_on = True
            await super().on_event(event)
            self.run_worker(self._hand_on(), name="keys", group="keys")

    def _goes_first(self, event: events.Event) -> bool:
        binding = self._binding(event)
        return binding is not None and binding.priority

    def _only_moves(self, event: events.Event) -> bool:
        """Whether it leads nowhere else: what comes behind it need not wait, as where such a key is held down."""
        binding = self._binding(event)
        return binding is not None and binding.action.startswith(MOVES)

    def _binding(self, event: events.Event) -> Binding | None:
        bound = self.screen.active_bindings.get(event.key) if isinstance(event, events.Key) else None
        return bound.binding if bound is not None else None

    async def _hand_on(self) -> None:
        """Those that have come meanwhile, one by one."""
        try:
            await self._done()
            while self._typed:
                event = self._typed.popleft()
                moves = self._only_moves(event)
                await super().on_event(event)
                if not moves:
                    await self._done()
        finally:
            self.handing_on = False

    async def _done(self) -> None:
        """Until neither the screen, nor what is on it, nor the application has anything left to do."""
        while self.screen_stack:
            pumps: list[MessagePump] = [self, *self.screen.walk_children(with_self=True)]
            asked = [(pump, reached) for pump in pumps if (reached := _asked(pump)) is not None]
            answered = [pump for pump, reached in asked if await _answers(pump, reached)]
            if not any(pump.message_queue_size for pump in answered):
                return


def _asked(pump: MessagePump) -> asyncio.Event | None:
    """Set once PUMP has done what it was given before now; None: it ends, or has ended."""
    reached = asyncio.Event()
    return reached if pump.call_later(reached.set) else None


async def _answers(pump: MessagePump, reached: asyncio.Event) -> bool:
    """Wait until PUMP has REACHED what it was asked; False: it has ended meanwhile."""
    while not reached.is_set():
        try:
            await asyncio.wait_for(reached.wait(), LOOK_S)
        except TimeoutError:
            if not pump.is_running:
                return False
    return True
