"""The contract suite over a real cluster, through kubeconfig contexts."""

from __future__ import annotations

import pytest

from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.cluster.client import ApiClient
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_namespaced
from tests.contracts.kubernetes import KubernetesContract, Transports
from tests.contracts.kubernetes_world import World


def settled(api: ApiClient, kind: str, name: str, namespace: str, phase: str) -> None:
    api.wait(f"{kind} {name}", lambda: api.get(kind, name, namespace)["status"].get("phase") == phase)


@pytest.mark.node
class TestReal(KubernetesContract):
    @pytest.fixture(scope="class")
    def world(self, real_node: RealCluster) -> World:
        world, api = World("contract-one", "contract-two"), real_node.api
        for manifest in world.objects():
            api.create(manifest)
        grant_namespaced(api, world.one)
        for namespace in world.namespaces:
            settled(api, "PersistentVolumeClaim", "home-nfs", namespace, "Bound")
        settled(api, "Pod", "talker", world.one, "Succeeded")
        api.wait("Job", lambda: bool(api.get("Job", "nfs-share-creator", world.two)["status"].get("failed")))
        return world

    @pytest.fixture
    def transports(self, real_node: RealCluster) -> Transports:
        async def opened(who: str) -> Transport:
            return await KubeconfigConnector(str(real_node.kubeconfig)).connect(who)

        return opened
