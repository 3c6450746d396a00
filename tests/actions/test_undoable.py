"""What the record offers to take back: what may have left something, and nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.actions.engine import undo_target
from console.actions.outcomes import Outcome
from console.actions.plan import Step
from console.actions.protocol import Context, Refused
from tests.actions.conftest import Scene
from tests.actions.toy import TARGET, LampAction, Lamps


class Said(LampAction):
    """Says of each of its steps what it was told to."""

    def __init__(self, lamps: Lamps, **said: bool) -> None:
        super().__init__(lamps)
        self._said = said

    async def run(self, step: Step, context: Context) -> Outcome:
        return msgspec.structs.replace(await super().run(step, context), **self._said)


@pytest.mark.parametrize(
    ("said", "why"),
    [({"changed": False}, "changed nothing"), ({"stays": True}, "what was done in it stays")],
    ids=["only looked", "stays"],
)
async def test_nothing_to_take_back_is_not_offered(tmp_path: Path, said: dict[str, bool], why: str) -> None:
    scene = Scene(tmp_path)
    scene.action = Said(scene.lamps, **said)
    engine = scene.made()
    plan = (await engine.preview(TARGET)).plan
    await engine.run(TARGET, approved=plan)
    (run,) = await engine.runs()
    assert not run.undoable
    with pytest.raises(Refused, match=f"{why}, and there is nothing to undo"):
        await engine.preview(undo_target(run))


async def test_what_changed_is_offered(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    plan = (await scene.engine.preview(TARGET)).plan
    await scene.engine.run(TARGET, approved=plan)
    (run,) = await scene.engine.runs()
    assert run.undoable
