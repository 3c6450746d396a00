"""Killed with SIGKILL at every boundary, as a real process: the next start sees how far it came, finishes or undoes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.actions.engine import Engine, target_of, undo_target
from console.actions.history import Run, state_of
from console.actions.protocol import Refused
from console.actions.record import Record
from tests.actions.toy import LampAction, Lamps, Surroundings

LINES = ["Intent", "StepBegun a", "StepDone a", "StepBegun b", "StepDone b", "Verification", "Ended"]
BEFORE = {"a": False, "b": False, "c": True}
AFTER = {"a": True, "b": True, "c": True}
REPOSITORY = Path(__file__).parents[2]
BOUNDARIES = [(side, number) for side in ("before", "torn") for number in range(1, len(LINES) + 1)]


class Left(Lamps):
    """The lamps, the record and an engine, as the process that was killed left them in FOLDER."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "lamps.json")
        self.record = Record(folder / "state")
        action = LampAction(self)
        self.engine = Engine(Surroundings(self).observe, self.record, find=lambda name: action)

    async def open_run(self) -> Run | None:
        found = await self.engine.open_runs()
        assert len(found) <= 1
        return found[0] if found else None


@pytest.fixture(params=BOUNDARIES, ids=lambda one: f"{one[0]} {LINES[one[1] - 1]}")
def killed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, Path]:
    """How many lines were written whole, and the folder."""
    side, number = request.param
    folder = tmp_path / "killed"
    folder.mkdir()
    Lamps(folder / "lamps.json").light(**BEFORE)
    command = [sys.executable, "-m", "tests.actions.killed", str(folder), side, str(number)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    return number - 1, folder


async def test_killed_then_finished_and_killed_then_undone(killed: tuple[int, Path]) -> None:
    written, folder = killed
    other = Path(shutil.copytree(folder, folder.with_name("other")))
    await finished(Left(folder), written)
    await undone(Left(other), written)


async def finished(left: Left, written: int) -> None:
    run = await left.open_run()
    if written == 0:
        assert run is None
        assert left.state() == BEFORE
        return
    assert run is not None
    assert state_of(run) == "open"
    assert [one.begun for one in run.steps] == [written > 1, written > 3]
    plan = (await left.engine.preview(target_of(run))).plan
    result = await left.engine.run(target_of(run), approved=plan, resumes=run.id)
    assert result.outcome in ("done", "nothing")
    assert left.state() == AFTER
    await closed(left, run, "finished")


async def undone(left: Left, written: int) -> None:
    run = await left.open_run()
    if run is None:
        return
    back = undo_target(run)
    if written < 2:
        with pytest.raises(Refused, match="changed nothing"):
            await left.engine.preview(back)
        await left.engine.dismiss(run.id)
        assert left.state() == BEFORE
        await closed(left, run, "dismissed")
        return
    plan = (await left.engine.preview(back)).plan
    await left.engine.run(back, approved=plan)
    assert left.state() == BEFORE
    await closed(left, run, "undone")


async def closed(left: Left, run: Run, how: str) -> None:
    assert await left.open_run() is None
    (now,) = [one for one in await left.engine.runs() if one.id == run.id]
    assert now.ended is not None
    assert now.ended.outcome == how
    reading = left.record.read()
    assert (reading.bad, reading.torn) == (None, False)
