"""How full a share is, on the real node: a file system that is truly full, its kubelet, and an exporter in a pod."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.observe import observe
from providers.kubernetes.session import KubeconfigConnector
from providers.kubernetes.usage.ask import ask_usage
from providers.kubernetes.usage.shares import Claim, Share, ShareAnswer
from providers.simulated.proxied import node_exporter_page
from tests.cluster.client import Json
from tests.cluster.node import AuditedRequest, RealCluster
from tests.cluster.rights import documented_role

pytestmark = pytest.mark.node

SERVER = "10.7.0.1"
IMAGE = "localhost/busybox:1.36.1"
MIB = 1024**2
_numbers = itertools.count(1)


class FullShare(msgspec.Struct, frozen=True, kw_only=True):
    """A share of 32 MiB, of which users have nothing left, with the claim of `namespace` bound to it."""

    cluster: RealCluster
    namespace: str

    @property
    def share(self) -> Share:
        return Share(key=self.namespace, claims=(Claim(namespace=self.namespace, name="home-nfs"),))

    def start(self, name: str, labels: dict[str, str], command: list[str], volumes: Json | None = None) -> None:
        """Starts a pod that mounts the share at /share, and returns when it runs. VOLUMES: more, by mount path."""
        more = [{"name": f"more-{number}", **source} for number, source in enumerate((volumes or {}).values())]
        mounts = [{"name": f"more-{number}", "mountPath": path} for number, path in enumerate(volumes or {})]
        home = {"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}
        container = {
            "name": "main",
            "image": IMAGE,
            "command": command,
            "volumeMounts": [{"name": "home", "mountPath": "/share"}, *mounts],
        }
        spec = {"containers": [container], "volumes": [home, *more], "terminationGracePeriodSeconds": 0}
        metadata = {"name": name, "namespace": self.namespace, "labels": labels}
        self.cluster.api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        self.cluster.api.wait(
            name, lambda: self.cluster.api.get("Pod", name, self.namespace)["status"].get("phase") == "Running"
        )

    def user_server(self) -> None:
        labels = {"app": "jupyterhub", "component": "singleuser-server"}
        self.start("jupyter-ana", labels, ["sleep", "3600"])

    def exporter(self, page: str) -> None:
        """A pod in the place of the node exporter: what it serves at /metrics is PAGE."""
        self.cluster.api.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "page", "namespace": self.namespace},
                "data": {"metrics": page},
            }
        )
        labels = {"app": "jupyterhub", "component": "shared-volume-metrics"}
        command = ["httpd", "-f", "-p", "9100", "-h", "/www"]
        self.start("shared-volume-metrics-1", labels, command, {"/www": {"configMap": {"name": "page"}}})

    async def asked(self, user: str, *, namespaces: tuple[str, ...] = ()) -> tuple[ShareAnswer, list[AuditedRequest]]:
        """What USER is told of the share, and what of that went through a proxy or asked for a right."""
        transport = await KubeconfigConnector(str(self.cluster.kubeconfig)).connect(user)
        try:
            api = KubernetesApi(transport)
            seen = await observe(api, context=user, namespaces=namespaces, now=now)
            before = len(self.cluster.audited())
            answers = await ask_usage(api, [self.share], seen, now=now, deadline_s=10)
        finally:
            await transport.close()
        sent = [each for each in self.cluster.audited()[before:] if each.user.username == user]
        assert len(sent) == answers.requests
        return answers.answers[self.namespace], sent

    async def told_by_kubelet(self, user: str) -> tuple[ShareAnswer, list[AuditedRequest]]:
        """As `asked`, once the kubelet has looked at the volumes of a pod that has just started."""
        ends = time.monotonic() + 30
        while True:
            answer, sent = await self.asked(user)
            if answer.usage is not None or time.monotonic() > ends:
                return answer, sent
            await asyncio.sleep(0.5)  # the kubelet's own period: 3 s here


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def full(real_node: RealCluster, real_namespace: str) -> Iterator[FullShare]:
    path = f"/full-{next(_numbers)}"
    folder, image = real_node.export(SERVER, path), real_node.folder / f"{real_namespace}.img"
    real_node.run_inside("truncate", "-s", str(32 * MIB), str(image))
    # A tenth is kept for root: users meet the end of the disk before it is used up.
    real_node.run_inside("mkfs.ext4", "-q", "-m", "10", str(image))
    real_node.run_inside("mount", "-o", "loop", str(image), str(folder))
    try:
        home = folder / real_namespace
        real_node.run_inside("install", "-d", "-o", "1000", "-g", "1000", str(home))
        fill = "setpriv --reuid=1000 --regid=1000 --clear-groups dd if=/dev/zero of=data bs=64k"
        said = real_node.run_inside("sh", "-c", f"exec 2>&1; cd {home} && {fill} || true")
        assert "No space left on device" in said
        _bind(real_node, real_namespace, f"{path}/{real_namespace}")
        yield FullShare(cluster=real_node, namespace=real_namespace)
    finally:
        real_node.run_inside("umount", str(folder))


def _bind(cluster: RealCluster, namespace: str, path: str) -> None:
    common = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    volume = {
        **common,
        "capacity": {"storage": "1Mi"},
        "nfs": {"server": SERVER, "path": path},
        "claimRef": {"namespace": namespace, "name": "home-nfs"},
    }
    name = f"{namespace}-home-nfs"
    claim = {**common, "volumeName": name, "resources": {"requests": {"storage": "1Mi"}}}
    cluster.api.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": volume})
    metadata = {"name": "home-nfs", "namespace": namespace}
    cluster.api.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": claim})


def through_proxies(sent: list[AuditedRequest]) -> list[tuple[str, str]]:
    return [(each.verb, each.request_uri) for each in sent if "/proxy" in each.request_uri]


def only_looks(sent: list[AuditedRequest]) -> bool:
    reviews = "selfsubjectaccessreviews"
    return all(each.verb in ("get", "list") or each.object_ref.resource == reviews for each in sent)


async def test_the_kubelet_tells_that_a_share_is_truly_full(full: FullShare) -> None:
    full.user_server()
    answer, sent = await full.told_by_kubelet("measurer")
    assert answer.usage is not None, answer.why
    assert answer.usage.used_bytes is not None
    assert answer.usage.capacity_bytes is not None
    # Nothing of the size of what was written last is left, though a tenth of the disk is not used.
    assert 0 <= answer.usage.capacity_bytes - answer.usage.used_bytes < 64 * 1024
    assert 20 * MIB < answer.usage.capacity_bytes < 24 * MIB
    assert answer.usage.inodes_used is not None
    assert 0 < answer.usage.inodes_used < (answer.usage.inodes or 0)
    node = full.cluster.api.list("Node")[0]["metadata"]["name"]
    assert answer.usage.source == f"kubelet of {node}"
    assert abs((now() - answer.usage.observed_at).total_seconds()) < 60
    assert through_proxies(sent) == [("get", f"/api/v1/nodes/{node}/proxy/stats/summary")]
    assert only_looks(sent)


async def test_an_exporter_in_a_pod_tells_through_the_proxy(full: FullShare) -> None:
    full.exporter(node_exporter_page(30 * MIB, 32 * MIB))
    answer, sent = await full.asked("measurer")
    assert answer.usage is not None, answer.why
    assert (answer.usage.used_bytes, answer.usage.capacity_bytes) == (30 * MIB, 32 * MIB)
    path = f"/api/v1/namespaces/{full.namespace}/pods/shared-volume-metrics-1:9100/proxy/metrics"
    assert through_proxies(sent) == [("get", path)]
    assert only_looks(sent)


async def test_the_missing_rights_are_named_and_not_tried(full: FullShare) -> None:
    full.user_server()
    answer, sent = await full.asked("reader")
    assert answer.usage is None
    assert "the right get nodes/proxy is missing" in answer.why
    assert "the right get pods/proxy is missing" in answer.why
    assert through_proxies(sent) == []
    assert {each.object_ref.resource for each in sent} == {"selfsubjectaccessreviews", "pods"}
    assert only_looks(sent)


async def test_an_exporter_that_listens_nowhere_is_told_of_in_time(full: FullShare) -> None:
    labels = {"app": "jupyterhub", "component": "shared-volume-metrics"}
    full.start("shared-volume-metrics-1", labels, ["sleep", "3600"])
    answer, _ = await full.asked("measurer")
    assert answer.usage is None
    assert f"node exporter of {full.namespace}/shared-volume-metrics-1 does not answer" in answer.why


def test_the_documented_rights_are_just_the_two() -> None:
    assert documented_role("hubhomes-usage")["rules"] == [
        {"apiGroups": [""], "resources": ["nodes/proxy", "pods/proxy"], "verbs": ["get"]}
    ]
