"""Actions by keyboard: from a finding to verified and undone; refused, changed, stopped, expired."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from console.actions.outcomes import Outcome, Who
from console.actions.plan import Step
from console.actions.protocol import Context, Target
from tests.actions.conftest import Scene
from tests.actions.toy import LampAction, Lamps
from tests.tui.acts import lamps, scene_in

OFF = Target(action="lamps", cluster="earth", hub="staging", parameters={"on": False})
WHO = Who(os_user="ada", host="bastion", kubernetes_user="ada@example.org")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return scene_in(tmp_path)


class SlowLamps(LampAction):
    """Waits in each step until it is let go on."""

    def __init__(self, lamps: Lamps) -> None:
        super().__init__(lamps)
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def run(self, step: Step, context: Context) -> Outcome:
        self.begun.set()
        context.progress(1, 4)
        await self.go_on.wait()
        return await super().run(step, context)


def slow(scene: Scene) -> SlowLamps:
    scene.action = SlowLamps(scene.lamps)
    scene.engine = scene.made()
    return scene.action


async def test_from_the_finding_to_verified_and_back(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        assert seen.lines[0].startswith(" LAMPS   earth/staging")
        assert "switch lamp a off" in seen.text
        assert "read-only" in seen.lines[0]
        await seen.press("enter", "enter", "enter")
        assert scene.lamps.writes == []
        await seen.press("w")
        await seen.settle()
        assert "WRITE 15:00 left" in seen.lines[0]
        assert "the server would take it" in seen.text
        await seen.press("enter")
        assert "Run 2 steps on earth/staging now?" in seen.text
        assert scene.lamps.writes == []
        await seen.press("enter")
        await seen.settle()
        assert scene.lamps.writes == [("a", False), ("b", False)]
        assert "done and verified" in seen.text
        run = (await scene.engine.runs())[0]
        assert run.id in seen.text
        await seen.press("u")
        await seen.settle()
        assert "UNDO LAMPS" in seen.lines[0]
        assert "switch lamp a on" in seen.text
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.state() == {"a": True, "b": True, "c": False}


async def test_esc_takes_the_question_back(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "escape", "enter")
        await seen.settle()
        assert "now?" in seen.text
        assert scene.lamps.writes == []


@pytest.mark.parametrize("typed", ["staging", "earth/staging"])
async def test_production_asks_for_the_name_and_no_key_is_taken_from_it(scene: Scene, typed: str) -> None:
    scene.surroundings.production = True
    async with lamps(scene) as seen:
        await seen.open()
        assert "PROD" in seen.lines[0]
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == []
        await seen.press(*"quKw", "enter")
        assert "that is not staging" in seen.text
        assert scene.lamps.writes == []
        await seen.press("ctrl+u", *["slash" if letter == "/" else letter for letter in typed], "enter")
        await seen.settle()
        assert scene.lamps.writes == [("a", False), ("b", False)]


async def test_what_takes_away_asks_for_the_name(scene: Scene) -> None:
    scene.action.destructive = True
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        assert "takes away for good" in seen.text
        await seen.press("enter", "escape", "enter")
        assert scene.lamps.writes == []


async def test_refusals_of_the_dry_run_keep_it_from_running(scene: Scene) -> None:
    scene.action.refusals = ("exceeded quota: lamps",)
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        assert "exceeded quota: lamps" in seen.text
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == []


async def test_another_plan_shows_what_changed_and_asks_anew(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter")
        scene.lamps.light(a=False, b=True, c=True)
        await seen.press("enter")
        await seen.settle()
        assert scene.lamps.writes == []
        assert "has changed since you approved it" in seen.text
        assert "no longer: switch lamp a off" in seen.text
        assert "new: switch lamp c off" in seen.text
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == [("b", False), ("c", False)]


async def test_the_permission_ends_on_the_screen(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.pass_time(5)
        assert "WRITE 10:00 left" in seen.lines[0]
        await seen.pass_time(11)
        assert "read-only" in seen.lines[0]
        assert "the permission for writing has ended" in seen.text
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == []


async def test_the_permission_is_given_back(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("P")
        assert "read-only" in seen.lines[0]


async def test_escape_stops_behind_the_step_and_then_leaves(scene: Scene) -> None:
    action = slow(scene)
    async with lamps(scene, action=action) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await asyncio.wait_for(action.begun.wait(), 60)
        assert "esc stop" in seen.lines[-1]
        await seen.press("escape")
        assert "esc back" in seen.lines[-1]
        assert "Stopping behind this step" in seen.text
        assert len(seen.app.screen_stack) == 2
        action.go_on.set()
        await seen.settle()
        assert scene.lamps.writes == [("a", False)]
        assert "stopped" in seen.text
        assert "1 of 2 steps were done" in seen.text


async def test_a_run_goes_on_behind_other_screens(scene: Scene) -> None:
    action = slow(scene)
    async with lamps(scene, action=action) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await asyncio.wait_for(action.begun.wait(), 60)
        await seen.press("b")
        assert "FLEET" in seen.lines[0]
        assert "is running" in seen.text
        await seen.press("q")
        assert "quitting now breaks it off" in seen.text
        action.go_on.set()
        await seen.settle()
        assert "done and verified: lamps on earth/staging" in seen.text
        await seen.press("H")
        await seen.settle()
        await seen.press("enter")
        await seen.settle()
        assert "done and verified" in seen.text
        await seen.press("escape", "escape")
        assert "done and verified" not in seen.text


async def test_quitting_breaks_it_off_and_the_record_says_so(scene: Scene) -> None:
    action = slow(scene)
    async with lamps(scene, action=action) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await asyncio.wait_for(action.begun.wait(), 60)
        await seen.press("b", "q", "q")
    assert scene.events()[-1] == "Ended interrupted"


async def test_a_ticket_and_the_diff_and_the_commands(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("t", *"INC-7", "enter")
        assert "INC-7" in seen.text
        await seen.press("d")
        assert "+off" in seen.text
        await seen.press("escape", "K")
        assert "no command does the same by hand" in seen.text
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
    assert (await scene.engine.runs())[0].intent.ticket == "INC-7"


async def test_nothing_to_do_says_so(scene: Scene) -> None:
    scene.lamps.light(a=False)
    async with lamps(scene) as seen:
        await seen.open()
        assert "Nothing to do" in seen.text
        await seen.press("enter", "enter", "w")
        assert "read-only" in seen.lines[0]


async def test_what_cannot_be_observed_is_no_plan(scene: Scene) -> None:
    scene.lamps.blind = True
    async with lamps(scene) as seen:
        await seen.open()
        assert "earth does not answer" in seen.text
        await seen.press("enter", "enter", "w")
        assert scene.lamps.writes == []


async def test_actions_name_what_mends_first(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.press("a")
        assert "mends LMP01" in seen.text
        await seen.press("enter")
        await seen.settle()
        assert "LAMPS" in seen.lines[0]
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]


async def test_what_is_asked_for_is_changed_and_planned_anew(scene: Scene) -> None:
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("e", "enter")
        assert "yes" in seen.text
        await seen.press("down", "enter")
        await seen.settle()
        assert "switch lamp c on" in seen.text
        assert "with     on" in seen.text
