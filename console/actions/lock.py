"""One run at a time on a hub: a Lease in its namespace, or a clear warning where there is no right to one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from console.actions.plan import Plan
from console.actions.protocol import Context
from console.actions.refusals import Locked
from providers.errors import ProviderError

if TYPE_CHECKING:
    from providers.kubernetes.leases import Holding, Leases

_DURATION_S = 60
"""A lease of somebody who was killed ends by itself after this long."""


class Lock(Protocol):
    """Keeps others from acting on the same hub."""

    def held(self, plan: Plan, context: Context) -> AbstractAsyncContextManager[str]:
        """Holds the lock for as long as it is entered. Gives a warning where it could not be had for want of the right
        to it, else "". Raises Locked, with the holder's name, when another has it; ProviderError.

        Where it is lost meanwhile, the run is asked to stop.
        """
        ...


class LeaseLock:
    """A Lease in the plan's namespace, renewed while the run goes on; none for a plan that names no namespace."""

    @asynccontextmanager
    async def held(self, plan: Plan, context: Context) -> AsyncIterator[str]:
        """See `Lock`."""
        if not plan.namespace or plan.permission != "write":
            yield ""
            return
        from providers.kubernetes.leases import LeaseHeld, Leases  # late: the front ends start without it

        leases = Leases(context.reached(), timeout_s=context.settings.timeouts.request_s, now=context.now)
        holder = f"{context.who} #{secrets.token_hex(3)}"
        try:
            holding = await leases.acquire(plan.namespace, holder=holder, purpose=plan.action, duration_s=_DURATION_S)
        except LeaseHeld as error:
            raise Locked(error.message, next_step=error.next_step) from error
        except ProviderError as error:
            if error.kind != "forbidden":
                raise
            yield f"nobody else is kept from acting on {plan.place} meanwhile: {error.message}"
            return
        kept = _Kept(leases, holding, context)
        renewing = asyncio.create_task(kept.renew())
        try:
            yield ""
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            with suppress(ProviderError):  # it ends by itself
                await leases.release(kept.holding)


class _Kept:
    """A lease that is renewed until it is lost."""

    def __init__(self, leases: Leases, holding: Holding, context: Context) -> None:
        self._leases = leases
        self._context = context
        self.holding = holding

    async def renew(self) -> None:
        """Renews again and again. A lease that somebody has taken over, or that is about to end, stops the run."""
        from providers.kubernetes.leases import LeaseHeld

        failures = 0
        while True:
            await asyncio.sleep(_DURATION_S / 4)
            try:
                self.holding = await self._leases.renew(self.holding, duration_s=_DURATION_S)
                failures = 0
            except LeaseHeld:
                self._context.cancel.ask()
                return
            except ProviderError:
                failures += 1
                if failures == 3:
                    self._context.cancel.ask()
                    return
