"""`hubhomes history` over a record on disk: what it lists, filters, checks, and offers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from console.actions.entries import Ended, Intent, StepBegun
from console.actions.processes import Process, this_process
from console.actions.record import Record, utc_now
from console.cli.exits import Exit
from tests.actions.conftest import Scene
from tests.actions.toy import TARGET
from tests.cli.command import Command


@pytest.fixture
def state(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of a scene in which one run was done."""
    scene = Scene(tmp_path)
    scene.action.lasts_s = 3600
    plan = asyncio.run(scene.engine.preview(TARGET)).plan
    asyncio.run(scene.engine.run(TARGET, approved=plan, ticket="OPS-7"))
    monkeypatch.setenv("HUBHOMES_STATE", str(scene.record.folder))
    return scene.record.folder


def test_no_record_is_an_empty_history(hubhomes: Command) -> None:
    assert hubhomes("history", "--json").document("History")["runs"] == []
    assert hubhomes("history", "--check").code == Exit.NONE
    shown = hubhomes("history")
    assert (shown.out, "no guided action has run yet" in shown.err) == ("", True)


def test_runs_are_listed_with_what_is_due(hubhomes: Command, state: Path) -> None:
    (run,) = hubhomes("history", "--json").document("History")["runs"]
    assert (run["state"], run["ticket"], run["undoable"], run["who"]["os_user"]) == ("done", "OPS-7", True, "ada")
    assert [(step["key"], step["state"]) for step in run["steps"]] == [("a", "done"), ("b", "done")]
    shown = hubhomes("history")
    assert "earth/staging" in shown.out
    assert (
        f"lamps earth/staging was due to be undone at 2026-03-01 13:00Z: hubhomes history undo {run['id']}" in shown.err
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--cluster", "earth"], 1),
        (["--cluster", "ocean"], 0),
        (["--hub", "staging"], 1),
        (["--hub", "prod"], 0),
        (["--action", "lamps"], 1),
        (["--action", "grow"], 0),
        (["--who", "ada@example"], 1),
        (["--who", "grace"], 0),
        (["--since", "2026-03-01"], 1),
        (["--since", "2026-03-01T12:00:01"], 0),
        (["--since", "2h"], 0),
    ],
)
def test_filters(hubhomes: Command, state: Path, options: list[str], found: int) -> None:
    assert len(hubhomes("history", "--json", *options).document("History")["runs"]) == found
    assert ("none of 1 run fits" in hubhomes("history", *options).err) is (found == 0)


def test_a_changed_line_is_named(hubhomes: Command, state: Path) -> None:
    assert hubhomes("history", "--check").code == Exit.NONE
    file = state / "record.jsonl"
    file.write_bytes(file.read_bytes().replace(b"OPS-7", b"OPS-8"))
    checked = hubhomes("history", "--check")
    assert checked.code == Exit.FAILED
    assert f"{file}:1: " in checked.out
    assert hubhomes("history", "--json").document("History")["bad"]["number"] == 1


def test_a_run_that_was_cut_short_is_offered_until_it_is_dismissed(hubhomes: Command, state: Path) -> None:
    record = Record(state, now=utc_now)
    (done,) = [line.entry for line in record.read().lines if isinstance(line.entry, Intent)]
    gone = Process(host=this_process().host, pid=this_process().pid, started="before the boot/1")
    record.append(Intent(run="cut-1", who=done.who, process=gone, digest=done.digest, plan=done.plan))
    record.append(StepBegun(run="cut-1", key="a"))
    assert "cut-1 was cut short after 0 of 2 steps" in hubhomes("history").err
    assert hubhomes("history", "dismiss", "cut").code == Exit.NONE
    assert "cut short" not in hubhomes("history").err
    assert isinstance(record.read().lines[-1].entry, Ended)


def test_a_run_that_is_not_there_is_a_usage_error(hubhomes: Command, state: Path) -> None:
    for command in ("undo", "finish", "dismiss"):
        assert hubhomes("history", command, "1999").code == Exit.USAGE
