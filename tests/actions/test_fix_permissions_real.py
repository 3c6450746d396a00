"""Mending permissions on a real node, by command: owners on the export are the witness, the audit log for requests."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH102
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from console.actions import events
from console.actions.engine import Engine, undo_target
from console.actions.protocol import Cancel, Target
from console.actions.record import Record, utc_now
from console.actions.surroundings import Surroundings
from console.cli.exits import Exit
from console.fleet.start import start_fleet
from console.settings import Settings
from providers.kubernetes.mending.mend import BATCH
from tests.actions.real_hub import hub_on_claim, hub_on_server
from tests.cli.command import Command
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods

pytestmark = pytest.mark.node

REPOSITORY = Path(__file__).parents[2]
ODD = (b"-rf", b"a\nb\n", b"\xff\xfe", b"$(id)'\"", b"x" * 200)

Owners = dict[bytes, tuple[int, int, int]]


@pytest.fixture
def kubeconfig(real_node: RealCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))


def owners(folder: Path) -> Owners:
    found: Owners = {}
    top = bytes(folder)
    for each, folders, files in os.walk(top):
        for whole in (each, *(each + b"/" + name for name in (*folders, *files))):
            at = os.lstat(whole)
            found[whole.removeprefix(top)] = (at.st_uid, at.st_gid, at.st_mode & 0o7777)
    return found


def break_it(folder: Path) -> None:
    """Names of any bytes, a closed home, a file of root's deep inside, links that lead out, several names."""
    os.chown(folder, 0, 0)
    (folder / ".projects").write_text("")
    (folder / "_shared").mkdir()
    for name in ODD:
        os.mkdir(bytes(folder) + b"/" + name)
    (folder / "ann").mkdir()
    os.chown(folder / "ann", 1000, 1000)
    (folder / "ann" / "deep").mkdir(mode=0o555)
    (folder / "ann" / "deep" / "file").write_text("x")
    (folder / "ann" / "twice").write_text("x")
    os.link(folder / "ann" / "twice", folder / ".elsewhere")
    outside = folder.parent / f"{folder.name}-outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (folder / "ann" / "away").symlink_to(f"../../{outside.name}")
    (folder / "top").symlink_to(f"../{outside.name}")


def expected(before: Owners) -> Owners:
    left = {b"/.projects", b"/.elsewhere", b"/ann/twice", b"/top"}
    return {
        path: at if path in left else (1000, 1000, 0o755 if path == b"/ann/deep" else at[2])
        for path, at in before.items()
    }


def writes(cluster: RealCluster, since: int, namespace: str) -> Counter[tuple[str, str]]:
    """What was asked of the API server besides reading and reviews of rights: verb and resource."""
    return Counter(
        (entry.verb, f"{ref.resource}/{ref.subresource}".rstrip("/"))
        for entry in cluster.audited()[since:]
        if (ref := entry.object_ref).namespace == namespace
        and (entry.verb not in ("get", "list", "watch") or ref.subresource == "exec")
        and ref.resource != "selfsubjectaccessreviews"
    )


