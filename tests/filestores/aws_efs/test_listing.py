from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from providers.filestores.aws_efs import AwsEfs
from providers.filestores.protocol import FilestoreListing
from tests.contracts.filestores import FilestoreContract
from tests.filestores.aws_efs.asking import ACCOUNT, NOW, PATIENT, REGION, listing, only, refusal, scope_in
from tests.filestores.aws_efs.wire import forward, refuse, reset


class TestAwsEfsContract(FilestoreContract):
    @pytest.fixture
    def backend(self, wire):
        return AwsEfs(bounds=PATIENT)

    @pytest.fixture
    def scope(self, cloud):
        cloud.file_system(Encrypted=True)
        cloud.file_system("hub-homedirs-large", zones=0)
        cloud.file_system("", zones=1)
        return scope_in(cloud.region)

    @pytest.fixture
    def empty_scope(self):
        return scope_in("eu-west-1")

    @pytest.fixture
    def refused_scope(self, wire):
        wire.fail("*", refuse(403, "AccessDeniedException"))
        return scope_in(REGION)


# What is told


async def test_a_file_system_is_known_by_its_host_name_and_mount_targets(cloud):
    made = cloud.file_system(Encrypted=True, ThroughputMode="elastic")
    store = await only(cloud)
    targets = cloud.efs.describe_mount_targets(FileSystemId=made)["MountTargets"]
    assert store.id == made
    assert store.name == "hub-homedirs"
    assert store.addresses[0] == f"{made}.efs.{cloud.region}.amazonaws.com"
    assert set(store.addresses[1:]) == {target["IpAddress"] for target in targets}
    assert store.exports == ("/",)
    assert (store.state, store.detail) == ("ready", "")
    assert store.zones == (f"{cloud.region}a", f"{cloud.region}b")
    assert [target.zone for target in store.mount_targets] == list(store.zones)
    assert {target.subnet for target in store.mount_targets} == {target["SubnetId"] for target in targets}
    assert {target.network for target in store.mount_targets} == {targets[0]["VpcId"]}


async def test_there_is_no_capacity_and_the_size_says_how_old_it_is(cloud):
    cloud.file_system()
    store = await only(cloud)
    assert store.capacity_bytes is None
    assert store.usage.capacity_bytes is None
    assert store.usage.used_bytes == 0
    assert "lags by hours" in store.usage.source


async def test_modes_protection_and_tags_are_facts(cloud):
    made = cloud.file_system(ThroughputMode="provisioned", ProvisionedThroughputInMibps=128, Encrypted=True,
                             Backup=True, PerformanceMode="maxIO")  # fmt: skip
    cloud.efs.put_lifecycle_configuration(
        FileSystemId=made,
        LifecyclePolicies=[{"TransitionToIA": "AFTER_90_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
    )
    store = await only(cloud)
    facts = dict(store.facts)
    assert store.tier == facts["performance mode"] == "maxIO"
    assert facts["throughput"] == "provisioned, 128 MiB/s"
    assert facts["protocol"] == "NFS 4.1"
    assert facts["lifecycle"] == "to infrequent access after 90 days, back after 1 access"
    assert (facts["encrypted"], facts["backups"], facts["tag Name"]) == ("yes", "on", "hub-homedirs")
    assert (store.encrypted, store.backups, store.lifecycle) == (True, True, True)
    assert store.created_at is not None
    assert facts["made"] == store.created_at.date().isoformat()
    assert store.page == (
        f"https://{cloud.region}.console.aws.amazon.com/efs/home?region={cloud.region}#/file-systems/{made}"
    )


async def test_what_is_off_is_said_to_be_off(cloud):
    cloud.file_system()
    store = await only(cloud)
    facts = dict(store.facts)
    assert (store.encrypted, store.backups, store.lifecycle) == (False, False, False)
    assert (facts["encrypted"], facts["backups"], facts["lifecycle"]) == ("no", "off", "off")


async def test_without_a_mount_target_it_is_down(cloud):
    cloud.file_system(zones=0)
    store = await only(cloud)
    assert (store.state, store.mount_targets) == ("down", ())
    assert "no mount target" in store.detail


async def test_every_page_is_read(cloud, wire):
    for number in range(4):
        cloud.file_system(f"homes-{number}", zones=0)

    def in_twos(request):
        request.path = request.path.replace("MaxItems=100", "MaxItems=2")
        forward(request)

    wire.fail("DescribeFileSystems", in_twos)
    assert len((await listing(cloud)).filestores) == 4
    assert wire.seen.count("DescribeFileSystems") == 2


async def test_only_calls_that_describe_are_sent(cloud, wire):
    cloud.file_system()
    cloud.file_system("second", zones=1)
    await listing(cloud)
    assert sorted(wire.seen) == sorted(
        ["DescribeFileSystems", *["DescribeMountTargets", "DescribeLifecycleConfiguration", "DescribeBackupPolicy"] * 2,
         "DescribeNetworkInterfaces", "DescribeSecurityGroups", *["DescribeInstances"] * 2]
    )  # fmt: skip


# States that the server never tells are told at the wire


def told_as(old: bytes, new: bytes, count: int = -1):
    def fault(request):
        send = request.send
        request.send = lambda status, headers, body: send(status, headers, body.replace(old, new, count))
        forward(request)

    return fault


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("creating", "creating"),
        ("updating", "updating"),
        ("deleting", "deleting"),
        ("error", "down"),
        ("odd", "unknown"),
    ],
)
async def test_the_state_is_clouds_own(cloud, wire, word, state):
    cloud.file_system()
    wire.fail("DescribeFileSystems", told_as(b'"available"', f'"{word}"'.encode()))
    store = await only(cloud)
    assert (store.state, store.detail) == (state, f"AWS says: {word}")


