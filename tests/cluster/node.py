"""Starts a real Kubernetes: a whole node where that is possible, else its control plane; ends it again.

A whole node is root's: etcd, API server, controller manager, scheduler, kubelet and containerd in a pid and a mount
namespace of their own, whose NFS volumes are folders below `exports`. It is ready in about five seconds. It ends
with `close`, and also when the process that started it dies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.cluster.assets import AssetsMissing, find, require
from tests.cluster.client import ApiClient
from tests.cluster.files import write_files
from tests.cluster.layout import Layout, new_layout
from tests.cluster.packages import missing as missing_packages
from tests.cluster.rights import grant_reader

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager")
NODE = (*CONTROL_PLANE, "kube-scheduler", "kubelet")
_REPOSITORY = Path(__file__).parents[2]


class ClusterFailed(Exception):
    """The cluster did not start. The message says what the processes said last."""


def why_no_control_plane() -> str | None:
    """Why the control plane can't be started here, and what to do about it; None when it can."""
    lacking = [name for name in CONTROL_PLANE if find(name) is None]
    if not lacking:
        return None
    go = "" if shutil.which("go") else "install Go 1.26 and "
    return f"{', '.join(lacking)} not built: {go}run  python -m tests.cluster.assets  (7 min, once)"


def why_no_node() -> str | None:
    """Why a whole node can't be started here, and what to do about it; None when it can."""
    if os.geteuid() != 0:
        return "not root: containers and mounts need it"
    if lacking := missing_packages():
        return f"{', '.join(lacking)} not installed: run  python -m tests.cluster.packages"
    if any(find(name) is None for name in NODE):
        return why_no_control_plane() or "kubelet, kube-scheduler not built: run  python -m tests.cluster.assets"
    return None


class _User(msgspec.Struct):
    username: str = ""


class _Object(msgspec.Struct):
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class AuditedRequest(msgspec.Struct, rename="camel"):
    """One line of the audit log."""

    stage: str
    verb: str
    request_uri: str = msgspec.field(name="requestURI")
    user: _User
    object_ref: _Object = msgspec.field(default_factory=_Object)


class RealCluster:
    """A running cluster. `api` acts as its administrator; `kubeconfig` has a context for each user of layout.USERS."""

    def __init__(self, layout: Layout, process: subprocess.Popen[bytes]) -> None:
        self.layout = layout
        self._process = process
        self.kubeconfig = layout.path("kubeconfig")
        self.api = self.client("machinery")

    @property
    def has_node(self) -> bool:
        return self.layout.node

    @property
    def folder(self) -> Path:
        return self.layout.path()

    def client(self, user: str) -> ApiClient:
        authority = str(self.layout.path("pki", "ca.pem"))
        return ApiClient(self.layout.server, ca_file=authority, token=self.layout.tokens[user])

    def export(self, server: str, path: str) -> Path:
        """The folder behind SERVER:PATH; made when it is missing."""
        folder = self.layout.path("exports", server, path.strip("/"))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def fail_mounts(self, server: str, path: str, words: str) -> None:
        """From now on mounts of SERVER:PATH fail with WORDS, as mount.nfs would say them; "hang": never answer."""
        with self.layout.path("faults").open("a") as faults:
            faults.write(f"{server}:{path}|{words}\n")

    def run_inside(self, *command: str) -> str:
        """Runs a program among the node's mounts and processes: to mount an image below `exports`, to look at its
        mounts. What it leaves behind ends with the node."""
        init = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0]
        enter = ["nsenter", f"--mount=/proc/{init}/ns/mnt", f"--pid=/proc/{init}/ns/pid", "--", *command]
        return subprocess.run(enter, check=True, capture_output=True, text=True).stdout

    def audited(self) -> list[AuditedRequest]:
        """Every request that a person's token has sent, in order; the tests' own set-up is not among them."""
        lines = self.layout.path("log", "audit").read_bytes().splitlines()
        entries = [msgspec.json.decode(line, type=AuditedRequest) for line in lines if line.endswith(b"}")]
        return [entry for entry in entries if entry.stage == "ResponseComplete"]

    def close(self) -> None:
        """Ends every process, mount, link and control group of the cluster, and removes its folder."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_ready(self, *, timeout_s: float = 60) -> None:
        """Returns when objects can be made and, on a whole node, pods start. Raises ClusterFailed."""
        deadline = time.monotonic() + timeout_s
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ClusterFailed(f"the cluster did not start:\n{self._last_words()}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            self.api.get("Namespace", "default")
            nodes = self.api.list("Node") if self.has_node else []
        except Exception:  # noqa: BLE001 - whatever it is while starting, the deadline tells
            return False
        conditions = [condition for node in nodes for condition in node["status"].get("conditions", ())]
        ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
        tainted = any(node["spec"].get("taints") for node in nodes)
        return not self.has_node or (ready and not tainted)

    def _last_words(self) -> str:
        logs = sorted(self.layout.path("log").glob("*"))
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-8:]) for log in logs
        )


def start(*, node: bool, controllers: str = "*") -> RealCluster:
    """Starts a cluster and waits until it is ready. Raises ClusterFailed, AssetsMissing."""
    programs = {name: str(require(name)) for name in (NODE if node else CONTROL_PLANE)}
    if node:
        programs["containerd"] = _containerd()
    folder = Path(tempfile.mkdtemp(prefix="hubhomes-"))
    layout = new_layout(folder, node=node, programs=programs, controllers=controllers)
    write_files(layout)
    layout.save()
    cluster = RealCluster(layout, _spawn(layout))
    try:
        cluster.wait_ready()
        grant_reader(cluster.api)
    except ClusterFailed:
        cluster.close()
        raise
    return cluster


@contextmanager
def running(*, node: bool, controllers: str = "*") -> Iterator[RealCluster]:
    """A cluster for the length of a block."""
    cluster = start(node=node, controllers=controllers)
    try:
        yield cluster
    finally:
        cluster.close()


def _spawn(layout: Layout) -> subprocess.Popen[bytes]:
    inside = [sys.executable, "-m", "tests.cluster.inside", layout.folder]
    # --kill-child: killing unshare itself ends the namespace with all that runs in it.
    own = ["unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--mount-proc", "--kill-child", "--"]
    with layout.path("log", "all").open("wb") as log:
        return subprocess.Popen(
            [*own, *inside] if layout.node else inside,
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,  # its end is the sign to stop, given by close or by our own death
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours: the cluster ends after its tests
        )


def _containerd() -> str:
    found = shutil.which("containerd")
    if found is None:
        raise AssetsMissing("containerd is not installed: run  python -m tests.cluster.packages")
    return found
