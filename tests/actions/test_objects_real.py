"""The small actions on a real node, by command: from broken to verified to nothing to do, denied, changed, killed."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH118
from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.actions.real_scene import Scene
from tests.cli.command import Command
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import SERVER, phase

pytestmark = pytest.mark.node

REPOSITORY = Path(__file__).parents[2]
ODD = (b"-rf \xff\xfe", b"a\nb\n$(id)'\"", b"x" * 200)


@pytest.fixture
def scene(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    return Scene(real_node, real_namespace, hubhomes, home / "state")


def test_a_released_volume_binds_again(scene: Scene) -> None:
    assert scene.run("clear-claim-ref", "--dry-run").document("Plan")["steps"] == []
    (scene.folder / "alice").mkdir()
    scene.release_volume()
    scene.mended("clear-claim-ref")
    assert scene.claim_phase() == "Bound"
    claim = scene.api.get("PersistentVolumeClaim", "home-nfs", scene.namespace)
    volume = scene.api.get("PersistentVolume", scene.volume)
    assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
    assert (scene.folder / "alice").is_dir()


def test_a_claim_that_is_made_only_afterwards_binds_and_no_other_can_take_the_volume(scene: Scene) -> None:
    claim = scene.api.get("PersistentVolumeClaim", "home-nfs", scene.namespace)
    scene.api.delete("PersistentVolumeClaim", "home-nfs", scene.namespace)
    scene.api.wait("Released", lambda: phase(scene.cluster, "PersistentVolume", scene.volume, "") == "Released")
    scene.mended("clear-claim-ref")
    spec = {key: claim["spec"][key] for key in ("accessModes", "resources", "storageClassName", "volumeName")}
    for name in ("thief", "home-nfs"):
        metadata = {"name": name, "namespace": scene.namespace}
        manifest = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}
        scene.api.create(manifest)
    scene.api.wait("the claim", lambda: scene.claim_phase() == "Bound")
    assert phase(scene.cluster, "PersistentVolumeClaim", "thief", scene.namespace) == "Pending"


def test_the_share_creator_runs_again(scene: Scene) -> None:
    scene.failed_creator()
    scene.mended("rerun-share-creator")
    made = scene.folder.stat()
    assert (made.st_uid, made.st_gid) == (1000, 1000)
    scene.api.wait("no Job is left", lambda: scene.jobs() == [])
    scene.api.wait("nor a pod", lambda: scene.pods() == [])


def test_a_share_creator_that_fails_again_leaves_the_old_one(scene: Scene) -> None:
    scene.failed_creator()
    scene.folder.write_text("in the way again")
    digest = scene.run("rerun-share-creator", "--dry-run").document("Plan")["digest"]
    done = scene.run("rerun-share-creator", "--yes", "--digest", digest)
    result = done.document("ActionResult")
    assert (done.code, result["outcome"]) == (Exit.FAILED, "failed")
    assert "File exists" in result["message"]
    scene.api.wait("ours is gone", lambda: scene.jobs() == ["nfs-share-creator"])
    scene.folder.unlink()
    scene.mended("rerun-share-creator")


def test_a_share_creator_whose_mount_fails_says_so_in_seconds(scene: Scene) -> None:
    scene.failed_creator()
    digest = scene.run("rerun-share-creator", "--dry-run").document("Plan")["digest"]
    scene.cluster.fail_mounts(SERVER, "/homes/", "mount.nfs: access denied by server while mounting")
    try:
        done = scene.run("rerun-share-creator", "--yes", "--digest", digest)
    finally:
        scene.cluster.layout.path("faults").write_text("")
    assert "the server denies access" in done.document("ActionResult")["message"]
    assert "nfs-share-creator" in scene.jobs()


def test_one_users_server_is_restarted_and_no_other_pod(scene: Scene) -> None:
    for user in ("alice", "bob"):
        scene.server_of(user)
    scene.mended("restart-server", "--user", "alice")
    assert scene.pods() == ["jupyter-bob"]
    named = scene.run("restart-server", "--user", "hub", "--dry-run").document("Plan")
    assert named["steps"] == []


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_moved_aside_and_back_whatever_it_is_called(scene: Scene, name: bytes) -> None:
    home = scene.home(b"al\xffice")
    path = os.path.join(home, name)
    with open(path, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(b"broken")
    os.chown(path, 1000, 1000)
    at = os.lstat(path)
    shown = "".join(chr(one) if 32 <= one < 127 else f"\\x{one:02x}" for one in name)
    options = ("--home", "al\\xffice", f"--path={shown}")
    scene.mended("move-aside", *options)
    (aside,) = os.listdir(home)  # noqa: PTH208 - names of bytes
    assert aside.startswith(name + b".moved-aside-")
    now = os.lstat(os.path.join(home, aside))
    assert (now.st_ino, now.st_uid, now.st_mode) == (at.st_ino, 1000, at.st_mode)
    (run,) = scene.history().document("History")["runs"]
    undo = ("undo", run["id"])
    digest = scene.history(*undo, "--dry-run").document("Plan")["digest"]
    assert scene.history(*undo, "--yes", "--digest", digest).document("ActionResult")["outcome"] == "done"
    assert os.listdir(home) == [name]  # noqa: PTH208 - names of bytes


def test_no_link_leads_out_of_a_home_and_nothing_is_overwritten(scene: Scene) -> None:
    scene.home(b"bob")
    home = Path(os.fsdecode(scene.home(b"alice")))
    (scene.folder / "bob" / "file").write_text("bob's")
    (home / "away").symlink_to("../bob")
    (home / "link").symlink_to("../bob/file")
    refused = scene.run("move-aside", "--home", "alice", "--path", "away/file", "--dry-run")
    assert (refused.code, "is a link" in refused.err) == (Exit.FAILED, True)
    # A link itself is renamed, and stays one.
    scene.mended("move-aside", "--home", "alice", "--path", "link")
    assert (scene.folder / "bob" / "file").read_text() == "bob's"
    (aside,) = home.glob("link.moved-aside-*")
    assert aside.is_symlink()
    (home / "link").write_text("again")
    taken = scene.run("move-aside", "--home", "alice", "--path", "link", "--dry-run")
    assert "is there already" in taken.err


def test_what_changed_between_plan_and_run_is_refused(scene: Scene) -> None:
    scene.server_of("alice")
    home = Path(os.fsdecode(scene.home(b"alice")))
    (home / "f").write_text("x")
    os.chown(home / "f", 1000, 1000)
    restart = scene.run("restart-server", "--user", "alice", "--dry-run").document("Plan")["digest"]
    aside = scene.run("move-aside", "--home", "alice", "--path", "f", "--dry-run").document("Plan")["digest"]
    scene.api.delete("Pod", "jupyter-alice", scene.namespace, grace_s=0)
    scene.api.wait("gone", lambda: scene.pods() == [])
    uid = scene.server_of("alice")
    os.chown(home / "f", 0, 0)
    for words, digest in (
        (("restart-server", "--user", "alice"), restart),
        (("move-aside", "--home", "alice", "--path", "f"), aside),
    ):
        done = scene.run(*words, "--yes", "--digest", digest, "--confirm", scene.namespace)
        assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused"), done.err
    assert scene.api.get("Pod", "jupyter-alice", scene.namespace)["metadata"]["uid"] == uid
    assert (home / "f").exists()


def test_a_viewer_may_do_none_of_it(scene: Scene) -> None:
    scene.server_of("alice")
    scene.failed_creator()
    scene.release_volume()
    for words, right in (
        (("restart-server", "--user", "alice"), "delete pods"),
        (("rerun-share-creator",), "create jobs.batch"),
        (("clear-claim-ref",), "patch persistentvolumes"),
    ):
        plan = scene.run(*words, "--dry-run", user="reader").document("Plan")
        denied = [need["right"] for need in plan["steps"][0]["needs"] if need["granted"] is False]
        assert right in denied
        done = scene.run(*words, "--yes", "--digest", plan["digest"], "--confirm", scene.namespace, user="reader")
        assert done.code == Exit.FAILED
        assert f"may not {right}" in done.err
    moved = scene.run("move-aside", "--home", "alice", "--path", "f", "--dry-run", user="reader")
    assert moved.code == Exit.UNOBSERVED
    assert scene.pods()[0] == "jupyter-alice"
    assert phase(scene.cluster, "PersistentVolume", scene.volume, "") == "Released"


def test_whoever_comes_second_sees_the_name_of_the_first(scene: Scene) -> None:
    scene.server_of("alice")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    spec = {"holderIdentity": "grace@laptop #7", "leaseDurationSeconds": 60, "acquireTime": now, "renewTime": now}
    lease = {"metadata": {"name": "hubhomes"}, "spec": spec}
    scene.api.request("POST", f"/apis/coordination.k8s.io/v1/namespaces/{scene.namespace}/leases", lease)
    words = ("restart-server", "--user", "alice")
    digest = scene.run(*words, "--dry-run").document("Plan")["digest"]
    second = scene.run(*words, "--yes", "--digest", digest, "--confirm", scene.namespace)
    assert (second.code, second.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused"), second.err
    assert "grace@laptop" in second.err
    assert scene.pods() == ["jupyter-alice"]
    scene.unlocked()
    scene.mended(*words)
