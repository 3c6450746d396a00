"""Retiring and renaming homes by the real script on this machine: planned, run, cancelled, killed, finished, undone."""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from console.actions.engine import target_of, undo_target
from console.actions.homes.named import agreed, scheme_of
from console.actions.homes.retire_home_places import places
from console.actions.protocol import Cancel, Refused, Target
from console.actions.refusals import PlanChanged
from console.chain.home_names import escaped, is_home, is_trash, slug
from tests.actions.homes_share import ANA, CASES, JOSE, OTHER, RENAME, RETIRE, Homes, target
from tests.actions.permissions_share import Tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: owners are changed")

REPOSITORY = Path(__file__).parents[2]
TRASH = (b"_trash-ana", b"_trash-jos--7cfed48a")
RENAMED = b"ana-2eli"
LINES = ["Intent", "begun", "done", "Verification", "Ended"]


@pytest.fixture
def retiring(tmp_path: Path) -> Homes:
    return Homes(tmp_path, "retire-home").made()


@pytest.fixture
def renaming(tmp_path: Path) -> Homes:
    return Homes(tmp_path, "rename-home").made()


def moved(tree: Tree, old: bytes, new: bytes) -> Tree:
    return {
        new + path.removeprefix(old) if path == old or path.startswith(old + b"/") else path: at
        for path, at in tree.items()
    }


def retired(tree: Tree) -> Tree:
    """TREE with ana and the odd name in the trash."""
    for name, folder in zip((ANA, JOSE), TRASH, strict=True):
        tree = moved(tree, name, folder + b"/" + name)
        tree |= {folder: (0, 0, 0o700), folder + b"/_manifest.json": (0, 0, 0o600)}
    return tree


async def test_retired_verified_nothing_to_do_and_back(retiring: Homes) -> None:
    before = retiring.tree()
    plan = (await retiring.engine.preview(RETIRE)).plan
    (step,) = plan.steps
    assert step.before.splitlines() == [
        "ana: directory of 1000:1000, mode 0750", "jos\\xe9\\x0a: directory of 1000:1000, mode 0750"
    ]  # fmt: skip
    assert [line.partition(":")[0] for line in step.after.splitlines()] == [
        "_trash-ana/ana", "_trash-jos--7cfed48a/jos\\xe9\\x0a"
    ]  # fmt: skip
    assert (plan.undoable, plan.destructive, plan.affects.hubs) == (True, False, ("earth/staging",))
    assert "still takes its space" in plan.notes[0]
    assert "quotas" in plan.notes[1]
    assert retiring.tree() == before
    result = await retiring.engine.run(RETIRE, approved=plan, ticket="OPS-7")
    assert (result.outcome, retiring.tree()) == ("done", retired(before))
    again = (await retiring.engine.preview(RETIRE)).plan
    assert again.steps == ()
    assert again.notes == (
        "ana was retired already: _trash-ana/ana",
        "./jos\\xe9\\x0a was retired already: _trash-jos--7cfed48a/jos\\xe9\\x0a",
    )
    assert await retiring.undo(result.run or "", RETIRE) == "done"
    assert retiring.tree() == before
    with pytest.raises(Refused, match="taken back already"):
        await retiring.engine.preview(undo_target((await retiring.engine.runs())[0]))


async def test_the_manifest_tells_whose_home_it_was_without_this_program(retiring: Homes) -> None:
    plan = (await retiring.engine.preview(RETIRE)).plan
    result = await retiring.engine.run(RETIRE, approved=plan, ticket="OPS-7")
    text = (retiring.hub / TRASH[1].decode() / "_manifest.json").read_bytes()
    assert text.isascii()
    told = json.loads(text)
    assert base64.b64decode(told["name_base64"]) == JOSE
    assert told["was"] == "directory of 1000:1000, mode 0750"
    assert (told["ticket"], told["run"], told["retired_by"]) == ("OPS-7", result.run, "ada@bastion")
    assert (told["cluster"], told["hub"], told["folder"]) == ("earth", "staging", TRASH[1].decode())


