"""create-share and rebind cut short at every line of their record, over the demo's servers: finished, and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.actions.engine import Engine, target_of, undo_target
from console.actions.entries import Entry, Intent, Line
from console.actions.history import Run
from console.actions.processes import this_process
from console.actions.protocol import Refused, Target
from console.actions.record import Record, utc_now
from console.actions.surroundings import Surroundings
from tests.actions.test_objects_demo import SETTINGS, Demo
from tests.actions.test_storage_demo import STOP, spec

REBIND, CREATE = ("rebind", "soils", STOP), ("create-share", "delta", {})
LINES = {REBIND[0]: range(2, 14), CREATE[0]: range(2, 6)}
"""Before which lines of the record the process ends: 2 the first step begins, 3 its end, and so on."""
GONE = msgspec.structs.replace(this_process(), started="before this machine has booted")


class Ended(BaseException):
    """The process is no more."""


class MortalRecord(Record):
    """Ends whoever is about to write line NUMBER, and never writes again; the process that wrote before is gone."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder)
        self._left = number

    def append(self, entry: Entry) -> Line:
        self._left -= 1
        if self._left <= 0:
            raise Ended
        gone = isinstance(entry, Intent)
        return super().append(msgspec.structs.replace(entry, process=GONE) if gone else entry)


class Scene:
    """One hub of the demo, and what its storage was before."""

    def __init__(self, demo: Demo, folder: Path, action: str, hub: str, parameters: dict[str, Any]) -> None:
        self.demo, self.folder, self.hub = demo, folder, hub
        self.target = demo.target(action, hub, **parameters)

    async def cut_short(self, line: int) -> Run | None:
        """Runs until LINE; gives the run that is open then."""
        self.demo.fleet.grant("earth", "write")
        await self.demo.plan(self.target)
        self.before = self.storage()
        surroundings = Surroundings(self.demo.fleet, SETTINGS, now=utc_now)
        mortal = Engine(surroundings.observe, MortalRecord(self.folder / "state", line))
        plan = (await mortal.preview(self.target)).plan
        with pytest.raises(Ended):
            await mortal.run(self.target, approved=plan, confirmed=self.hub)
        self._lock_ends()
        found = await self.demo.engine.open_runs()
        return found[0] if found else None

    def _lock_ends(self) -> None:
        lease = self.demo.stored("leases", self.hub, "hubhomes", "coordination.k8s.io")
        if lease is not None:
            self.demo.server.store.put({**lease, "spec": {**lease["spec"], "holderIdentity": ""}})

    async def run(self, target: Target, *, resumes: str | None = None) -> str:
        plan = await self.demo.plan(target)
        self.demo.fleet.grant("earth", "write")
        result = await self.demo.engine.run(target, approved=plan, confirmed=self.hub, resumes=resumes)
        return result.outcome

    def storage(self) -> list[Any]:
        volume = self.demo.stored("persistentvolumes", "", f"{self.hub}-home-nfs")
        return [spec(volume), spec(self.demo.stored("persistentvolumeclaims", self.hub, "home-nfs"))]


CASES = [(case, line) for case in (REBIND, CREATE) for line in LINES[case[0]]]


def cases(*, odd: bool) -> pytest.MarkDecorator:
    """Every other line: a step that is done and not recorded so, or one that is not begun."""
    chosen = [(case, line) for case, line in CASES if bool(line % 2) == odd]
    return pytest.mark.parametrize(("case", "line"), chosen, ids=lambda one: one[0] if isinstance(one, tuple) else one)


@cases(odd=True)
async def test_finished(tmp_path: Path, case: tuple[str, str, dict[str, Any]], line: int) -> None:
    scene = Scene(Demo(tmp_path, "earth"), tmp_path, *case)
    run = await scene.cut_short(line)
    assert run is not None
    assert await scene.run(target_of(run), resumes=run.id) in ("done", "nothing")
    assert (await scene.demo.plan(scene.target)).empty
    assert await scene.demo.engine.open_runs() == ()
    hub = scene.demo.hub(scene.hub)
    assert hub.link("pv").mark == hub.link("pvc").mark == "ok"
    await scene.demo.fleet.close()


@cases(odd=False)
async def test_undone(tmp_path: Path, case: tuple[str, str, dict[str, Any]], line: int) -> None:
    scene = Scene(Demo(tmp_path, "earth"), tmp_path, *case)
    run = await scene.cut_short(line)
    assert run is not None
    if not run.touched:
        with pytest.raises(Refused, match="changed nothing"):
            await scene.demo.plan(undo_target(run))
    else:
        assert await scene.run(undo_target(run)) in ("done", "nothing")
    assert scene.storage() == scene.before
    assert not (await scene.demo.plan(scene.target)).empty
    await scene.demo.fleet.close()


async def test_what_a_finished_run_replaced_is_known_to_the_first(tmp_path: Path) -> None:
    scene = Scene(Demo(tmp_path, "earth"), tmp_path, *REBIND)
    run = await scene.cut_short(6)
    assert run is not None
    assert await scene.run(target_of(run), resumes=run.id) == "done"
    (first, second) = await scene.demo.engine.runs()
    with pytest.raises(Refused, match="finished") as refused:
        await scene.demo.plan(undo_target(second))
    assert refused.value.next_step == f"hubhomes history undo {first.id}"
    assert await scene.run(undo_target(first)) == "done"
    assert scene.storage() == scene.before
    await scene.demo.fleet.close()
