"""The screens as drawn where the published pictures do not reach: wide, loading, empty, folded out, without colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.chain.model import FleetState
from console.settings import Settings
from console.tui.app import HubhomesApp
from tests.tui.fakes import CLOCK, FakeFleet, incident, loading
from tests.tui.scenarios import demo_app

WIDE = (200, 60)
SMALL = (80, 24)
Compare = Callable[..., bool]


def app(state: FleetState, *, theme: str = "dark", ascii_only: bool = False) -> HubhomesApp:
    settings = Settings(theme=theme, file="settings.toml", origins={"theme": "settings.toml:3"})
    return HubhomesApp(FakeFleet(state), settings, clock=CLOCK, ascii_only=ascii_only)


@pytest.mark.parametrize(
    "keys", ["", "enter", "S", "S enter", "F"], ids=["fleet", "hub", "filestores", "filestore", "findings"]
)
def test_wide(snap_compare: Compare, keys: str) -> None:
    assert snap_compare(app(incident()), press=keys.split(), terminal_size=WIDE)


@pytest.mark.parametrize(
    "keys",
    [
        "slash n o w h e r e",
        "down down down enter",
        "enter o",
        "down enter down down down y",
        "comma",
        "colon p r o",
        "slash ! p r o d enter F",
    ],
    ids=["nothing-matches", "unfolded", "origins", "yaml", "settings", "palette", "findings-from-filtered"],
)
def test_small(snap_compare: Compare, keys: str) -> None:
    assert snap_compare(app(incident()), press=keys.split(), terminal_size=SMALL)


def test_loading(snap_compare: Compare) -> None:
    assert snap_compare(app(loading()), terminal_size=SMALL)


def test_ascii_in_the_terminals_own_colours(snap_compare: Compare) -> None:
    assert snap_compare(app(incident(), theme="terminal", ascii_only=True), press=["enter"], terminal_size=SMALL)


def test_too_small(snap_compare: Compare) -> None:
    assert snap_compare(app(incident()), terminal_size=(20, 5))


@pytest.mark.parametrize("keys", ["enter h", "enter enter"], ids=["homes", "hub"])
def test_wide_after_a_look(snap_compare: Compare, demo: FleetState, keys: str) -> None:
    press = ["slash", *"reef/prod", *keys.split()]
    assert snap_compare(demo_app(looked=True), press=press, terminal_size=WIDE)


@pytest.mark.parametrize("keys", ["enter h", "enter enter", "enter p"], ids=["homes", "hub", "asked"])
def test_after_a_look_without_colours_in_ascii(snap_compare: Compare, demo: FleetState, keys: str) -> None:
    press = ["slash", *("ocean/prod" if keys == "enter p" else "earth/prod"), *keys.split()]
    assert snap_compare(demo_app(looked=True, theme="terminal", ascii_only=True), press=press, terminal_size=SMALL)