async def test_who_comes_back_has_a_fresh_home_and_the_old_one_waits(retiring: Homes) -> None:
    one = target("retire-home", name=("ana",))
    assert await retiring.mend(one) == "done"
    retiring.make(ANA, (1000, 1000), 0o700)
    (first,) = await retiring.engine.runs()
    with pytest.raises(Refused, match="there are new homes of these names: ana"):
        await retiring.engine.preview(undo_target(first))
    # The new one is retired beside the old one; then the way back is free.
    assert await retiring.mend(one) == "done"
    assert {b"_trash-ana", b"_trash.2-ana"} <= retiring.names()
    assert await retiring.undo(first.id, one) == "done"
    assert (ANA in retiring.names(), b"_trash-ana" in retiring.names()) == (True, False)
    assert retiring.tree()[ANA] == (1000, 1000, 0o750)


async def test_a_home_that_a_server_has_mounted_stays(retiring: Homes, renaming: Homes) -> None:
    before = retiring.tree()
    for share, asked in ((retiring, RETIRE), (renaming, RENAME)):
        share.transport.servers = [OTHER, ("ana", "ana")]
        with pytest.raises(Refused, match=r"beneath them: ana \(jupyter-ana\)") as refused:
            await share.engine.preview(asked)
        assert "restart-server earth/staging --user ana" in refused.value.next_step
        # One that started between the plan and the run.
        share.transport.servers = [OTHER]
        plan = (await share.engine.preview(asked)).plan
        share.transport.servers = [OTHER, ("ana", "ana")]
        with pytest.raises(Refused, match="beneath them"):
            await share.engine.run(asked, approved=plan)
        assert share.transport.moved == 0
    assert retiring.tree() == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (target("retire-home", name=("nobody",)), "nobody has no home here: there is none of nobody"),
        (target("retire-home", name=("ana", "_shared")), "has no home here: there is none of -5fshared"),
        (target("retire-home", name=("./_shared",)), "no name of a home"),
        (target("retire-home", name=("..",)), "has no home here"),
        (target("retire-home", name=("./a/b",)), "no name of a home"),
        (target("retire-home", name=()), "nothing says whose home"),
        (target("retire-home", name=tuple(map(str, range(501)))), "501 homes at once are too many"),
        (target("rename-home", old="nobody", new="ana2"), "nobody has no home here"),
        (target("rename-home", old="ana", new="bo"), "bo has a home already: bo"),
        (target("rename-home", old="ana", new="./bo"), "bo is there already"),
        (target("rename-home", old="ana", new="./_x"), "no name of a home"),
    ],
)
async def test_what_is_refused(tmp_path: Path, asked: Target, said: str) -> None:
    share = Homes(tmp_path, asked.action).made()
    before = share.tree()
    with pytest.raises(Refused, match=said):
        await share.engine.preview(asked)
    assert share.tree() == before


async def test_a_user_is_found_by_name_and_by_directory_and_two_homes_are_told_apart(retiring: Homes) -> None:
    for text in ("Ada", "-41da", "./-41da"):
        (step,) = (await retiring.engine.preview(target("retire-home", name=(text,)))).plan.steps
        assert step.before.startswith("-41da: ")
    retiring.make(b"Ada", (1000, 1000), 0o750)
    with pytest.raises(Refused, match="Ada may be more than one home here") as refused:
        await retiring.engine.preview(target("retire-home", name=("Ada",)))
    assert refused.value.next_step == "name the directory: ./Ada or ./-41da"
    plan = (await retiring.engine.preview(target("retire-home", name=("./Ada", "-41da", "./-41da")))).plan
    assert plan.parameters == {"name": ["./Ada", "./-41da"]}


