"""Looking inside by keyboard, over the embedded fleet: permission, the look, the homes, a user."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from console.chain.model import HubState
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.fleet.start import demo_settings
from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.present.clock import Clock
from console.tui.widgets.line_list import LineList
from console.tui.widgets.question import Question
from tests.tui.fakes import NOW


class Seen:
    """The console over the embedded fleet; its clock stands until a test moves it. RECORD is where actions are kept."""

    def __init__(self, record: Path | None = None) -> None:
        self.moment: datetime = NOW
        self.sources = DemoSources(lambda: self.moment, at_once=True)
        settings = demo_settings(Settings())
        self.fleet = Fleet(self.sources, settings, now=lambda: self.moment, coalesce_s=0)
        clock = Clock(now=lambda: self.moment)
        self.app = HubhomesApp(self.fleet, settings, clock=clock, ascii_only=False, record=record)
        self.pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def ticks(self) -> bool:
        """Whether the header is drawn by the clock."""
        return self.app._ticker is not None

    async def until(self, holds: Callable[[], object], what: str) -> None:
        async with asyncio.timeout(120):
            while not holds():
                await self.pilot.pause(0.01)
        assert holds(), what

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def hub(self, key: str) -> HubState:
        return next(hub for hub in self.app.state.hubs() if hub.key == key)

    async def helper_pods(self, cluster: str) -> list[str]:
        """The helper pods of looks that are in CLUSTER now."""
        session = await self.fleet.session(cluster)
        answer = await session.request("GET", "/api/v1/pods", timeout_s=5)
        names = [pod["metadata"]["name"] for pod in json.loads(answer.body)["items"]]
        return [name for name in names if name.startswith("hubhomes-look-")]

    async def stand_on(self, key: str) -> None:
        self.app.screen.query_one(LineList).jump(key)
        await self.pilot.pause()

    async def look_at(self, key: str) -> None:
        """From the fleet: open the hub KEY, permit a look, wait for its end."""
        await self.stand_on(key)
        await self.press("enter", "p", "y")
        await self.until(lambda: self.app.looking.at(key) is None, "looked")
        await self.until(lambda: self.hub(key).look or self.app.looking.ended(key), "told")
        await self.pilot.pause()


@asynccontextmanager
async def demo(*, size: tuple[int, int] = (80, 24), record: Path | None = None) -> AsyncIterator[Seen]:
    seen = Seen(record)
    async with seen.app.run_test(size=size) as seen.pilot:
        await seen.until(
            lambda: (
                seen.app.state.resolved
                and seen.app.state.clusters
                and all(one.state in ("observed", "failed") for one in seen.app.state.clusters)
            ),
            "observed",
        )
        yield seen


async def test_a_look_is_asked_for_in_a_plain_sentence_and_escape_changes_nothing() -> None:
    async with demo() as seen:
        before = await seen.helper_pods("earth")
        await seen.stand_on("earth/prod")
        await seen.press("p")
        asked = " ".join(seen.text.split())
        assert "LOOK INSIDE earth/prod PROD" in asked
        assert (
            "starts one pod of image busybox:1.36.1 in namespace prod, which mounts claim home-nfs read-only" in asked
        )
        assert "at the latest after 10 minutes. Nothing is changed." in asked
        assert "permits looking inside every hub of earth for 15 minutes" in asked
        await seen.press("escape")
        assert not seen.app.screen.query(Question)
        assert "read-only" in seen.lines[0]
        assert seen.hub("earth/prod").look is None
        assert await seen.helper_pods("earth") == before
        await seen.press("p", "j")
        assert not seen.app.screen.query(Question), "any other key leaves the question"
        assert seen.app.screen.query_one(LineList).cursor_key != "earth/prod", "and does what it always does"
        assert seen.fleet.permission("earth").level() == "read"


async def test_y_permits_looks_at_once_and_tells_what_was_seen() -> None:
    async with demo(size=(120, 40)) as seen:
        before = await seen.helper_pods("earth")
        await seen.look_at("earth/prod")
        assert "probe 15:00 left" in seen.lines[0]
        assert "looked 0 s ago by" in seen.text
        assert "h lists the homes" in seen.text
        assert "45 homes, 3 wrong" in seen.text
        assert "0:0 0755" in seen.text
        assert await seen.helper_pods("earth") == before
        seen.moment += timedelta(minutes=3, seconds=29)
        seen.app.tick()
        await seen.pilot.pause()
        assert "probe 11:31 left" in seen.lines[0]
        await seen.press("escape")
        await seen.stand_on("ocean/prod")
        assert "read-only" in seen.lines[0], "another cluster has no permission"
        await seen.stand_on("earth/staging")
        assert "probe 11:31 left" in seen.lines[0]
        await seen.press("p")
        assert not seen.app.screen.query(Question), "what is permitted is not asked again"
        await seen.until(lambda: seen.hub("earth/staging").look, "looked")
        await seen.until(lambda: seen.app.looking.at("earth/staging") is None, "ended")
        await seen.pilot.pause()
        await seen.press("P")
        await seen.until(lambda: "read-only" in seen.lines[0], "given back")
        assert "earth is read-only again" in seen.text


async def test_the_countdown_ends_by_the_clock_and_then_nothing_ticks() -> None:
    async with demo() as seen:
        await seen.look_at("earth/prod")
        assert seen.ticks
        seen.moment += timedelta(minutes=15)
        seen.app.tick()
        await seen.pilot.pause()
        assert "read-only" in seen.lines[0]
        assert not seen.ticks
        await seen.press("P")
        assert "nothing was permitted here" in seen.text


async def test_a_missing_right_is_named_with_what_to_ask_for() -> None:
    async with demo(size=(120, 40)) as seen:
        await seen.look_at("summit/cirque")
        told = " ".join(seen.text.split())
        assert "needs the right to create pods, delete pods in namespace cirque" in told
        assert "docs/rights.md" in told


async def test_a_missing_hub_directory_is_told_wherever_homes_are_asked_for() -> None:
    nowhere = "there is no hub directory to look into"
    async with demo() as seen:
        await seen.look_at("earth/delta")
        assert "through the export, since claim home-nfs in delta: the server has no such directory" in " ".join(
            seen.text.split()
        )
        await seen.press("h")
        assert nowhere in seen.text
        await seen.press("escape", "escape")
        await seen.press("slash", *"user:bo", "enter")
        await seen.stand_on("earth/delta")
        assert nowhere in seen.text


async def test_a_look_that_saw_nothing_says_so_at_its_end() -> None:
    async with demo() as seen:
        await seen.look_at("forest/prod")
        assert "forest/prod: image busybox:1.36.1 can't be pulled" in seen.text


async def test_a_missing_right_is_in_view_on_a_small_screen() -> None:
    right = "needs the right to create pods, delete pods in namespace cirque; docs/rights.md has the role to ask for"
    async with demo() as seen:
        await seen.look_at("summit/cirque")
        await seen.until(lambda: right in " ".join(seen.text.split()), "above the chain")
        await seen.press("j", "j")
        await seen.press("p")
        await seen.until(lambda: seen.app.looking.at("summit/cirque") is None, "looked again")
        await seen.pilot.pause()
        assert right in " ".join(seen.text.split())
        await seen.press("escape")
        assert right in " ".join(seen.text.split()), "in the panel of the fleet, too"


async def test_an_exporter_fills_the_homes_without_a_look() -> None:
    async with demo() as seen:
        await seen.stand_on("earth/glacier")
        await seen.press("h")
        await seen.until(lambda: "exporter" in seen.text, "the walker of its homes")
        homes = seen.hub("earth/glacier").homes
        assert homes is not None
        assert (homes.listed, seen.hub("earth/glacier").look) == (False, None)
        assert {row.mark for row in homes.rows} == {"unlooked"}, "a size says nothing of an owner"
        assert "nobody has looked at owners" in seen.text
        await seen.press("escape")
        await seen.stand_on("reef/prod")
        await seen.press("h")
        await seen.until(lambda: "quota 10 GiB reached" in seen.text, "the in-cluster server tells quotas, too")
        await seen.press("escape")
        await seen.stand_on("earth/soils")
        await seen.press("h")
        await seen.until(lambda: "no exporter of directory sizes runs in soils" in " ".join(seen.text.split()), "why")


async def test_a_look_one_level_deeper_on_request() -> None:
    async with demo() as seen:
        await seen.look_at("reef/anemone")
        assert "HOM10" not in {finding.code for finding in seen.hub("reef/anemone").findings}
        await seen.press("h", "D")
        await seen.until(lambda: "other owners inside" in seen.text, "root's file in a home")
        await seen.press("slash", *"eli", "enter")
        assert ".cache 0:0" in seen.text


async def test_a_mount_that_is_denied_is_an_answer() -> None:
    async with demo() as seen:
        await seen.look_at("forest/staging")
        assert "the server denies access" in " ".join(seen.text.split())
        await seen.press("h")
        assert "the server denies access" in " ".join(seen.text.split()), "an empty table says why"


async def test_where_there_is_nothing_to_mount_p_says_so() -> None:
    async with demo() as seen:
        await seen.stand_on("earth/public")
        await seen.press("p")
        assert not seen.app.screen.query(Question)
        assert "neither a bound claim nor a server" in seen.text
        await seen.stand_on("cluster polar")


async def test_homes_are_filtered_sorted_and_told_one_by_one() -> None:
    async with demo() as seen:
        await seen.look_at("reef/prod")
        await seen.press("h")
        listed = seen.app.screen.query_one(LineList)
        assert "reef / prod" in seen.lines[0]
        assert "quota" in seen.lines[1]
        worst = listed.items[0]
        assert any("quota" in line and "reached" in line for line in seen.lines), "the panel tells what is wrong"
        await seen.press("s")
        names = [item.key or "" for item in listed.items]
        assert names == sorted(names, key=str.lower)
        await seen.press("slash", *"is:broken", "enter")
        assert 0 < len(listed.items) < len(names)
        assert worst.key in {item.key for item in listed.items}
        await seen.press("escape")
        assert len(listed.items) == len(names)
        await seen.press("c")
        assert "directory" in seen.app.clipboard


async def test_sizes_of_chosen_homes_are_counted_on_request() -> None:
    async with demo() as seen:
        await seen.look_at("earth/prod")
        await seen.press("h", "s", "space", "space", "z")
        assert not seen.app.screen.query(Question), "it is permitted already"
        await seen.until(lambda: _counted(seen.hub("earth/prod")) == 2, "counted")
        await seen.until(lambda: "size" in seen.lines[1], "the column comes with the first size")
        await seen.press("up")
        assert "says du" in seen.text


def _counted(hub: HubState) -> int:
    return sum(home.usage is not None for home in hub.homes.rows) if hub.homes else 0


async def test_a_user_is_found_across_hubs_by_the_filter() -> None:
    async with demo(size=(120, 40)) as seen:
        await seen.look_at("reef/prod")
        await seen.press("escape")
        homes = seen.hub("reef/prod").homes
        assert homes is not None
        home = next(row for row in homes.rows if row.home and row.quota and row.running and row.user.isalnum())
        await seen.press("slash", *f"user:{home.user}", "enter")
        listed = seen.app.screen.query_one(LineList)
        keys = [item.key for item in listed.items]
        assert "reef/prod" in keys
        assert "not looked at" in seen.lines[0]
        await seen.stand_on("reef/prod")
        assert "size" in seen.text
        await seen.press("enter")
        assert f"user  {home.user}" in seen.lines[0]
        assert "Running" in seen.text
        assert "/home/" in seen.text, "its mounts"
        await seen.press("G")
        assert "Not known on" in seen.text
        await seen.press("g", "c")
        assert "reef/prod" in seen.app.clipboard, "the hub that one came from stands first"
        await seen.press("enter")
        assert "reef / prod" in seen.lines[0]


async def test_an_unknown_user_is_nowhere_and_that_says_where_nobody_looked() -> None:
    async with demo() as seen:
        seen.app.open_user("nobody-of-that-name")
        await seen.pilot.pause()
        assert "has no server, and no home where homes are known" in seen.text
        assert "p on a hub looks inside" in " ".join(seen.text.split())


async def test_the_palette_leads_to_homes_that_are_known_and_to_any_user() -> None:
    async with demo() as seen:
        await seen.look_at("earth/prod")
        await seen.press("colon", *"homes", "enter")
        assert "earth / prod" in seen.lines[0]
        assert "HOMES" in seen.lines[0]
        await seen.press("colon", *"kim-of-nowhere", "enter")
        assert "user  kim-of-nowhere" in seen.lines[0]
