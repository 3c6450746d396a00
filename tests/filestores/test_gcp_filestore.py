from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import EMULATOR, Endpoints, endpoints_of
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from tests.contracts.filestores import FilestoreContract
from tests.filestores.filestore_http import HttpServer, series
from tests.filestores.filestore_server import FilestoreServer, Project, backup, instance, types

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
STATE, TIER = types.Instance.State, types.Instance.Tier


def scope(project: str = "earth-hubs", *, provider: str = "gcp", **account: str) -> FilestoreScope:
    account = {"project": project, "cluster": "earth", "zone": "us-central1-b"} | account
    return FilestoreScope(cluster="earth", provider=provider, account=account, observation=None, now=NOW)


def emulated(server: FilestoreServer, **more: float) -> GcpFilestore:
    return GcpFilestore(environ={EMULATOR: server.address}, **more)


def over_rest(server: HttpServer, **more: float) -> GcpFilestore:
    endpoints = Endpoints(
        filestore=server.address, transport="rest", monitoring=f"http://{server.address}", anonymous=True
    )
    return GcpFilestore(endpoints=endpoints, **more)


EARTH = Project(
    instances=(
        instance(create_time=NOW - timedelta(days=300)),
        instance("earth-new", ip="", state=STATE.CREATING, create_time=NOW - timedelta(minutes=3)),
        instance("earth-sick", ip="10.2.0.18", state=STATE.ERROR, status_message="disk failure"),
    ),
    page_size=2,
)


@pytest.fixture
def grpc_server():
    with FilestoreServer(projects={"earth-hubs": EARTH}).running() as server:
        yield server


@pytest.fixture
def http_server():
    usage = [series("earth-homedirs", (NOW - timedelta(minutes=4), 81.0))]
    with HttpServer(projects={"earth-hubs": EARTH}, usage=usage).running() as server:
        yield server


class Contract(FilestoreContract):
    @pytest.fixture
    def scope(self):
        return scope()

    @pytest.fixture
    def empty_scope(self):
        return scope("nothing-here")

    @pytest.fixture
    def refused_scope(self):
        return scope("forbidden")


class TestOverGrpc(Contract):
    @pytest.fixture
    def backend(self, grpc_server):
        return emulated(grpc_server)


class TestOverRest(Contract):
    @pytest.fixture
    def backend(self, http_server):
        return over_rest(http_server)


async def listed(*instances, **project):
    with FilestoreServer(projects={"earth-hubs": Project(instances=instances, **project)}).running() as server:
        return await emulated(server).list_filestores(scope())


async def only(*instances, **project):
    (store,) = (await listed(*instances, **project)).filestores
    return store


@pytest.mark.parametrize(
    "where",
    [scope(provider="aws"), scope(provider="kubeconfig")],
)
async def test_nothing_is_asked_for_a_cluster_that_is_not_googles(where, grpc_server):
    assert await emulated(grpc_server).list_filestores(where) == FilestoreListing()
    assert grpc_server.asked == []


@pytest.mark.parametrize("where", [scope(""), scope(" ")])
async def test_a_cluster_without_a_project_is_not_known_rather_than_empty(where, grpc_server):
    with pytest.raises(ProviderError, match="not known which Google project earth is in") as raised:
        await emulated(grpc_server).list_filestores(where)
    assert raised.value.kind == "no_context"
    assert grpc_server.asked == []


