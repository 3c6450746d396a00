"""Deploys the lab's hubs as the chart does it, then breaks each in its way, with what the API really allows."""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubespawner.slugs import escape_slug  # type: ignore[import-untyped]

from providers.simulated.chart import (
    Release,
    helper_pod,
    home_nfs_deployment,
    home_nfs_service,
    hub_deployment,
    hub_secret,
    namespace,
    persistent_volume,
    persistent_volume_claim,
    share_creator_job,
)
from tests.cluster.client import ApiClient, Json
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_namespaced, grant_probe
from tests.lab import slow_share
from tests.lab.dirsizes import walk_homes
from tests.lab.full_disk import fill_share, measure_share
from tests.lab.hubs import BY_NAME, HUBS, OPEN_HUB, SHARED_SERVER, STORAGE_NAMESPACE, LabHub, Server
from tests.lab.insides import SHARED, Plant, plant, report
from tests.lab.userpods import spawned_pod

_NO_IMAGE = "localhost/not-there:1"


def deploy_lab(cluster: RealCluster) -> None:
    """Deploys every hub that is deployed, and returns when each shows its trouble."""
    shared = Release(name=STORAGE_NAMESPACE, server=SHARED_SERVER, base_share="/export/")
    cluster.api.create(namespace(STORAGE_NAMESPACE))
    cluster.export(SHARED_SERVER, "/export")
    _deploy_server(cluster.api, shared, "shared")
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(_Deployment(cluster, hub).run) for hub in HUBS if hub.is_deployed]:
            done.result()
    _leave_helper(cluster)
    grant_namespaced(cluster.api, OPEN_HUB)
    grant_probe(cluster.api)


def _leave_helper(cluster: RealCluster) -> None:
    release = BY_NAME[OPEN_HUB].live()
    helper = helper_pod(STORAGE_NAMESPACE, server=release.server, path=release.path, deadline_s=1)
    cluster.api.create(helper)
    name = helper["metadata"]["name"]
    cluster.api.wait("the helper pod", lambda: _phase(cluster.api, STORAGE_NAMESPACE, name) in ("Succeeded", "Failed"))


def _deploy_server(api: ApiClient, release: Release, server: Server) -> None:
    """The in-cluster NFS server. Its disk is the folder of the node that clients mount."""
    deployment = home_nfs_deployment(release, disk={"nfs": {"server": release.server, "path": "/export"}})
    containers = deployment["spec"]["template"]["spec"]["containers"]
    missing = {"down": {"nfs-server"}, "degraded": {"enforce-xfs-quota"}}.get(server, set())
    for container in containers:
        container["image"] = _NO_IMAGE if container["name"] in missing else "localhost/home-nfs:1"
        container["imagePullPolicy"] = "Never"
    api.create(deployment)
    api.create(home_nfs_service(release))


def _phase(api: ApiClient, namespace_name: str, pod: str) -> str:
    return str(api.get("Pod", pod, namespace_name)["status"].get("phase", ""))


class _Deployment:
    """One hub, from its namespace to its users' servers."""

    def __init__(self, cluster: RealCluster, hub: LabHub) -> None:
        self._cluster, self._api, self._hub = cluster, cluster.api, hub
        self._release = hub.live()

    def run(self) -> None:
        self._api.create(namespace(self._hub.name))
        self._cluster.export(self._release.server, self._release.base_share)
        if self._hub.in_cluster:
            _deploy_server(self._api, self._release, self._hub.server)
        self._create_share()
        self._fill_share()
        self._create_volume()
        self._api.create(hub_secret(self._release, admin_mounts=self._hub.admin_mounts))
        self._create_hub()
        self._set_faults()
        self._start_users()

    def _create_share(self) -> None:
        release, creator = self._release, self._hub.creator
        made = self._cluster.export(release.server, release.base_share) / release.name
        if creator == "before":
            self._cluster.export(release.server, release.path)
            return
        if creator == "fails":
            made.write_text("a file where the hub directory should be\n")
        if creator == "hangs":
            self._cluster.fail_mounts(release.server, release.base_share, "hang")
        job = share_creator_job(release)
        job["spec"]["backoffLimit"] = 0
        self._api.create(job)
        if creator == "runs":
            # What Helm does after its hook: waits for it, and deletes it when it succeeded.
            self._api.wait(f"the share creator of {release.name}", lambda: self._job_status().get("succeeded") == 1)
            path = f"/apis/batch/v1/namespaces/{release.namespace}/jobs/nfs-share-creator"
            self._api.request("DELETE", f"{path}?propagationPolicy=Background")
            assert made.stat().st_uid == 1000

    def _fill_share(self) -> None:
        """The homes of its users, and what else stands there, where there is a directory by now."""
        hub, base = self._hub, self._cluster.export(self._release.server, self._release.base_share)
        if not (base / self._release.path.rpartition("/")[2]).is_dir():
            return
        folder = self._cluster.export(self._release.server, self._release.path)
        if hub.late_ms:
            names = (SHARED.name.decode(), "ana")
            self._cluster.run_inside(sys.executable, slow_share.__file__, str(folder), str(hub.late_ms), *names)
            return
        plant(folder, (SHARED, *(Plant(name=escape_slug(user.name).encode()) for user in hub.users), *hub.inside))
        plant(folder, (Plant(name=b".", uid=hub.owner, mode=hub.mode),))
        if hub.quotas:
            (base / ".xfs_quota").write_bytes(report(self._release.path, hub.quotas))

    def _job_status(self) -> Json:
        status: Json = self._api.get("Job", "nfs-share-creator", self._hub.name)["status"]
        return status

    def _create_volume(self) -> None:
        release, volume = self._release, self._hub.volume
        pv = persistent_volume(release, reclaim_policy=self._hub.reclaim_policy)
        claim = persistent_volume_claim(release)
        if volume == "mismatched":
            claim["spec"]["accessModes"] = ["ReadWriteOncePod"]
        if volume != "missing":
            self._api.create(pv)
        if volume != "unclaimed":
            self._api.create(claim)
        if volume in ("bound", "released", "lost"):
            self._wait_for_claim("Bound")
        if volume == "released":
            self._api.delete("PersistentVolumeClaim", "home-nfs", release.namespace)
            self._wait_for_volume("Released")
            self._api.create(claim)
        if volume == "lost":
            self._api.delete("PersistentVolume", release.pv_name)
            self._api.patch("PersistentVolume", release.pv_name, "", {"metadata": {"finalizers": None}})
            self._wait_for_claim("Lost")

    def _wait_for_claim(self, phase: str) -> None:
        name = self._release.namespace

        def reached() -> bool:
            return bool(self._api.get("PersistentVolumeClaim", "home-nfs", name)["status"].get("phase") == phase)

        self._api.wait(f"the claim of {name}: {phase}", reached)

    def _wait_for_volume(self, phase: str) -> None:
        name = self._release.pv_name

        def reached() -> bool:
            return bool(self._api.get("PersistentVolume", name)["status"].get("phase") == phase)

        self._api.wait(f"{name}: {phase}", reached)

    def _create_hub(self) -> None:
        deployment = hub_deployment(self._release)
        for container in deployment["spec"]["template"]["spec"]["containers"]:
            container["image"] = "localhost/hub:1"
        self._api.create(deployment)

    def _set_faults(self) -> None:
        release = self._release
        if self._hub.server == "full":
            fill_share(self._cluster, release)
            measure_share(self._cluster, release)
        if not self._hub.has_directory:
            shutil.rmtree(self._cluster.export(release.server, release.path))
        if self._hub.walked:
            walk_homes(self._cluster, release, self._hub.walked)
        if self._hub.mount_words:
            self._cluster.fail_mounts(release.server, release.path, self._hub.mount_words)

    def _start_users(self) -> None:
        pods = [spawned_pod(self._release, user, self._hub.admin_mounts) for user in self._hub.users]
        for pod in pods:
            self._api.create(pod)


