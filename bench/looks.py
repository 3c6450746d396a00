"""A hub with 10,000 homes on a real node: a look at them, against `find` and `stat` over the same mount."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import msgspec

from bench.rows import Row, rounds, tell
from providers.kubernetes.exec import run as run_in_container
from providers.kubernetes.looks.look import looked
from providers.kubernetes.looks.protocol import LookRequest
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.cluster.client import Json
from tests.cluster.node import RealCluster, running, why_no_control_plane, why_no_node

HOMES = 10_000
_SERVER, _HUB, _IMAGE = "10.2.0.2", "prod", "localhost/busybox:1.36.1"
_FIND = "cd /homes/prod && find . -mindepth 1 -maxdepth 1 -print0 | xargs -0 stat -c '%f %u %g %Y %s %N'"


def run(*, count: int) -> None:
    if why := why_no_control_plane() or why_no_node():
        tell(f"left out: looks on a real node: {why}")
        return
    with running(node=True) as cluster:
        _prepare(cluster)
        number = iter(range(1_000_000))

        def timed(measured: Callable[[Transport], Awaitable[int]]) -> float:
            return asyncio.run(_timed(cluster, measured))

        pods = rounds(
            lambda: timed(_look), lambda: timed(lambda _: _find_by_pod(cluster, f"find-{next(number)}")), count=count
        )
        tell(Row(f"a look at {HOMES} homes, its pod included", *pods, "find and stat in a pod of their own", 1.5))
        inside = rounds(lambda: timed(_look_inside), lambda: timed(_find_inside), count=count)
        tell(Row(f"the same in a container that runs: {HOMES} homes", *inside, "find and stat in it", 1.5))


def _prepare(cluster: RealCluster) -> None:
    folder = cluster.export(_SERVER, f"/homes/{_HUB}")
    for number in range(HOMES):
        os.mkdir(folder / f"user-{number:05}")  # noqa: PTH102 - ten thousand of them
    pod = _pod("server", "sleep 100000")
    pod["spec"]["containers"][0]["name"] = "nfs-server"
    pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"] = "/export/homes"
    cluster.api.create(pod)
    cluster.api.wait("the server", lambda: _phase(cluster, "server") == "Running")


async def _timed(cluster: RealCluster, measured: Callable[[Transport], Awaitable[int]]) -> float:
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(hours=1))
    transport = await KubeconfigConnector(str(cluster.kubeconfig)).connect("admin", permission=permission)
    try:
        started = time.perf_counter()
        found = await measured(transport)
        elapsed = time.perf_counter() - started
    finally:
        await transport.close()
    if found != HOMES:
        raise RuntimeError(f"not complete: {found} homes")
    return elapsed


async def _look(transport: Transport) -> int:
    return await _entries(transport, msgspec.structs.replace(_ASKED, through="export"))


async def _look_inside(transport: Transport) -> int:
    return await _entries(transport, msgspec.structs.replace(_ASKED, through="server"))


_ASKED = LookRequest(
    namespace="default",
    server=_SERVER,
    base_path="/homes",
    hub_directory=_HUB,
    pod="server",
    image=_IMAGE,
    owner="bench",
)


async def _entries(transport: Transport, request: LookRequest) -> int:
    look = await looked(transport, request)
    if not look.complete:
        raise RuntimeError(look.why)
    return len(look.entries or ())


async def _find_by_pod(cluster: RealCluster, name: str) -> int:
    """A pod of `find` and `stat`, asked after as often as a look's is."""
    cluster.api.create(_pod(name, _FIND))
    while _phase(cluster, name) != "Succeeded":
        await asyncio.sleep(0.25)
    _, log = cluster.api.raw("GET", f"/api/v1/namespaces/default/pods/{name}/log")
    cluster.api.delete("Pod", name, "default", grace_s=0)
    return log.count(b"\n")


async def _find_inside(transport: Transport) -> int:
    command = ["sh", "-c", _FIND.replace("/homes/", "/export/homes/")]
    done = await run_in_container(
        transport, "default", "server", container="nfs-server", command=command, deadline_s=60
    )
    return done.stdout.count(b"\n")


def _pod(name: str, script: str) -> Json:
    container = {
        "name": "c",
        "image": _IMAGE,
        "command": ["sh", "-c", script],
        "volumeMounts": [{"name": "homes", "mountPath": "/homes"}],
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
        "volumes": [{"name": "homes", "nfs": {"server": _SERVER, "path": "/homes"}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def _phase(cluster: RealCluster, name: str) -> str:
    return str(cluster.api.get("Pod", name, "default")["status"].get("phase"))
