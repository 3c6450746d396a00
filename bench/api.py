"""A real API server with 300 hubs and 6,000 user pods: from nothing to a complete snapshot, against curl and kubectl;
and the console against k9s."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.load import load
from bench.rows import Row, seconds_of, tell
from bench.snapshot import snapshot
from bench.terminal import Terminal
from tests.cluster import assets
from tests.cluster.node import RealCluster, running, why_no_control_plane

HUBS, PODS = 300, 6_000
HUBHOMES = str(Path(sys.executable).with_name("hubhomes"))
CONTEXT = "reader"
_IDLE_S = 10.0


def run(*, count: int) -> None:
    if why := why_no_control_plane():
        tell(f"left out: a real API server: {why}")
        return
    # No controller but the one of namespaces: pods without a node stay as they are made.
    with running(node=False, controllers="namespace-controller") as cluster:
        started = time.perf_counter()
        load(cluster.api, hubs=HUBS, pods=PODS)
        _, listed = cluster.api.raw("GET", "/api/v1/pods")
        tell(
            f"a real API server: {HUBS} hubs, {PODS} user pods of {len(listed) / PODS / 1000:.1f} kB"
            f" (made in {time.perf_counter() - started:.0f} s)"
        )
        environment = _environment(cluster)
        _snapshots(cluster, environment, count=count)
        _consoles(environment)


def _environment(cluster: RealCluster) -> dict[str, str]:
    home = cluster.folder / "home"
    home.mkdir()
    own = {"HOME": home, "XDG_CACHE_HOME": home / "cache", "XDG_CONFIG_HOME": home / "config", "XDG_STATE_HOME": home}
    return {**os.environ, **{name: str(path) for name, path in own.items()}, "KUBECONFIG": str(cluster.kubeconfig)}


def _snapshots(cluster: RealCluster, environment: Mapping[str, str], *, count: int) -> None:
    os.environ["KUBECONFIG"] = environment["KUBECONFIG"]
    process = [sys.executable, "-m", "bench.snapshot", CONTEXT]
    status = [HUBHOMES, "--context", CONTEXT, "status", "--json"]
    before = len(cluster.audited())
    seconds_of(process, environment=environment)
    addresses = _lists(cluster, before)
    curl = _curl(cluster, addresses)
    kubectl = [str(assets.require("kubectl")), "--context", CONTEXT, "get", "pv,pvc,pods", "-A", "-o", "json"]
    seconds = _interleaved(
        {
            "process": lambda: seconds_of(process, environment=environment),
            "in process": _in_process,
            "status": lambda: seconds_of(status, environment=environment),
            "curl": lambda: seconds_of(curl),
            "plain curl": lambda: seconds_of([part for part in curl if part != "--compressed"]),
            "curl at once": lambda: seconds_of([*curl, "--parallel", "--parallel-immediate"]),
            "kubectl": lambda: seconds_of(kubectl, environment=environment),
        },
        count=count,
    )

    def row(what: str, ours: str, theirs: str, against: str, at_most: float | None = None) -> None:
        tell(Row(what, seconds[ours], seconds[theirs], against, at_most))

    lists = f"curl --compressed of its {len(addresses)} lists"
    row("from nothing to a complete observation, a new process with its imports", "process", "curl", lists, 1.3)
    row("the same within a running process, a new session", "in process", "curl", lists, 1.3)
    row("the same, against several connections", "in process", "curl at once", f"{lists}, in parallel")
    row(
        "the same, against no compression at all (ours asks for it: a loopback address often ends a tunnel)",
        "in process",
        "plain curl",
        "curl of them",
    )
    row("hubhomes status --json: the same, joined, judged and printed", "status", "curl", lists)
    against = "kubectl get pv,pvc,pods -A -o json"
    row("from nothing to a complete observation, a new process", "process", "kubectl", against, 1 / 8)
    row("hubhomes status --json", "status", "kubectl", against, 1 / 8)


def _in_process() -> float:
    started = time.perf_counter()
    pods, volumes = asyncio.run(snapshot(CONTEXT))
    elapsed = time.perf_counter() - started
    if (pods, volumes) != (PODS, HUBS):
        raise RuntimeError(f"not complete: {pods} user pods, {volumes} PersistentVolumes")
    return elapsed


def _interleaved(measured: Mapping[str, Callable[[], float]], *, count: int) -> dict[str, list[float]]:
    """COUNT rounds of each in turn, after one that warms up."""
    rounds = [{name: measure() for name, measure in measured.items()} for _ in range(count + 1)]
    return {name: [each[name] for each in rounds[1:]] for name in measured}


def _lists(cluster: RealCluster, before: int) -> list[str]:
    """The lists that were sent since the audit log had BEFORE lines, whole instead of in pages."""
    asked = [request.request_uri for request in cluster.audited()[before:] if request.verb == "list"]
    whole = []
    for uri in asked:
        parts = urlsplit(uri)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("limit", "continue")]
        whole.append(f"{parts.path}?{urlencode(query)}")
    return list(dict.fromkeys(whole))


def _curl(cluster: RealCluster, lists: Sequence[str]) -> list[str]:
    """One curl over one connection; what it fetches is thrown away."""
    authority = str(cluster.layout.path("pki", "ca.pem"))
    token = cluster.layout.tokens[CONTEXT]
    common = ["curl", "--silent", "--fail", "--compressed", "--cacert", authority]
    headers = ["--header", f"Authorization: Bearer {token}", "--header", "Accept: application/json"]
    urls = [part for path in lists for part in ("--output", "/dev/null", f"{cluster.layout.server}{path}")]
    return [*common, *headers, *urls]


def _consoles(environment: Mapping[str, str]) -> None:
    k9s = assets.find("k9s")
    ours = _on_screen([HUBHOMES, "--context", CONTEXT], "hub-000", environment, settled="observed")
    tell(f"hubhomes console\n    {ours}")
    if k9s is None:
        tell("k9s left out: run  python -m tests.cluster.assets --with k9s  (4 min, once)")
        return
    command = [str(k9s), "--context", "admin", "--readonly", "--logoless", "--all-namespaces", "--command", "pods"]
    theirs = _on_screen(command, "jupyter-user", environment)
    tell(f"k9s, all pods\n    {theirs}")
    ratios = (
        f"first rows {ours.ready_s / theirs.ready_s:.2f}, memory {ours.resident_mib / theirs.resident_mib:.2f}, "
        f"processor at rest {ours.idle_percent:.2f} % against {theirs.idle_percent:.2f} %"
    )
    lower = ours.ready_s < theirs.ready_s and ours.resident_mib < theirs.resident_mib
    tell(f"hubhomes / k9s: {ratios}  aim: lower in all three  {'met' if lower else 'MISSED'}")


class OnScreen:
    """What a terminal program costs: seconds to its first rows and to all, MiB, per cent of a core at rest, bytes."""

    def __init__(self, ready_s: float, settled_s: float, mib: float, idle_percent: float, idle_bytes: int) -> None:
        self.ready_s, self.settled_s, self.resident_mib = ready_s, settled_s, mib
        self.idle_percent, self.idle_bytes = idle_percent, idle_bytes

    def __str__(self) -> str:
        return (
            f"first rows {self.ready_s:.2f} s   complete {self.settled_s:.2f} s   memory {self.resident_mib:.0f} MiB   "
            f"at rest {self.idle_percent:.2f} % of a core, {self.idle_bytes} bytes sent in {_IDLE_S:.0f} s"
        )


def _on_screen(command: Sequence[str], row: str, environment: Mapping[str, str], *, settled: str = "") -> OnScreen:
    with Terminal(command, size=(120, 36), environment=environment) as terminal:
        if not terminal.run(60, until=row):
            raise RuntimeError(f"{row!r} did not come on the screen of {command[0]}:\n{terminal.text()}")
        ready_s = time.perf_counter() - terminal.started
        if settled and not terminal.run(60, until=settled):
            raise RuntimeError(f"{settled!r} did not come on the screen of {command[0]}:\n{terminal.text()}")
        settled_s = time.perf_counter() - terminal.started
        terminal.run(4)
        busy_s, sent = terminal.cpu_seconds(), terminal.bytes_out
        terminal.run(_IDLE_S)
        idle = (terminal.cpu_seconds() - busy_s) / _IDLE_S * 100
        return OnScreen(ready_s, settled_s, terminal.resident_mib(), idle, terminal.bytes_out - sent)


if __name__ == "__main__":
    run(count=5)
