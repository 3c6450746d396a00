"""Lamps, the action that switches them, and an engine whose clock stands still until it sleeps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.actions.engine import Engine
from console.actions.lock import Lock
from console.actions.record import Record
from console.actions.verifying import Clock
from tests.actions.toy import NOW, LampAction, Lamps, Surroundings
from tests.cli.command import Command


class FakeClock:
    """Passes only by sleeping."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.clock = Clock(
            now=lambda: NOW + timedelta(seconds=self.passed_s), monotonic=lambda: self.passed_s, sleep=self.sleep
        )

    async def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


class Scene:
    """Everything about the lamps. Lamps a and b are off, c is on."""

    def __init__(self, folder: Path) -> None:
        self.lamps = Lamps(folder / "lamps.json").light(a=False, b=False, c=True)
        self.action = LampAction(self.lamps)
        self.surroundings = Surroundings(self.lamps)
        self.time = FakeClock()
        self.record = Record(folder / "state", now=self.time.clock.now)
        self.engine = self.made()

    def made(self, *, lock: Lock | None = None) -> Engine:
        return Engine(
            self.surroundings.observe,
            self.record,
            lock=lock,
            find=lambda name: self.action,
            clock=self.time.clock,
            verify_deadline_s=30,
        )

    def events(self) -> list[str]:
        """The record's lines in short: the event, and the step or the outcome."""
        return [
            " ".join(
                str(word)
                for word in (type(line.entry).__name__, getattr(line.entry, "key", ""), _outcome(line.entry))
                if word
            )
            for line in self.record.read().lines
        ]


def _outcome(entry: object) -> str:
    outcome = getattr(entry, "outcome", "")
    return outcome if isinstance(outcome, str) else ""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, also the working folder: no settings, record or tree of the person who runs the tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    for name in ("HUBHOMES_CONFIG", "HUBHOMES_SETTINGS", "HUBHOMES_STATE", "KUBECONFIG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def hubhomes(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
