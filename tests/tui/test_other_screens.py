"""Hub, findings, filestores, settings, YAML, help and the palette by keyboard; Esc is always one step back."""

from __future__ import annotations

import pytest

from console.settings import Settings
from providers.errors import ProviderError
from tests.tui.driving import console
from tests.tui.fakes import incident


async def test_hub_draws_the_chain_with_its_findings() -> None:
    async with console() as seen:
        await seen.press("down", "enter")
        assert "earth / staging" in seen.lines[0]
        assert [key for key in seen.keys if key.startswith("link:")] == [
            f"link:{link}" for link in ("filestore", "export", "directory", "pv", "pvc", "mounts", "homes")
        ]
        assert "✗ PV " in seen.text
        assert "PV staging-home-nfs is Released" in seen.text
        assert "mends it  m  clear claim ref" in seen.text
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]
        assert seen.cursor == "earth/staging"


async def test_hub_opens_at_once_when_named() -> None:
    async with console(hub="ocean/climate") as seen:
        assert "ocean / climate" in seen.lines[0]
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]


async def test_hub_that_is_not_there_says_so() -> None:
    async with console(hub="ocean/nowhere") as seen:
        assert "There is no such hub" in seen.text


async def test_hub_steps_through_the_list_it_came_from() -> None:
    async with console() as seen:
        await seen.press("enter", "n")
        assert "earth / staging" in seen.lines[0]
        await seen.press("N")
        assert "earth / prod" in seen.lines[0]
        await seen.press("N")
        assert "no further hub" in seen.lines[-2]


async def test_hub_shows_who_decided_what() -> None:
    async with console() as seen:
        await seen.press("enter")
        assert "prod.values.yaml:12:17" not in seen.text
        await seen.press("o")
        assert "decided by serverIP earth/prod.values.yaml:12:17" in seen.text


async def test_wide_hubs_show_who_decided_what_beside() -> None:
    async with console(size=(200, 60)) as seen:
        await seen.press("enter")
        assert "serverIP earth/prod.values.yaml:12:17" in seen.text


async def test_yaml_of_the_link_under_the_cursor() -> None:
    async with console() as seen:
        await seen.press("down", "enter", "down", "down", "down", "down", "y")
        assert seen.fleet.asked == [("earth", "persistentvolumeclaims", "staging", "home-nfs")]
        assert "name: home-nfs" in seen.text
        await seen.press("slash", *"server", "enter")
        assert seen.cursor == "5"
        await seen.press("c")
        assert seen.app.clipboard.startswith("kind: persistentvolumeclaims")
        await seen.press("escape", "escape")
        assert "earth / staging" in seen.lines[0]


async def test_yaml_that_is_refused_says_why_and_what_next() -> None:
    async with console() as seen:
        seen.fleet.failure = ProviderError("forbidden", "you may not get pods in prod", next_step="ask for get on pods")
        await seen.press("y")
        assert "you may not get pods in prod" in seen.text
        assert "ask for get on pods" in seen.text


async def test_findings_by_severity_and_enter_goes_to_the_hub() -> None:
    async with console() as seen:
        await seen.press("F")
        assert "FINDINGS" in seen.lines[0]
        assert [key.split(":")[1] for key in seen.keys] == ["MNT01", "PV02", "ALL02"]
        await seen.press("down", "enter")
        assert "earth / staging" in seen.lines[0]
        await seen.press("escape")
        assert "FINDINGS" in seen.lines[0]
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]


async def test_filestores_lead_to_their_hubs() -> None:
    async with console() as seen:
        await seen.press("S")
        assert "829 GiB" in seen.text
        assert "81 %" in seen.text
        await seen.press("slash", *"ocean", "enter", "h")
        assert "FLEET" in seen.lines[0]
        assert seen.keys == ["ocean/climate", "ocean/prod"]


async def test_settings_tell_who_decided() -> None:
    settings = Settings(theme="light", file="settings.toml", origins={"theme": "settings.toml:3"})
    async with console(settings=settings) as seen:
        assert seen.app.theme == "light"
        await seen.press("comma", "slash", *"theme", "enter")
        assert "settings.toml:3" in seen.text
        assert "thresholds" not in seen.text
        await seen.press("t")
        assert seen.app.theme == "terminal"


async def test_help_is_for_where_one_is() -> None:
    async with console(size=(80, 50)) as seen:
        await seen.press("enter", "question_mark")
        assert "HUB: The chain of one hub" in seen.text
        assert "asked and not told" in seen.text
        await seen.press("escape")
        assert "earth / prod" in seen.lines[0]


async def test_the_palette_goes_to_hubs_screens_and_themes() -> None:
    async with console() as seen:
        await seen.press("colon", *"river", "enter")
        assert "river / prod" in seen.lines[0]
        await seen.press("ctrl+p", *"settings", "enter")
        assert "SETTINGS" in seen.lines[0]
        await seen.press("colon", *"theme li", "enter")
        assert seen.app.theme == "light"
        await seen.press("colon", "escape")
        assert "SETTINGS" in seen.lines[0]


@pytest.mark.parametrize("key", ["F", "S", "comma", "question_mark", "colon", "enter", "y"])
async def test_escape_goes_one_step_back(key: str) -> None:
    async with console() as seen:
        await seen.press(key)
        assert len(seen.app.screen_stack) == 2
        await seen.press("escape")
        assert len(seen.app.screen_stack) == 1
        await seen.press("escape")
        assert "FLEET" in seen.lines[0]


@pytest.mark.parametrize("key", ["F", "S", "comma", "question_mark", "colon", "enter", "y"])
@pytest.mark.parametrize("size", [(20, 5), (50, 10), (300, 90)], ids=str)
async def test_no_size_breaks_a_screen(key: str, size: tuple[int, int]) -> None:
    async with console(size=size) as seen:
        await seen.press(key)
        await seen.press("down", "pagedown", "G")
        await seen.resize(80, 24)
        assert seen.lines[0].strip()


async def test_ascii_only() -> None:
    async with console(ascii_only=True) as seen:
        for key in ("", "enter", "question_mark"):
            await seen.press(*([key] if key else []))
            assert seen.text.isascii()
        await seen.press("escape", "escape")
        assert "x earth/prod" in seen.text


async def test_no_colours_leaves_words_and_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console() as seen:
        styles = [segment.style for strip in seen.app.screen._compositor.render_strips() for segment in strip]
        assert all(style.color is None or style.color.is_default for style in styles if style)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles if style)
        assert any(style.reverse for style in styles if style)


async def test_sixteen_colours_use_the_terminals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.delenv("COLORTERM")
    async with console(incident()) as seen:
        assert seen.app.theme == "terminal"
