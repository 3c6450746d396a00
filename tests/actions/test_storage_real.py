"""create-share and rebind on a real node, by command, and judged by a real Helm that deploys the hub afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli.exits import Exit
from tests.actions.by_keyboard import everything
from tests.actions.declared_hub import DeclaredHub
from tests.actions.real_cases import Broken
from tests.actions.real_hub import hub_on_server
from tests.cli.command import Command
from tests.cluster.assets import find
from tests.cluster.client import ApiRefused
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods

pytestmark = [pytest.mark.node, pytest.mark.helm]

REPOSITORY = Path(__file__).parents[2]
HELM = find("helm")
"""Looked for before a test has a home of its own."""


@pytest.fixture
def hub(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeclaredHub]:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    assert HELM is not None
    made = DeclaredHub(real_node, real_namespace, home, hubhomes, helm=HELM)
    yield made
    real_node.api.delete("PersistentVolume", made.volume)


def old_and_new(hub: DeclaredHub) -> Path:
    """Deployed on last year's directory by Helm; declared on another one, with other options, which has two homes."""
    hub.declare(override=f"{hub.name}-2024")
    (hub.base / f"{hub.name}-2024" / "alice").mkdir(parents=True)
    hub.deploy()
    hub.api.wait("the claim", hub.bound)
    hub.api.patch("PersistentVolume", hub.volume, "", {"spec": {"persistentVolumeReclaimPolicy": "Delete"}})
    for home in ("alice", "bob", "_shared"):
        (hub.directory / home).mkdir(parents=True, exist_ok=True)
    (hub.directory / "alice" / "notebook.ipynb").write_text("kept")
    hub.declare(options=("hard", "noatime", "nconnect=4"))
    return hub.directory


def test_a_hub_that_is_not_deployed_gets_all_of_it_and_helm_adopts_it(hub: DeclaredHub) -> None:
    hub.api.delete("Namespace", hub.name)
    hub.api.wait("no namespace", lambda: not _is_there(hub))
    assert "the hub is not deployed yet" in hub.run("create-share", "--dry-run").err
    since = len(hub.cluster.audited())
    run = hub.mended("create-share", "--namespace")
    assert hub.changes(since) == [
        f"create namespaces/{hub.name}", f"create persistentvolumes/{hub.volume}",
        "create persistentvolumeclaims/home-nfs",
    ]  # fmt: skip
    made = [hub.directory.stat(), (hub.directory / "_shared").stat()]
    assert [(one.st_uid, one.st_gid, one.st_mode & 0o7777) for one in made] == [(1000, 1000, 0o755)] * 2
    hub.api.wait("both are bound", hub.bound)
    before = hub.specs()
    hub.deploy()
    assert hub.specs() == before
    assert helper_pods(hub.cluster, hub.name) == []
    # Helm's own by now: taken back all the same, and a home that came meanwhile stays.
    (hub.directory / "alice").mkdir()
    hub.taken_back(run)
    assert hub.phases() == []
    assert [path.name for path in hub.directory.iterdir()] == ["alice"]


@pytest.mark.parametrize("action", ["create-share", "rebind"])
def test_a_right_volume_and_claim_that_helm_refuses_are_marked_and_adopted(hub: DeclaredHub, action: str) -> None:
    (hub.directory / "_shared").mkdir(parents=True)
    for path in (hub.directory, hub.directory / "_shared"):
        os.chown(path, 1000, 1000)
    hub.deploy()
    hub.api.wait("both are bound", hub.bound)
    both = (("PersistentVolume", hub.volume, ""), ("PersistentVolumeClaim", "home-nfs", hub.name))
    for kind, name, namespace in both:
        none = {"app.kubernetes.io/managed-by": None}
        helms = {"meta.helm.sh/release-name": None, "meta.helm.sh/release-namespace": None}
        hub.api.patch(kind, name, namespace, {"metadata": {"labels": none, "annotations": helms}})
    hub.forgotten_by_helm()
    refused = hub.helm("upgrade", "--install")
    assert "invalid ownership metadata" in refused.stderr
    before, since = hub.specs(), len(hub.cluster.audited())
    hub.mended(action)
    changed = ["patch persistentvolumes/" + hub.volume, "patch persistentvolumeclaims/home-nfs"]
    assert hub.changes(since) == changed
    hub.deploy()
    assert hub.specs() == before


