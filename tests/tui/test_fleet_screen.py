"""Fleet by keyboard: order, filter, sort, folding, and a cursor that stands still."""

from __future__ import annotations

import msgspec

from console.chain.model import FleetState
from console.settings import Settings
from tests.tui.driving import console
from tests.tui.fakes import FakeFleet, cluster, hub, incident, large, loading


async def test_worst_first_with_the_panel_on_the_first_row() -> None:
    async with console() as seen:
        assert seen.keys[:4] == ["earth/prod", "earth/staging", "ocean/climate", "polar/"]
        assert "✗ earth/prod" in seen.text
        assert "No such file or directory" in seen.text
        assert "13 hubs · 2 ✗ · 1 ! · 3 ?" in seen.lines[0]


async def test_the_status_says_when_and_who_is_missing() -> None:
    async with console() as seen:
        assert "observed 14:02:19 · 5 of 6 clusters · polar: credentials refused 3 min ago" in seen.lines[-2]


async def test_a_cluster_out_of_reach_is_one_row_and_unfolds() -> None:
    async with console() as seen:
        assert not [key for key in seen.keys if key.startswith("polar/") and key != "polar/"]
        await seen.press("down", "down", "down")
        assert seen.cursor == "polar/"
        assert "aws sso login --profile polar" in seen.text
        await seen.press("enter")
        assert {"polar/prod", "polar/staging", "polar/ice"} <= set(seen.keys)
        assert seen.cursor == "polar/"
        await seen.press("enter")
        assert "polar/ice" not in seen.keys


async def test_filters_while_one_types_and_escape_clears() -> None:
    async with console() as seen:
        await seen.press("slash", *"!prod", "space", *"earth")
        assert seen.keys == ["earth/staging"]
        await seen.press("enter")
        assert "/!prod earth" in seen.lines[0]
        assert seen.keys == ["earth/staging"]
        await seen.press("escape")
        assert len(seen.keys) == 11


async def test_a_filter_that_matches_nothing_says_so() -> None:
    async with console() as seen:
        await seen.press("slash", *"nowhere")
        assert "Nothing matches  nowhere" in seen.text
        assert "Esc clears the filter" in seen.text
        await seen.press("escape")
        assert seen.cursor == "earth/prod"


async def test_escape_in_the_filter_gives_the_keys_back() -> None:
    async with console() as seen:
        await seen.press("slash", *"sea", "escape", "s")
        assert "by name" in seen.lines[0]


async def test_the_arrows_move_the_list_while_one_types() -> None:
    async with console() as seen:
        await seen.press("slash", *"prod", "down")
        assert seen.cursor == seen.keys[1]


async def test_sort_cycles_and_keeps_the_cursor_on_its_row() -> None:
    async with console() as seen:
        await seen.press("down", "s")
        assert seen.keys == sorted(seen.keys)
        assert seen.cursor == "earth/staging"
        await seen.press("s", "s")
        assert seen.keys[0] == "earth/prod"


async def test_cursor_and_scroll_stand_still_when_data_changes() -> None:
    before = large()
    async with console(before) as seen:
        await seen.press("pagedown", "pagedown", "down")
        key, line = seen.cursor, next(y for y, text in enumerate(seen.lines) if str(seen.cursor) in text)
        first, *others = before.clusters
        broken = msgspec.structs.replace(first, hubs=(*first.hubs, hub(first.name, "new", marks={"pv": "broken"})))
        await seen.put(msgspec.structs.replace(before, version=4, clusters=(broken, *others)))
        assert seen.keys[0] == f"{first.name}/new"
        assert seen.cursor == key
        assert str(key) in seen.lines[line]


async def test_untouched_the_cursor_stays_on_the_worst() -> None:
    async with console(loading()) as seen:
        assert seen.cursor == "earth/prod"
        state = loading()
        ocean = cluster("ocean", hub("ocean", "climate", marks={"pv": "broken"}), hub("ocean", "prod"))
        await seen.put(msgspec.structs.replace(state, version=2, clusters=(state.clusters[0], ocean)))
        assert seen.cursor == "ocean/climate"


async def test_a_filter_stands_when_data_changes() -> None:
    async with console() as seen:
        await seen.press("slash", *"earth", "enter")
        state = incident()
        grown = msgspec.structs.replace(
            state.clusters[0], hubs=(*state.clusters[0].hubs, hub("earth", "new"), hub("earth", "older"))
        )
        await seen.put(msgspec.structs.replace(state, version=8, clusters=(grown, *state.clusters[1:])))
        assert seen.keys == ["earth/prod", "earth/staging", "earth/new", "earth/older"]