async def test_renamed_verified_nothing_to_do_and_back(renaming: Homes) -> None:
    before = renaming.tree()
    # Somebody's server shows in which way this hub escapes its users.
    renaming.transport.servers = [("Ada", "-41da")]
    preview = await renaming.engine.preview(RENAME)
    (step,) = preview.plan.steps
    assert step.what == "rename the home ana to ana-2eli"
    assert preview.plan.notes[:3] == (
        "ana has ana; ana.li will have ana-2eli",
        "by KubeSpawner's older escape ana.li is ana-2eli",
        "by its newer, safe form ana.li is ana-li---30fae31f",
    )
    assert await renaming.mend(RENAME) == "done"
    assert renaming.tree() == moved(before, ANA, RENAMED)
    again = (await renaming.engine.preview(RENAME)).plan
    assert (again.steps, again.notes) == ((), ("ana has no home here, and ana.li has ana-2eli",))
    (run,) = await renaming.engine.runs()
    renaming.make(ANA, (1000, 1000), 0o700)
    with pytest.raises(Refused, match="ana was made anew meanwhile"):
        await renaming.engine.preview(undo_target(run))
    (renaming.hub / "ana").rmdir()
    assert await renaming.undo(run.id, RENAME) == "done"
    assert renaming.tree() == before


async def test_where_nothing_shows_how_users_are_escaped_it_is_asked_for(renaming: Homes) -> None:
    with pytest.raises(Refused, match="nothing here tells in which way") as refused:
        await renaming.engine.preview(RENAME)
    older, safe = "./ana-2eli (KubeSpawner's older escape)", "./ana-li---30fae31f (its newer, safe form)"
    assert refused.value.next_step == f"name the directory: {older} or {safe}"
    said = target("rename-home", old="ana", new="./ana-li---30fae31f")
    (step,) = (await renaming.engine.preview(said)).plan.steps
    assert step.what == "rename the home ana to ana-li---30fae31f"
    plain = (await renaming.engine.preview(target("rename-home", old="ana", new="anali"))).plan
    assert plain.parameters == {"old": "./ana", "new": "./anali"}
    same = (await renaming.engine.preview(target("rename-home", old="Ada", new="Ada"))).plan
    assert (same.steps, "already" in same.notes[0]) == ((), True)


def test_the_way_to_escape_is_known_by_homes_that_differ_in_both() -> None:
    assert scheme_of(b"ana-2eli") == "older"
    assert scheme_of(slug("Ana").encode()) == "safe"
    assert [scheme_of(name) for name in (b"ana", b"user-42", b"\xff-zz")] == [None, None, None]
    assert scheme_of(escaped("a.b").encode(), "a.b") == "older"
    assert scheme_of(b"user-42", "user-42") == "safe"
    assert agreed(map(scheme_of, [b"ana", b"bo-2ep"])) == "older"
    assert agreed(map(scheme_of, [b"bo-2ep", slug("Ana").encode()])) is None


async def test_the_other_homes_show_how_users_are_escaped(renaming: Homes) -> None:
    renaming.make(b"ch-2ei", (1000, 1000), 0o750)
    (step,) = (await renaming.engine.preview(RENAME)).plan.steps
    assert step.what == "rename the home ana to ana-2eli"


@pytest.mark.parametrize("name", [b"ana", b"2-ana", b"\xff" * 255, b"a/b"[:1] * 255, b"_manifest.json"], ids=repr)
def test_trash_folders_are_no_homes_and_no_two_names_share_one(name: bytes) -> None:
    folders = {place.folder for each in (name, b"ana-2", b"2-x", b".2-x") for place in places(each)}
    assert len(folders) == 9 * len({name, b"ana-2", b"2-x", b".2-x"})
    assert all(len(folder) <= 255 and is_trash(folder) and not is_home(folder) for folder in folders)
    assert all(folder.isascii() for folder in folders)


