"""Retiring and renaming homes on a real node, by command: files on the export and the audit log are the witnesses."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH118
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.actions.real_cases import words_of
from tests.actions.real_hub import hub_on_server
from tests.actions.real_scene import Scene
from tests.actions.test_fix_permissions_real import Owners, owners, writes
from tests.actions.test_objects_real import ODD
from tests.cli.command import Command
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods

pytestmark = pytest.mark.node

NAMES = (b"alice", *ODD)


@pytest.fixture
def kubeconfig(home: Path, real_node: RealCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))


@pytest.fixture
def scene(kubeconfig: None, home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str) -> Scene:
    made = Scene(real_node, real_namespace, hubhomes, home / "state")
    os.chown(made.folder, 1000, 1000)
    return made


def filled(folder: Path, names: tuple[bytes, ...] = NAMES) -> Owners:
    """Homes of NAMES with a file each; every owner below FOLDER."""
    for name in names:
        whole = os.path.join(bytes(folder), name)
        os.makedirs(whole, mode=0o750)  # noqa: PTH103 - bytes
        with open(whole + b"/notebook", "wb") as file:  # noqa: PTH123 - bytes
            file.write(name)
        os.chown(whole, 1000, 1000)
        os.chown(whole + b"/notebook", 1000, 1000)
    return owners(folder)


def shown(name: bytes) -> str:
    return "./" + "".join(chr(one) if 32 <= one < 127 else f"\\x{one:02x}" for one in name)


def below_trash(found: Owners) -> Owners:
    """FOUND without the trash folders around homes, and the manifests in them."""
    trash = {path for path in found if path.startswith(b"/_trash-") and path.count(b"/") == 1}
    manifests = {path + b"/_manifest.json" for path in trash}
    assert {found[path] for path in trash} <= {(0, 0, 0o700)}
    assert {found[path] for path in manifests} <= {(0, 0, 0o600)}
    rest = {path: at for path, at in found.items() if path not in trash | manifests}
    return {b"/" + path.split(b"/", 2)[2] if path.startswith(b"/_trash-") else path: at for path, at in rest.items()}


def test_retired_and_brought_back_whatever_they_are_called(scene: Scene) -> None:
    before = filled(scene.folder)
    names = [shown(name) for name in NAMES]
    since = len(scene.cluster.audited())
    scene.mended("retire-home", *names, "--ticket", "OPS-7")
    now = owners(scene.folder)
    assert not {b"/" + name for name in NAMES} & set(now)
    assert below_trash(now) == before
    asked = writes(scene.cluster, since, scene.namespace)
    # A pod for each look, one that moves all homes, and one that was only asked about, as a dry run.
    assert asked[("create", "pods")] == asked[("delete", "pods")] + 1 == 8
    told = json.loads((scene.folder / "_trash-alice" / "_manifest.json").read_text())
    assert (told["name"], told["ticket"], told["hub"]) == ("alice", "OPS-7", scene.namespace)
    (run,) = scene.history().document("History")["runs"]
    assert told["run"] == run["id"]
    undo = ("undo", run["id"])
    (scene.folder / "alice").mkdir()
    taken = scene.history(*undo, "--dry-run")
    assert (taken.code, "new homes of these names: alice" in taken.err) == (Exit.FAILED, True)
    (scene.folder / "alice").rmdir()
    digest = scene.history(*undo, "--dry-run").document("Plan")["digest"]
    assert scene.history(*undo, "--yes", "--digest", digest).document("ActionResult")["outcome"] == "done"
    assert owners(scene.folder) == before
    assert helper_pods(scene.cluster, scene.namespace) == []


def test_renamed_in_an_in_cluster_servers_own_container_and_back(
    kubeconfig: None, hubhomes: Command, real_node: RealCluster, real_namespace: str
) -> None:
    folder = hub_on_server(real_node, real_namespace)
    before = filled(folder, (b"alice", b"bob-2ex"))
    since = len(real_node.audited())
    command = ("rename-home", f"admin/{real_namespace}", "alice", "al.ice", "--context", "admin", "--json")
    plan = hubhomes(*command, "--dry-run").document("Plan")
    assert plan["steps"][0]["what"] == "rename the home alice to al-2eice"
    assert owners(folder) == before
    done = hubhomes(*command, "--yes", "--digest", plan["digest"])
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    assert {path.replace(b"/al-2eice", b"/alice"): at for path, at in owners(folder).items()} == before
    assert (folder / "al-2eice" / "notebook").read_bytes() == b"alice"
    assert hubhomes(*command, "--dry-run").document("Plan")["steps"] == []
    undo = ("history", "undo", done.document("ActionResult")["run"], "--context", "admin", "--json")
    digest = hubhomes(*undo, "--dry-run").document("Plan")["digest"]
    assert hubhomes(*undo, "--yes", "--digest", digest).document("ActionResult")["outcome"] == "done"
    assert owners(folder) == before
    assert ("create", "pods") not in writes(real_node, since, real_namespace)


def test_nothing_is_moved_that_changed_or_beneath_a_server_or_by_who_may_not(scene: Scene) -> None:
    before = filled(scene.folder, (b"alice", b"bob"))
    asked = {"retire-home": {"name": ["alice"]}, "rename-home": {"old": "alice", "new": "alicia"}}
    for action, parameters in asked.items():
        words = words_of(action, parameters)
        denied = scene.run(action, *words, "--dry-run", user="reader")
        assert denied.code == Exit.UNOBSERVED
        digest = scene.run(action, *words, "--dry-run").document("Plan")["digest"]
        os.chown(scene.folder / "alice", 33, 33)
        done = scene.run(action, *words, "--yes", "--digest", digest)
        assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused"), done.err
        os.chown(scene.folder / "alice", 1000, 1000)
    mount = {"name": "home", "mountPath": "/home/jovyan", "subPath": "alice"}
    scene.server_of("alice", mounts=[mount])
    for action, parameters in asked.items():
        refused = scene.run(action, *words_of(action, parameters), "--dry-run")
        assert refused.code == Exit.FAILED
        assert "beneath them: alice (jupyter-alice)" in refused.err
    assert owners(scene.folder) == before
    assert not scene.history().document("History")["runs"]
