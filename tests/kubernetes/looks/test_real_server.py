"""An in-cluster server asked in its own containers, on a real node.

XFS is not in the test machines' kernel: what `xfs_quota` and `showmount` print comes from files, in their true form.
"""

from __future__ import annotations

import os

import pytest

from providers.errors import ProviderError
from providers.kubernetes.looks.look import looked
from providers.kubernetes.looks.protocol import Missing
from providers.kubernetes.looks.quotas import exports, quotas
from tests.cluster.client import Json
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import helper_pods, phase, request, session
from tests.kubernetes.looks.test_quotas import printed

pytestmark = pytest.mark.node

POD = "storage-quota-home-nfs-0"


@pytest.fixture
def disk(real_node: RealCluster, real_namespace: str) -> bytes:
    """The disk of a running server: a folder that both containers have at /export."""
    disk = real_node.export("10.2.0.9", f"/disks/{real_namespace}")
    (disk / "prod").mkdir()
    mount = [{"name": "disk", "mountPath": "/export"}]
    containers = [
        {"name": name, "image": "localhost/home-nfs:1", "volumeMounts": mount}
        for name in ("nfs-server", "enforce-xfs-quota")
    ]
    volumes = [{"name": "disk", "nfs": {"server": "10.2.0.9", "path": f"/disks/{real_namespace}"}}]
    pod: Json = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": POD, "namespace": real_namespace},
        "spec": {"containers": containers, "volumes": volumes, "terminationGracePeriodSeconds": 0},
    }
    real_node.api.create(pod)
    real_node.api.wait("the server", lambda: phase(real_node, "Pod", POD, real_namespace) == "Running")
    return bytes(disk)


async def test_a_look_in_the_server_sees_what_a_look_by_a_pod_would(
    real_node: RealCluster, real_namespace: str, disk: bytes
) -> None:
    names = [b"alice", b"-rf", b"a\nb\n", b"\xff\xfe", b"x" * 255]
    for name in names:
        os.mkdir(disk + b"/prod/" + name)  # noqa: PTH102 - a name of bytes
    asked = request(real_namespace, through="server", pod=POD, base_path="/export", hub_directory="prod")
    async with session(real_node) as transport:
        seen = await looked(transport, asked)
        missing = await looked(transport, request(real_namespace, through="server", pod=POD, base_path="/"))

    assert seen.failure is None
    assert seen.complete, seen.why
    assert seen.looked_as == "server"
    assert {entry.name for entry in seen.entries or ()} == set(names)
    assert [entry.name for entry in seen.base or ()] == [b"prod"]
    assert isinstance(missing.hub, Missing)
    assert helper_pods(real_node, real_namespace) == []


async def test_quotas_and_exports(real_node: RealCluster, real_namespace: str, disk: bytes) -> None:
    report = printed(b"/export/prod/alice", 9 * 2**20, 0, 10 * 2**20) + printed(b"/export/prod/b b", 1, 0, 2**34)
    with open(disk + b"/.xfs_quota", "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(report)
    async with session(real_node) as transport:
        told = await quotas(transport, namespace=real_namespace, pod=POD, hub_directory="prod")
        exported = await exports(transport, namespace=real_namespace, pod=POD)

    rows = {row.directory: (row.used_bytes, row.hard_bytes) for row in told.rows}
    assert rows == {b"alice": (9 * 2**30, 10 * 2**30), b"b b": (1024, 2**44)}
    assert told.unread == 0
    assert exported == ("/export",)


async def test_a_server_that_cannot_report_says_why(real_node: RealCluster, real_namespace: str, disk: bytes) -> None:
    async with session(real_node) as transport:
        with pytest.raises(ProviderError, match="foreign filesystem"):
            await quotas(transport, namespace=real_namespace, pod=POD, hub_directory="prod")
        with pytest.raises(ProviderError) as gone:
            await looked(transport, request(real_namespace, through="server", pod="nobody"))
    assert "nobody" in gone.value.message
