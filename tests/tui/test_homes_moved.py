"""Homes are retired and renamed from their screen by keyboard, over the embedded fleet."""

from __future__ import annotations

from pathlib import Path

from console.tui.screens.action import ActionScreen
from console.tui.screens.answers import AnswersScreen
from tests.tui.test_looks import Seen, demo


async def settled(seen: Seen) -> None:
    assert seen.app.jobs is not None
    await seen.app.jobs.settled()
    await seen.pilot.pause()
    await seen.pilot.pause()


async def test_old_homes_are_retired_from_their_screen_and_brought_back(tmp_path: Path) -> None:
    async with demo(record=tmp_path) as seen:
        await seen.look_at("earth/prod")
        await seen.press("h", "slash", *"former", "enter", "space", "space", "a")
        assert seen.lines[0].startswith(" ACTIONS   earth/prod  2 homes")
        assert seen.lines[1].split() == ["retire", "home", "earth/prod", "mends", "HOM06"]
        await seen.press("enter")
        await settled(seen)
        assert "retire 2 homes" in seen.text
        assert "_trash-former-02/former-02: directory of 1000:1000, mode 0755" in seen.text
        await seen.press("w")
        await settled(seen)
        await seen.press("enter", *"prod", "enter")
        await settled(seen)
        assert "2 homes in the trash" in seen.text
        assert "verified" in seen.text
        await seen.press("escape")
        await seen.until(lambda: "_trash" in seen.text, "looked again")
        names = [line.split()[1] for line in seen.lines[2:7]]
        assert names == ["former-03", "former-04", "former-05", "_trash-former-01", "_trash-former-02"]
        # What is retired is nobody's, and no action is about it.
        await seen.press("G", "R")
        assert "choose a home: this is for one of them" in seen.text
        await seen.press("enter")
        assert "_trash-former-02 is a retired home" in seen.text
        assert "chosen" not in seen.lines[0]
        await seen.press("H", "u")
        await settled(seen)
        assert "bring 2 homes back" in seen.text


async def test_one_key_leads_to_the_plan_for_the_home_under_the_cursor_or_to_what_is_still_to_be_said(
    tmp_path: Path,
) -> None:
    async with demo(record=tmp_path) as seen:
        await seen.look_at("earth/prod")
        await seen.press("h", "slash", *"former-03", "enter", "N")
        assert isinstance(seen.app.screen, AnswersScreen)
        assert (seen.app.screen.values["old"], seen.app.screen.values["new"]) == ("./former-03", None)
        await seen.press("down", "enter", *"ana.li", "enter", "G", "enter")
        await settled(seen)
        assert isinstance(seen.app.screen, ActionScreen)
        assert "rename the home former-03 to ana-2eli" in seen.text
        await seen.press("escape", "R")
        await settled(seen)
        assert "retire the home former-03" in seen.text