@pytest.mark.parametrize("through", ["claim", "server"])
def test_from_broken_to_verified_to_nothing_to_do_to_undone(
    hubhomes: Command, kubeconfig: None, real_node: RealCluster, real_namespace: str, through: str
) -> None:
    folder = (hub_on_claim if through == "claim" else hub_on_server)(real_node, real_namespace)
    break_it(folder)
    before, since = owners(folder), len(real_node.audited())
    command = ("fix-permissions", f"admin/{real_namespace}", "--context", "admin", "--deep", "--json")

    shown = hubhomes(*command, "--dry-run")
    plan = shown.document("Plan")
    assert owners(folder) == before
    looked = writes(real_node, since, real_namespace)
    pods = {("create", "pods"): 1, ("delete", "pods"): 1} if through == "claim" else {}
    commands = sum(number for (_, resource), number in looked.items() if resource == "pods/exec")
    assert {key: number for key, number in looked.items() if key[1] != "pods/exec"} == pods
    assert commands == 1
    assert [step["what"].split(" (")[0] for step in plan["steps"]] == [
        "mend homes", "mend shared directories", "mend the hub's directory"
    ]  # fmt: skip

    done = hubhomes(*command, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert owners(folder) == expected(before)
    assert owners(folder.parent / f"{folder.name}-outside")[b"/file"][0] == 0
    assert helper_pods(real_node, real_namespace) == []
    assert hubhomes(*command, "--dry-run").document("Plan")["steps"] == []

    undo = ("history", "undo", done.document("ActionResult")["run"], "--context", "admin", "--json")
    back = hubhomes(*undo, "--dry-run").document("Plan")
    undone = hubhomes(*undo, "--yes", "--digest", back["digest"])
    assert undone.document("ActionResult")["outcome"] == "done", undone.err
    assert owners(folder) == before
    assert hubhomes("history", "--check").code == Exit.NONE


def test_a_world_that_changed_between_plan_and_run_is_left_as_it_is(
    hubhomes: Command, kubeconfig: None, real_node: RealCluster, real_namespace: str
) -> None:
    folder = hub_on_claim(real_node, real_namespace)
    os.chown(folder, 1000, 1000)
    (folder / "ann").mkdir()
    command = ("fix-permissions", f"admin/{real_namespace}", "--context", "admin", "--json")
    digest = hubhomes(*command, "--dry-run").document("Plan")["digest"]
    (folder / "bea").mkdir()
    before, since = owners(folder), len(real_node.audited())
    refused = hubhomes(*command, "--yes", "--digest", digest)
    assert (refused.code, refused.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused")
    assert "has changed" in refused.err
    assert owners(folder) == before
    # Two looks, and no lease, no dry run and no pod that may write.
    assert writes(real_node, since, real_namespace)[("create", "pods")] == 2
    assert not hubhomes("history", "--json").document("History")["runs"]


async def test_stopped_inside_its_step_then_continued_and_undone(
    kubeconfig: None, real_node: RealCluster, real_namespace: str, tmp_path: Path
) -> None:
    folder = hub_on_claim(real_node, real_namespace)
    os.chown(folder, 1000, 1000)
    (folder / "ann").mkdir()
    for number in range(BATCH):
        (folder / "ann" / f"f{number}").touch()
    before, cancel = owners(folder), Cancel()
    fleet = start_fleet(Settings(), config=None, cluster="admin", contexts=("admin",), offline=False)
    fleet.grant("admin", "write")
    engine = Engine(Surroundings(fleet, Settings(), now=utc_now).observe, Record(tmp_path))
    target = Target(action="fix-permissions", cluster="admin", hub=real_namespace, parameters={"deep": True})

    def tell(event: events.Event) -> None:
        if isinstance(event, events.Progress) and event.done:
            cancel.ask()

    plan = (await engine.preview(target)).plan
    cut = await engine.run(target, approved=plan, cancel=cancel, tell=tell)
    assert cut.outcome == "cancelled"
    half = owners(folder)
    assert sum(half[path] != before[path] for path in before) == BATCH
    assert helper_pods(real_node, real_namespace) == []

    plan = (await engine.preview(target)).plan
    assert plan.steps[0].what == "mend homes (1 path)"
    assert (await engine.run(target, approved=plan)).outcome == "done"
    assert {uid for uid, _, _ in owners(folder).values()} == {1000}
    first, second = await engine.runs()
    for run, as_it_was in ((second, half), (first, before)):
        plan = (await engine.preview(undo_target(run))).plan
        assert (await engine.run(undo_target(run), approved=plan)).outcome == "done"
        assert owners(folder) == as_it_was
    await fleet.close()


@pytest.mark.parametrize(("user", "words"), [("viewer", "forbidden"), ("reader", "create pods")])
def test_without_the_rights_nothing_happens(
    hubhomes: Command, kubeconfig: None, real_node: RealCluster, real_namespace: str, user: str, words: str
) -> None:
    folder = hub_on_claim(real_node, real_namespace)
    before = owners(folder)
    denied = hubhomes("fix-permissions", f"{user}/{real_namespace}", "--context", user, "--dry-run")
    assert denied.code != Exit.NONE
    if user == "reader":
        assert words in denied.err
    assert owners(folder) == before
    assert helper_pods(real_node, real_namespace) == []


def test_killed_after_the_change_then_finished_and_undone(
    hubhomes: Command, home: Path, kubeconfig: None, real_node: RealCluster, real_namespace: str
) -> None:
    folder = hub_on_claim(real_node, real_namespace)
    break_it(folder)
    before = owners(folder)
    # The fourth line is that of the step's end: its paths are changed, and the record does not know it.
    killed = subprocess.run(
        [sys.executable, "-m", "tests.actions.killed_command", "4", "admin", real_namespace],
        cwd=REPOSITORY,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert owners(folder) != before
    (run,) = hubhomes("history", "--json").document("History")["runs"]
    assert run["state"] == "open"
    # The lock of who was killed would end by itself after a minute.
    real_node.api.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{real_namespace}/leases/hubhomes")
    undo = ("history", "undo", run["id"], "--context", "admin", "--json")
    digest = hubhomes(*undo, "--dry-run").document("Plan")["digest"]
    assert hubhomes(*undo, "--yes", "--digest", digest).document("ActionResult")["outcome"] == "done"
    assert owners(folder) == before