async def test_changed_between_plan_and_run_is_refused(retiring: Homes, renaming: Homes) -> None:
    plain = target("rename-home", old="ana", new="anali")
    for share, asked in ((retiring, RETIRE), (renaming, plain)):
        plan = (await share.engine.preview(asked)).plan
        os.chown(share.hub / "ana", 0, 0)
        with pytest.raises(PlanChanged):
            await share.engine.run(asked, approved=plan)
        os.chown(share.hub / "ana", 1000, 1000)
        assert share.transport.moved == 0
        assert await share.engine.runs() == ()


async def test_cancelled_between_two_homes(retiring: Homes) -> None:
    plan, cancel, before = (await retiring.engine.preview(RETIRE)).plan, Cancel(), retiring.tree()
    retiring.transport.moving = lambda _number: cancel.ask()
    result = await retiring.engine.run(RETIRE, approved=plan, cancel=cancel)
    assert (result.outcome, retiring.transport.moved) == ("cancelled", 1)
    assert {TRASH[0], JOSE} <= retiring.names()
    (run,) = await retiring.engine.runs()
    assert await retiring.undo(run.id, RETIRE) == "done"
    assert retiring.tree() == before


@pytest.mark.parametrize("when", ["half", *map(str, range(1, len(LINES) + 1))])
@pytest.mark.parametrize("case", sorted(CASES))
async def test_killed_at_every_boundary_then_finished_and_undone(tmp_path: Path, case: str, when: str) -> None:
    asked = CASES[case]
    share = Homes(tmp_path / "one", asked.action).made()
    before = share.tree()
    command = [sys.executable, "-m", "tests.actions.homes_share", str(tmp_path / "one"), case, when]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    subprocess.run(["cp", "-a", tmp_path / "one", tmp_path / "two"], check=True)
    left, other = Homes(tmp_path / "one", asked.action), Homes(tmp_path / "two", asked.action)
    if when == "1":
        assert (left.tree(), await left.engine.open_runs()) == (before, ())
        return
    (run,) = await left.engine.open_runs()
    plan = (await left.engine.preview(target_of(run))).plan
    result = await left.engine.run(target_of(run), approved=plan, resumes=run.id)
    assert result.outcome in ("done", "nothing")
    assert left.tree() == (retired(before) if case == "retire" else moved(before, ANA, RENAMED))
    assert await left.engine.open_runs() == ()
    if when != "2":
        assert await other.undo(run.id, target_of(run)) in ("done", "nothing")
        assert other.tree() == before
        assert await other.engine.open_runs() == ()


async def test_what_was_cleared_from_the_trash_by_hand_is_said(retiring: Homes) -> None:
    await retiring.mend(RETIRE)
    (run,) = await retiring.engine.runs()
    subprocess.run(["rm", "-r", retiring.hub / "_trash-ana"], check=True)
    plan = (await retiring.engine.preview(undo_target(run))).plan
    assert (len(plan.steps), plan.notes) == (1, ("no longer in the trash: _trash-ana/ana",))
    subprocess.run(["rm", "-r", retiring.hub / TRASH[1].decode()], check=True)
    with pytest.raises(Refused, match="no longer in the trash"):
        await retiring.engine.preview(undo_target(run))


async def test_what_is_no_directory_is_retired_as_it_is(retiring: Homes) -> None:
    retiring.make(b"file", (0, 0), 0o600, file=True)
    (retiring.hub / "link").symlink_to("../elsewhere")
    asked = target("retire-home", name=("file", "link"))
    assert await retiring.mend(asked) == "done"
    assert (retiring.hub / "_trash-link" / "link").is_symlink()
    mode = (retiring.hub / "_trash-file" / "file").stat().st_mode
    assert (stat.S_ISREG(mode), stat.S_IMODE(mode)) == (True, 0o600)
    (run,) = await retiring.engine.runs()
    assert await retiring.undo(run.id, msgspec.structs.replace(asked)) == "done"
    assert (retiring.hub / "link").is_symlink()
