from __future__ import annotations

import asyncio
import threading

import pytest

from providers.pool import THREADS, run_blocking, shutdown


@pytest.fixture(autouse=True)
def _let_go():
    yield
    shutdown()


async def test_a_call_runs_beside_the_loop_and_gives_its_result():
    assert await run_blocking(threading.get_ident, timeout_s=5) != threading.get_ident()


async def test_what_a_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        await run_blocking(lambda: 1 // 0, timeout_s=5)


async def test_as_many_as_there_are_threads_run_at_once():
    together = threading.Barrier(THREADS)
    await asyncio.gather(*(run_blocking(lambda: together.wait(5), timeout_s=6) for _ in range(THREADS)))


async def test_a_full_lane_leaves_the_others_theirs():
    release = threading.Event()
    stuck = [asyncio.create_task(run_blocking(lambda: release.wait(5), timeout_s=6, lane="mute"))
             for _ in range(2 * THREADS)]  # fmt: skip
    await asyncio.sleep(0)
    assert await run_blocking(lambda: "answered", timeout_s=5, lane="other") == "answered"
    release.set()
    await asyncio.gather(*stuck)


async def test_no_more_than_the_threads_run_at_once():
    release, running = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        running.release()
        release.wait(5)

    held = [asyncio.create_task(run_blocking(hold, timeout_s=6)) for _ in range(THREADS + 1)]
    for _ in range(THREADS):
        await asyncio.to_thread(running.acquire)
    assert not running.acquire(timeout=0.05)
    release.set()
    await asyncio.gather(*held)


async def test_a_call_that_does_not_end_in_time_is_let_go():
    release = threading.Event()
    with pytest.raises(TimeoutError):
        await run_blocking(lambda: release.wait(5), timeout_s=0.01)
    release.set()


async def test_shut_down_cancels_what_waits_and_leaves_the_pool_usable():
    release, begun = threading.Event(), []
    held = [asyncio.create_task(run_blocking(lambda: release.wait(5), timeout_s=6)) for _ in range(THREADS)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(run_blocking(lambda: begun.append(1), timeout_s=6))
    await asyncio.sleep(0)
    shutdown()
    shutdown()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    await asyncio.gather(*held)
    assert not begun
    assert await run_blocking(lambda: "again", timeout_s=5) == "again"
