"""In the demo: what is planted is found by a look, mended by the action that its finding names, and gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.actions.engine import Engine, undo_target
from console.actions.protocol import Target
from console.actions.record import Record, utc_now
from console.actions.surroundings import Surroundings
from console.cli.exits import Exit
from console.fleet.fleet import Fleet
from console.fleet.sources import DemoSources
from console.settings import Settings
from providers.kubernetes.guard import NotPermitted
from tests.cli.command import Command

SETTINGS = Settings()


class Demo:
    """One cluster of the demo, and an engine over it."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self.cluster = cluster
        self.fleet = Fleet(DemoSources(utc_now, at_once=True), SETTINGS, only=cluster, coalesce_s=0)
        self.engine = Engine(Surroundings(self.fleet, SETTINGS, now=utc_now).observe, Record(folder / "state"))

    async def look(self, hub: str) -> set[str]:
        """The codes of HUB's findings that name the action, after a look."""
        await self.fleet.refresh(self.cluster)
        await self.fleet.look(self.cluster, hub, deep=True)
        return self.codes(hub)

    def codes(self, hub: str) -> set[str]:
        found = next(one for one in self.fleet.state.hubs() if one.key == f"{self.cluster}/{hub}")
        return {finding.code for finding in found.findings if finding.action == "fix-permissions"}


@pytest.mark.parametrize(
    ("cluster", "hub", "deep"), [("earth", "prod", False), ("earth", "course", False), ("ocean", "kelp", False),
                                 ("reef", "anemone", True)]
)  # fmt: skip
async def test_what_a_finding_names_is_mended_and_gone_and_comes_back_by_undo(
    tmp_path: Path, cluster: str, hub: str, deep: bool
) -> None:
    demo = Demo(tmp_path, cluster)
    demo.fleet.grant(cluster, "write")
    target = Target(action="fix-permissions", cluster=cluster, hub=hub, parameters={"deep": deep})
    before = await demo.look(hub)
    assert before
    preview = await demo.engine.preview(target)
    result = await demo.engine.run(target, approved=preview.plan, confirmed=hub)
    assert result.outcome == "done", result.message
    assert await demo.look(hub) == set()
    (run,) = await demo.engine.runs()
    back = undo_target(run)
    plan = (await demo.engine.preview(back)).plan
    assert (await demo.engine.run(back, approved=plan, confirmed=hub)).outcome == "done"
    assert await demo.look(hub) == before
    await demo.fleet.close()


async def test_without_the_permission_to_probe_there_is_no_plan(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "earth")
    with pytest.raises(NotPermitted) as refused:
        await demo.engine.preview(Target(action="fix-permissions", cluster="earth", hub="prod"))
    assert refused.value.needs == "probe"
    await demo.fleet.close()


def test_by_command(hubhomes: Command) -> None:
    command = ("fix-permissions", "earth/prod", "--demo", "--json")
    plan = hubhomes(*command, "--home", "kim", "--home", "lou", "--dry-run").document("Plan")
    assert [step["before"] for step in plan["steps"]] == ["kim  0:0 0755\nlou  0:0 0755"]
    assert plan["affects"]["users"] == ["kim", "lou"]  # nobody has looked: their servers are listed
    run = (*command, "--home", "kim", "--home", "lou", "--yes", "--digest", plan["digest"])
    assert hubhomes(*run).code == Exit.USAGE  # production: its name has to be typed
    done = hubhomes(*run, "--confirm", "prod")
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done")
    assert hubhomes(*command, "--home", "../prod", "--dry-run").code == Exit.FAILED
