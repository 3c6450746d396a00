"""The record by keyboard: what was cut short is offered, what is limited in time reminded of, the history read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.actions import entries
from console.actions.outcomes import Outcome, Who
from console.actions.plan import Step
from console.actions.processes import Process
from console.actions.protocol import Target
from console.actions.record import FILE
from tests.actions.conftest import Scene
from tests.tui.acts import lamps, scene_in

OFF = Target(action="lamps", cluster="earth", hub="staging", parameters={"on": False})
WHO = Who(os_user="ada", host="bastion", kubernetes_user="ada@example.org")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return scene_in(tmp_path)


def _cut_short(scene: Scene) -> None:
    """A run whose process is gone, begun and not ended."""
    import socket

    from console.actions.plan import Plan

    steps = tuple(
        Step(key=name, what=f"switch lamp {name} off", before="on", after="off", undo="on", arguments={"on": False})
        for name in ("a", "b")
    )
    plan = Plan(action="lamps", cluster="earth", hub="staging", parameters={"on": False}, steps=steps)
    process = Process(host=socket.gethostname(), pid=2**22 + 1, started="gone/1")
    run = "20260301-110000-abcdef"
    scene.record.append(entries.Intent(run=run, who=WHO, process=process, digest=plan.digest, plan=plan))
    scene.record.append(entries.StepBegun(run=run, key="a"))
    scene.lamps.switch("a", False)
    scene.record.append(entries.StepDone(run=run, key="a", outcome=Outcome(what="a is off")))


async def test_a_run_that_was_cut_short_is_offered_at_the_start_and_finished(scene: Scene) -> None:
    _cut_short(scene)
    scene.lamps.writes.clear()
    async with lamps(scene) as seen:
        assert "lamps on earth/staging was cut short after 1 of 2 steps" in seen.text
        await seen.press("H")
        await seen.settle()
        await seen.press("f")
        await seen.settle()
        assert "FINISH LAMPS" in seen.lines[0]
        assert "switch lamp a off" not in seen.text
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.writes == [("b", False)]
        await seen.press("escape", "escape")
        assert "cut short" not in seen.text


async def test_a_run_that_was_cut_short_is_taken_back(scene: Scene) -> None:
    _cut_short(scene)
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        await seen.press("u")
        await seen.settle()
        assert "UNDO LAMPS" in seen.lines[0]
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
        assert scene.lamps.state() == {"a": True, "b": True, "c": False}
        await seen.press("escape", "escape")
        assert "cut short" not in seen.text


async def test_a_run_that_was_cut_short_is_left_when_x_is_pressed_twice(scene: Scene) -> None:
    _cut_short(scene)
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        await seen.press("x")
        assert "x again" in seen.text
        await seen.press("x")
        await seen.settle()
        await seen.press("escape")
        assert "cut short" not in seen.text


async def test_limited_changes_are_reminded_of(scene: Scene) -> None:
    scene.action.lasts_s = 7200
    async with lamps(scene) as seen:
        await seen.open()
        await seen.press("w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
        await seen.press("escape")
        assert "lamps on earth/staging stands until 14:00" in seen.text
        seen.fleet.now += timedelta(hours=4)
        seen.app.repaint_screen()
        await seen.press("down")
        assert "was to be taken back 2 h ago" in seen.text


async def test_every_start_reminds_until_it_is_taken_back(scene: Scene) -> None:
    scene.action.lasts_s = 7200
    plan = (await scene.engine.preview(OFF)).plan
    await scene.engine.run(OFF, approved=plan)
    for _ in range(2):
        async with lamps(scene) as seen:
            assert "lamps on earth/staging stands until 14:00" in seen.text
    scene.action.lasts_s = None
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        await seen.press("u", "w")
        await seen.settle()
        await seen.press("enter", "enter")
        await seen.settle()
    async with lamps(scene) as seen:
        assert "stands until" not in seen.text


async def test_a_record_that_was_changed_is_said_at_the_top(scene: Scene) -> None:
    _cut_short(scene)
    file = scene.record.folder / FILE
    file.write_text(file.read_text().replace("staging", "prod", 1))
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        assert "the record was changed, or is not whole: line 1" in seen.text


async def test_a_line_that_a_crash_cut_off_is_said(scene: Scene) -> None:
    _cut_short(scene)
    file = scene.record.folder / FILE
    with file.open("a") as stream:
        stream.write('{"number":9,')
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        assert "a crash cut off the last line" in seen.text


async def test_history_filters_and_shows_a_run_in_full(scene: Scene) -> None:
    _cut_short(scene)
    async with lamps(scene) as seen:
        await seen.press("H")
        await seen.settle()
        await seen.press("slash", *"nobody", "enter")
        assert "Nothing matches" in seen.text
        await seen.press("escape", "enter")
        assert "RUN 20260301-110000-abcdef" in seen.lines[0]
        assert "not begun" in seen.text
        await seen.press("escape", "escape")
        assert "FLEET" in seen.lines[0]


@pytest.mark.parametrize("size", [(50, 10), (80, 24), (200, 60)], ids=str)
async def test_no_size_breaks_the_screens(scene: Scene, size: tuple[int, int]) -> None:
    _cut_short(scene)
    async with lamps(scene, size=size) as seen:
        for keys in (["a"], ["a", "enter"], ["H"], ["H", "enter"]):
            await seen.press(*keys)
            await seen.settle()
            await seen.resize(20, 5)
            await seen.resize(*size)
            assert seen.lines[0].strip()
            while len(seen.app.screen_stack) > 1:
                await seen.press("escape")