def wait_until_settled(cluster: RealCluster) -> None:
    """Returns when everything that should run runs, and everything that should fail has failed visibly."""
    api = cluster.api
    for hub in (hub for hub in HUBS if hub.is_deployed):
        api.wait(f"the hub of {hub.name}", lambda name=hub.name: _hub_runs(api, name))  # type: ignore[misc]
        if hub.creator in ("fails", "hangs"):
            api.wait(f"the share creator of {hub.name}", lambda hub=hub: _creator_told(api, hub))  # type: ignore[misc]
        for user in api.list("Pod", hub.name, labelSelector="component=singleuser-server"):
            api.wait(f"{hub.name}: {user['metadata']['name']}", lambda hub=hub, pod=user: _settled(api, hub, pod))  # type: ignore[misc]
        if hub.no_room_for_pods:
            _use_up_quota(api, hub.name)
        for home in hub.gone:
            shutil.rmtree(cluster.export(hub.live().server, hub.live().path) / home)
    for server in api.list("Deployment", labelSelector="app.kubernetes.io/component=nfs-server"):
        api.wait(f"the NFS server of {server['metadata']['namespace']}", lambda it=server: _server_told(api, it))  # type: ignore[misc]


def _use_up_quota(api: ApiClient, name: str) -> None:
    """Allows the namespace as many pods as it has."""
    path = f"/api/v1/namespaces/{name}/resourcequotas"
    spec = {"hard": {"pods": str(len(api.list("Pod", name)))}}
    api.request("POST", path, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": spec})
    api.wait(f"the quota of {name}", lambda: bool(api.request("GET", f"{path}/full").get("status", {}).get("used")))


def _hub_runs(api: ApiClient, name: str) -> bool:
    return bool(api.get("Deployment", "hub", name)["status"].get("readyReplicas") == 1)


def _creator_told(api: ApiClient, hub: LabHub) -> bool:
    status = api.get("Job", "nfs-share-creator", hub.name)["status"]
    return bool(status.get("failed") if hub.creator == "fails" else status.get("active"))


def _server_told(api: ApiClient, deployment: Json) -> bool:
    """Its Pod runs, or says which container does not."""
    name = deployment["metadata"]["namespace"]
    pods = api.list("Pod", name, labelSelector="app.kubernetes.io/component=nfs-server")
    states: list[Any] = [s["state"] for pod in pods for s in pod["status"].get("containerStatuses", ())]
    return bool(states) and all(
        "running" in state or state.get("waiting", {}).get("reason") == "ErrImageNeverPull" for state in states
    )


def _settled(api: ApiClient, hub: LabHub, pod: Json) -> bool:
    name = pod["metadata"]["name"]
    if hub.mount_words == "hang":
        return bool(api.get("Pod", name, hub.name)["spec"].get("nodeName"))
    if hub.volume != "bound":
        reason = "FailedScheduling"
    elif hub.mount_words or not hub.has_directory:
        reason = "FailedMount"
    else:
        return _phase(api, hub.name, name) == "Running"
    return bool(api.list("Event", hub.name, fieldSelector=f"reason={reason},involvedObject.name={name}"))
