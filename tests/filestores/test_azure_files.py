from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.azure_files import AzureFiles
from providers.filestores.azure_files.place import EMULATOR_VARIABLE, SUBSCRIPTION_VARIABLE
from providers.filestores.protocol import Filestore, FilestoreListing, FilestoreScope
from providers.kubernetes.objects import Metadata, NfsSource, PersistentVolume, PersistentVolumeSpec
from providers.kubernetes.observation import ClusterObservation, Listing
from tests.contracts.filestores import FilestoreContract
from tests.filestores.arm_server import (
    CLUSTER,
    GROUP,
    NODES,
    SUBSCRIPTION,
    VNET,
    ArmServer,
    Fault,
    account,
    aks,
    share,
)  # fmt: skip

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
GIB = 2**30


def scope(*, provider: str = "azure", observation: ClusterObservation | None = None, **block: str) -> FilestoreScope:
    block = {"cluster": CLUSTER, "resource_group": GROUP, "subscription": SUBSCRIPTION} | block
    return FilestoreScope(cluster="forest", provider=provider, account=block, observation=observation, now=NOW)


def asking(server: ArmServer, **environ: str) -> AzureFiles:
    return AzureFiles(environ={EMULATOR_VARIABLE: server.address} | environ)


def forest(**changed: Any) -> ArmServer:
    """One account with two NFS shares, one SMB share, a snapshot, beside an account of another kind."""
    shares = [
        share(),
        share("archive", shareQuota=100, rootSquash="RootSquash"),
        share("windows", enabledProtocols="SMB", rootSquash=None),
        share(snapshotTime="2026-03-04T02:00:00.0000000Z"),
        share(snapshotTime="2026-03-05T02:00:00.0000000Z"),
    ]
    return ArmServer(
        **{
            "accounts": [account(), account("plainblobs", kind="StorageV2")],
            "shares": {"foresthomes": shares},
            "used": {"foresthomes/homes": 829 * GIB, "foresthomes/archive": 0},
            "clusters": {CLUSTER: aks(NODES)},
        }
        | changed
    )


async def listing_of(server: ArmServer, asked: FilestoreScope | None = None, **environ: str) -> FilestoreListing:
    async with server.running():
        return await asking(server, **environ).list_filestores(asked or scope())


async def only(server: ArmServer) -> Filestore:
    (store,) = (await listing_of(server)).filestores
    return store


def one(account_changes: dict[str, Any] | None = None, **share_changes: Any) -> ArmServer:
    """One account with one share."""
    return forest(accounts=[account(**(account_changes or {}))], shares={"foresthomes": [share(**share_changes)]})


class TestContract(FilestoreContract):
    @pytest.fixture
    async def server(self):
        async with forest(page_size=1).running() as server:
            yield server

    @pytest.fixture
    def backend(self, server):
        return asking(server)

    @pytest.fixture
    def scope(self):
        return scope()

    @pytest.fixture
    def empty_scope(self, server):
        server.accounts = [account("plainblobs", kind="StorageV2")]
        return scope()

    @pytest.fixture
    def refused_scope(self, server):
        server.faults.append(Fault(status=403, code="AuthorizationFailed"))
        return scope()


async def test_a_share_is_told_as_it_is():
    listing = await listing_of(forest())
    assert (listing.unreachable, listing.refused) == ((), ())
    archive, homes = listing.filestores
    assert (archive.name, archive.exports, archive.root_squash) == (
        "foresthomes/archive", ("/foresthomes/archive",), True,
    )  # fmt: skip
    assert homes.id == f"{account()['id']}/fileServices/default/shares/homes"
    assert (homes.addresses, homes.exports) == (("foresthomes.file.core.windows.net",), ("/foresthomes/homes",))
    assert (homes.state, homes.tier, homes.capacity_bytes) == ("ready", "Premium_LRS", 1024 * GIB)
    assert (homes.root_squash, homes.encrypted, homes.backups, homes.lifecycle) == (False, True, None, None)
    assert homes.page.startswith("https://portal.azure.com/#resource/subscriptions/")
    facts = dict(homes.facts)
    assert facts["resource group"] == GROUP
    assert facts["firewall"] == "Deny"
    assert facts["subnet"] == NODES
    assert facts["root squash"] == "NoRootSquash"
    assert facts["snapshots"] == "2, newest 2026-03-05"
    assert facts["secure transfer"] == "not required"
    assert facts["may shrink from"] == "Thu, 05 Mar 2026 20:00:00 GMT"
    assert facts["account made"] == "2023-05-11"
    assert facts["tag purpose"] == "homes"
    assert dict(archive.facts)["snapshots"] == "none"


