from __future__ import annotations

import pytest

from providers.filestores.protocol import FilestoreBackend, FilestoreScope
from providers.simulated.backends import demo_backends
from tests.contracts.filestores import FilestoreContract
from tests.simulated.observing import NOW

BACKENDS = {backend.name: backend for backend in demo_backends(NOW)}
CLUSTERS = {"gcp-filestore": "earth", "aws-efs": "ocean", "azure-files": "forest"}


def of(cluster: str) -> FilestoreScope:
    return FilestoreScope(cluster=cluster, provider="gcp", account={}, observation=None, now=NOW)


class TestSimulatedBackends(FilestoreContract):
    @pytest.fixture(params=sorted(CLUSTERS))
    def backend(self, request: pytest.FixtureRequest) -> FilestoreBackend:
        return BACKENDS[request.param]

    @pytest.fixture
    def scope(self, backend: FilestoreBackend) -> FilestoreScope:
        return of(CLUSTERS[backend.name])

    @pytest.fixture
    def empty_scope(self) -> FilestoreScope:
        return of("summit")

    @pytest.fixture
    def refused_scope(self, backend: FilestoreBackend) -> FilestoreScope:
        if backend.name != "aws-efs":
            pytest.skip("only the credentials of AWS have expired in the demo")
        return of("polar")


async def test_locations_that_do_not_answer_are_named() -> None:
    assert (await BACKENDS["gcp-filestore"].list_filestores(of("reef"))).unreachable == ("europe-west4-c",)
