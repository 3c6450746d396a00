"""The contract suite over a real cluster, through kubeconfig contexts."""

from __future__ import annotations

import pytest

from providers.kubernetes.protocol import Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_namespaced
from tests.contracts.kubernetes import KubernetesContract, Transports
from tests.contracts.kubernetes_world import World


@pytest.mark.node
class TestReal(KubernetesContract):
    @pytest.fixture(scope="class")
    def world(self, real_node: RealCluster) -> World:
        world, api = World("contract-one", "contract-two"), real_node.api
        for manifest in world.objects():
            api.create(manifest)
        grant_namespaced(api, world.one)
        claims = [("PersistentVolumeClaim", "home-nfs", namespace, "Bound") for namespace in world.namespaces]
        for kind, name, namespace, phase in [*claims, ("Pod", "talker", world.one, "Succeeded")]:
            api.wait(f"{kind} {name}", lambda: api.get(kind, name, namespace)["status"].get("phase") == phase)
        api.wait("Job", lambda: bool(api.get("Job", "nfs-share-creator", world.two)["status"].get("failed")))
        return world

    @pytest.fixture
    def transports(self, real_node: RealCluster) -> Transports:
        async def opened(who: str) -> Transport:
            return await KubeconfigConnector(str(real_node.kubeconfig)).connect(who)

        return opened