def test_nothing_of_googles_is_imported_for_other_clusters():
    script = """
import asyncio, sys
from datetime import UTC, datetime
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.protocol import FilestoreScope
where = FilestoreScope(cluster="c", provider="aws", account={}, observation=None, now=datetime.now(UTC))
asyncio.run(GcpFilestore().list_filestores(where))
sys.exit(any(name.split(".")[0] in ("google", "grpc", "requests") for name in sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


async def test_the_whole_project_is_asked_once_a_page(grpc_server):
    await emulated(grpc_server).list_filestores(scope())
    everywhere = "projects/earth-hubs/locations/-"
    assert [each for each in grpc_server.asked if each[0] == "ListInstances"] == [
        ("ListInstances", everywhere, ""),
        ("ListInstances", everywhere, "1"),
    ]
    assert [each for each in grpc_server.asked if each[0] == "ListBackups"] == [("ListBackups", everywhere, "")]


async def test_a_project_without_instances_is_one_question(grpc_server):
    await emulated(grpc_server).list_filestores(scope("nothing-here"))
    assert grpc_server.asked == [("ListInstances", "projects/nothing-here/locations/-", "")]


async def test_is_known_by_its_address_and_share():
    store = await only(instance(create_time=NOW - timedelta(days=3)))
    assert store.id == "projects/earth-hubs/locations/us-central1-b/instances/earth-homedirs"
    assert (store.name, store.backend, store.addresses, store.exports) == (
        "earth-homedirs", "gcp-filestore", ("10.2.0.2",), ("/homes",),
    )  # fmt: skip
    assert store.state == "ready"
    assert store.detail == ""
    assert store.capacity_bytes == 1024**4
    assert store.zones == ("us-central1-b",)
    assert store.created_at == NOW - timedelta(days=3)
    assert store.page == (
        "https://console.cloud.google.com/filestore/instances/locations/us-central1-b/id/earth-homedirs"
        "?project=earth-hubs"
    )


async def test_a_regional_instance_is_in_no_zone():
    store = await only(instance(location="us-central1", tier=TIER.REGIONAL))
    assert store.zones == ()
    assert ("location", "us-central1") in store.facts


@pytest.mark.parametrize(
    ("tier", "name"),
    [
        (TIER.STANDARD, "BASIC_HDD"),
        (TIER.BASIC_HDD, "BASIC_HDD"),
        (TIER.PREMIUM, "BASIC_SSD"),
        (TIER.ZONAL, "ZONAL"),
        (TIER.TIER_UNSPECIFIED, ""),
        (99, "99"),
    ],
)
async def test_two_names_of_one_tier_are_one(tier, name):
    assert (await only(instance(tier=tier))).tier == name


@pytest.mark.parametrize(
    ("state", "more", "ours", "words"),
    [
        (STATE.CREATING, {}, "creating", "being created"),
        (STATE.READY, {}, "ready", ""),
        (STATE.READY, {"status_message": "resizing"}, "ready", "resizing"),
        (STATE.REPAIRING, {"status_message": "a disk"}, "degraded", "Google works on it: a disk"),
        (STATE.DELETING, {}, "deleting", "being deleted"),
        (STATE.ERROR, {"status_message": "quota"}, "down", "Google reports an error: it may be unusable: quota"),
        (STATE.RESTORING, {}, "updating", "a backup is being restored: it may be unusable meanwhile"),
        (STATE.SUSPENDED, {"suspension_reasons": [1]}, "down", "suspended: KMS_KEY_ISSUE"),
        (STATE.SUSPENDING, {}, "degraded", "being suspended"),
        (STATE.RESUMING, {}, "updating", "being resumed"),
        (STATE.REVERTING, {}, "updating", "being reverted to a snapshot"),
        (STATE.PROMOTING, {}, "updating", "its replica is being promoted"),
        (STATE.STATE_UNSPECIFIED, {}, "unknown", "Google calls its state STATE_UNSPECIFIED"),
        (77, {}, "unknown", "Google calls its state 77"),
    ],
)
async def test_every_state_has_its_word_and_reason(state, more, ours, words):
    store = await only(instance(state=state, **more))
    assert (store.state, store.detail) == (ours, words)


async def test_one_that_is_being_made_has_no_address_and_says_since_when():
    since = NOW - timedelta(minutes=3)
    store = await only(instance(ip="", state=STATE.CREATING, create_time=since))
    assert store.addresses == ()
    assert store.state_since == since


async def test_an_instance_without_a_share_has_no_capacity():
    store = await only(instance(file_shares=[]))
    assert (store.exports, store.capacity_bytes) == ((), None)


async def test_says_all_that_the_api_knows():
    options = types.NfsExportOptions(
        ip_ranges=["10.0.0.0/8", "10.9.0.1"],
        access_mode=types.NfsExportOptions.AccessMode.READ_ONLY,
        squash_mode=types.NfsExportOptions.SquashMode.ROOT_SQUASH,
    )
    share = types.FileShareConfig(name="homes", capacity_gb=10, nfs_export_options=[options], source_backup="b/1")
    network = types.NetworkConfig(
        network="projects/net/global/networks/shared", ip_addresses=["2001:DB8::1"], reserved_ip_range="10.2.0.0/29",
        connect_mode=types.NetworkConfig.ConnectMode.PRIVATE_SERVICE_ACCESS,
    )  # fmt: skip
    replica = types.ReplicaConfig(state=types.ReplicaConfig.State.FAILED, peer_instance="p/i", state_reasons=[1])
    store = await only(
        instance(
            file_shares=[share],
            networks=[network],
            protocol=types.Instance.FileProtocol.NFS_V4_1,
            kms_key_name="projects/p/keys/k",
            performance_limits=types.Instance.PerformanceLimits(max_iops=12000),
            deletion_protection_enabled=True,
            replication=types.Replication(role=types.Replication.Role.ACTIVE, replicas=[replica]),
            create_time=NOW,
            description="homes of\nall",
            labels={"team": "hubs", "env": "prod"},
        )
    )
    assert store.addresses == ("2001:db8::1",)
    assert store.encrypted is True
    assert store.facts == (
        ("project", "earth-hubs"),
        ("location", "us-central1-b"),
        ("network", "projects/net/global/networks/shared (private service access, 10.2.0.0/29)"),
        ("protocol", "NFS_V4_1"),
        ("export options", "10.0.0.0/8, 10.9.0.1: read only, root squash"),
        ("restored from", "b/1"),
        ("encrypted", "yes, key projects/p/keys/k"),
        ("performance", "12000 IOPS"),
        ("deletion protection", "on"),
        ("replication", "active, p/i is FAILED, PEER_INSTANCE_UNREACHABLE"),
        ("made", "2026-03-05"),
        ("description", "homes of all"),
        ("labels", "env=prod, team=hubs"),
        ("usage", "not asked: an emulator has no Cloud Monitoring"),
        ("backups", "none"),
    )


@pytest.mark.parametrize(("modes", "squashed"), [((), False), ((0, 1), False), ((2, 2), True), ((1, 2), None)])
async def test_root_squash_may_depend_on_the_clients_address(modes, squashed):
    options = [types.NfsExportOptions(ip_ranges=[f"10.{n}.0.0/16"], squash_mode=mode) for n, mode in enumerate(modes)]
    share = types.FileShareConfig(name="homes", capacity_gb=10, nfs_export_options=options)
    assert (await only(instance(file_shares=[share]))).root_squash is squashed


async def test_what_is_not_said_is_googles_default():
    facts = dict((await only(instance())).facts)
    assert facts["protocol"] == "NFS_V3"
    assert facts["encrypted"] == "yes, key of Google"
    assert facts["deletion protection"] == "off"
    assert facts["network"] == "default"
    assert not {"performance", "labels", "description", "made", "replication", "export options"} & set(facts)


async def test_its_own_whole_backups_are_counted():
    backups = (
        backup("a", "earth-homedirs", at=NOW - timedelta(days=9)),
        backup("b", "earth-homedirs", at=NOW - timedelta(days=2)),
        backup("unfinished", "earth-homedirs", at=NOW, ready=False),
        backup("elsewhere", "earth-homedirs", at=NOW, location="us-central1-c"),
        backup("other", "earth-other", at=NOW),
    )
    store = await only(instance(), backups=backups)
    assert dict(store.facts)["backups"] == "2, last 2026-03-03, 2 days ago"
    assert store.backups is True


async def test_backups_that_nobody_makes_any_more_are_not_called_regular():
    store = await only(instance(), backups=(backup("a", "earth-homedirs", at=NOW - timedelta(days=9)),))
    assert dict(store.facts)["backups"] == "1, last 2026-02-24, 9 days ago"
    assert store.backups is False


async def test_no_backup_is_told_apart_from_not_known():
    assert (await only(instance())).backups is False


async def test_unreachable_locations_of_all_pages_are_named():
    listing = await listed(
        instance("a"), instance("b"), instance("c"), page_size=1,
        unreachable=(["us-east1-b"], ["projects/earth-hubs/locations/us-west1-a", "us-east1-b"]),
    )  # fmt: skip
    assert len(listing.filestores) == 3
    assert listing.unreachable == ("us-east1-b", "us-west1-a")
    assert listing.refused == ()


async def test_unreachable_locations_without_instances_are_no_absence():
    assert (await listed(unreachable=(["us-east1-b"],))) == FilestoreListing(unreachable=("us-east1-b",))


async def test_an_instance_on_two_pages_is_listed_once():
    assert len((await listed(instance(), instance(), page_size=1)).filestores) == 1


def test_googles_own_servers_are_asked_unless_an_emulator_is_named():
    assert endpoints_of({}) == endpoints_of({EMULATOR: " "}) == Endpoints()
    assert endpoints_of({EMULATOR: "127.0.0.1:1"}) == Endpoints(filestore="127.0.0.1:1", monitoring="", anonymous=True)


async def test_clusters_of_one_project_share_one_question(grpc_server):
    backend = emulated(grpc_server)
    same = msgspec.structs.replace(scope(), since=NOW)
    listings = await asyncio.gather(*(backend.list_filestores(same) for _ in range(5)))
    assert {len(each.filestores) for each in listings} == {3}
    pages = -(-len(EARTH.instances) // EARTH.page_size)
    assert len(grpc_server.asked) == pages + 1  # the backups


async def test_a_refusal_is_shared_as_well_and_asked_anew_by_the_next_look(grpc_server):
    backend = emulated(grpc_server)
    for since, asked in ((NOW, 1), (NOW, 1), (NOW + timedelta(seconds=1), 2)):
        refused = msgspec.structs.replace(scope("forbidden"), since=since, now=since)
        with pytest.raises(ProviderError, match="forbidden"):
            await backend.list_filestores(refused)
        assert len(grpc_server.asked) == asked