async def test_how_full_is_asked_of_each_share_where_they_are_few():
    archive, homes = (await listing_of(forest())).filestores
    assert homes.usage is not None
    assert (homes.usage.used_bytes, homes.usage.capacity_bytes) == (829 * GIB, 1024 * GIB)
    assert homes.usage.observed_at == NOW
    assert "expand=stats" in homes.usage.source
    assert archive.usage is not None
    assert archive.usage.used_bytes == 0


async def test_how_full_is_not_asked_where_shares_are_many():
    server = forest(shares={"foresthomes": [share(f"homes{i}") for i in range(9)]})
    stores = (await listing_of(server)).filestores
    assert len(stores) == 9
    assert all(store.usage is None and "used" not in dict(store.facts) for store in stores)
    assert not [line for line in server.asked if "stats" in line]


async def test_of_many_shares_those_that_the_cluster_mounts_are_asked():
    names = [f"homes{i}" for i in range(9)]
    server = forest(
        shares={"foresthomes": [share(name) for name in names]}, used={f"foresthomes/{name}": 7 for name in names}
    )
    source = NfsSource(server="foresthomes.file.core.windows.net", path="/foresthomes//homes1/prod")
    volume = PersistentVolume(metadata=Metadata(name="prod-home-nfs"), spec=PersistentVolumeSpec(nfs=source))
    seen = ClusterObservation(context="forest", observed_at=NOW, persistent_volumes=Listing(items=(volume,)))
    stores = (await listing_of(server, scope(observation=seen))).filestores
    assert [store.name for store in stores if store.usage is not None] == ["foresthomes/homes1"]
    assert len([line for line in server.asked if "stats" in line]) == 1
    declared = (("foresthomes.file.core.windows.net", "/foresthomes/homes2/prod"),)
    both = (await listing_of(server, msgspec.structs.replace(scope(observation=seen), declared=declared))).filestores
    assert [store.name for store in both if store.usage is not None] == ["foresthomes/homes1", "foresthomes/homes2"]
    alone = (await listing_of(server, msgspec.structs.replace(scope(), declared=declared))).filestores
    assert [store.name for store in alone if store.usage is not None] == ["foresthomes/homes2"]


async def test_requests_are_side_by_side_and_bounded():
    accounts = [account(f"forest{i:02}") for i in range(20)]
    server = forest(
        accounts=accounts,
        shares={each["name"]: [share(of=each)] if i < 8 else [] for i, each in enumerate(accounts)},
        used={},
    )
    assert len((await listing_of(server)).filestores) == 8
    assert 1 < server.most_together <= 9


async def test_pages_are_followed():
    accounts = [account("foresthomes"), account("oldhomes", group="Other")]
    shares = {each["name"]: [share(f"homes{i}", of=each) for i in range(2)] for each in accounts}
    listing = await listing_of(forest(accounts=accounts, shares=shares, page_size=1))
    assert [store.name for store in listing.filestores] == [
        "oldhomes/homes0", "oldhomes/homes1", "foresthomes/homes0", "foresthomes/homes1",
    ]  # fmt: skip
    assert listing.refused == ()


async def test_another_cloud_asks_nothing():
    server = forest()
    assert await listing_of(server, scope(provider="gcp")) == FilestoreListing()
    assert server.asked == []


async def test_the_subscription_may_be_told_by_the_environment():
    server = forest()
    listing = await listing_of(server, scope(subscription=""), **{SUBSCRIPTION_VARIABLE: SUBSCRIPTION})
    assert len(listing.filestores) == 2


