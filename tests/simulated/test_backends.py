from __future__ import annotations

import pytest

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreBackend, FilestoreScope
from providers.simulated.backends import SimulatedBackend, demo_backends
from tests.contracts.filestores import FilestoreContract
from tests.simulated.observing import NOW

BACKENDS = {backend.name: backend for backend in demo_backends(NOW)}
CLUSTERS = {"gcp-filestore": "earth", "aws-efs": "ocean", "azure-files": "forest"}


def of(cluster: str) -> FilestoreScope:
    return FilestoreScope(cluster=cluster, provider="gcp", account={}, observation=None, now=NOW)


class TestSimulatedBackends(FilestoreContract):
    @pytest.fixture(params=sorted(CLUSTERS))
    async def backend(self, request: pytest.FixtureRequest) -> FilestoreBackend:
        demo, cluster = BACKENDS[request.param], CLUSTERS[request.param]
        listing = await demo.list_filestores(of(cluster))
        return SimulatedBackend(demo.name, {cluster: listing, "walled": ProviderError("forbidden", "not yours")})

    @pytest.fixture
    def scope(self, backend: FilestoreBackend) -> FilestoreScope:
        return of(CLUSTERS[backend.name])

    @pytest.fixture
    def empty_scope(self) -> FilestoreScope:
        return of("summit")

    @pytest.fixture
    def refused_scope(self) -> FilestoreScope:
        return of("walled")


async def test_expired_credentials_are_an_error_that_names_the_next_step() -> None:
    with pytest.raises(ProviderError) as expired:
        await BACKENDS["aws-efs"].list_filestores(of("polar"))
    assert (expired.value.kind, expired.value.next_step) == ("unauthorized", "aws sso login")


async def test_locations_that_do_not_answer_are_named() -> None:
    assert (await BACKENDS["gcp-filestore"].list_filestores(of("reef"))).unreachable == ("europe-west4-c",)
