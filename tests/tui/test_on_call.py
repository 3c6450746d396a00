"""What would mislead somebody who was paged, once found by being them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from console.actions.plan import Plan, Step
from console.actions.protocol import Context, Outcome
from console.tui.present.approval_lines import running_lines
from console.tui.present.clock import Clock
from console.tui.present.history_lines import run_lines
from console.tui.present.lines import plain
from providers.errors import ProviderError
from tests.actions.conftest import Scene
from tests.actions.toy import LampAction
from tests.tui.acts import lamps, scene_in
from tests.tui.driving import console
from tests.tui.hands import Hands
from tests.tui.test_practice import Practice

CAUSE = "the server squashes root, so that " + "every chown of it is refused " * 6 + "and that is the cause"


async def until(hands: Hands, so: Callable[[], bool]) -> None:
    """Until SO is true, which it becomes when what is under way has reached the screen."""
    for _ in range(1500):
        if so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(hands.text)


async def test_taking_a_directory_away_again_says_what_that_means_and_looks(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.mend("MNT10")
        await hands.permit()
        await hands.permit()
        await hands.approve()
        await hands.settle()
        assert "verified: it is as planned" in hands.text
        hub = next(one for one in demo.app.state.hubs() if one.key == "earth/delta")
        assert hub.link("directory").mark == "ok"
        await hands.press("u")
        await hands.settle()
        assert "find nothing to mount" in hands.text
        assert "servers that wait for it start" not in hands.text
        assert "no: create share does it again, by a plan of its own" in hands.text
        await hands.approve()
        await hands.settle()
        hub = next(one for one in demo.app.state.hubs() if one.key == "earth/delta")
        assert hub.link("directory").mark != "ok"


async def test_only_the_log_is_quoted_as_what_the_share_creator_said(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.at("earth/prod")
        demo.fleet.grant("earth", "probe")
        await demo.fleet.look("earth", "prod")
        await until(hands, lambda: "HOM01" in demo.codes)
        await hands.mend("DIR01")
        quoted = [line.partition("it said: ")[2] for line in hands.lines if "it said: " in line]
        assert quoted
        assert all(line.startswith(("chown: ", "drwx")) for line in quoted)


async def test_a_filestore_has_its_actions_and_is_called_by_its_name(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.press("S", "slash", *"large", "enter", "a")
        assert "ACTIONS" in hands.lines[0]
        assert any(line.endswith("earth/earth-homedirs-large") and "grow" in line for line in hands.lines)
        await hands.press("escape", "enter", "a")
        assert any(line.endswith("earth/earth-homedirs-large") and "grow" in line for line in hands.lines)


async def test_what_is_permitted_somewhere_stands_on_every_screen(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.press("H")
        assert "read-only" in hands.lines[0]
        demo.fleet.grant("earth", "write")
        await until(hands, lambda: "WRITE on earth" in hands.lines[0])
        await hands.press("escape")
        await hands.at("earth/prod")
        await hands.press("a", "slash", *"rename", "enter", "enter")
        assert "RENAME HOME" in hands.lines[0]
        assert "WRITE 1" in hands.lines[0]


async def test_what_is_said_is_said_to_its_end() -> None:
    async with console() as seen:
        seen.app.say(CAUSE, role="error")
        await seen.press()
        assert CAUSE.replace(" ", "") in seen.text.replace("\n", "").replace(" ", "")
        await seen.press("down")
        assert "the cause" not in seen.text
        assert seen.lines[-2].startswith(" observed")


class Squashed(LampAction):
    async def run(self, step: Step, context: Context) -> Outcome:
        raise ProviderError("forbidden", CAUSE)


async def test_the_history_tells_the_whole_cause(tmp_path: Path) -> None:
    scene = scene_in(tmp_path)
    scene.action = Squashed(scene.lamps)
    scene.engine = scene.made()
    await failed(scene)
    (run,) = await scene.engine.runs()
    text = " ".join(plain(line).strip() for line in run_lines(run, 80, Clock()))
    assert text.count("and that is the cause") == 2  # of the run, and of its step


async def failed(scene: Scene) -> None:
    from tests.actions.toy import TARGET

    plan = (await scene.engine.preview(TARGET)).plan
    assert (await scene.engine.run(TARGET, approved=plan)).outcome == "failed"


async def test_a_plan_that_needs_a_permission_says_so_once(tmp_path: Path) -> None:
    async with lamps(scene_in(tmp_path)) as seen:
        await seen.open()
        await seen.press("enter")
        assert seen.text.count("permitted there yet") == 1
        assert "nothing runs yet" in seen.text


@pytest.mark.parametrize(
    ("filestore", "about"),
    [
        ("earth-homedirs", "earth/earth-homedirs"),
        ("coral/storage-quota-home-nfs", "earth/coral/storage-quota-home-nfs"),
        ("projects/p/locations/us-central1-b/instances/earth-homedirs", "earth/earth-homedirs"),
        ("", "earth"),
    ],
)
def test_a_plan_names_its_filestore(filestore: str, about: str) -> None:
    assert Plan(action="grow", cluster="earth", parameters={"filestore": filestore}).about == about


async def test_a_permission_that_nobody_gave_has_not_ended(tmp_path: Path) -> None:
    scene = scene_in(tmp_path)
    scene.lamps.light(a=False, b=False, c=False)
    async with lamps(scene) as seen:
        await seen.open()
        assert "Nothing to do" in seen.text
        scene.lamps.light(a=True, b=False, c=False)
        await seen.press("r")
        await seen.settle()
        assert "no writing is permitted there yet" in seen.text


async def test_help_and_settings_tell_all_of_it_at_80_columns() -> None:
    from console.settings import Settings
    from console.settings.keys import entries
    from console.tui.present.help_lines import help_items
    from console.tui.present.settings_lines import settings_items
    from console.tui.screens.action import ActionScreen

    settings = Settings().decided("config", "/srv/checkouts/infrastructure/config/clusters", "command line --config")
    for entry in entries(settings):
        (item,) = settings_items([entry], 80)
        text = " ".join(plain(line).strip() for line in item.lines)
        assert {*entry.meaning.split()} <= {*text.split()}
        assert entry.value.replace(" ", "") in text.replace(" ", "")
        assert entry.origin in text
    about = [plain(line).strip() for line in help_items(ActionScreen.ABOUT, (), (), 80)[0].lines]
    assert " ".join(about) == " ".join(ActionScreen.ABOUT)
    assert min(map(len, about[:-1])) > 60


async def test_the_palette_says_what_esc_does_there() -> None:
    async with console() as seen:
        await seen.press("colon", *"no such", "space", "x")
        assert "Nothing matches" in seen.text
        assert "Esc goes back" in seen.text


async def test_m_mends_what_is_wrong_with_a_home(tmp_path: Path) -> None:
    demo = Practice(tmp_path)
    async with demo.opened() as hands:
        await hands.at("earth/prod")
        demo.fleet.grant("earth", "probe")
        await demo.fleet.look("earth", "prod")
        await until(hands, lambda: "HOM01" in demo.codes)
        await hands.press("h", "slash", *"kim", "enter", "m")
        await hands.settle()
        assert hands.lines[0].startswith(" FIX PERMISSIONS   earth/prod")
        assert "kim" in hands.text


def test_while_it_is_looked_esc_stops_no_step() -> None:
    plan = Plan(action="grow", cluster="earth")
    for looking, said in ((False, "Esc stops it behind this step"), (True, "Esc ends the look")):
        words = " ".join(plain(line).strip() for line in running_lines(plan, stopping=False, looking=looking, width=80))
        assert said in words
