"""Plays what becomes of helper pods in the demo: they mount what their volume names, tell what is there, and end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from providers.kubernetes.shells import HOLD
from providers.simulated import statuses
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.cluster import FailedMount, Unschedulable, failed_mount_event, failed_scheduling_event
from providers.simulated.described import Cluster, Hub
from providers.simulated.directories import Place, Shares, quota_rows
from providers.simulated.look_script import Space, answer, is_look
from providers.simulated.make_script import is_make, make
from providers.simulated.mend_script import hub_of, is_mend, is_owners, mend, owners
from providers.simulated.move_script import is_move, move
from providers.simulated.pods import ExecAnswer, ExecRequest
from providers.simulated.release import Release
from providers.simulated.resources import Json, by_path
from providers.simulated.terminals import DemoTerminal

_MOUNT_S = 0.9
_PIECE_S = 0.15
_SERVER_ROOT = "/export"


def play(server: SimulatedApiServer, cluster: Cluster, now: datetime, shares: Shares) -> None:
    """From now on helper pods live in SERVER and see SHARES, shells in them answer, and its in-cluster file servers
    answer looks."""
    player = _Player(server, cluster, now, shares)
    server.watchers.append(player.written)
    server.execs = player.run
    server.terminals = player.terminal


class _Player:
    def __init__(self, server: SimulatedApiServer, cluster: Cluster, now: datetime, shares: Shares) -> None:
        self._server, self._cluster, self._now = server, cluster, now
        self._shares = shares
        self._otherwise = server.execs
        self._playing: set[asyncio.Task[None]] = set()

    def written(self, verb: str, item: Json) -> None:
        """A Watcher: takes the looks among the pods that are made."""
        if verb != "create" or item.get("kind") != "Pod":
            return
        (container, *_) = item["spec"]["containers"]
        command = container.get("command", [])
        if "hubhomes/purpose" in item["metadata"].get("labels", {}) and (is_look(command) or _holds(command)):
            task = asyncio.get_running_loop().create_task(self._live(item))
            self._playing.add(task)
            task.add_done_callback(self._playing.discard)

    async def run(self, request: ExecRequest) -> ExecAnswer:
        """An Exec: looks, quotas and exports, asked of the in-cluster server in its own containers; and what mends
        permissions, there or in a helper pod that holds a share mounted."""
        hub = self._shares.hubs.get(request.namespace)
        if hub is None or hub.home_nfs is None or not request.pod.startswith("storage-quota-home-nfs"):
            return self._held(request) or await self._otherwise(request)
        down = {"down": "nfs-server", "degraded": "enforce-xfs-quota"}.get(hub.home_nfs.state)
        if request.container == down:
            return ExecAnswer(error=f'container not found ("{down}")')
        root = self._shares.directory(hub.server, "/")
        if _is_inside(request.command):
            return self._permissions(request, hub.server, "/")
        if is_look(request.command):
            text = "".join(answer(request.command, root, _space(hub)))
            return ExecAnswer(stdout=text.encode())
        if request.command[0] == "showmount":
            return ExecAnswer(stdout=f"Export list for 0.0.0.0:\n{_SERVER_ROOT} *\n".encode())
        if request.command[0] == "xfs_quota" and root is not None:
            return ExecAnswer(stdout=self._quotas(hub, root))
        return await self._otherwise(request)

    def terminal(self, request: ExecRequest) -> DemoTerminal:
        """A shell in a helper pod, over what that has mounted."""
        pod = self._stored("pods", request.namespace, request.pod)
        volume = pod["spec"]["volumes"][0] if pod is not None else {}
        source = self._nfs(request.namespace, volume)
        writable = not any(one.get("readOnly") for one in volume.values() if isinstance(one, dict))

        def root() -> Place | None:
            return None if isinstance(source, str) else self._shares.directory(*source)

        return DemoTerminal(request, root, writable=writable)

    def _held(self, request: ExecRequest) -> ExecAnswer | None:
        """The answer of a helper pod that holds a share mounted; None where it is none, or is asked something else."""
        pod = self._stored("pods", request.namespace, request.pod)
        if pod is None or not _is_inside(request.command):
            return None
        source = self._nfs(request.namespace, pod["spec"]["volumes"][0])
        return None if isinstance(source, str) else self._permissions(request, *source)

    def _permissions(self, request: ExecRequest, server: str, path: str) -> ExecAnswer:
        if is_make(request.command):
            return make(request.command, self._shares, server, path)
        name = hub_of(request.command).decode()
        whole = f"{path.rstrip('/')}/{name}" if name else path
        place = self._shares.directory(server, whole)
        if is_owners(request.command):
            return ExecAnswer(stdout=owners(request.command, place, request.stdin))
        if is_move(request.command):
            return ExecAnswer(exit_code=move(request.command, place, self._now))
        if place is None:
            return ExecAnswer(exit_code=4)
        mend(request.command, place, request.stdin, lambda below, fields: self._shares.change(
            server, whole, below, **fields
        ))  # fmt: skip
        return ExecAnswer()

    def _quotas(self, hub: Hub, root: Place) -> bytes:
        directory = root.inside[hub.name.encode()]
        rows = quota_rows(directory, f"{self._cluster.name}/{hub.name}")
        below = f"{_SERVER_ROOT}/{hub.name}/".encode()
        return b"".join(
            b"%-10s %10d %10d %10d     %02d %9s\n" % (below + name, used, 0, hard, 0, b"[--------]")
            for name, used, hard in rows
            if b"\n" not in name
        )

    async def _live(self, pod: Json) -> None:
        namespace, hub = pod["metadata"]["namespace"], self._shares.hubs.get(pod["metadata"]["namespace"])
        volume = pod["spec"]["volumes"][0]
        source = self._nfs(namespace, volume)
        if isinstance(source, str):
            self._unscheduled(pod, source)
            return
        pod = {**pod, "spec": {**pod["spec"], "nodeName": f"{self._cluster.name}-user-0"}}
        self._put(statuses.waiting_pod(pod, self._now))
        await self._server.sleep(_MOUNT_S)
        if hub is not None and not hub.pulls:
            image = pod["spec"]["containers"][0]["image"]
            why = f'Back-off pulling image "{image}"'
            self._put(statuses.waiting_pod(pod, self._now, reason="ImagePullBackOff", message=why))
            return
        failing = [each.cause for each in hub.failing if each.node == 0] if hub else []
        directory = self._shares.directory(*source)
        if failing and failing[0] in get_args(FailedMount) and (failing[0] != "no-directory" or directory is None):
            self._mount_fails(pod, source, failing[0])  # type: ignore[arg-type]  # one of them, as was asked
        elif directory is None:
            self._mount_fails(pod, source, "no-directory")
        elif not failing or failing[0] != "hanging":
            await self._tell(pod, directory, hub)

    async def _tell(self, pod: Json, directory: Place, hub: Hub | None) -> None:
        (container,) = pod["spec"]["containers"]
        if _holds(container["command"]):
            self._put(statuses.running_pod(pod, self._now))
            return
        place = (pod["metadata"]["namespace"], pod["metadata"]["name"], container["name"])
        self._put(statuses.running_pod(pod, self._now))
        for piece in answer(container["command"], directory, _space(hub)):
            if not self._is_there(pod):
                return
            self._server.logs.append(place, piece)
            await self._server.sleep(_PIECE_S)
        self._put(statuses.succeeded_pod(pod, self._now))

    def _nfs(self, namespace: str, volume: Json) -> tuple[str, str] | Unschedulable:
        """Server and path behind a pod's VOLUME; or why the scheduler waits."""
        if "nfs" in volume:
            return volume["nfs"]["server"], volume["nfs"]["path"]
        claim = self._stored("persistentvolumeclaims", namespace, volume["persistentVolumeClaim"]["claimName"])
        if claim is None:
            return "missing"
        phase = claim["status"]["phase"]
        found = self._stored("persistentvolumes", "", claim["spec"].get("volumeName", ""))
        if phase != "Bound" or found is None:
            return "lost" if phase == "Lost" else "unbound"
        nfs = found["spec"]["nfs"]
        return nfs["server"], nfs["path"]

    def _unscheduled(self, pod: Json, cause: Unschedulable) -> None:
        release = self._release(pod, "", "")
        event = failed_scheduling_event(release, pod, cause, at=self._now)
        self._put(statuses.unscheduled_pod(pod, self._now, message=event["message"]))
        self._server.store.put(statuses.created(event, self._now))

    def _mount_fails(self, pod: Json, source: tuple[str, str], cause: FailedMount) -> None:
        node, soon = pod["spec"]["nodeName"], self._now + timedelta(seconds=1)
        release = self._release(pod, *source)
        event = failed_mount_event(release, pod, cause, first=soon, last=soon, count=1, host=node)
        self._server.store.put(statuses.created(event, self._now))

    @staticmethod
    def _release(pod: Json, server: str, path: str) -> Release:
        """What the words about a failed mount name."""
        base, _, name = path.rpartition("/")
        namespace = pod["metadata"]["namespace"]
        return Release(name=namespace, server=server, base_share=f"{base}/", share_name_override=name or namespace)

    def _put(self, pod: Json) -> None:
        if self._is_there(pod):
            self._server.store.put(pod)
            self._server.logs.tell()

    def _is_there(self, pod: Json) -> bool:
        metadata = pod["metadata"]
        return self._stored("pods", metadata["namespace"], metadata["name"]) is not None

    def _stored(self, plural: str, namespace: str, name: str) -> Json | None:
        resource = by_path("", "v1", plural)
        assert resource is not None  # noqa: S101 - one of the resources
        return self._server.store.get(resource, namespace, name)


def _is_inside(command: Sequence[str]) -> bool:
    """Whether a command line is about what is inside a hub's directory."""
    return is_owners(command) or is_mend(command) or is_move(command) or is_make(command)


def _holds(command: Sequence[str]) -> bool:
    """Whether a helper pod does nothing but hold a share mounted."""
    return command[:1] == ["sleep"] or command[2:3] == [HOLD]


def _space(hub: Hub | None) -> Space:
    if hub is not None and hub.home_nfs is not None:
        return Space(used_gib=hub.home_nfs.used_gib, size_gib=hub.home_nfs.disk_gib, trip_ms=hub.trip_ms)
    if hub is None or hub.store is None:
        return Space(used_gib=0, size_gib=0)
    return Space(used_gib=hub.store.used_gib, size_gib=hub.store.size_gib, trip_ms=hub.trip_ms)
