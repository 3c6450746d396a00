"""Turns the description of a cluster into the objects that its API server holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from providers.simulated import chart, statuses
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.cluster import timestamp
from providers.simulated.controllers import control
from providers.simulated.described import Cluster, Failing, Hub, Server
from providers.simulated.directories import Shares
from providers.simulated.dirsizes import tell_sizes, walker_pod
from providers.simulated.helper_pods import play
from providers.simulated.hub import Mounts
from providers.simulated.resources import Json, by_path
from providers.simulated.shares import fill

_DEPLOYED = timedelta(days=40)
_DELETED_CLAIM = "6f0c2a4e-5b1d-4c39-9c1a-2f7d7a1f0b42"


def populate(server: SimulatedApiServer, cluster: Cluster, now: datetime) -> Shares:
    """Puts every object of CLUSTER into SERVER, as it is at NOW; gives the shares that its pods see."""
    nodes = [f"{cluster.name}-user-{zone.rpartition('-')[2]}" for zone in cluster.zones]
    for name, zone in zip(nodes, cluster.zones, strict=True):
        node = statuses.node(chart.node(name, zone=zone, region=cluster.region))
        server.store.put(statuses.created(node, now - _DEPLOYED))
    for hub in cluster.hubs:
        _HubObjects(server, cluster, hub, nodes, now).put_all()
    fill(server, cluster, now)
    shares = Shares(cluster, now)
    tell_sizes(server, cluster, shares, now)
    play(server, cluster, now, shares)
    control(server, cluster, now, shares)
    return shares


class _HubObjects:
    """One hub's objects, written into the server in the order in which they would have come about."""

    def __init__(self, server: SimulatedApiServer, cluster: Cluster, hub: Hub, nodes: list[str], now: datetime) -> None:
        self._server, self._cluster, self._hub = server, cluster, hub
        self._nodes, self._now = nodes, now
        self._release = chart.Release(
            name=hub.name,
            server=hub.server,
            base_share=hub.store.base_share if hub.store else "",
            share_name_override=hub.override,
            mount_options=hub.store.options if hub.store else (),
            chart="daskhub-0.1.0" if hub.name == "currents" else "basehub-0.1.0",
        )

    def put_all(self) -> None:
        release = self._release
        self._put(chart.namespace(release.namespace))
        user_mounts: Mounts = chart.SHARED_MOUNTS if self._hub.store else {}
        self._put(chart.hub_secret(release, admin_mounts=self._hub.admin_mounts, user_mounts=user_mounts))
        self._put(statuses.deployment(chart.hub_deployment(release)))
        if self._hub.store:
            self._volume()
            self._creator()
        if self._hub.home_nfs:
            self._home_nfs(self._hub.home_nfs)
        self._user_pods()
        if self._hub.walked:
            self._put(statuses.running_pod(walker_pod(self._release, node_name=self._nodes[0]), self._ago(9000)))
        for failing in self._hub.failing:
            for user in failing.users:
                self._failing_pod(failing, user)
        self._helper()

    def _put(self, manifest: Json) -> Json:
        if "creationTimestamp" not in manifest["metadata"]:
            manifest = statuses.created(manifest, self._now - _DEPLOYED)
        return self._server.store.put(manifest)

    def _ago(self, minutes: float) -> datetime:
        return self._now - timedelta(minutes=minutes)

    def _volume(self) -> None:
        own: Json | None = None
        if self._hub.claim is not None:
            claim = chart.persistent_volume_claim(self._release, volume_name=self._hub.claim.volume)
            own = self._put(statuses.claim(claim, self._hub.claim.phase))
        described = self._hub.volume
        if described is None:
            return
        release = self._release
        if described.options is not None:
            release = msgspec.structs.replace(release, mount_options=described.options)
        volume = chart.persistent_volume(release, reclaim_policy=described.reclaim_policy)
        if described.path is not None:
            volume["spec"]["nfs"]["path"] = described.path
        if described.storage_class:
            volume["spec"]["storageClassName"] = described.storage_class
        holder = own if described.claimed_by is None else self._holder(described.claimed_by)
        self._put(statuses.volume(volume, described.phase, claim=holder, message=described.message))

    def _holder(self, namespace: str) -> Json | None:
        """A claim of NAMESPACE that is not the hub's present one: another hub's, or one that was deleted since."""
        if namespace and namespace != self._hub.name:
            claims = by_path("", "v1", "persistentvolumeclaims")
            assert claims is not None  # noqa: S101 - one of the resources
            return self._server.store.get(claims, namespace, "home-nfs")
        return {"metadata": {"name": "home-nfs", "namespace": namespace, "uid": _DELETED_CLAIM}} if namespace else None

    def _creator(self) -> None:
        if not self._hub.creator:
            return
        began = self._ago(self._hub.creator_minutes)
        job = chart.share_creator_job(self._release)
        if self._hub.creator == "running":
            stored = self._put(statuses.active_job(job, began))
            pod = chart.share_creator_pod(self._release, job_uid=stored["metadata"]["uid"])
            self._put(statuses.waiting_pod(self._on_node(pod, 0), began))
            return
        stored = self._put(statuses.failed_job(job, began, failed=7))
        pod = chart.share_creator_pod(self._release, job_uid=stored["metadata"]["uid"])
        pod = self._put(statuses.failed_pod(self._on_node(pod, 0), began))
        key = (self._release.namespace, pod["metadata"]["name"], "dummy")
        self._server.logs[key] = self._hub.creator_log

    def _home_nfs(self, server: Server) -> None:
        release, up = self._release, server.state in ("ready", "grace")
        self._put(chart.home_nfs_service(release, cluster_ip=server.cluster_ip))
        self._put(statuses.deployment(chart.home_nfs_deployment(release), ready=1 if up else 0))
        pod = chart.home_nfs_pod(release, node_name=self._nodes[0], exporter=True)
        since = self._now - (timedelta(seconds=server.seconds) if server.state == "grace" else timedelta(days=9))
        crashing = {"down": "nfs-server", "degraded": "enforce-xfs-quota"}.get(server.state)
        if crashing:
            self._put(statuses.crashing_pod(pod, self._ago(14), container=crashing, restarts=7))
        else:
            self._put(statuses.running_pod(pod, since))

    def _user_pods(self) -> None:
        hub = self._hub
        groups: tuple[tuple[tuple[str, ...], Mounts], ...] = (
            (hub.users, ()),
            (hub.admins, hub.admin_mounts),
            (hub.older_admins, hub.older_mounts),
        )
        minutes = 8
        for users, mounts in groups:
            for user in users:
                minutes += 37
                self._put(statuses.running_pod(self._user_pod(user, minutes % 2, mounts), self._ago(minutes)))

    def _user_pod(self, user: str, index: int, mounts: Mounts = ()) -> Json:
        if self._hub.store is None:
            pod = chart.user_pod(self._release, user, user_mounts={}, ownership_fix=False)
            pod["spec"]["volumes"], pod["spec"]["containers"][0]["volumeMounts"] = [], []
        else:
            pod = chart.user_pod(self._release, user, admin_mounts=mounts)
        return self._on_node(pod, index)

    def _on_node(self, pod: Json, index: int) -> Json:
        return {**pod, "spec": {**pod["spec"], "nodeName": self._nodes[index % len(self._nodes)]}}

    def _failing_pod(self, failing: Failing, user: str) -> None:
        offset = failing.users.index(user) * failing.minutes / (len(failing.users) + 1)
        began = self._ago(failing.minutes - offset)
        if failing.cause in ("unbound", "missing", "lost"):
            self._unscheduled(failing, user, began)
            return
        pod = self._put(statuses.waiting_pod(self._user_pod(user, failing.node), began))
        if failing.cause != "hanging":
            count = max(1, int((self._now - began).total_seconds() // 122))
            event = chart.failed_mount_event(
                self._release,
                pod,
                failing.cause,  # type: ignore[arg-type]  # the scheduler's causes have returned above
                first=began + timedelta(seconds=2),
                last=self._now - timedelta(seconds=50),
                count=count,
                host=pod["spec"]["nodeName"],
            )
            self._put(statuses.created(event, began))

    def _unscheduled(self, failing: Failing, user: str, began: datetime) -> None:
        pod = self._user_pod(user, 0)
        del pod["spec"]["nodeName"]
        event = chart.failed_scheduling_event(
            self._release,
            self._put(statuses.created(pod, began)),
            failing.cause,  # type: ignore[arg-type]  # only the scheduler's causes come here
            at=began,
            nodes=len(self._nodes),
        )
        self._put(statuses.unscheduled_pod(pod, began, message=event["message"]))
        self._put(statuses.created(event, began))

    def _helper(self) -> None:
        if self._hub.orphaned_helper_minutes:
            began = self._ago(self._hub.orphaned_helper_minutes)
            release = self._release
            pod = chart.helper_pod(release.namespace, server=release.server, path=release.base_share)
            failed = statuses.failed_pod(self._on_node(pod, 0), began)
            status = {**failed["status"], "reason": "DeadlineExceeded", "message": "Pod was active too long"}
            self._put({**failed, "status": {**status, "startTime": timestamp(began)}})
