"""Mending permissions by the real scripts on this machine: planned, run, cancelled, killed, finished and undone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.actions import events
from console.actions.engine import target_of, undo_target
from console.actions.permissions.manifest import changes_in, digest_of, line_of
from console.actions.permissions.scope import raw_name
from console.actions.protocol import Cancel, Refused
from console.actions.refusals import PlanChanged
from console.chain.home_names import is_home, shown
from providers.kubernetes.mending.mend import BATCH
from providers.kubernetes.mending.protocol import Change, Owned
from tests.actions.permissions_share import MENDED, TARGET, Share, broken

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners are changed")

REPOSITORY = Path(__file__).parents[2]
LINES = ["Intent", *(f"{part} {line}" for part in ("homes", "shared", "directory")
                     for line in ("begun", "attached", "done")), "Verification", "Ended"]  # fmt: skip
TOP = msgspec.structs.replace(TARGET, parameters={})


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return broken(tmp_path)


async def test_from_broken_to_verified_to_nothing_to_do_to_undone(share: Share) -> None:
    before = share.tree()
    plan = (await share.engine.preview(TARGET)).plan
    assert [step.key for step in plan.steps] == ["homes", "shared", "directory"]
    assert plan.steps[0].before.splitlines() == [
        "kim  0:0 0700", "kim/jos\\xe9\\x0a  33:44 4755", "lou  1000:1000 0050"
    ]  # fmt: skip
    assert plan.affects.users == ()
    assert plan.notes[-1].startswith("whose servers run is not known: nobody may GET ")
    assert share.tree() == before
    result = await share.engine.run(TARGET, approved=plan)
    assert (result.outcome, share.tree()) == ("done", MENDED)
    assert (await share.engine.preview(TARGET)).plan.empty
    assert result.run is not None
    assert await share.undo(result.run) == "done"
    assert share.tree() == before


async def test_the_top_level_is_all_that_is_mended_unless_more_is_asked_for(share: Share) -> None:
    assert await share.mend(TOP) == "done"
    assert share.tree() == MENDED | {b"kim/jos\xe9\n": (33, 44, 0o4755)}


async def test_only_the_homes_that_are_named(share: Share) -> None:
    chosen = msgspec.structs.replace(TARGET, parameters={"home": ("lou",)})
    before = share.tree()
    assert await share.mend(chosen) == "done"
    assert share.tree() == before | {b"lou": (1000, 1000, 0o750)}


async def test_a_home_is_named_by_its_user_too_and_one_that_is_not_there_is_told(share: Share) -> None:
    share.make(b"ann-40x", (0, 0), 0o755)
    named = msgspec.structs.replace(TARGET, parameters={"home": ("ann@x",)})
    plan = (await share.engine.preview(named)).plan
    assert (plan.parameters["home"], plan.steps[0].before) == (["ann-40x"], "ann-40x  0:0 0755")
    with pytest.raises(Refused, match="has no nobody"):
        await share.engine.preview(msgspec.structs.replace(TARGET, parameters={"home": ("lou", "nobody")}))


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", ".projects", "lost+found"])
async def test_what_is_no_home_is_refused(share: Share, name: str) -> None:
    with pytest.raises(Refused):
        await share.mend(msgspec.structs.replace(TARGET, parameters={"home": (name,)}))


async def test_undoing_leaves_what_somebody_has_changed_since(share: Share) -> None:
    before = share.tree()
    await share.mend()
    (run,) = await share.engine.runs()
    share.make(b"lou", (7, 7), 0o700)
    shutil.rmtree(share.hub / "_shared")
    preview = await share.engine.preview(undo_target(run))
    assert any("2 paths of 5 stay" in note for note in preview.plan.notes)
    assert await share.undo(run.id) == "done"
    assert share.tree() == {path: at for path, at in before.items() if path != b"_shared"} | {b"lou": (7, 7, 0o700)}


async def test_a_world_that_changed_is_another_plan(share: Share) -> None:
    plan = (await share.engine.preview(TARGET)).plan
    share.make(b"kim/late", (0, 0), 0o644, file=True)
    before = share.tree()
    with pytest.raises(PlanChanged):
        await share.engine.run(TARGET, approved=plan)
    assert share.tree() == before


async def test_files_of_several_names_are_left_unless_asked_for(share: Share) -> None:
    os.link(os.fsencode(share.hub) + b"/kim/jos\xe9\n", share.hub / ".elsewhere")
    preview = await share.engine.preview(TARGET)
    assert any("1 file with several names" in note for note in preview.plan.notes)
    await share.engine.run(TARGET, approved=preview.plan)
    assert share.tree()[b"kim/jos\xe9\n"] == (33, 44, 0o4755)
    asked = msgspec.structs.replace(TARGET, parameters={"deep": True, "hard_links": True})
    assert await share.mend(asked) == "done"
    assert share.tree()[b".elsewhere"] == (1000, 1000, 0o755)


async def test_cancelled_inside_a_step_then_continued_and_undone(share: Share) -> None:
    for number in range(BATCH + 100):
        share.make(b"kim/f%04d" % number, (0, 0), 0o644, file=True)
    before, told, cancel = share.tree(), [], Cancel()

    def tell(event: events.Event) -> None:
        if isinstance(event, events.Progress) and event.done:
            told.append((event.done, event.total))
            cancel.ask()

    plan = (await share.engine.preview(TARGET)).plan
    assert f"{BATCH + 100:,} files 0:0 0644" in plan.steps[0].before
    cut = await share.engine.run(TARGET, approved=plan, cancel=cancel, tell=tell)
    assert (cut.outcome, told) == ("cancelled", [(BATCH, BATCH + 103)])
    half = share.tree()
    assert sum(half[path] != before[path] for path in before) == BATCH
    assert await share.mend() == "done"
    assert {path: at[:2] for path, at in share.tree().items() if path != b".projects"} == {
        path: (1000, 1000) for path in before if path != b".projects"
    }
    first, second = await share.engine.runs()
    assert await share.undo(second.id) == "done"
    assert share.tree() == half
    assert await share.undo(first.id) == "done"
    assert share.tree() == before


@pytest.mark.parametrize("number", range(1, len(LINES) + 1), ids=lambda number: f"before {LINES[number - 1]}")
async def test_killed_at_every_boundary_then_finished_and_undone(tmp_path: Path, number: int) -> None:
    share = broken(tmp_path / "one")
    before = share.tree()
    command = [sys.executable, "-m", "tests.actions.permissions_share", str(tmp_path / "one"), str(number)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    subprocess.run(["cp", "-a", tmp_path / "one", tmp_path / "two"], check=True)
    left, other = Share(tmp_path / "one"), Share(tmp_path / "two")
    if number == 1:
        assert (left.tree(), await left.engine.open_runs()) == (before, ())
        return
    (run,) = await left.engine.open_runs()
    plan = (await left.engine.preview(target_of(run))).plan
    result = await left.engine.run(target_of(run), approved=plan, resumes=run.id)
    assert result.outcome in ("done", "nothing")
    assert left.tree() == MENDED
    assert await left.engine.open_runs() == ()
    if number > 2:
        assert await other.undo(run.id) in ("done", "nothing")
        assert other.tree() == before
        assert await other.engine.open_runs() == ()


owned = st.builds(
    Owned,
    path=st.binary(min_size=1).map(lambda name: b"./" + name.replace(b"\0", b"/")),
    kind=st.sampled_from(["directory", "file", "link", "other"]),
    uid=st.integers(0, 2**32 - 1),
    gid=st.integers(0, 2**32 - 1),
    mode=st.integers(0, 0o7777),
    links=st.integers(1, 9),
    device=st.just(0),
)
changes = st.lists(
    st.builds(Change, was=owned, uid=st.integers(0, 9), gid=st.integers(0, 9), mode=st.none() | st.integers(0, 0o7777))
)


@given(changes, st.integers(1, 40), st.integers(0, 200))
def test_a_list_is_read_back_whatever_the_names_and_however_it_is_cut(
    listed: list[Change], size: int, torn: int
) -> None:
    text = b"".join(map(line_of, listed))
    blocks = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(changes_in(blocks)) == listed
    cut = text[: max(0, len(text) - torn)]
    assert list(changes_in([cut])) == listed[: cut.count(b"\n")]


@given(changes)
def test_the_hash_of_a_list_is_that_of_what_is_in_it(listed: list[Change]) -> None:
    by_path = {change.was.path: change for change in listed}
    assert digest_of(by_path.values()) == digest_of(reversed(by_path.values()))
    for path, change in by_path.items():
        other = {**by_path, path: msgspec.structs.replace(change, uid=change.uid + 1)}
        assert digest_of(other.values()) != digest_of(by_path.values())


@given(st.binary(min_size=1).filter(lambda name: b"/" not in name and b"\0" not in name and is_home(name)))
def test_a_name_is_taken_as_it_is_shown(name: bytes) -> None:
    assert raw_name(shown(name)) == name