def test_rebound_where_a_deploy_fails_and_helm_changes_nothing_in_it(hub: DeclaredHub) -> None:
    directory = old_and_new(hub)
    refused = hub.helm("upgrade", "--install")
    assert "immutable" in refused.stderr
    pod, homes = hub.server_of("alice"), [directory.stat(), (directory / "alice" / "notebook.ipynb").stat()]
    waited = hub.plan("rebind", "--wait", "1s")
    assert waited["affects"]["users"] == ["alice"]
    done = hub.approved(waited, "rebind", "--wait", "1s")
    assert (done.code, "nothing was deleted" in done.document("ActionResult")["message"]) == (Exit.FAILED, True)
    assert hub.bound()
    since = len(hub.cluster.audited())
    run = hub.mended("rebind", "--stop-servers")
    assert sorted(hub.changes(since)) == [
        "create persistentvolumeclaims/home-nfs", f"create persistentvolumes/{hub.volume}",
        "delete persistentvolumeclaims/home-nfs", f"delete persistentvolumes/{hub.volume}", f"delete pods/{pod}",
    ]  # fmt: skip
    assert [directory.stat(), (directory / "alice" / "notebook.ipynb").stat()] == homes
    before = hub.specs()
    hub.deploy()
    assert hub.specs() == before
    hub.taken_back(run)
    volume, _ = hub.objects()
    assert volume["spec"]["nfs"]["path"].endswith("-2024")
    hub.api.wait("both are bound", hub.bound)


def test_mount_options_are_set_in_their_place_while_servers_run(hub: DeclaredHub) -> None:
    (hub.directory / "alice").mkdir(parents=True)
    hub.deploy()
    hub.api.wait("both are bound", hub.bound)
    uid, pod = hub.specs()[0]["uid"], hub.server_of("alice")
    hub.declare(options=("hard", "vers=4.2"))
    run = hub.mended("rebind")
    volume, _ = hub.objects()
    assert (volume["metadata"]["uid"], volume["spec"]["mountOptions"]) == (uid, ["hard", "vers=4.2"])
    before = hub.specs()
    hub.deploy()
    assert hub.specs() == before
    hub.taken_back(run)
    assert hub.specs()[0]["spec"]["mountOptions"] == ["hard", "noatime"]
    assert hub.api.get("Pod", pod, hub.name)["status"]["phase"] == "Running"


def test_a_viewer_may_do_none_of_it_and_what_changed_is_planned_again(hub: DeclaredHub) -> None:
    hub.directory.mkdir()
    denied = hub.run("create-share", "--dry-run", user="reader")
    assert denied.code == Exit.UNOBSERVED
    plan = hub.plan("create-share")
    (hub.directory / "_shared").mkdir()
    done = hub.approved(plan, "create-share")
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.FAILED, "refused")
    assert hub.phases() == []


def test_on_an_in_cluster_server_it_is_made_in_its_own_container(
    home: Path, hubhomes: Command, real_node: RealCluster, real_namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(real_node.kubeconfig))
    monkeypatch.setenv("HUBHOMES_STATE", str(home / "state"))
    folder = hub_on_server(real_node, real_namespace)
    folder.rmdir()
    asked = ("create-share", f"admin/{real_namespace}", "--context", "admin", "--json")
    since = len(real_node.audited())
    digest = hubhomes(*asked, "--dry-run").document("Plan")["digest"]
    done = hubhomes(*asked, "--yes", "--digest", digest, "--confirm", real_namespace)
    assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
    made = [folder.stat(), (folder / "_shared").stat()]
    assert [(one.st_uid, one.st_gid, one.st_mode & 0o7777) for one in made] == [(1000, 1000, 0o755)] * 2
    sent = [one for one in real_node.audited()[since:] if one.object_ref.namespace == real_namespace]
    assert [one for one in sent if (one.verb, one.object_ref.resource) == ("create", "pods")] == []


