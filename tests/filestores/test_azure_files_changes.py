"""NFS shares are made and grown over the wire: never twice, never smaller, and only with the permission to write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.azure_files import AzureFiles
from providers.filestores.azure_files.changes import AzureFilesChanges
from providers.filestores.azure_files.connection import CallBounds
from providers.filestores.azure_files.place import EMULATOR_VARIABLE
from providers.filestores.azure_files.reach import Reach
from providers.filestores.changes import Draft, Follow, Stopped, Unfit, Wish
from providers.filestores.protocol import Filestore, FilestoreScope
from tests.contracts.filestore_changes import FilestoreCreationContract, FilestoreGrowthContract, make, writing
from tests.filestores.arm_server import CLUSTER, GROUP, SUBSCRIPTION, ArmServer, Fault, account, aks, share
from tests.filestores.test_azure_files import forest, scope

GIB = 2**30
REQUEST_S = 2.0


class Arm:
    """A cloud of the contract: the subscription of a server on this machine. `slept` are the pauses, in seconds."""

    def __init__(self, server: ArmServer, wish: Wish) -> None:
        self.server, self.wish = server, wish
        self.scope: FilestoreScope = scope()
        self.slept: list[float] = []
        self._environ = {EMULATOR_VARIABLE: server.address}
        self._bounds = CallBounds(request_s=REQUEST_S, connect_s=REQUEST_S)

    async def connect(self) -> AzureFilesChanges:
        return AzureFilesChanges(self.reach(), sleep=self._sleep)

    def reach(self) -> Reach:
        return Reach(environ=self._environ, bounds=self._bounds)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def made(self) -> int:
        account, _, share = self.wish.name.partition("/")
        return [each["name"] for each in self.server.shares.get(account, ())].count(share)

    def changed(self) -> int:
        return len(self.server.changed)

    def lose_answer(self, number: int) -> None:
        self.server.faults.append(Fault(changes=True, spared=number - 1, times=1, manner="reset"))

    def deny(self, *rights: str) -> None:
        self.server.permissions = [{"actions": ["*"], "notActions": list(rights)}]

    def refuse_to_tell(self) -> None:
        self.server.faults.append(Fault(on="Microsoft.Authorization", status=403, code="AuthorizationFailed"))

    async def filestore(self) -> Filestore:
        backend = AzureFiles(environ=self._environ, bounds=self._bounds)
        listed = (await backend.list_filestores(self.scope)).filestores
        return next(one for one in listed if one.name == self.wish.name)

    def capacity_gib(self) -> int:
        return int(self._share()["properties"]["shareQuota"])

    def rest(self) -> object:
        found = self._share()
        return found | {"properties": {key: each for key, each in found["properties"].items() if key != "shareQuota"}}

    def _share(self) -> Any:
        account, _, share = self.wish.name.partition("/")
        return next(each for each in self.server.shares[account] if each["name"] == share)

    async def draft(self, **wish: Any) -> Draft:
        return await (await self.connect()).draft_creation(self.scope, msgspec.structs.replace(self.wish, **wish))


@pytest.fixture
async def server() -> AsyncIterator[ArmServer]:
    async with forest().running() as running:
        yield running


@pytest.fixture
def cloud(server: ArmServer) -> Arm:
    return Arm(server, Wish(name="foresthomes/climate", capacity_gib=256))


@pytest.fixture
def full(server: ArmServer) -> Arm:
    return Arm(server, Wish(name="foresthomes/homes"))


class TestAzureFilesIsMade(FilestoreCreationContract):
    @pytest.fixture
    def cloud(self, server: ArmServer) -> Arm:
        return Arm(server, Wish(name="foresthomes/climate", share="climate", capacity_gib=256))


class TestAzureFilesGrows(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self, server: ArmServer) -> Arm:
        return Arm(server, Wish(name="foresthomes/homes"))


async def test_a_share_is_made_as_homes_need_it(cloud: Arm) -> None:
    draft = await cloud.draft()
    (piece,) = draft.pieces
    assert piece.what == "make NFS share climate in storage account foresthomes"
    assert piece.after == "256 GiB, Premium_LRS, in northeurope, NFS 4.1, root is not squashed"
    assert (draft.server, draft.path) == ("foresthomes.file.core.windows.net", "/foresthomes/climate")
    assert draft.warnings == ()
    await make(cloud, piece)
    properties = cloud._share()["properties"]
    assert (properties["enabledProtocols"], properties["rootSquash"], properties["shareQuota"]) == (
        "NFS", "NoRootSquash", 256,
    )  # fmt: skip
    assert [one.partition(" ")[0] for one in cloud.server.changed] == ["PUT"]


async def test_without_an_account_it_goes_where_only_one_fits(cloud: Arm) -> None:
    draft = await cloud.draft(name="climate", capacity_gib=None)
    assert (draft.wish.name, draft.wish.capacity_gib, draft.wish.tier) == ("foresthomes/climate", 100, "Premium_LRS")
    cloud.server.accounts = [*cloud.server.accounts, account("other")]
    with pytest.raises(Unfit, match="foresthomes, other") as caught:
        await cloud.draft(name="climate")
    assert "--key ACCOUNT/SHARE" in caught.value.next_step


@pytest.mark.parametrize(
    ("wish", "why", "step"),
    [
        ({"name": "elsewhere/homes"}, "no premium storage account elsewhere", "az storage account create"),
        ({"name": "plainblobs/homes"}, "no premium storage account plainblobs", "--kind FileStorage"),
        ({"name": "foresthomes/Homes"}, "no name for a share", "--key"),
        ({"name": "foresthomes/a--b"}, "no name for a share", "--key"),
        ({"name": "foresthomes/windows"}, "speaks SMB", "--key"),
        ({"tier": "Premium_ZRS"}, "is Premium_LRS", "--tier"),
        ({"location": "westeurope"}, "is in northeurope", "--location"),
        ({"network": "forest"}, "in no network", "--network"),
    ],
)
async def test_what_cannot_be_had_is_said_with_what_can(cloud: Arm, wish: dict[str, Any], why: str, step: str) -> None:
    with pytest.raises(Unfit, match=why) as caught:
        await cloud.draft(**wish)
    assert step in caught.value.next_step
    assert cloud.changed() == 0


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": []}}, "keeps the nodes out"),
        ({"supportsHttpsTrafficOnly": True}, "requires secure transfer"),
    ],
)
async def test_what_may_keep_nodes_out_is_a_warning(cloud: Arm, properties: dict[str, Any], said: str) -> None:
    cloud.server.accounts = [account(**properties)]
    assert any(said in warning for warning in (await cloud.draft()).warnings)


async def test_a_size_beyond_what_is_known_is_a_warning_and_azure_decides(cloud: Arm, full: Arm) -> None:
    assert "begin at 100 GiB" in (await cloud.draft(capacity_gib=50)).warnings[0]
    changes, store = await full.connect(), await full.filestore()
    assert "end at 102,400 GiB" in (await changes.draft_growth(full.scope, store, 200_000)).warnings[0]
    assert changes.suitable_gib(store, 12.5) == 100


async def test_what_is_there_is_left_as_it_is(full: Arm) -> None:
    draft = await full.draft(capacity_gib=2048)
    assert draft.pieces == ()
    assert draft.there is not None
    assert draft.there.capacity_bytes == 1024 * GIB
    assert "hubhomes grow" in draft.notes[0]
    squashed = await full.draft(name="foresthomes/archive")
    assert any("root squash is RootSquash" in note for note in squashed.notes)


async def test_a_plan_of_yesterday_changes_nothing_of_what_was_made_meanwhile(cloud: Arm) -> None:
    (piece,) = (await cloud.draft(capacity_gib=512)).pieces
    cloud.server.shares["foresthomes"] = [*cloud.server.shares["foresthomes"], share("climate", shareQuota=300)]
    assert await make(cloud, piece) == ["share foresthomes/climate was there already"]
    assert (cloud.capacity_gib(), cloud.changed()) == (300, 0)


async def test_it_is_grown_by_its_quota_alone_and_not_made_smaller(full: Arm) -> None:
    changes, store = await full.connect(), await full.filestore()
    with pytest.raises(Unfit, match="not made smaller") as caught:
        await changes.draft_growth(full.scope, store, 1000)
    assert "from Thu, 05 Mar 2026 20:00:00 GMT on" in caught.value.next_step
    (piece,) = (await changes.draft_growth(full.scope, store, 1500)).pieces
    full.server.shares["foresthomes"][0]["properties"]["shareQuota"] = 2000
    assert await make(full, piece) == ["share foresthomes/homes had 1,500 GiB already"]
    assert (full.capacity_gib(), full.changed()) == (2000, 0)


async def test_azure_may_ask_for_patience(cloud: Arm) -> None:
    cloud.server.faults.append(
        Fault(changes=True, times=2, status=429, code="TooManyRequests", headers={"Retry-After": "3"})
    )
    said: list[str] = []
    (ended,) = await make(cloud, *(await cloud.draft()).pieces, follow=Follow(say=said.append))
    assert ended == "share foresthomes/climate is there, with 256 GiB"
    assert cloud.slept == [1.0] * 6
    assert sum("asked again in 3 s" in line for line in said) == 2


async def test_patience_has_an_end_and_a_stop_is_heard_in_it(cloud: Arm) -> None:
    cloud.server.faults.append(
        Fault(changes=True, status=429, code="TooManyRequests", headers={"Retry-After": "100000"})
    )
    (piece,) = (await cloud.draft()).pieces
    with pytest.raises(ProviderError, match="fewer requests"):
        await make(cloud, piece)
    assert sum(cloud.slept) == 5 * 60
    cloud.slept.clear()
    with pytest.raises(Stopped):
        await make(cloud, piece, follow=Follow(stopped=lambda: len(cloud.slept) > 3))
    assert len(cloud.slept) == 4
    assert cloud.made() == 0


@pytest.mark.parametrize("manner", ["truncated", "mute"])
async def test_an_answer_that_is_lost_is_looked_for(cloud: Arm, manner: Any) -> None:
    cloud.server.faults.append(Fault(changes=True, times=1, manner=manner))
    said: list[str] = []
    (ended,) = await make(cloud, *(await cloud.draft()).pieces, follow=Follow(say=said.append))
    assert ended == "share foresthomes/climate is there, with 256 GiB"
    assert any("looking whether it was done" in line for line in said)
    assert (cloud.made(), cloud.changed(), cloud.slept) == (1, 1, [])


async def test_a_request_that_never_arrived_is_sent_again(cloud: Arm) -> None:
    # The HTTP library repeats a PUT once by itself.
    cloud.server.faults.append(Fault(changes=True, times=2, status=503, manner="reset"))
    await make(cloud, *(await cloud.draft()).pieces)
    assert (cloud.made(), cloud.changed(), cloud.slept) == (1, 3, [1.0, 1.0])


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (403, "AuthorizationFailed", "forbidden", "denied"),
        (409, "ShareBeingDeleted", "internal", "ShareBeingDeleted"),
        (400, "InvalidShareQuota", "internal", "InvalidShareQuota"),
        (500, "InternalError", "internal", "InternalError"),
    ],
)
async def test_what_azure_denies_is_said_once(cloud: Arm, status: int, code: str, kind: str, said: str) -> None:
    cloud.server.faults.append(Fault(changes=True, status=status, code=code))
    with pytest.raises(ProviderError, match=said) as caught:
        await make(cloud, *(await cloud.draft()).pieces)
    assert caught.value.kind == kind
    assert (cloud.made(), cloud.changed()) == (0, 1)
    if kind == "forbidden":
        assert "Microsoft.Storage/storageAccounts/fileServices/shares/write" in caught.value.next_step


async def test_an_account_that_went_away_is_said(cloud: Arm) -> None:
    (piece,) = (await cloud.draft()).pieces
    cloud.server.accounts = []
    with pytest.raises(Unfit, match="is no more"):
        await make(cloud, piece)


async def test_nothing_but_a_share_is_changed_whatever_is_permitted(cloud: Arm) -> None:
    place = cloud.reach().place(cloud.scope)
    assert place is not None
    async with cloud.reach().connected(place, writing()) as client:
        for refused in (
            client.file_shares.delete(GROUP, "foresthomes", "homes"),
            client.storage_accounts.delete(GROUP, "foresthomes"),
            client.storage_accounts.update(GROUP, "foresthomes", {"tags": {}}),
        ):
            with pytest.raises(ProviderError, match="no permission lets that out"):
                await refused
    async with cloud.reach().connected(place) as client:
        with pytest.raises(ProviderError, match="read-only"):
            await client.file_shares.create(GROUP, "foresthomes", "x", {"properties": {}})
    assert cloud.changed() == 0


async def test_the_rest_of_the_subscription_may_be_hidden() -> None:
    server = forest(clusters={CLUSTER: aks(None)})
    server.faults.append(Fault(on=f"{SUBSCRIPTION}/providers/", status=403, code="AuthorizationFailed"))
    async with server.running():
        cloud = Arm(server, Wish(name="hidden/homes"))
        with pytest.raises(ProviderError, match=f"only resource group {GROUP} is known"):
            await cloud.draft()
        assert (await cloud.draft(name="foresthomes/new")).pieces
