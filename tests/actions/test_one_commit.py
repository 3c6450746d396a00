"""An action that edits several files makes one commit of them, on one branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.actions import events
from console.actions.engine import undo_target
from console.actions.protocol import Cancel, Refused
from tests.actions.allusers_demo import Demo
from tests.actions.test_filestores_declared import create, only_run, plan_of


@pytest.mark.parametrize("key", ["filestore", "earth-homes-2023"])
async def test_several_files_are_one_commit_on_one_branch(tmp_path: Path, key: str) -> None:
    demo, target = Demo(tmp_path, git=True), create(key=key, point=["prod", "staging"], commit=True)
    files = [demo.file("prod.values.yaml"), demo.file("staging.values.yaml")]
    if key == "filestore":
        for values in files:
            values.write_text(values.read_text() + "nfs: {pv: {serverIP: 10.9.9.9, baseShareName: /old/}}\n")
        demo.git("commit", "-q", "-a", "-m", "Elsewhere")
    before = [values.read_bytes() for values in files]
    plan = await plan_of(demo, target)
    assert [step.arguments["do"] for step in plan.steps] == ["commit", "write", "write"]
    assert not plan.commands
    assert (await demo.run(target, confirmed="earth")).outcome == "done"
    branches = ["branch", "--format=%(refname:short)"]
    branch = "hubhomes/point-earth-prod-staging"
    assert demo.git(*branches).split() == [branch, "main"]
    assert demo.git("log", "-1", "--format=%s", branch).startswith("Point earth/prod, earth/staging at 10.2.0.")
    names = demo.git("diff", "--name-only", "main", branch).split()
    assert [demo.git("show", f"{branch}:{name}").encode() for name in names] == [one.read_bytes() for one in files]
    assert (await demo.run(undo_target(await only_run(demo)), confirmed="earth")).outcome == "done"
    assert demo.git(*branches).split() == ["main"]
    assert [values.read_bytes() for values in files] == before


async def test_what_is_left_of_several_files_needs_no_other_branch(tmp_path: Path) -> None:
    demo, cancel = Demo(tmp_path, git=True), Cancel()
    target = create(key="earth-homes-2023", point=["prod", "staging"], commit=True)

    def stop(event: events.Event) -> None:
        if isinstance(event, events.StepDone) and event.step.arguments["do"] == "write":
            cancel.ask()

    plan = await plan_of(demo, target)
    result = await demo.engine.run(target, approved=plan, confirmed="earth", cancel=cancel, tell=stop)
    assert result.outcome == "cancelled"
    left = await plan_of(demo, target)
    assert [(step.arguments["do"], step.arguments["was"]["hub"]) for step in left.steps] == [("write", "staging")]


async def test_one_commit_takes_no_file_with_changes_of_its_own(tmp_path: Path) -> None:
    demo = Demo(tmp_path, git=True)
    values = demo.file("staging.values.yaml")
    values.write_text(values.read_text() + "# not committed\n")
    with pytest.raises(Refused, match=r"staging\.values\.yaml has changes that are not committed"):
        await plan_of(demo, create(key="earth-homes-2023", point=["prod", "staging"], commit=True))


async def test_several_files_are_committed_by_one_command(tmp_path: Path) -> None:
    plan = await plan_of(Demo(tmp_path), create(key="earth-homes-2023", point=["prod", "staging"]))
    (command,) = plan.commands
    assert command.endswith(
        "commit -m 'Point earth/prod, earth/staging at 10.2.0.18' -- "
        "config/clusters/earth/prod.values.yaml config/clusters/earth/staging.values.yaml"
    )
