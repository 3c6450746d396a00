"""Deploys the hubs of the lab's clouds, each cloud's on a control plane of its own: without a kubelet no pod runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from providers.simulated.chart import hub_deployment, hub_secret, namespace, persistent_volume, persistent_volume_claim
from providers.simulated.cluster import node
from tests.cluster.node import RealCluster, running
from tests.lab.clouds import CLOUD_CLUSTERS, CloudCluster, release_of


@contextmanager
def cloud_control_planes(servers: Mapping[str, str]) -> Iterator[dict[str, RealCluster]]:
    """The control plane of each of CLOUD_CLUSTERS by its name, with its hubs. SERVERS as for `release_of`."""
    with ExitStack() as stack, ThreadPoolExecutor(len(CLOUD_CLUSTERS)) as pool:
        started = pool.map(lambda _: stack.enter_context(running(node=False)), CLOUD_CLUSTERS)
        planes = dict(zip((cloud.name for cloud in CLOUD_CLUSTERS), started, strict=True))
        for done in [pool.submit(_deploy, planes[cloud.name], cloud, servers) for cloud in CLOUD_CLUSTERS]:
            done.result()
        yield planes


def _deploy(plane: RealCluster, cloud: CloudCluster, servers: Mapping[str, str]) -> None:
    for index, zone in enumerate(cloud.zones):
        plane.api.create(node(f"{cloud.name}-{index}", zone=zone, region=zone.rpartition("-")[0]))
    for hub in cloud.hubs:
        release = release_of(hub, servers)
        plane.api.create(namespace(hub.name))
        plane.api.create_all(
            [
                persistent_volume(release),
                persistent_volume_claim(release),
                hub_secret(release),
                hub_deployment(release),
            ]
        )
    for hub in cloud.hubs:
        plane.api.wait(f"the claim of {hub.name}", lambda name=hub.name: _bound(plane, name))  # type: ignore[misc]


def _bound(plane: RealCluster, name: str) -> bool:
    return bool(plane.api.get("PersistentVolumeClaim", "home-nfs", name)["status"].get("phase") == "Bound")