async def test_cluster_yaml_wins_over_the_environment():
    other = SUBSCRIPTION.replace("1", "9")
    assert len((await listing_of(forest(), **{SUBSCRIPTION_VARIABLE: other})).filestores) == 2


async def test_without_a_subscription_it_says_what_to_add():
    server = forest()
    with pytest.raises(ProviderError, match="which Azure subscription forest is in") as caught:
        await listing_of(server, scope(subscription=""))
    assert caught.value.kind == "no_context"
    assert "set subscription under [accounts.forest] in settings.toml" in caught.value.next_step
    assert "az account list" in caught.value.next_step
    assert server.asked == []


async def test_a_subscription_by_name_is_asked_for_by_id():
    with pytest.raises(ProviderError, match="not given by its id: Forest Hubs") as caught:
        await listing_of(forest(), scope(subscription="Forest Hubs"))
    assert "az account show --subscription 'Forest Hubs' --query id" in caught.value.next_step


@pytest.mark.parametrize("stated", ["localhost:8000", "ftp://x", "http://"])
async def test_an_emulator_needs_an_address(stated):
    with pytest.raises(ProviderError, match=EMULATOR_VARIABLE):
        await AzureFiles(environ={EMULATOR_VARIABLE: stated}).list_filestores(scope())


@pytest.mark.parametrize(
    ("changed", "state", "words"),
    [
        ({"provisioningState": "Creating"}, "creating", "Creating"),
        ({"provisioningState": "ResolvingDNS"}, "creating", "ResolvingDNS"),
        ({"provisioningState": "Deleting"}, "deleting", "deleted"),
        ({"provisioningState": "Odd"}, "unknown", "Odd"),
        ({"statusOfPrimary": "unavailable"}, "down", "unavailable"),
        ({"failoverInProgress": True}, "degraded", "failing over"),
        ({"accountMigrationInProgress": True}, "updating", "redundancy"),
    ],
)
async def test_a_share_is_as_well_as_its_account(changed, state, words):
    store = await only(one(changed))
    assert store.state == state
    assert words in store.detail


@pytest.mark.parametrize(
    ("host", "portal"),
    [("ForestHomes.file.core.usgovcloudapi.net", "portal.azure.us"),
     ("foresthomes.file.core.chinacloudapi.cn", "portal.azure.cn"),
     ("foresthomes.z12.file.storage.azure.net", "portal.azure.com")],
)  # fmt: skip
async def test_the_address_is_the_one_that_azure_tells(host, portal):
    store = await only(one({"primaryEndpoints": {"file": f"https://{host}/"}}))
    assert store.addresses == (host.lower(),)
    assert store.page.startswith(f"https://{portal}/")


async def test_an_address_that_is_not_told_is_the_usual_one():
    store = await only(one({"primaryEndpoints": None}))
    assert store.addresses == ("foresthomes.file.core.windows.net",)


async def test_what_is_not_told_is_not_known():
    bare = {"id": account()["id"], "name": "foresthomes", "kind": "FileStorage"}
    shares = {"foresthomes": [{"id": share()["id"], "name": "homes", "properties": {"enabledProtocols": "nfs"}}]}
    store = await only(forest(accounts=[bare], shares=shares, used={}))
    assert (store.capacity_bytes, store.usage, store.root_squash, store.encrypted) == (None, None, None, None)
    assert store.firewall is not None
    assert store.firewall.admits_nodes is True


RULES = "networkAcls"
OTHER = f"{VNET}/subnets/Other"


def rules(*subnets: str, state: str = "Succeeded", default: str = "Deny") -> dict[str, Any]:
    return {
        RULES: {"defaultAction": default, "virtualNetworkRules": [{"id": each, "state": state} for each in subnets]}
    }


def endpoint(status: str) -> dict[str, Any]:
    properties = {"privateLinkServiceConnectionState": {"status": status}}
    return {"privateEndpointConnections": [{"id": "/x", "name": "homes-link", "properties": properties}]}


