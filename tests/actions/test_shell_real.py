"""Shells on a real node, typed at through a pseudo-terminal: what is on the export and in the record is the witness."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.actions.history import open_runs, runs
from console.actions.record import Record
from console.cli.exits import Exit
from tests.actions.pseudo_terminal import OnTerminal
from tests.actions.real_hub import hub_on_claim
from tests.cli.command import Command
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods

pytestmark = pytest.mark.node

READY = "] /homes # "


def said(terminal: OnTerminal, command: str) -> bytes:
    """What COMMAND writes: the shell draws its prompt anew as it likes, so that a prompt says nothing."""
    terminal.type(f"{command}; echo en$((0))d\n")
    return terminal.until(b"en0d")


class Scene:
    """One hub, its folder, and shells into it."""

    def __init__(self, cluster: RealCluster, namespace: str, state: Path) -> None:
        self.cluster, self.namespace, self.state = cluster, namespace, state
        self.folder = hub_on_claim(cluster, namespace)
        (self.folder / "alice").mkdir()

    def shell(self, *options: str, user: str = "admin") -> OnTerminal:
        environment = {"KUBECONFIG": str(self.cluster.kubeconfig), "HUBHOMES_STATE": str(self.state)}
        target = f"{user}/{self.namespace}"
        return OnTerminal("shell", target, "--context", user, *options, environment=environment)

    def pods(self) -> list[str]:
        return helper_pods(self.cluster, self.namespace)

    def entries(self) -> list[Any]:
        return [line.entry for line in Record(self.state).read().lines]

    def wait(self, what: str, condition: Callable[[], bool]) -> None:
        self.cluster.api.wait(what, condition)


@pytest.fixture
def scene(home: Path, real_node: RealCluster, real_namespace: str) -> Scene:
    return Scene(real_node, real_namespace, home / "state")


def test_read_only_unless_said_otherwise(scene: Scene) -> None:
    with scene.shell("--ticket", "OPS-7") as terminal:
        heading = terminal.until(READY).decode()
        (pod,) = scene.pods()
        assert f"shell  admin/{scene.namespace}" in heading
        assert "read-only" in heading
        assert pod in heading
        assert terminal.settings() != terminal.before
        refused = said(terminal, "touch /homes/x; rm -rf alice; chmod 777 .")
        assert refused.count(b"Read-only file system") == 3
        terminal.type("exit 7\n")
        assert terminal.ended() == 7
        assert terminal.settings() == terminal.before
    assert [each.name for each in scene.folder.iterdir()] == ["alice"]
    assert scene.pods() == []
    intent, *_, ended = scene.entries()
    assert (intent.ticket, intent.plan.permission, intent.plan.steps[0].observed["pod"]) == ("OPS-7", "probe", pod)
    assert intent.who.kubernetes_user == "admin"
    assert (type(ended).__name__, ended.outcome) == ("Ended", "done")
    done = next(entry for entry in scene.entries() if type(entry).__name__ == "StepDone")
    assert (done.outcome.undo["exit_code"], done.outcome.changed) == (7, False)


def test_what_leaves_for_the_cluster_is_one_pod_and_commands_in_it(scene: Scene) -> None:
    since = len(scene.cluster.audited())
    with scene.shell() as terminal:
        terminal.until(READY)
        terminal.type("exit\n")
        assert terminal.ended() == 0
    sent = [
        (one.verb, one.object_ref.resource, one.object_ref.subresource, "dryRun" in one.request_uri)
        for one in scene.cluster.audited()[since:]
        if one.verb not in ("get", "list") and not one.object_ref.resource.startswith("selfsubject")
    ]
    assert [one for one in sent if one[2] != "exec"] == [
        ("create", "pods", "", True), ("create", "pods", "", False), ("delete", "pods", "", False),
    ]  # fmt: skip
    assert {one[1] for one in sent} == {"pods"}


def test_writable_writes_as_root(scene: Scene) -> None:
    os.chown(scene.folder / "alice", 1000, 1000)
    with scene.shell("--writable") as terminal:
        terminal.until(READY)
        terminal.type("echo hello >alice/note; chown 1000:1000 alice/note; mv alice bob; exit\n")
        assert terminal.ended() == 0
    note = scene.folder / "bob" / "note"
    assert (note.read_text(), note.stat().st_uid) == ("hello\n", 1000)
    assert scene.entries()[0].plan.permission == "write"


def test_the_base_path_shows_the_hubs_beside(scene: Scene) -> None:
    scene.cluster.export("10.2.0.2", f"/homes/{scene.namespace}-old")
    with scene.shell("--base") as terminal:
        terminal.until(READY)
        terminal.type(f"ls -d {scene.namespace}*; exit\n")
        terminal.until(f"{scene.namespace}-old")
        assert terminal.ended() == 0


def test_bytes_and_size_go_through_as_they_are(scene: Scene) -> None:
    os.mkdir(bytes(scene.folder) + b"/\xff\xfe")  # noqa: PTH102 - a name that is no text
    with scene.shell() as terminal:
        terminal.until(READY)
        assert b"24 80" in said(terminal, "stty size")
        terminal.resize(132, 50)
        for _ in range(100):
            if b"50 132" in said(terminal, "stty size"):
                break
        else:
            pytest.fail("the size was not told")
        assert b"<\xff\xfe>" in said(terminal, "printf '<%s>' *")
        terminal.type("echo be$((0))gun; sleep 300\n")
        terminal.until(b"be0gun")
        terminal.type(b"\x03")
        said(terminal, "true")
        terminal.type("echo be$((0))gun; od -An -tx1\n")
        terminal.until(b"be0gun")
        terminal.type(b"a\xffb\n\x04")
        terminal.until(b"61 ff 62 0a")
        terminal.type("exit\n")
        assert terminal.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(scene: Scene, number: signal.Signals) -> None:
    with scene.shell() as terminal:
        terminal.until(READY)
        terminal.kill(number)
        assert terminal.ended() == 128 + number
        assert terminal.settings() == terminal.before
    assert scene.pods() == []
    assert scene.entries()[-1].outcome == "done"


def test_a_terminal_that_goes_ends_it(scene: Scene) -> None:
    with scene.shell() as terminal:
        terminal.until(READY)
        terminal.hang_up()
        assert terminal.process.wait(timeout=300) == 128 + signal.SIGHUP
    assert scene.pods() == []
    assert scene.entries()[-1].outcome == "done"


def test_left_before_it_has_begun(scene: Scene) -> None:
    scene.cluster.fail_mounts("10.2.0.2", f"/homes/{scene.namespace}", "hang")
    with scene.shell() as terminal:
        terminal.until("is being mounted")
        terminal.type(b"\x03")
        assert terminal.ended() == Exit.INTERRUPTED
    assert scene.pods() == []
    assert scene.entries()[-1].outcome == "cancelled"


def test_killed_its_pod_ends_and_is_found_and_removed(
    scene: Scene, hubhomes: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.shell() as terminal:
        terminal.until(READY)
        terminal.kill(signal.SIGKILL)
        terminal.process.wait()
    (pod,) = scene.pods()
    scene.wait("the pod ends", lambda: _phase(scene, pod) in ("Succeeded", "Failed"))
    monkeypatch.setenv("KUBECONFIG", str(scene.cluster.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(scene.state))
    found = hubhomes("check", "admin", "--context", "admin", "--json")
    assert pod in found.out
    (run,) = open_runs(runs(Record(scene.state).read().lines))
    assert run.intent.plan.steps[0].observed["pod"] == pod
    undo = ("history", "undo", run.id, "--context", "admin", "--json")
    plan = hubhomes(*undo, "--dry-run").document("Plan")
    assert [step["what"] for step in plan["steps"]] == [f"delete pod {pod} in {scene.namespace}"]
    done = hubhomes(*undo, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert scene.pods() == []
    assert open_runs(runs(Record(scene.state).read().lines)) == ()


def _phase(scene: Scene, pod: str) -> str:
    return str(scene.cluster.api.get("Pod", pod, scene.namespace)["status"]["phase"])


def test_its_time_is_limited(scene: Scene) -> None:
    with scene.shell("--for", "31s") as terminal:
        terminal.until(READY)
        (pod,) = scene.pods()
        assert scene.cluster.api.get("Pod", pod, scene.namespace)["spec"]["activeDeadlineSeconds"] == 31
        assert terminal.ended() == 124
        assert terminal.settings() == terminal.before
    assert b"time was up" in terminal.seen
    assert scene.pods() == []
    with scene.shell("--for", "3h") as terminal:
        assert terminal.ended() == Exit.FAILED
    assert b"60 min at most" in terminal.seen


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("access denied by server while mounting", b"the server denies access"),
        ("No such file or directory", b"no such directory"),
    ],
)
def test_a_mount_that_fails_says_so_in_seconds(scene: Scene, words: str, said: bytes) -> None:
    scene.cluster.fail_mounts("10.2.0.2", f"/homes/{scene.namespace}", f"mount.nfs: {words}")
    with scene.shell() as terminal:
        assert terminal.ended() == Exit.FAILED
    assert said in terminal.seen
    assert scene.pods() == []
    assert scene.entries()[-1].outcome == "failed"


def test_without_rights_nothing_is_sent_and_they_are_named(scene: Scene) -> None:
    with scene.shell(user="reader") as terminal:
        assert terminal.ended() == Exit.FAILED
    assert b"reader may not create pods in" in terminal.seen
    assert scene.entries() == []


def test_a_namespace_that_admits_none_says_so(scene: Scene) -> None:
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    scene.cluster.api.request(
        "PATCH", f"/api/v1/namespaces/{scene.namespace}", label, kind="application/merge-patch+json"
    )
    with scene.shell("--base") as terminal:
        assert terminal.ended() == Exit.FAILED
    assert b"restricted volume types" in terminal.seen
    assert scene.entries() == []
    with scene.shell() as terminal:
        terminal.until("] /homes ")
        terminal.type("id -u; exit\n")
        terminal.until("1000")
        assert terminal.ended() == 0


def test_from_the_screens_and_back(scene: Scene) -> None:
    environment = {"KUBECONFIG": str(scene.cluster.kubeconfig), "HUBHOMES_STATE": str(scene.state)}
    place = ("--context", "admin", "--cluster", "admin", "--hub", scene.namespace)
    with OnTerminal(*place, environment=environment) as terminal:
        terminal.until("home-nfs")
        terminal.type("s")
        terminal.until("open it now")
        terminal.type("y")
        terminal.until(READY)
        (pod,) = scene.pods()
        seconds = scene.cluster.api.get("Pod", pod, scene.namespace)["spec"]["activeDeadlineSeconds"]
        assert 800 < seconds < 900
        assert b"Read-only" in said(terminal, "touch x")
        terminal.type("exit\n")
        terminal.until("its pod is gone")
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.settings() == terminal.before
    assert scene.pods() == []
    assert scene.entries()[-1].outcome == "done"


def test_quitting_by_signal_from_the_screens_removes_the_pod(scene: Scene) -> None:
    environment = {"KUBECONFIG": str(scene.cluster.kubeconfig), "HUBHOMES_STATE": str(scene.state)}
    place = ("--context", "admin", "--cluster", "admin", "--hub", scene.namespace)
    with OnTerminal(*place, environment=environment) as terminal:
        terminal.until("home-nfs")
        terminal.type("s")
        terminal.until("open it now")
        terminal.type("y")
        terminal.until(READY)
        terminal.kill(signal.SIGTERM)
        assert terminal.ended() == 128 + signal.SIGTERM
        assert terminal.settings() == terminal.before
    scene.wait("the pod is gone", lambda: scene.pods() == [])


def test_the_record_holds_no_secret(scene: Scene) -> None:
    with scene.shell() as terminal:
        terminal.until(READY)
        terminal.type("exit\n")
        terminal.ended()
    text = (scene.state / "record.jsonl").read_text()
    tokens = scene.cluster.layout.tokens.values()
    assert not any(token in text for token in tokens)
    assert all(json.loads(line) for line in text.splitlines())
