"""What every filestore backend must keep to. A backend's own suite subclasses this and gives the fixtures.

class TestMine(FilestoreContract):
    @pytest.fixture
    def backend(self): ...
    @pytest.fixture
    def scope(self): ...        # where at least one filestore is
    @pytest.fixture
    def empty_scope(self): ...  # where there is none
    @pytest.fixture
    def refused_scope(self): ...  # where it may not ask
"""

from __future__ import annotations

import ipaddress
from typing import get_args

import pytest

from providers.errors import ErrorKind, ProviderError
from providers.filestores.protocol import Filestore, FilestoreBackend, FilestoreListing, FilestoreScope, FilestoreState


class FilestoreContract:
    """Runs over any backend. `unlimited`: the backend has no capacity to tell."""

    @pytest.fixture
    def backend(self) -> FilestoreBackend:
        raise NotImplementedError

    @pytest.fixture
    def scope(self) -> FilestoreScope:
        raise NotImplementedError

    @pytest.fixture
    def empty_scope(self) -> FilestoreScope:
        raise NotImplementedError

    @pytest.fixture
    def refused_scope(self) -> FilestoreScope:
        raise NotImplementedError

    async def test_lists_at_least_one(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        assert (await backend.list_filestores(scope)).filestores

    async def test_each_is_of_the_backend_and_has_its_own_id(
        self, backend: FilestoreBackend, scope: FilestoreScope
    ) -> None:
        stores = (await backend.list_filestores(scope)).filestores
        assert {store.backend for store in stores} == {backend.name}
        assert len({store.id for store in stores}) == len(stores)
        assert all(store.name for store in stores)

    async def test_addresses_are_normal(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            for address in store.addresses:
                assert address == address.strip().lower().rstrip(".")
                if address.replace(".", "").isdigit():
                    assert str(ipaddress.ip_address(address)) == address

    async def test_exports_are_absolute_paths(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            assert all(export.startswith("/") and "//" not in export for export in store.exports)

    async def test_a_filestore_of_a_cloud_has_its_page_there(
        self, backend: FilestoreBackend, scope: FilestoreScope
    ) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            assert store.page.startswith("https://") if not store.namespace else store.page == ""

    async def test_states_are_known_words_and_trouble_is_explained(
        self, backend: FilestoreBackend, scope: FilestoreScope
    ) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            assert store.state in get_args(FilestoreState)
            assert store.detail or store.state not in ("down", "degraded", "unknown")

    async def test_capacity_and_usage_make_sense(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            self.check_figures(store, scope)

    def check_figures(self, store: Filestore, scope: FilestoreScope) -> None:
        assert store.capacity_bytes is None or store.capacity_bytes > 0
        if store.usage is not None:
            assert store.usage.source
            assert store.usage.observed_at.tzinfo is not None
            assert store.usage.observed_at <= scope.now
            assert store.usage.used_bytes is None or store.usage.used_bytes >= 0

    async def test_times_are_aware(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        for store in (await backend.list_filestores(scope)).filestores:
            assert store.state_since is None or store.state_since.tzinfo is not None

    async def test_asking_twice_gives_the_same(self, backend: FilestoreBackend, scope: FilestoreScope) -> None:
        assert await backend.list_filestores(scope) == await backend.list_filestores(scope)

    async def test_nothing_there_is_an_empty_complete_list(
        self, backend: FilestoreBackend, empty_scope: FilestoreScope
    ) -> None:
        assert await backend.list_filestores(empty_scope) == FilestoreListing()

    async def test_a_refusal_is_an_error_never_an_empty_list(
        self, backend: FilestoreBackend, refused_scope: FilestoreScope
    ) -> None:
        with pytest.raises(ProviderError) as caught:
            await backend.list_filestores(refused_scope)
        assert caught.value.kind in get_args(ErrorKind)
        assert caught.value.message
