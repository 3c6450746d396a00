"""Actions and the history as drawn, in every size and on every kind of terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.settings import Settings
from console.tui.app import HubhomesApp
from console.tui.jobs import Jobs
from tests.actions.conftest import Scene
from tests.tui.acts import parts, scene_in
from tests.tui.fakes import CLOCK, FakeFleet, incident
from tests.tui.past import week_on_call

Compare = Callable[..., bool]
SIZES = {"small": (80, 24), "medium": (120, 36), "wide": (200, 60)}
PLAN, PERMITTED, TYPING, ASKED = ("m",), ("m", "w"), ("m", "w", "enter"), ("m", "e")


def steps(*keys: str) -> Callable[[Pilot[None]], object]:
    """Presses KEYS, and waits for what each begins."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, HubhomesApp)
        assert app.jobs is not None
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            await app.jobs.settled()
            await pilot.pause()
            await pilot.pause()

    return run


def lit(folder: Path, *, theme: str = "dark", ascii_only: bool = False) -> HubhomesApp:
    """The lamps of a production hub, with all that a plan can tell."""
    scene: Scene = scene_in(folder)
    scene.surroundings.production = True
    scene.action.users = ("ana", "bo", "chi")
    scene.action.lasts_s = 7200
    _, app, _ = parts(scene, theme=theme, ascii_only=ascii_only)
    return app


def remembering(folder: Path, *, theme: str = "dark", ascii_only: bool = False) -> HubhomesApp:
    """The incident, with the record of a week."""
    record = week_on_call(folder)
    jobs = Jobs(scene_in(folder).engine, record)
    return HubhomesApp(
        FakeFleet(incident()),  # type: ignore[arg-type] # the surface that the screens use
        Settings(theme=theme),
        clock=CLOCK,
        ascii_only=ascii_only,
        jobs=jobs,
    )


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(
    "keys", [PLAN, PERMITTED, TYPING, ASKED, ("a",)], ids=["plan", "permitted", "typing", "asked", "actions"]
)
def test_action(snap_compare: Compare, tmp_path: Path, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(lit(tmp_path), run_before=steps(*keys), terminal_size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("keys", [(), ("H",), ("H", "enter")], ids=["notice", "history", "run"])
def test_history(snap_compare: Compare, tmp_path: Path, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(remembering(tmp_path), run_before=steps(*keys), terminal_size=size)


@pytest.mark.parametrize("kind", ["no-colours", "ascii", "light"])
@pytest.mark.parametrize("what", ["action", "history"])
def test_terminals(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, kind: str
) -> None:
    if kind == "no-colours":
        monkeypatch.setenv("NO_COLOR", "1")
    theme = {"light": "light", "ascii": "terminal"}.get(kind, "dark")
    made, keys = (lit, PERMITTED) if what == "action" else (remembering, ("H",))
    app = made(tmp_path, theme=theme, ascii_only=kind == "ascii")
    assert snap_compare(app, run_before=steps(*keys), terminal_size=(80, 24))
