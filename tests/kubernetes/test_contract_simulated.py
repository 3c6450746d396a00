"""The contract suite over the simulated API server."""

from __future__ import annotations

import pytest

from providers.kubernetes.guard import ReadOnly
from providers.kubernetes.protocol import Transport
from providers.simulated.apiserver import Grant, Identity, SimulatedApiServer
from tests.contracts.kubernetes import KubernetesContract, Transports
from tests.contracts.kubernetes_world import World


class TestSimulated(KubernetesContract):
    @pytest.fixture
    def world(self) -> World:
        return World("one", "two")

    @pytest.fixture
    def transports(self, world: World) -> Transports:
        identities = {
            "admin": Identity(user="admin"),
            "viewer": Identity(user="viewer", grants=()),
            "namespaced": Identity(user="namespaced", grants=(Grant(namespace=world.one),)),
        }

        async def opened(who: str) -> Transport:
            objects = [*world.objects(), *world.filled_in()]
            return ReadOnly(SimulatedApiServer(objects, logs=world.logs(), identity=identities[who]))

        return opened
