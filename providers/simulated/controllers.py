"""Plays what controllers and kubelets make of changes in the demo: share creators run, volumes bind, servers start."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from providers.simulated import statuses
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.cluster import timestamp
from providers.simulated.described import Cluster
from providers.simulated.directories import Shares
from providers.simulated.resources import Json, Resource, by_path
from providers.simulated.volumes import Volumes

_RUNS_S = 0.6
_CREATOR_ENV = "NFS_SHARE_NAME"


def control(server: SimulatedApiServer, cluster: Cluster, now: datetime, shares: Shares) -> None:
    """From now on what is written into SERVER has its consequences."""
    server.watchers.append(_Controllers(server, cluster, now, shares).written)


class _Controllers:
    def __init__(self, server: SimulatedApiServer, cluster: Cluster, now: datetime, shares: Shares) -> None:
        self._server, self._now, self._shares = server, now, shares
        self._node = f"{cluster.name}-user-{cluster.zones[0].rpartition('-')[2]}"
        self._volumes = Volumes(server.store, self._node, now)
        self._running: set[asyncio.Task[None]] = set()
        server.in_use = self._volumes.in_use
        shares.watchers.append(self._volumes.mounted)

    def written(self, verb: str, item: Json) -> None:
        """A Watcher."""
        kind = item.get("kind")
        if kind == "Job" and verb == "create":
            task = asyncio.get_running_loop().create_task(self._job(item))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif kind == "Job" and verb == "delete":
            self._collect(item)
        else:
            self._volumes.written(verb, item)

    async def _job(self, job: Json) -> None:
        """A share creator makes its directory, its users' own, and is done."""
        template, metadata = job["spec"]["template"], job["metadata"]
        values = {one["name"]: one.get("value", "") for one in template["spec"]["containers"][0].get("env", ())}
        if _CREATOR_ENV not in values:
            return
        self._put({**job, "status": {"active": 1, "startTime": timestamp(self._now)}})
        pod = self._put(statuses.running_pod(self._pod_of(job), self._now))
        await self._server.sleep(_RUNS_S)
        nfs = next(volume["nfs"] for volume in template["spec"]["volumes"] if "nfs" in volume)
        path = values[_CREATOR_ENV]
        if self._shares.directory(nfs["server"], path) is not None:
            self._shares.change(nfs["server"], path, (), uid=1000, gid=1000)
        where = (metadata["namespace"], pod["metadata"]["name"], template["spec"]["containers"][0]["name"])
        self._server.logs.append(where, f"drwxr-xr-x   14 1000     1000          4096 /mnt{path}\n")
        if self._get("batch", "jobs", metadata["namespace"], metadata["name"]) is None:
            return
        self._put(statuses.succeeded_pod(pod, self._now))
        done = {"type": "Complete", "status": "True"}
        self._put({**job, "status": {"succeeded": 1, "startTime": timestamp(self._now), "conditions": [done]}})
        self._server.logs.tell()

    def _pod_of(self, job: Json) -> Json:
        metadata, template = job["metadata"], job["spec"]["template"]
        labels = {**template["metadata"].get("labels", {}), "job-name": metadata["name"]}
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"]}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{metadata['name']}-p4q8z",
                "namespace": metadata["namespace"],
                "labels": labels,
                "ownerReferences": [{**owner, "controller": True}],
            },
            "spec": {**template["spec"], "nodeName": self._node},
        }

    def _collect(self, job: Json) -> None:
        """The pods of a Job that was deleted go with it."""
        pods, uid = self._resource("", "pods"), job["metadata"].get("uid")
        for _, pod in tuple(self._server.store.of(pods, job["metadata"]["namespace"])):
            if any(owner.get("uid") == uid for owner in pod["metadata"].get("ownerReferences", ())):
                self._server.store.remove(pods, pod["metadata"]["namespace"], pod["metadata"]["name"])

    def _put(self, item: Json) -> Json:
        return self._server.store.put(item)

    def _get(self, group: str, plural: str, namespace: str, name: str) -> Any:
        return self._server.store.get(self._resource(group, plural), namespace, name)

    @staticmethod
    def _resource(group: str, plural: str) -> Resource:
        found = by_path(group, "v1", plural)
        assert found is not None  # noqa: S101 - one of the resources
        return found
