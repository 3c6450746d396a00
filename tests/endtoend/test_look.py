"""The command looks inside a real folder behind a real nfs mount: what is planted is told, nothing else is sent."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.node import AuditedRequest, RealCluster
from tests.endtoend.conftest import KEPT, Json
from tests.endtoend.test_requests import is_looking
from tests.kubernetes.looks.real import IMAGE, helper_pods, phase, share

pytestmark = pytest.mark.node

Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def command(real_node: RealCluster, tmp_path: Path) -> Command:
    """Starts the command on the real cluster, its hubs found live."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[images]\nhelper = "{IMAGE}"\n')
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {
        "KUBECONFIG": str(real_node.kubeconfig), "HUBHOMES_SETTINGS": str(settings), "XDG_CACHE_HOME": str(tmp_path),
    }  # fmt: skip

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "console.cli.main", *arguments, "--context", "admin"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


@pytest.fixture
def hub(real_node: RealCluster, real_namespace: str) -> Path:
    """The folder of a hub that is on the cluster, and in which things are wrong."""
    folder = share(real_node, real_namespace)
    labels = {"app": "jupyterhub", "component": "hub"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "hub", "image": IMAGE}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": pod}
    metadata = {"name": "hub", "namespace": real_namespace, "labels": labels}
    real_node.api.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    os.chown(folder, 1000, 1000)
    for name, uid in ((b"ana", 1000), (b"bo", 0), (b"\xff\nodd", 1001), (b"_shared", 1000)):
        os.mkdir(bytes(folder) + b"/" + name)  # noqa: PTH102 - names are bytes
        os.chown(bytes(folder) + b"/" + name, uid, uid)
    (folder / "chi").symlink_to("/etc")
    return folder


def changes(requests: list[AuditedRequest]) -> list[str]:
    return [f"{one.verb} {one.object_ref.resource}" for one in requests if not is_looking(one)]


def test_without_probe_nothing_is_made(hub: Path, real_node: RealCluster, command: Command) -> None:
    before = len(real_node.audited())
    asked = command("look", f"admin/{hub.name}", "--json")
    out, err = asked.communicate(timeout=300)
    assert (asked.returncode, out) == (2, "")
    assert f"starts one pod of image {IMAGE} in namespace {hub.name}" in err
    assert changes(real_node.audited()[before:]) == []


def test_what_is_planted_is_told_and_no_pod_is_left(hub: Path, real_node: RealCluster, command: Command) -> None:
    before = len(real_node.audited())
    asked = command("look", f"admin/{hub.name}", "--probe", "--homes", "--json")
    out, err = asked.communicate(timeout=300)
    assert (asked.returncode, err) == (0, "")
    found: Json = json.loads(out)
    assert found["seen"]["directory"] == {"exists": True, "kind": "directory", "uid": 1000, "gid": 1000, "mode": "0755"}
    assert found["seen"]["look"]["complete"] is True
    told = {finding["code"]: finding["message"] for finding in found["findings"]}
    assert told["HOM01"] == "2 homes not owned by 1000:1000: bo"
    assert told["HOM04"] == "1 link among the homes, 1 out of the tree: chi"
    names = {one["name"]: one["name_base64"] for one in found["homes"]}
    assert base64.b64decode(names["\\xff\\x0aodd"] or "") == b"\xff\nodd"
    assert changes(real_node.audited()[before:]) == ["create pods", "delete pods"]
    assert helper_pods(real_node, hub.name) == []


def test_broken_off_it_leaves_no_pod(hub: Path, real_node: RealCluster, command: Command) -> None:
    asked = command("look", f"admin/{hub.name}", "--probe")
    real_node.api.wait("the helper pod", lambda: bool(helper_pods(real_node, hub.name)), timeout_s=30)
    asked.send_signal(signal.SIGINT)
    _, err = asked.communicate(timeout=300)
    assert asked.returncode == 130
    assert "Traceback" not in err
    real_node.api.wait("its removal", lambda: not helper_pods(real_node, hub.name), timeout_s=5)


def test_killed_it_leaves_a_pod_that_ends_is_told_and_can_be_removed(
    hub: Path, real_node: RealCluster, command: Command
) -> None:
    def answer(*arguments: str) -> Json:
        asked = command(*arguments, "--json")
        out, err = asked.communicate(timeout=300)
        assert out, err
        document: Json = json.loads(out)
        return document

    asked = command("look", f"admin/{hub.name}", "--probe")
    real_node.api.wait("the helper pod", lambda: bool(helper_pods(real_node, hub.name)), timeout_s=30)
    asked.send_signal(signal.SIGKILL)
    asked.communicate(timeout=300)
    (name,) = helper_pods(real_node, hub.name)
    real_node.api.wait("its end", lambda: phase(real_node, "Pod", name, hub.name) in ("Succeeded", "Failed"))

    told = [one for one in answer("check", "admin")["findings"] if one["code"] == "CLU07"]
    assert any(name in line for one in told for line in one["detail"])
    planned = answer("remove-helper-pods", "admin", "--dry-run")
    assert f"{hub.name}/{name}" in json.dumps(planned)
    answer("remove-helper-pods", "admin", "--yes", "--digest", planned["digest"])
    assert helper_pods(real_node, hub.name) == []