async def test_one_that_is_deleted_is_not_listed(cloud, wire):
    cloud.file_system()
    wire.fail("DescribeFileSystems", told_as(b'"available"', b'"deleted"'))
    assert await listing(cloud) == FilestoreListing()


@pytest.mark.parametrize(
    ("word", "count", "state", "words"),
    [
        ("creating", 1, "degraded", "is creating"),
        ("error", 1, "degraded", "is in error"),
        ("creating", -1, "creating", "is creating"),
        ("error", -1, "down", "is in error"),
    ],
)
async def test_mount_targets_that_are_not_available_are_named(cloud, wire, word, count, state, words):
    cloud.file_system()
    wire.fail("DescribeMountTargets", told_as(b'"available"', f'"{word}"'.encode(), count))
    store = await only(cloud)
    assert store.state == state
    assert f"{cloud.region}" in store.detail
    assert words in store.detail


async def test_a_mount_target_that_is_deleted_is_none(cloud, wire):
    cloud.file_system()
    wire.fail("DescribeMountTargets", told_as(b'"available"', b'"deleted"', 1))
    store = await only(cloud)
    assert (store.state, len(store.mount_targets)) == ("ready", 1)


async def test_one_that_goes_while_it_is_looked_at_is_not_listed(cloud, wire):
    cloud.file_system()
    wire.fail("DescribeMountTargets", refuse(404, "FileSystemNotFound"))
    assert await listing(cloud) == FilestoreListing()


# Another cloud, another account


@pytest.mark.parametrize(("provider", "account"), [("gcp", {}), ("azure", {}), ("kubeconfig", {})])
async def test_what_is_not_on_aws_is_not_asked(wire, provider, account):
    scope = scope_in("us-west-2", provider, **account)
    assert await AwsEfs().list_filestores(scope) == FilestoreListing()
    assert wire.seen == []


@pytest.mark.parametrize("filled", [True, False])
async def test_credentials_of_another_account_are_no_answer(cloud, filled):
    if filled:
        cloud.file_system()
    error = await refusal(cloud, account="999988887777")
    assert error.kind == "unauthorized"
    assert f"of account {ACCOUNT}" in error.message
    assert "account 999988887777" in error.next_step


async def test_an_account_that_can_t_be_checked_leaves_an_empty_list_in_doubt(cloud, wire):
    wire.fail("GetCallerIdentity", reset)
    found = await listing(cloud)
    assert found.filestores == ()
    assert [error.kind for error in found.refused] == ["unreachable"]


async def test_an_account_named_in_words_is_not_checked(cloud, wire):
    assert await listing(cloud, account="our-research-account") == FilestoreListing()
    assert "GetCallerIdentity" not in wire.seen


async def test_clusters_of_one_region_share_one_question(cloud, wire):
    cloud.file_system()
    backend = AwsEfs(bounds=PATIENT)
    names = [f"cluster-{number}" for number in range(6)]
    scopes = [msgspec.structs.replace(scope_in(cloud.region, clusterName=name), since=NOW) for name in names]
    listings = await asyncio.gather(*(backend.list_filestores(scope) for scope in scopes))
    assert len({listing.filestores[0].id for listing in listings}) == 1
    asked = Counter(wire.seen)
    # Its nodes are each cluster's own: by one tag and, since it has none, by the other.
    assert asked.pop("DescribeInstances") == 2 * len(names)
    assert set(asked.values()) == {1}, asked


async def test_a_later_look_asks_anew(cloud):
    backend = AwsEfs(bounds=PATIENT)
    first = msgspec.structs.replace(scope_in(cloud.region), since=NOW)
    assert (await backend.list_filestores(first)).filestores == ()
    cloud.file_system()
    assert (await backend.list_filestores(first)).filestores == ()
    later = NOW + timedelta(seconds=1)
    assert (await backend.list_filestores(msgspec.structs.replace(first, since=later, now=later))).filestores
