"""Looks again after a run, until what was found is gone or the deadline has passed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec

from console.actions import events
from console.actions.outcomes import Verdict
from console.actions.plan import Plan
from console.actions.protocol import Action, Cancel, Observe, Refused, Target
from providers.errors import ProviderError

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0
_LEAST_LOOK_S = 5.0  # what a look is given that begins right before the deadline


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """The time of day for the record, the seconds for deadlines, and how they pass."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


async def verified(
    action: Action,
    plan: Plan,
    target: Target,
    observe: Observe,
    *,
    run: str,
    tell: events.Tell,
    cancel: Cancel,
    clock: Clock,
    deadline_s: float,
) -> Verdict:
    """What ACTION sees of PLAN: gone as soon as it is, else what the last look within DEADLINE_S said.

    There is at least one look. CANCEL ends the waiting, not the look. A last look that gets no answer does not
    take back what an earlier one has seen: that is said beside it.
    """
    deadline = clock.monotonic() + deadline_s
    why, pause_s = "", _FIRST_PAUSE_S
    seen: Verdict | None = None
    while True:
        remaining_s = max(0.0, deadline - clock.monotonic())
        tell(events.Verifying(run=run, why=why, remaining_s=remaining_s))
        verdict = await _look(action, plan, target, observe, timeout_s=max(remaining_s, _LEAST_LOOK_S))
        if verdict.state != "unobserved":
            seen = verdict
        elif seen is not None:
            verdict = msgspec.structs.replace(seen, why=f"{seen.why}; then the last look: {verdict.why}")
        if verdict.state == "gone" or cancel.asked or clock.monotonic() + pause_s > deadline:
            tell(event(run=run, verdict=verdict))
            return verdict
        why = verdict.why
        await clock.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def event(*, run: str, verdict: Verdict) -> events.Event:
    kind = events.Verified if verdict.state == "gone" else events.NotVerified
    return kind(run=run, verdict=verdict)


async def _look(action: Action, plan: Plan, target: Target, observe: Observe, *, timeout_s: float) -> Verdict:
    try:
        async with asyncio.timeout(timeout_s):
            return await action.verify(plan, await observe(target))
    except TimeoutError:
        return Verdict(state="unobserved", why=f"no answer within {timeout_s:.0f} s")
    except (ProviderError, Refused) as error:
        return Verdict(state="unobserved", why=error.message)