async def test_loading_shows_the_declared_side_and_progress() -> None:
    async with console(loading()) as seen:
        assert "0 of 2 clusters …" in seen.lines[-2]
        assert all("…" in seen.lines[y] for y in range(2, 6))
        assert "earth/staging" in seen.text


async def test_before_anything_is_read_it_says_what_it_does() -> None:
    empty = FleetState(version=0, generated_at=incident().generated_at)
    async with console(empty) as seen:
        assert "Reading the configuration …" in seen.text


async def test_an_empty_fleet_says_what_to_do_next() -> None:
    empty = FleetState(version=1, generated_at=incident().generated_at)
    async with console(empty) as seen:
        assert "--config" in seen.text


async def test_nothing_is_painted_for_the_same_state_again() -> None:
    async with console() as seen:
        painted: list[int] = []
        listed = seen.listed
        original = listed.render_line

        def counting(y: int) -> object:
            painted.append(y)
            return original(y)

        listed.render_line = counting  # type: ignore[method-assign,assignment]
        await seen.put(msgspec.structs.replace(incident(), version=8))
        assert painted == []


async def test_only_the_changed_row_is_painted() -> None:
    async with console() as seen:
        state = incident()
        drawn: list[int] = []
        listed = seen.listed
        original = listed.render_line

        def counting(y: int) -> object:
            drawn.append(y)
            return original(y)

        listed.render_line = counting  # type: ignore[method-assign,assignment]
        river = state.clusters[-1]
        slow = msgspec.structs.replace(river, hubs=(river.hubs[0], hub("river", "staging", marks={"directory": "ok"})))
        await seen.put(msgspec.structs.replace(state, version=8, clusters=(*state.clusters[:-1], slow)))
        assert set(drawn) == {seen.keys.index("river/staging")}


async def test_remote_text_is_neither_markup_nor_control() -> None:
    evil = hub("earth", "[red]x[/]\x1b[31m\n")
    async with console(
        FleetState(version=1, generated_at=incident().generated_at, clusters=(cluster("earth", evil),))
    ) as seen:
        assert "[red]x[/]\\x1b[31m\\n" in seen.text
        assert "\x1b" not in seen.text


async def test_refresh_asks_the_fleet() -> None:
    async with console() as seen:
        await seen.press("r")
        assert seen.fleet.refreshed == [None]


async def test_a_failed_observation_is_said_and_can_be_tried_again() -> None:
    async with console() as seen:
        seen.fleet.failure = RuntimeError("no more files")
        seen.app._observe()
        await seen.press("up")
        assert "the observation stopped: no more files; r tries again" in seen.lines[-2]
        seen.fleet.failure = None
        await seen.press("r")
        assert seen.fleet.runs == 3


async def test_copies_findings_and_commands() -> None:
    async with console() as seen:
        await seen.press("c")
        assert "earth/prod: MNT01 error: 3 users can't mount" in seen.app.clipboard
        await seen.press("K")
        assert "kubectl --context gke_earth get pv prod-home-nfs" in seen.app.clipboard
        assert "copied" in seen.lines[-2]
        await seen.press("down")
        assert "copied" not in seen.lines[-2]


async def test_too_small_says_so_and_comes_back() -> None:
    async with console() as seen:
        await seen.resize(20, 5)
        assert "needs 50×10" in seen.text
        assert "earth/prod" not in seen.text
        await seen.resize(80, 24)
        assert "earth/prod" in seen.text
        assert seen.cursor == "earth/prod"


def test_the_fake_fleet_has_the_fleets_surface() -> None:
    from console.fleet.fleet import Fleet

    for name in ("subscribe", "run", "refresh", "object_yaml", "close"):
        assert callable(getattr(Fleet, name))
        assert callable(getattr(FakeFleet, name))


async def test_a_theme_that_is_not_there_is_said() -> None:
    async with console(settings=Settings(theme="nope")) as seen:
        assert "there is no theme 'nope': dark is shown" in seen.text


async def test_an_emulator_in_a_clouds_place_is_said_at_the_top() -> None:
    async with console(msgspec.structs.replace(incident(), emulated=("AWS_ENDPOINT_URL",))) as seen:
        assert "EMULATED: AWS_ENDPOINT_URL" in seen.text.splitlines()[0]
