"""Threads for SDKs that block: a bounded pool for each lane, so that a mute cloud takes no thread from another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

THREADS = 8
"""At once, in one lane."""

T = TypeVar("T")
_pools: dict[str, ThreadPoolExecutor] = {}


async def run_blocking(call: Callable[[], T], *, timeout_s: float, lane: str = "") -> T:
    """What CALL returns or raises, run in a thread of LANE: the name of the backend whose SDK it is.

    Raises TimeoutError after `timeout_s`, the wait for a thread included. A call that has begun can't be stopped: it
    keeps its thread until it ends, so CALL has to bound its own time as well. One that waits is never begun.
    """
    future = asyncio.get_running_loop().run_in_executor(_pool(lane), call)
    async with asyncio.timeout(timeout_s):
        return await future


def shutdown() -> None:
    """Lets go of all threads without waiting for them; calls that have not begun are cancelled. May be called twice,
    and the pools may be used again after it."""
    while _pools:
        _, pool = _pools.popitem()
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(lane: str) -> ThreadPoolExecutor:
    pool = _pools.get(lane)
    if pool is None:
        from concurrent.futures import ThreadPoolExecutor

        pool = _pools[lane] = ThreadPoolExecutor(THREADS, thread_name_prefix=f"blocking-{lane or 'shared'}")
    return pool
