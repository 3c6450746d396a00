"""The demo's clouds make and grow filestores as the real ones are held to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from providers.errors import ProviderError
from providers.filestores.changes import Draft, FilestoreChanges, Follow, Wish
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.objects import Labels, Metadata, Node
from providers.kubernetes.observation import ClusterObservation, Listing
from providers.simulated.backends import SimulatedBackend, demo_backends
from providers.simulated.filestore_changes import SimulatedChanges
from tests.contracts.filestore_changes import FilestoreCreationContract, FilestoreGrowthContract, make

NOW = datetime(2026, 3, 9, 14, 2, tzinfo=UTC)
ACCOUNTS = {
    "earth": ("gcp", {"project": "earth-hubs", "zone": "us-central1-b"}),
    "ocean": ("aws", {"clusterName": "ocean", "region": "us-west-2"}),
    "forest": ("azure", {"subscription": "8a3f2c1e-0b5d-4e7a-9c61-2d4f6a8b0c1e", "resource_group": "forest-hubs"}),
}


async def no_sleep(_seconds: float) -> None:
    pass


def zoned(*zones: str) -> ClusterObservation:
    nodes = [Node(metadata=Metadata(name=zone, labels=Labels(zone=zone))) for zone in zones]
    return ClusterObservation(context="demo", observed_at=NOW, nodes=Listing(items=tuple(nodes)))


class Demo(SimulatedBackend):
    """One cluster's cloud, with what it is asked to begin; the answer to some of that is lost."""

    def __init__(self, cluster: str, wish: Wish) -> None:
        provider, account = ACCOUNTS[cluster]
        names = {"gcp": "gcp-filestore", "aws": "aws-efs", "azure": "azure-files"}
        listing = {one.name: one for one in demo_backends(NOW)}[names[provider]]
        assert isinstance(listing, SimulatedBackend)
        super().__init__(listing.name, {cluster: listing.listing(cluster)}, sleep=no_sleep)
        self.wish, self.begun, self.lost_at = wish, 0, 0
        self.scope = FilestoreScope(
            cluster=cluster,
            provider=provider,
            account=account,
            observation=zoned("us-west-2a", "us-west-2b"),
            now=NOW,
        )

    def put(self, cluster: str, store: Filestore) -> None:
        super().put(cluster, store)
        targets = [target.state for target in store.mount_targets or ()]
        if store.state != "ready" or "creating" in targets:
            self.begun += 1
            if self.begun == self.lost_at:
                raise ProviderError("unreachable", "the connection was cut")

    async def connect(self) -> FilestoreChanges:
        return SimulatedChanges(self, sleep=no_sleep, resized=lambda _cluster, _store: None)

    def stores(self) -> list[Filestore]:
        return [one for one in self.listing(self.scope.cluster).filestores if one.name == self.wish.name]

    def made(self) -> int:
        return len(self.stores())

    def changed(self) -> int:
        return self.begun

    def lose_answer(self, number: int) -> None:
        self.lost_at = self.begun + number

    def deny(self, *rights: str) -> None:
        self.lacking[self.scope.cluster] = rights

    def refuse_to_tell(self) -> None:
        self.silent[self.scope.cluster] = "the API is disabled"

    async def filestore(self) -> Filestore:
        return self.stores()[0]

    def capacity_gib(self) -> int:
        return (self.stores()[0].capacity_bytes or 0) // 2**30

    def rest(self) -> object:
        store = self.stores()[0]
        return store.id, store.tier, store.exports, store.addresses, store.usage and store.usage.used_bytes


class TestGoogleMakes(FilestoreCreationContract):
    @pytest.fixture
    def cloud(self) -> Demo:
        return Demo("earth", Wish(name="earth-homedirs-new", capacity_gib=2048, tier="BASIC_HDD"))


class TestAmazonMakes(FilestoreCreationContract):
    tells_rights = False
    changes_needed = 3
    """The file system, and a mount target for each of two zones."""

    @pytest.fixture
    def cloud(self) -> Demo:
        return Demo("ocean", Wish(name="hub-homedirs-new"))


class TestAzureMakes(FilestoreCreationContract):
    @pytest.fixture
    def cloud(self) -> Demo:
        return Demo("forest", Wish(name="foresthomes/new", capacity_gib=200))


class TestGoogleGrows(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self) -> Demo:
        return Demo("earth", Wish(name="earth-homedirs"))


class TestAzureGrows(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self) -> Demo:
        return Demo("forest", Wish(name="foresthomes/archive"))


async def test_what_is_made_in_aws_says_how_it_is_kept() -> None:
    cloud = Demo("ocean", Wish(name="hub-homedirs-new"))
    draft = await (await cloud.connect()).draft_creation(cloud.scope, cloud.wish)
    kept = "encrypted, daily backups, to infrequent access after 90 days, back after 1 access"
    assert draft.pieces[0].after == f"generalPurpose, {kept}, in us-west-2, network vpc-0c91d2e3f4a5b6c78"
    await make(cloud, *draft.pieces)
    (store,) = cloud.stores()
    assert (store.encrypted, store.backups, store.lifecycle) == (True, True, True)


async def test_it_takes_some_looks_and_the_listing_shows_it() -> None:
    cloud = Demo("earth", Wish(name="earth-homedirs-new"))
    seen: list[tuple[int, int | None, str]] = []

    def progress(done: int, total: int | None) -> None:
        seen.append((done, total, cloud.stores()[0].state))

    changes = await cloud.connect()
    draft: Draft = await changes.draft_creation(cloud.scope, cloud.wish)
    await make(cloud, *draft.pieces, follow=Follow(progress=progress))
    assert seen == [(look, 6, "creating") for look in range(1, 7)]
    assert cloud.stores()[0].state == "ready"
