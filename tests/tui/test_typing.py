"""Keys that come together, pasted or over a slow line: each acts where the one before it led to, and none is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from console.tui.keys_in_order import _answers
from console.tui.screens.action import ActionScreen
from console.tui.screens.help import HelpScreen
from console.tui.screens.homes import HomesScreen
from console.tui.screens.hub import HubScreen
from console.tui.widgets.field import Field
from tests.actions.conftest import Scene
from tests.tui.acts import lamps, scene_in
from tests.tui.driving import console


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return scene_in(tmp_path)


@pytest.mark.parametrize("opens", ["slash", "colon"])
async def test_all_are_for_the_field_that_the_first_opens(opens: str) -> None:
    async with console() as seen:
        await seen.burst(opens, *"quark")
        assert seen.app.is_running
        assert seen.app.screen.query_one(Field).value == "quark"
        assert seen.fleet.refreshed == []


async def test_what_follows_the_closing_enter_is_for_the_list() -> None:
    async with console() as seen:
        await seen.burst("slash", *"is:broken", "enter", "down", "enter", "question_mark")
        assert isinstance(seen.app.screen, HelpScreen)
        hub = seen.app.screen_stack[-2]
        assert isinstance(hub, HubScreen)
        await seen.press("escape", "escape")
        assert "/is:broken" in seen.lines[0]
        assert seen.cursor == seen.keys[1] == hub.key


async def test_a_key_held_down_and_what_comes_behind_it() -> None:
    async with console() as seen:
        rows = seen.keys
        await seen.burst("j", "j", "k", "enter", *["j"] * 30, "escape", "j", "enter")
        hub = seen.app.screen
        assert isinstance(hub, HubScreen)
        assert hub.key == rows[2]


async def test_what_follows_esc_is_for_the_list() -> None:
    async with console() as seen:
        await seen.burst("slash", *"sea", "escape", "s", "slash", *"prod")
        assert "by n" in seen.lines[0]
        assert "/prod" in seen.lines[0]


async def test_through_the_palette_and_on() -> None:
    async with console() as seen:
        await seen.burst("colon", *"earth", "slash", *"staging", "enter", "h")
        assert isinstance(seen.app.screen, HomesScreen)
        assert seen.app.screen.key == "earth/staging"


async def test_what_is_pasted_behind_a_key_goes_to_its_field() -> None:
    async with console() as seen:
        seen.app.post_message(events.Key("slash", "/"))
        seen.app.post_message(events.Paste("quark"))
        await seen.burst("s")
        assert seen.app.screen.query_one(Field).value == "quarks"


async def test_ctrl_c_waits_for_nothing() -> None:
    async with console() as seen:
        seen.app.handing_on = True
        seen.app.post_message(events.Key("slash", "/"))
        seen.app.post_message(events.Key("ctrl+c", None))
        await seen._pilot.pause()
        assert not seen.app.is_running


async def test_a_ticket_is_typed_and_the_next_keys_are_the_screens(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.burst("t", *"quKwdbeP", "enter", "K")
        screen = seen.app.screen
        assert isinstance(screen, ActionScreen)
        assert screen.job.ticket == "quKwdbeP"
        assert not screen.typing
        assert "no command does the same by hand" in seen.text


async def test_a_name_that_is_typed_in_one_go_runs_it_and_nothing_else(scene: Scene) -> None:
    scene.surroundings.production = True
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.burst("enter", *"earth", "slash", *"staging", "enter")
        await seen.settle()
        assert scene.lamps.writes == [("a", False), ("b", False)]


async def test_both_enters_that_approve_may_come_together(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.burst("t", *"INC 7", "enter", "enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == [("a", False), ("b", False)]
        assert (await scene.engine.runs())[0].intent.ticket == "INC 7"


class Mute:
    """A widget that has gone with what it was given."""

    is_running = False

    def call_later(self, callback: object) -> bool:
        return callback is not None


async def test_what_has_gone_holds_no_key_up() -> None:
    assert not await _answers(Mute(), asyncio.Event())  # type: ignore[arg-type]
