"""Runs a cluster's processes until standard input ends: then everything ends, also when the parent was killed.

    python -m tests.cluster.inside FOLDER

For a whole node this is process 1 of a pid and a mount namespace of its own (node.py starts it so).
"""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.cluster.layout import Layout

_CGROUPS = Path("/sys/fs/cgroup")


def commands(layout: Layout) -> dict[str, list[str]]:
    """The command line of each process."""
    pki, kubeconfig = layout.path("pki"), str(layout.path("machinery.kubeconfig"))
    etcd = f"http://127.0.0.1:{layout.etcd_port}"
    accounts = str(pki / "accounts.key")
    apiserver = {
        "etcd-servers": etcd,
        "bind-address": "127.0.0.1",
        "secure-port": str(layout.api_port),
        "tls-cert-file": str(pki / "serving.pem"),
        "tls-private-key-file": str(pki / "serving.pem"),
        "kubelet-client-certificate": str(pki / "client.pem"),
        "kubelet-client-key": str(pki / "client.pem"),
        "kubelet-preferred-address-types": "InternalIP",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": accounts,
        "service-account-signing-key-file": accounts,
        "authorization-mode": "RBAC",
        "token-auth-file": str(layout.path("tokens.csv")),
        "service-cluster-ip-range": "10.96.0.0/16",
        "disable-admission-plugins": "ServiceAccount",
        "allow-privileged": "true",
        "audit-policy-file": str(layout.path("audit-policy.json")),
        "audit-log-path": str(layout.path("log", "audit")),
    }
    common = ["--kubeconfig", kubeconfig, "--kube-api-qps=200", "--kube-api-burst=400", "--secure-port=0"]
    return {
        "etcd": [
            "--data-dir", str(layout.path("etcd")), "--unsafe-no-fsync", "--log-level=error",
            f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{layout.etcd_peer_port}",
        ],
        "kube-apiserver": [f"--{name}={value}" for name, value in apiserver.items()],
        "kube-controller-manager": [
            *common, "--leader-elect=false", f"--service-account-private-key-file={accounts}",
            "--pvclaimbinder-sync-period=1s", f"--controllers={layout.controllers}",
        ],
        "kube-scheduler": [*common, "--leader-elect=false"],
        "containerd": ["--config", str(layout.path("containerd.toml"))],
        "kubelet": [
            "--config", str(layout.path("kubelet.json")), "--kubeconfig", kubeconfig, "--hostname-override=node-a",
            "--root-dir", str(layout.path("kubelet")), "--cert-dir", str(layout.path("kubelet", "pki")),
            "--node-labels=topology.kubernetes.io/zone=zone-a,topology.kubernetes.io/region=region-a",
        ],
    }  # fmt: skip


class Processes:
    """Starts the processes in the order in which they need each other."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._commands = commands(layout)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        layout = self._layout
        self._spawn("etcd")
        self._spawn("kube-apiserver")
        if layout.node:
            self._spawn("containerd")
        self._until_ready()
        self._spawn("kube-controller-manager")
        if layout.node:
            self._import_images()
            self._spawn("kubelet")
            self._spawn("kube-scheduler")

    def exited(self) -> str | None:
        """The name of a process that has ended by itself, if one has."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def pids(self) -> set[int]:
        return {process.pid for process in self._running.values()}

    def stop(self) -> None:
        for process in reversed(self._running.values()):
            process.kill()
        for process in self._running.values():
            process.wait()

    def _spawn(self, name: str) -> None:
        with self._layout.path("log", name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                [self._layout.programs[name], *self._commands[name]],
                cwd=self._layout.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _until_ready(self) -> None:
        trust = ssl.create_default_context(cafile=str(self._layout.path("pki", "ca.pem")))
        token = self._layout.tokens["machinery"]
        request = urllib.request.Request(f"{self._layout.server}/readyz", headers={"Authorization": f"Bearer {token}"})
        while not self._answers(request, trust):
            self._fail_if_exited()
            time.sleep(0.05)

    def _import_images(self) -> None:
        ctr = ["ctr", "--address", str(self._layout.path("containerd.sock")), "--namespace", "k8s.io"]
        archive = str(self._layout.path("images.tar"))
        while subprocess.run([*ctr, "version"], capture_output=True, check=False).returncode != 0:
            self._fail_if_exited()
            time.sleep(0.05)
        with self._layout.path("log", "import").open("wb") as log:
            subprocess.run([*ctr, "images", "import", archive], stdout=log, stderr=log, check=True)

    def _fail_if_exited(self) -> None:
        if name := self.exited():
            raise SystemExit(f"{name} ended at once: see {self._layout.path('log', name)}")

    @staticmethod
    def _answers(request: urllib.request.Request, trust: ssl.SSLContext) -> bool:
        try:
            with urllib.request.urlopen(request, context=trust, timeout=2) as answer:
                return bool(answer.read() == b"ok")
        except (urllib.error.URLError, OSError):
            return False


def prepare_namespace(layout: Layout) -> None:
    """Mounts of our own: /run, and mount.nfs laid over the machine's programs. Nothing outside sees them."""
    _run("mount", "--make-rslave", "/")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    Path("/run/netns").mkdir()
    programs = Path("/sbin").resolve()
    _run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={layout.path('sbin')}:{programs}", str(programs))
    for root in _cgroup_roots(layout):
        root.mkdir(exist_ok=True)


def leave_nothing(layout: Layout) -> None:
    """Ends every process of the namespace, and takes away what the machine would keep: links and control groups."""
    with suppress(ProcessLookupError):  # the last process has gone already
        os.kill(-1, signal.SIGKILL)
    routes = subprocess.run(["ip", "-4", "route"], check=False, capture_output=True, text=True).stdout
    prefix = layout.subnet.removesuffix("0/24")
    for words in (line.split() for line in routes.splitlines()):
        if words[0].startswith(prefix) and "dev" in words:
            subprocess.run(["ip", "link", "delete", words[words.index("dev") + 1]], check=False, capture_output=True)
    for root in _cgroup_roots(layout):
        for folder in sorted(root.rglob("*/"), reverse=True):
            _remove(folder)
        _remove(root)


def _cgroup_roots(layout: Layout) -> list[Path]:
    name = layout.cgroup.strip("/")
    if (_CGROUPS / "cgroup.controllers").exists():
        return [_CGROUPS / name]
    return [controller / name for controller in _CGROUPS.iterdir() if (controller / "cgroup.procs").exists()]


def _remove(cgroup: Path) -> None:
    # A group whose last process is still being reaped is busy for a moment.
    for _ in range(20):
        try:
            cgroup.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _standard_input_ends() -> threading.Event:
    ended = threading.Event()

    def wait() -> None:
        while os.read(0, 1024):
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    return ended


def _reap_orphans(own: set[int]) -> None:
    """As process 1 we inherit what containerd's shims leave; what we started ourselves is left to its Popen."""
    peek = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while (ended := os.waitid(os.P_ALL, 0, peek)) and ended.si_pid not in own:
        os.waitpid(ended.si_pid, 0)


def main(folder: Path) -> int:
    layout = Layout.load(folder)
    ended = _standard_input_ends()
    processes = Processes(layout)
    if layout.node:
        prepare_namespace(layout)
    try:
        processes.start()
        while not ended.wait(0.5):
            if layout.node:
                _reap_orphans(processes.pids())
            if name := processes.exited():
                print(f"{name} ended by itself: see {layout.path('log', name)}", file=sys.stderr)
                return 1
    finally:
        processes.stop()
        if layout.node:
            leave_nothing(layout)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