def share_to_make(hub: DeclaredHub) -> Broken:
    return Broken(
        {},
        whole=lambda: hub.bound() and (hub.directory / "_shared").is_dir(),
        as_before=lambda: hub.phases() == [],
        other=lambda: (hub.directory / "_shared").mkdir(parents=True),
        sends=(f"create persistentvolumes/{hub.volume}", "create persistentvolumeclaims/home-nfs"),
    )


def share_elsewhere(hub: DeclaredHub) -> Broken:
    directory = old_and_new(hub)
    retain = {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}

    def on(path: str) -> bool:
        kept = (directory / "alice" / "notebook.ipynb").read_text() == "kept"
        return hub.bound() and hub.objects()[0]["spec"]["nfs"]["path"] == path and kept

    return Broken(
        {},
        whole=lambda: on(f"/homes/{hub.name}"),
        as_before=lambda: on(f"/homes/{hub.name}-2024"),
        other=lambda: hub.api.patch("PersistentVolume", hub.volume, "", retain),
        sends=(
            "delete persistentvolumeclaims/home-nfs", f"delete persistentvolumes/{hub.volume}",
            f"create persistentvolumes/{hub.volume}", "create persistentvolumeclaims/home-nfs",
        ),
    )  # fmt: skip


BY_KEYBOARD = {"create-share": share_to_make, "rebind": share_elsewhere}


@pytest.mark.parametrize("action", BY_KEYBOARD)
async def test_by_keyboard(hub: DeclaredHub, action: str) -> None:
    await everything(hub, action, BY_KEYBOARD[action](hub), undoable=True, tree=hub.tree)


@pytest.mark.parametrize("line", [3, 5, 7])
def test_create_share_killed_then_finished_or_undone(hub: DeclaredHub, line: int) -> None:
    run = killed(hub, "create-share", line)
    if line == 5:
        hub.taken_back(run)
        assert hub.phases() == []
        assert not hub.directory.exists()
        return
    hub.taken_back(run, "finish")
    hub.api.wait("both are bound", hub.bound)
    assert hub.plan("create-share")["steps"] == []


@pytest.mark.parametrize("line", [3, 5, 7, 9, 11])
def test_rebind_killed_then_finished_or_undone(hub: DeclaredHub, line: int) -> None:
    directory = old_and_new(hub)
    inode = directory.stat().st_ino
    run = killed(hub, "rebind", line)
    back = line in (5, 9)
    hub.taken_back(run, "undo" if back else "finish")
    hub.api.wait("both are bound", hub.bound)
    volume, _ = hub.objects()
    assert volume["spec"]["nfs"]["path"] == f"/homes/{hub.name}-2024" if back else f"/homes/{hub.name}"
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == ("Delete" if back else "Retain")
    assert (directory.stat().st_ino, (directory / "alice" / "notebook.ipynb").read_text()) == (inode, "kept")


def killed(hub: DeclaredHub, action: str, line: int) -> str:
    """Runs ACTION as a process that is killed before LINE of the record; gives the run that is open then."""
    words = [sys.executable, "-m", "tests.actions.killed_action", str(line), "admin", action, hub.name, json.dumps({})]
    done = subprocess.run(
        [*words, str(hub.tree)], cwd=REPOSITORY, capture_output=True, timeout=300, check=False, env=os.environ
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    # The lock of who was killed would end by itself after a minute.
    with contextlib.suppress(ApiRefused):
        hub.api.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{hub.name}/leases/hubhomes")
    (run,) = hub.history().document("History")["runs"]
    assert run["state"] == "open"
    return str(run["id"])


def _is_there(hub: DeclaredHub) -> bool:
    return any(one["metadata"]["name"] == hub.name for one in hub.api.list("Namespace"))
