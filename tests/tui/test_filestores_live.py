"""A filestore is grown, and another made, in the demo's clouds by keyboard: planned, permitted, followed, verified."""

from __future__ import annotations

from pathlib import Path

from console.actions.protocol import Target
from console.tui.screens.answers import AnswersScreen
from console.tui.widgets.line_list import LineList
from tests.tui.test_homes_moved import settled
from tests.tui.test_looks import Seen, demo


async def run(seen: Seen) -> None:
    await seen.press("w")
    await settled(seen)
    await seen.press("enter", "enter")
    await settled(seen)


async def test_m_on_a_full_share_gives_it_room_and_its_finding_goes(tmp_path: Path) -> None:
    async with demo(record=tmp_path) as seen:
        await seen.stand_on("forest/canopy")
        await seen.press("enter")
        assert "FST04" in seen.text
        await seen.press("m")
        await settled(seen)
        assert seen.lines[0].startswith(" GROW   forest/foresthomes/archive")
        assert "then  1,140 GiB" in seen.text
        assert "hubs     forest/canopy, forest/understory" in seen.text
        await run(seen)
        assert "foresthomes/archive has 1,140 GiB" in seen.text
        assert "verified" in seen.text
        await seen.press("escape")
        await seen.until(lambda: "FST04" not in seen.text, "the finding is gone")


async def test_a_filestore_that_is_asked_for_live_is_made_and_its_lines_are_told(tmp_path: Path) -> None:
    async with demo(record=tmp_path, size=(120, 40)) as seen:
        seen.app.open_action(Target(action="create-filestore", cluster="earth", parameters={"key": "climate"}))
        await seen.until(lambda: "earth-hubs.tfvars" in seen.text, "planned in the variables")
        await seen.press("e")
        assert isinstance(seen.app.screen, AnswersScreen)
        seen.app.screen.query_one(LineList).jump("live")
        await seen.press("enter", "G", "enter")
        await settled(seen)
        assert "make filestore earth-homedirs-climate" in seen.text
        assert "file.instances.create" in seen.text
        await run(seen)
        assert "earth-homedirs-climate is ready at 10.2." in seen.text
        assert "serverIP: 10.2." in seen.text
        assert 'google_filestore_instance.homedirs["climate"]' in seen.text
        assert "verified" in seen.text


async def test_m_on_a_cluster_that_cannot_be_reached_makes_room_on_its_full_share(tmp_path: Path) -> None:
    async with demo(record=tmp_path) as seen:
        await seen.until(lambda: "unreachable; share 98 % full" in seen.text, "its cloud has told")
        await seen.stand_on("desert/")
        await seen.press("m")
        await settled(seen)
        assert seen.lines[0].startswith(" GROW   desert/deserthomes/homes")
        assert "users    not known: the cluster could not be observed" in seen.text
        assert "then  azurerm_storage_share.homes" in seen.text
