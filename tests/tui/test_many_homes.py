"""Very many homes, looks that take their time, and their end by a key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from console.chain.model import FleetState, HubState
from console.chain.seen_model import HomeUsage, SeenHome, SeenHomes
from console.fleet.looks import LookProgress
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.widgets.row_list import RowList
from tests.tui.driving import Console
from tests.tui.fakes import CLOCK, NOW, LookingFleet, cluster, hub


def homes(number: int) -> tuple[SeenHome, ...]:
    return tuple(
        SeenHome(
            name=f"user-{at:06}".encode(),
            shown=f"user-{at:06}",
            user=f"user-{at:06}",
            mark="broken" if at % 997 == 0 else "ok",
            problems=("owned by root",) if at % 997 == 0 else (),
            kind="directory",
            uid=0 if at % 997 == 0 else 1000,
            gid=1000,
            mode=0o755,
            modified_at=NOW - timedelta(hours=at % 900),
            active_at=NOW - timedelta(hours=at % 900),
            usage=HomeUsage(used_bytes=(at * 7919) % 10**10, source="exporter", observed_at=NOW),
            running=at % 50 == 0,
        )
        for at in range(number)
    )


def state(rows: tuple[SeenHome, ...] | None) -> FleetState:
    own: HubState = hub("earth", "prod")
    if rows is not None:
        seen = SeenHomes(rows=rows, listed=True, total=len(rows), wrong=1, running=3)
        own = msgspec.structs.replace(own, homes=seen)
    return FleetState(version=2, generated_at=NOW, clusters=(cluster("earth", own),))


@asynccontextmanager
async def looking(rows: tuple[SeenHome, ...] | None) -> AsyncIterator[tuple[Console, LookingFleet]]:
    fleet = LookingFleet(state(rows))
    app = HubhomesApp(fleet, Settings(), clock=CLOCK, ascii_only=False)  # type: ignore[arg-type]  # its surface
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        yield Console(app, fleet, pilot), fleet
        fleet.removed.set()


async def test_ten_thousand_homes_without_lag() -> None:
    async with looking(homes(10_000)) as (seen, _):
        await seen.press("h")
        assert len(seen.listed.items) == 10_000
        slowest = 0.0
        for key in ("j", "pagedown", "G", "g", "s", "s", "s", "s", "slash", *"user-0099", "enter", "escape"):
            began = time.thread_time()
            await seen.press(key)
            slowest = max(slowest, time.thread_time() - began)
        assert slowest < 1.0, "of its own, however busy the machine is"


async def test_the_table_draws_only_what_is_in_view() -> None:
    async with looking(homes(100_000)) as (seen, _):
        await seen.press("h", "G")
        listed = seen.app.screen.query_one(RowList)
        assert listed.place == (100_000, 100_000)
        assert "user-099999" in seen.text
        await seen.press("pageup")
        assert listed.cursor_key == f"user-{99_999 - (listed.size.height - 1):06}"


async def test_a_hundred_thousand_are_sorted_and_filtered_while_keys_are_heard() -> None:
    async with looking(homes(100_000)) as (seen, _):
        await seen.press("h", "s", "s", "s")
        assert "largest first" in seen.lines[0], "the next order stands in the title at once"
        first = max(range(100_000), key=lambda at: (at * 7919) % 10**10)
        await until(seen, lambda: seen.listed.items[0].key == f"user-{first:06}")
        await seen.press("slash", *"user-0999", "enter")
        await until(seen, lambda: len(seen.listed.items) == 100)
        await seen.press("escape", "s", "s")
        await until(seen, lambda: len(seen.listed.items) == 100_000 and seen.listed.items[0].key == "user-000000")


async def until(seen: Console, holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await seen.pilot.pause(0.01)


async def test_the_cursor_stays_on_its_home_in_every_order() -> None:
    async with looking(homes(500)) as (seen, _):
        await seen.press("h", *["j"] * 7)
        stood = seen.cursor
        for _ in range(5):
            await seen.press("s")
            assert seen.cursor == stood


async def test_entries_are_listed_as_they_are_read_and_escape_stops_at_once() -> None:
    async with looking(None) as (seen, fleet):
        await seen.press("enter", "p", "y")
        assert fleet.looked == [("earth", "prod", ())]
        assert fleet.tell is not None
        fleet.tell(LookProgress(cluster="earth", hub="prod", words="waiting: pulling the image"))
        seen.app.looking._paint()
        await seen.press("o", "o")
        assert "waiting: pulling the image" in seen.text
        await seen.press("h")
        every = homes(100_000)
        for start in range(0, len(every), 300):
            batch = every[start : start + 300]
            words = f"{start + len(batch):,} entries read"
            fleet.tell(LookProgress(cluster="earth", hub="prod", words=words, read=start, rows=batch))
        seen.app.looking._paint()
        await seen.press("j")
        assert len(seen.listed.items) == 100_000
        assert "100,000 entries read" in seen.lines[-2]
        assert "x stops it" in seen.lines[-2]
        await seen.press("escape")
        assert fleet.cancelled == 1
        assert "its helper pod is being removed" in seen.text
        assert "HOMES" in seen.lines[0], "Esc stopped the look, and only that"
        fleet.removed.set()
        await seen.press("j")
        await seen.press("j")
        assert "stopped" in seen.text
        await seen.press("escape")
        assert "HOMES" not in seen.lines[0]


async def test_only_one_look_at_a_hub_and_x_stops_it_from_the_fleet() -> None:
    async with looking(None) as (seen, fleet):
        await seen.press("x")
        assert "no look runs" in seen.text
        await seen.press("p", "enter", "p")
        assert "is under way" in seen.text
        assert len(fleet.looked) == 1
        await seen.press("x")
        assert fleet.cancelled == 1


async def test_chosen_homes_are_those_that_are_counted() -> None:
    async with looking(homes(600)) as (seen, fleet):
        await seen.press("h", "s", "space", "space", "z", "y")
        assert fleet.looked == [("earth", "prod", (b"user-000000", b"user-000001"))]
        await seen.press("x")
        fleet.removed.set()
        await seen.press("A")
        assert "600 chosen" in seen.lines[0]
        await seen.press("j", "z")
        assert "at most 500" in seen.text
        await seen.press("A", "A", "A")
        assert "chosen" not in seen.lines[0]
