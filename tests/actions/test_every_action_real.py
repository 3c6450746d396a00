"""Every action on the real node by keyboard, and stopped and killed; the export and the audit log are the witnesses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.actions.engine import Engine, target_of, undo_target
from console.actions.protocol import Target
from console.actions.record import Record, utc_now
from console.actions.registry import action as registered_action
from console.actions.registry import registered
from console.actions.surroundings import Surroundings
from console.fleet.start import start_fleet
from console.settings import Settings
from tests.actions.by_keyboard import everything
from tests.actions.real_cases import CASES, Broken
from tests.actions.real_scene import Scene
from tests.cli.command import Command
from tests.cluster.node import RealCluster

pytestmark = pytest.mark.node

REPOSITORY = Path(__file__).parents[2]
UNDOABLE = {"allusers", "fix-permissions", "move-aside", "rename-home", "retire-home"}
ELSEWHERE = {"create-filestore", "create-share", "grow", "rebind"}
"""Those with tests of their own, since they need a share, a cloud or a tree."""


@pytest.fixture
def scene(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    return Scene(real_node, real_namespace, hubhomes, home / "state")


@pytest.mark.parametrize("action", sorted(CASES))
async def test_by_keyboard(scene: Scene, action: str) -> None:
    await everything(scene, action, CASES[action](scene), undoable=action in UNDOABLE)


KILLED: Mapping[str, tuple[int, ...]] = {
    "clear-claim-ref": (2, 3, 4),
    "fix-permissions": (2, 3, 4, 5),
    "move-aside": (2, 3, 4),
    "remove-helper-pods": (2, 3, 4),
    "rename-home": (2, 3, 4),
    "rerun-share-creator": (2, 3, 4, 5, 6),
    "restart-server": (2, 3, 4),
    "retire-home": (2, 3, 4),
}
"""Before which lines of the record a run is killed: 2 its step begins, 3 the step's end or what it leaves to undo it
by, and so on until the verification. allusers, whose hub has to run, has a test of its own."""
AT_ONCE = 3
"""Where it is undone without having been finished, too: all is changed by then, and the record does not know it. On a
share of this machine permissions and homes are at every line."""


@pytest.mark.parametrize(("action", "line"), [(action, line) for action, lines in KILLED.items() for line in lines])
async def test_killed_and_then_finished_and_undone(scene: Scene, action: str, line: int) -> None:
    broken = CASES[action](scene)
    killed(scene, action, line, broken)
    async with recovering(scene) as engine:
        (run,) = await engine.open_runs()
        await carried_out(engine, target_of(run), resumes=run.id)
        assert await engine.open_runs() == ()
        scene.api.wait("it is mended", broken.whole)
        if action in UNDOABLE:
            for each in reversed([one for one in await engine.runs() if one.undoable]):
                await carried_out(engine, undo_target(each))
            scene.api.wait("it is as it was", broken.as_before)
    if action in UNDOABLE and line == AT_ONCE:
        killed(scene, action, line, broken)
        async with recovering(scene) as engine:
            (run,) = await engine.open_runs()
            await carried_out(engine, undo_target(run))
            assert await engine.open_runs() == ()
        scene.api.wait("it is as it was, without having been finished", broken.as_before)


def killed(scene: Scene, action: str, line: int, broken: Broken) -> None:
    """Runs ACTION in a process of its own, which is killed before LINE of what it writes."""
    hub = scene.namespace if registered_action(action).target == "hub" else ""
    words = [sys.executable, "-m", "tests.actions.killed_action", str(line), "admin", action, hub]
    done = subprocess.run(
        [*words, json.dumps(broken.parameters)], cwd=REPOSITORY, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    scene.unlocked()


@asynccontextmanager
async def recovering(scene: Scene) -> AsyncIterator[Engine]:
    """The next start, with the permission to write."""
    fleet = start_fleet(Settings(), config=None, cluster="admin", contexts=("admin",), offline=False)
    fleet.grant("admin", "write")
    yield Engine(Surroundings(fleet, Settings(), now=utc_now).observe, Record(scene.state))
    await fleet.close()


async def carried_out(engine: Engine, target: Target, *, resumes: str | None = None) -> None:
    """Plans TARGET afresh, and runs the plan."""
    plan = (await engine.preview(target)).plan
    result = await engine.run(target, approved=plan, confirmed=plan.place, resumes=resumes)
    assert result.outcome in ("done", "nothing"), result


def test_every_action_is_here() -> None:
    assert set(CASES) == set(registered()) - ELSEWHERE
