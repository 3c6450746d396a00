"""The cluster itself: what the other tests rely on."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.client import ApiRefused
from tests.cluster.node import RealCluster

REPOSITORY = Path(__file__).parents[2]


def pod(name: str, namespace: str, *, path: str, script: str) -> dict[str, object]:
    mount = {"name": "homes", "mountPath": "/homes"}
    container = {
        "name": "c",
        "image": "localhost/busybox:1.36.1",
        "command": ["sh", "-c", script],
        "volumeMounts": [mount],
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "homes", "nfs": {"server": "10.2.0.2", "path": path}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def phase(cluster: RealCluster, namespace: str, name: str) -> str:
    return str(cluster.api.get("Pod", name, namespace)["status"].get("phase"))


@pytest.mark.apiserver
def test_only_known_tokens_are_let_in(real_cluster: RealCluster) -> None:
    with pytest.raises(ApiRefused, match="cannot list"):
        real_cluster.client("viewer").list("Pod")
    assert real_cluster.client("admin").list("Namespace")


@pytest.mark.node
def test_nfs_volumes_mount_and_a_pod_changes_what_is_exported(real_node: RealCluster, real_namespace: str) -> None:
    folder = real_node.export("10.2.0.2", "/homes/mounted")
    script = "mkdir /homes/ana && chown 1000:1000 /homes/ana && echo made"
    real_node.api.create(pod("maker", real_namespace, path="/homes/mounted", script=script))
    real_node.api.wait("Succeeded", lambda: phase(real_node, real_namespace, "maker") == "Succeeded")
    assert (folder / "ana").stat().st_uid == 1000
    assert real_node.api.raw("GET", f"/api/v1/namespaces/{real_namespace}/pods/maker/log") == (200, b"made\n")


@pytest.mark.node
def test_a_mount_that_fails_says_why_in_an_event(real_node: RealCluster, real_namespace: str) -> None:
    real_node.export("10.2.0.2", "/homes/denied")
    words = "access denied by server while mounting 10.2.0.2:/homes/denied"
    real_node.fail_mounts("10.2.0.2", "/homes/denied", words)
    real_node.api.create(pod("denied", real_namespace, path="/homes/denied", script="true"))

    def told() -> bool:
        events = real_node.api.list("Event", real_namespace, fieldSelector="reason=FailedMount")
        return any(f"mount.nfs: {words}" in event["message"] for event in events)

    real_node.api.wait("a FailedMount event", told)


@pytest.mark.node
def test_a_cluster_ends_with_the_process_that_started_it() -> None:
    code = "from tests.cluster.node import start; c = start(node=True); print(c.folder, flush=True); input()"
    starter = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    folder = Path(starter.stdout.readline().strip())
    pattern = f"python.* tests.cluster.inside {folder}"
    inside = int(subprocess.check_output(["pgrep", "--full", "--newest", pattern], text=True))
    ended = os.pidfd_open(inside)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    assert select.select([ended], [], [], 20)[0], "the cluster outlives its starter"
    os.close(ended)
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{folder.name}"))
    shutil.rmtree(folder)
