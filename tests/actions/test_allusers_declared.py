"""allusers in the values file: bytes on disk, commits and what a deploy command was given are the witnesses."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.actions import events
from console.actions.configuration.deploying import deploy, deploy_words
from console.actions.configuration.file_edit import edit_of, put
from console.actions.engine import undo_target
from console.actions.history import Run, reminders
from console.actions.protocol import Cancel, Refused, Target
from console.actions.refusals import NotApproved, PlanChanged
from console.cli.exits import Exit
from console.inventory import workers
from console.inventory.jsonnet import Evaluation, Job
from console.inventory.workers import run_jobs
from providers.errors import ProviderError
from tests.actions.allusers_demo import Demo, asked
from tests.cli.command import Command

ON = asked("staging", "on")
OFF = asked("climate", "off")
FILE = "config/clusters/earth/staging.values.yaml"


async def only_run(demo: Demo) -> Run:
    return (await demo.engine.runs())[-1]


async def test_planned_run_verified_nothing_to_do_and_undone(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    file = demo.file("staging.values.yaml")
    before = file.read_bytes()
    preview = await demo.engine.preview(ON)
    (step,) = preview.plan.steps
    assert "every home" not in step.before
    assert "  /home/jovyan/allusers  every home, writable" in step.after.splitlines()
    assert step.diff.startswith(f"--- a/{FILE}\n+++ b/{FILE}\n")
    assert (preview.plan.affects.hubs, preview.plan.permission, preview.to_type) == (("earth/staging",), "none", None)
    assert any("commit message: Turn allusers on, writable" in note for note in preview.plan.notes)
    assert file.read_bytes() == before
    assert not demo.record.folder.exists()
    result = await demo.engine.run(ON, approved=preview.plan)
    assert (result.outcome, result.verdict and result.verdict.state) == ("done", "gone")
    after = file.read_bytes()
    assert after.startswith(before)
    assert (await demo.engine.preview(ON)).plan.empty
    undone = await demo.run(undo_target(await only_run(demo)))
    assert (undone.outcome, file.read_bytes()) == ("done", before)
    assert demo.writes() == []
    assert not list(file.parent.glob(".*hubhomes*"))


async def test_what_jsonnet_gave_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Demo(tmp_path)
    evaluated: list[Job] = []

    def noted(jobs: Sequence[Job]) -> list[Evaluation]:
        evaluated.extend(jobs)
        return run_jobs(jobs)

    monkeypatch.setattr(workers, "run_jobs", noted)
    first = (await demo.engine.preview(ON)).plan
    assert evaluated
    evaluated.clear()
    assert (await demo.engine.preview(ON)).plan == first
    assert (await demo.run(ON)).outcome == "done"
    assert evaluated == []
    chart = demo.base / "helm-charts" / "daskhub" / "values.jsonnet"
    chart.write_bytes(chart.read_bytes() + b"\n")
    await demo.engine.preview(OFF)
    assert {job.path for job in evaluated} == {str(chart)}


async def test_off_and_its_undo_give_the_bytes_of_before_and_keep_mode_and_link(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    file = demo.file("climate.values.yaml")
    before = file.read_bytes().replace(b"\n", b"\r\n")
    real = tmp_path / "elsewhere.yaml"
    real.write_bytes(before)
    real.chmod(0o640)
    file.unlink()
    file.symlink_to(real)
    assert (await demo.run(OFF)).outcome == "done"
    assert b"/home/jovyan/allusers" not in real.read_bytes()
    assert file.is_symlink()
    assert real.stat().st_mode & 0o7777 == 0o640
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert (real.read_bytes(), real.stat().st_mode & 0o7777) == (before, 0o640)


async def test_a_file_that_changes_after_the_plan_is_another_plan(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    plan = (await demo.engine.preview(ON)).plan
    file = demo.file("staging.values.yaml")
    changed = b"# mine\n" + file.read_bytes()
    file.write_bytes(changed)
    with pytest.raises(PlanChanged):
        await demo.engine.run(ON, approved=plan)
    assert file.read_bytes() == changed


def test_a_file_that_changes_in_between_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: 2\n")
    edit = edit_of("a.yaml", b"a: 1\nb: 2\n", b"a: 1\nx: 3\nb: 2\n")
    assert (edit.at, edit.removed, edit.inserted) == (5, "", "x: 3\n")
    assert put(file, edit)
    assert not put(file, edit)
    file.write_bytes(b"a: 1\n")
    with pytest.raises(Refused, match="changed since it was looked at"):
        put(file, edit)
    assert file.read_bytes() == b"a: 1\n"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the owner is changed")
async def test_the_owner_stays(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    file = demo.file("staging.values.yaml")
    os.chown(file, 1234, 1235)
    assert (await demo.run(ON)).outcome == "done"
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 1235)


async def test_undo_of_a_file_that_was_changed_since_edits_to_the_same_effect(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.run(ON)
    file = demo.file("staging.values.yaml")
    file.write_bytes(file.read_bytes() + b"# mine\n")
    back = undo_target(await only_run(demo))
    assert any("changed since" in note for note in (await demo.engine.preview(back)).plan.notes)
    assert (await demo.run(back)).outcome == "done"
    assert b"allusers" not in file.read_bytes()
    assert b"# mine\n" in file.read_bytes()


async def test_production_asks_for_the_name(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    target = asked("prod", "on", read_only=True)
    preview = await demo.engine.preview(target)
    assert preview.to_type == "prod"
    assert "read-only" in preview.plan.steps[0].after
    with pytest.raises(NotApproved):
        await demo.engine.run(target, approved=preview.plan)
    assert (await demo.engine.run(target, approved=preview.plan, confirmed="prod")).outcome == "done"


async def test_what_cannot_be_edited_is_refused_with_what_to_put_in(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    demo.file("staging.values.yaml").write_text("x: &a {}\njupyterhub: *a\n")
    with pytest.raises(Refused, match="no file is edited") as refused:
        await demo.engine.preview(asked("staging", "on", file="staging.values.yaml"))
    assert "extraVolumeMounts:" in refused.value.next_step


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"state": "off", "read_only": True}, "--read-only is about on"),
        ({"state": "on", "live": True, "commit": True, "deploy": True}, "not with --commit --deploy"),
        ({"state": "on", "stop_server": ["ana"]}, "goes with --live"),
        ({"state": "up"}, "turned on or off"),
        ({}, "own words"),
        ({"state": "on", "file": "other.yaml"}, "no values file of the hub"),
        ({"state": "on", "deploy": True}, "no deploy command"),
        ({"state": "on", "commit": True}, "not a git repository"),
    ],
)
async def test_what_contradicts_itself_is_refused(tmp_path: Path, parameters: dict[str, object], words: str) -> None:
    demo = Demo(tmp_path)
    with pytest.raises(Refused, match=words):
        await demo.engine.preview(Target(action="allusers", cluster="earth", hub="staging", parameters=parameters))


async def test_a_limit_in_time_is_reminded_of_until_it_is_off_again(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    await demo.run(asked("staging", "on", lasts_s=7200.0))
    run = await only_run(demo)
    assert run.until is not None
    (one,) = reminders(await demo.engine.runs(), run.until)
    assert (one.place, one.due, one.undoable) == ("earth/staging", True, True)
    await demo.run(asked("staging", "off"))
    assert reminders(await demo.engine.runs(), run.until) == ()


async def test_the_commit_is_on_a_branch_and_nothing_else_of_the_checkout_changes(tmp_path: Path) -> None:
    demo = Demo(tmp_path, git=True)
    demo.file("prod.values.yaml").write_text("# half an edit of mine\n")
    demo.file("course.values.yaml").write_text("# staged\n")
    demo.git("add", "config/clusters/earth/course.values.yaml")
    status, head = demo.git("status", "--porcelain"), demo.git("rev-parse", "HEAD")
    target = asked("staging", "on", commit=True)
    plan = (await demo.engine.preview(target)).plan
    assert [step.arguments["do"] for step in plan.steps] == ["commit", "write"]
    assert demo.git("branch", "--format=%(refname:short)").split() == ["main"]
    assert (await demo.run(target)).outcome == "done"
    branch = "hubhomes/allusers-on-earth-staging"
    assert demo.git("log", "-1", "--format=%s|%an", branch) == "Turn allusers on, writable for earth/staging|Ada\n"
    assert demo.git("diff", "--name-only", "main", branch).split() == [FILE]
    assert demo.git("show", f"{branch}:{FILE}").encode() == demo.file("staging.values.yaml").read_bytes()
    assert (demo.git("rev-parse", "HEAD"), demo.git("symbolic-ref", "HEAD")) == (head, "refs/heads/main\n")
    assert demo.git("status", "--porcelain").splitlines() == sorted(
        [*status.splitlines(), f" M {FILE}"], key=lambda x: x[3:]
    )
    assert (await demo.run(undo_target(await only_run(demo)))).outcome == "done"
    assert demo.git("branch", "--format=%(refname:short)").split() == ["main"]
    assert demo.git("status", "--porcelain") == status


async def test_a_branch_that_is_not_ours_is_left(tmp_path: Path) -> None:
    demo = Demo(tmp_path, git=True)
    branch = "hubhomes/allusers-on-earth-staging"
    demo.git("branch", branch)
    assert (await demo.run(asked("staging", "on", commit=True))).outcome == "done"
    assert demo.git("diff", "--name-only", "main", f"{branch}-2").split() == [FILE]
    demo.git("stash", "-q")
    demo.git("checkout", "-q", f"{branch}-2")
    demo.git("commit", "-q", "--allow-empty", "-m", "More")
    plan = (await demo.engine.preview(undo_target(await only_run(demo)))).plan
    assert [step.arguments["do"] for step in plan.steps] == ["write"]
    assert any("other commits by now" in note for note in plan.notes)


@pytest.mark.parametrize("staged", [False, True])
async def test_a_file_with_changes_of_its_own_is_not_committed(tmp_path: Path, staged: bool) -> None:
    demo = Demo(tmp_path, git=True)
    file = demo.file("staging.values.yaml")
    before = file.read_bytes()
    file.write_bytes(before + b"# mine\n")
    if staged:
        demo.git("add", FILE)
        file.write_bytes(before)
    with pytest.raises(Refused, match="staged changes" if staged else "not committed"):
        await demo.engine.preview(asked("staging", "on", commit=True))


def script(folder: Path, text: str) -> str:
    """A deploy command that writes its arguments down, then does TEXT."""
    file = folder / "deployer"
    file.write_text(f'#!/bin/sh\necho "$# $1 $2" >> {folder}/deployed\n{text}\n')
    file.chmod(0o755)
    return f"{file} '{{cluster}} x' {{hub}}"


async def test_the_deploy_command_is_run_and_what_it_says_is_passed_on(tmp_path: Path) -> None:
    demo = Demo(tmp_path, deploy=script(tmp_path, "pwd; echo token=abc123 >&2; printf 'no end'"))
    target = asked("staging", "on", deploy=True)
    plan = (await demo.engine.preview(target)).plan
    assert [step.key for step in plan.steps] == [f"edit {FILE}", "deploy earth/staging"]
    assert plan.permission == "write"
    assert not (tmp_path / "deployed").exists()
    result = await demo.run(target)
    # The demo's hub runs with what it had: no deploy of ours changes that.
    assert (result.outcome, result.verdict and result.verdict.state) == ("not-verified", "still")
    assert (tmp_path / "deployed").read_text() == "2 earth x staging\n"
    said = [one.line for one in demo.events if isinstance(one, events.Said)]
    assert said == [str(demo.base), "token=(hidden)", "no end"]
    assert "no end" not in demo.record.file.read_text()
    # It is declared, and not deployed: asked once more, only that is left.
    assert [step.key for step in (await demo.engine.preview(target)).plan.steps] == ["deploy earth/staging"]
    back = (await demo.engine.preview(undo_target(await only_run(demo)))).plan
    assert [step.arguments["do"] for step in back.steps] == ["write", "deploy"]


async def test_a_deploy_that_fails_is_a_step_that_failed(tmp_path: Path) -> None:
    demo = Demo(tmp_path, deploy=script(tmp_path, "echo it is broken; exit 3"))
    result = await demo.run(asked("staging", "on", deploy=True))
    assert result.outcome == "failed"
    assert "ended with exit code 3: it is broken" in result.message


async def test_a_deploy_that_is_broken_off_or_too_slow_is_ended_with_what_it_started(tmp_path: Path) -> None:
    words = ["sh", "-c", "sleep 600 & echo $!; wait"]
    said: list[str] = []
    with pytest.raises(ProviderError, match="did not end within"):
        await deploy(words, folder=tmp_path, say=said.append, timeout_s=0.5)
    started = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        started.set()

    task = asyncio.create_task(deploy(words, folder=tmp_path, say=say))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(said) in (1, 2)  # the first may have been too slow to say so much
    while not all(map(_has_ended, said)):
        await asyncio.sleep(0.02)


def _has_ended(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_names_that_are_options_are_not_given_to_a_command() -> None:
    assert deploy_words("d '{cluster} {hub}'", "earth", "a.b") == ["d", "earth a.b"]
    for name in ("--force", "a b", "a;b", ""):
        with pytest.raises(Refused):
            deploy_words("d {hub}", "earth", name)


async def test_cancelled_between_the_commit_and_the_edit(tmp_path: Path) -> None:
    demo = Demo(tmp_path, git=True)
    cancel = Cancel()
    target = asked("staging", "on", commit=True)
    plan = (await demo.engine.preview(target)).plan

    def stop(event: events.Event) -> None:
        if isinstance(event, events.StepDone):
            cancel.ask()

    before = demo.file("staging.values.yaml").read_bytes()
    result = await demo.engine.run(target, approved=plan, cancel=cancel, tell=stop)
    assert (result.outcome, demo.file("staging.values.yaml").read_bytes()) == ("cancelled", before)
    assert [step.arguments["do"] for step in (await demo.engine.preview(target)).plan.steps] == ["write"]


def test_by_command(hubhomes: Command) -> None:
    command = ("allusers", "earth/staging", "on", "--read-only", "--for", "2h", "--demo", "--json")
    shown = hubhomes(*command, "--dry-run")
    plan = shown.document("Plan")
    assert (shown.code, plan["lasts_s"], plan["permission"]) == (Exit.NONE, 7200, "none")
    assert plan["steps"][0]["diff"].count("readOnly: true") == 2
    done = hubhomes(*command, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done")
    assert hubhomes("allusers", "earth/staging", "up", "--demo", "--dry-run").code == Exit.USAGE
    assert hubhomes("allusers", "earth", "on", "--demo", "--dry-run").code == Exit.USAGE
    nothing = hubhomes("allusers", "earth/climate", "on", "--demo", "--dry-run", "--json")
    assert (nothing.code, nothing.document("Plan")["steps"]) == (Exit.NONE, [])


LINES = ["Intent", "begun commit", "done commit", "begun edit", "done edit", "Verification", "Ended"]


@pytest.mark.parametrize("number", range(1, len(LINES) + 1), ids=LINES)
def test_killed_then_finished_and_killed_then_undone(
    number: int, hubhomes: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = Demo(tmp_path, git=True)
    before, branches = demo.file("staging.values.yaml").read_bytes(), ["branch", "--format=%(refname:short)"]
    for way in ("finish", "undo"):
        monkeypatch.setenv("HUBHOMES_STATE", str(tmp_path / way))
        killed = subprocess.run(
            [sys.executable, "-m", "tests.actions.killed_allusers", str(number), str(demo.base), "earth", "staging",
             '{"state": "on", "commit": true}'],
            cwd=Path(__file__).parents[2], capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        runs = hubhomes("history", "--json").document("History")["runs"]
        assert [run["state"] for run in runs] == ["open"] * (number > 1)
        if runs and (way == "finish" or number > 2):
            command = ("history", way, runs[0]["id"], "--config", str(demo.base))
            plan = hubhomes(*command, "--dry-run", "--json").document("Plan")
            assert hubhomes(*command, "--yes", "--digest", plan["digest"]).code == Exit.NONE
            states = [run["state"] for run in hubhomes("history", "--json").document("History")["runs"]]
            assert "closed" in states
            assert "open" not in states
        if way == "finish" and runs:
            assert b"/home/rstudio/allusers" in demo.file("staging.values.yaml").read_bytes()
            assert len(demo.git(*branches).split()) == 2
            demo.git("checkout", "-q", "--", FILE)
            demo.git("branch", "-q", "-D", "hubhomes/allusers-on-earth-staging")
        else:
            assert demo.file("staging.values.yaml").read_bytes() == before
            assert demo.git(*branches).split() == ["main"]