@pytest.mark.parametrize(
    ("changed", "nodes", "admits", "words"),
    [
        (rules(NODES), aks(NODES), True, ""),
        (rules(NODES.upper()), aks(NODES, NODES), True, ""),
        (rules(OTHER), aks(NODES), False, f"does not let in {NODES}"),
        (rules(NODES), aks(NODES, OTHER), False, f"does not let in {OTHER}"),
        (rules(NODES, state="NetworkSourceDeleted"), aks(NODES), False, "lets in no subnet"),
        (rules(), aks(NODES), False, "lets in no subnet"),
        (rules(NODES), aks(NODES, None), None, "a network that AKS keeps"),
        (rules(OTHER) | endpoint("Approved"), aks(NODES), None, "private endpoint homes-link"),
        (rules(OTHER) | endpoint("Pending"), aks(NODES), False, "does not let in"),
        (rules(NODES) | {"publicNetworkAccess": "Disabled"}, aks(NODES), False, "lets in no subnet"),
        (rules(default="Allow"), aks(NODES), True, ""),
        ({RULES: None}, aks(NODES), True, ""),
    ],
)
async def test_whether_the_firewall_lets_the_nodes_in(changed, nodes, admits, words):
    store = await only(forest(**vars_of(one(changed)), clusters={CLUSTER: nodes}))
    assert store.firewall is not None
    assert store.firewall.admits_nodes is admits
    assert words in store.firewall.detail
    assert bool(store.firewall.refused_subnets) is (admits is False)
    assert set(store.firewall.refused_subnets) <= {NODES, OTHER}


def vars_of(server: ArmServer) -> dict[str, Any]:
    return {"accounts": server.accounts, "shares": server.shares}


async def test_nodes_are_not_asked_where_every_network_is_let_in():
    server = one(rules(default="Allow"))
    await listing_of(server)
    assert not [line for line in server.asked if "managedClusters" in line]


async def test_an_unknown_cluster_leaves_unknown_whether_its_nodes_are_let_in():
    store = await only(forest(**vars_of(one()), clusters={}))
    assert store.firewall is not None
    assert store.firewall.admits_nodes is None
    assert f"there is no AKS cluster {CLUSTER}" in store.firewall.detail


async def test_a_cluster_that_may_not_be_read_is_named_with_the_reason():
    server = forest(**vars_of(one()), faults=[Fault("managedClusters", status=403, code="AuthorizationFailed")])
    store = await only(server)
    assert store.firewall is not None
    assert store.firewall.admits_nodes is None
    assert "denied" in store.firewall.detail


async def test_every_request_is_a_get_with_a_token():
    server = forest(page_size=1)
    await listing_of(server)
    assert server.asked
    assert {line.partition(" ")[0] for line in server.asked} == {"GET"}
    assert set(server.tokens) == {"Bearer nothing"}


async def test_an_emulator_is_asked_without_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert len((await listing_of(forest())).filestores) == 2


def test_nothing_of_azure_is_imported_before_it_is_asked():
    code = (
        "import sys, asyncio, datetime; from providers.filestores.azure_files import AzureFiles as A;"
        "from providers.filestores.protocol import FilestoreScope as S;"
        "s = S(cluster='x', provider='aws', account={}, observation=None, now=datetime.datetime.now(datetime.UTC));"
        "asyncio.run(A().list_filestores(s));"
        "print([name for name in sys.modules if name.split('.')[0] in ('azure', 'msal', 'aiohttp', 'requests')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


async def test_clusters_of_one_subscription_share_one_question():
    server = forest()
    scopes = [msgspec.structs.replace(scope(resource_group=f"hubs-{number}"), since=NOW) for number in range(5)]
    async with server.running():
        backend = asking(server)
        listings = await asyncio.gather(*(backend.list_filestores(each) for each in scopes))
    assert {len(each.filestores) for each in listings} == {2}
    per_cluster = [path for path in server.asked if "managedClusters" in path]
    assert len(per_cluster) == len(scopes)
    # The accounts, the shares of the one that may have any, and how full each of the two is.
    assert len(server.asked) - len(per_cluster) == 1 + 1 + 2
