"""One question for many who ask: who waits for it, and when it ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreScope
from providers.filestores.shared import Shared

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


def scope(*, since: float | None = 0, now: float = 0) -> FilestoreScope:
    began = None if since is None else NOW + timedelta(seconds=since)
    at = NOW + timedelta(seconds=now)
    return FilestoreScope(cluster="c", provider="gcp", account={}, observation=None, now=at, since=began)


class Cloud:
    """Answers with how often it was asked, once it may."""

    def __init__(self) -> None:
        self.asked, self.ended, self.may = 0, 0, asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        try:
            await self.may.wait()
        finally:
            self.ended += 1
        return number


async def test_those_who_ask_meanwhile_and_later_in_the_look_are_given_one_answer() -> None:
    cloud, shared = Cloud(), Shared[int]()
    asking = [asyncio.create_task(shared.answer("p", scope(now=at), cloud)) for at in range(3)]
    await asyncio.sleep(0)
    cloud.may.set()
    assert await asyncio.gather(*asking) == [1, 1, 1]
    assert await shared.answer("p", scope(now=9), cloud) == 1
    assert await shared.answer("q", scope(now=9), cloud) == 2


async def test_a_later_look_and_one_that_shares_nothing_ask_anew() -> None:
    cloud, shared = Cloud(), Shared[int]()
    cloud.may.set()
    assert await shared.answer("p", scope(now=5), cloud) == 1
    assert await shared.answer("p", scope(since=6, now=7), cloud) == 2
    assert await shared.answer("p", scope(since=None, now=8), cloud) == 3


async def test_who_gives_up_leaves_the_others_their_answer() -> None:
    cloud, shared = Cloud(), Shared[int]()
    first, second = (asyncio.create_task(shared.answer("p", scope(), cloud)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    cloud.may.set()
    assert await second == 1


async def test_the_last_who_gives_up_ends_the_question() -> None:
    cloud, shared = Cloud(), Shared[int]()
    asking = [asyncio.create_task(shared.answer("p", scope(), cloud)) for _ in range(2)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    # Who comes while it ends does not end with it.
    cloud.may.set()
    assert await shared.answer("p", scope(), cloud) == 2
    assert cloud.ended == 2


async def test_a_refusal_is_an_answer() -> None:
    asked = []

    async def refuse() -> int:
        asked.append(1)
        raise ProviderError("forbidden", "no")

    shared = Shared[int]()
    for _ in range(2):
        with pytest.raises(ProviderError, match="no"):
            await shared.answer("p", scope(), refuse)
    assert len(asked) == 1
