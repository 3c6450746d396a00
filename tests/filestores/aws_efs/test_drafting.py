from __future__ import annotations

import shlex

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs.place import Place
from providers.filestores.changes import Draft, Unfit
from providers.kubernetes.objects import Labels, Metadata, Node
from providers.kubernetes.observation import ClusterObservation, Listing
from tests.contracts.filestore_changes import check_whole, draft_of, finish, make
from tests.filestores.aws_efs.account import NAME
from tests.filestores.aws_efs.asking import ACCOUNT, NOW, scope_in
from tests.filestores.aws_efs.wire import refuse, told


async def unfit(account) -> Unfit:
    with pytest.raises(Unfit) as caught:
        await draft_of(account)
    assert caught.value.next_step
    return caught.value


async def refusal(account) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await draft_of(account)
    return caught.value


def keys(draft: Draft) -> list[str]:
    return [piece.key.replace(f":{NAME}", "") for piece in draft.pieces]


def wished(account, **changes) -> None:
    account.wish = msgspec.structs.replace(account.wish, **changes)


# Nothing is there


async def test_all_of_it_is_left_to_make(account):
    draft = await draft_of(account)
    zones = [f"mount-target:{account.cloud.region}{letter}" for letter in "ab"]
    assert keys(draft) == ["file-system", "lifecycle", *zones]
    assert (draft.server, draft.path, draft.warnings) == ("", "/", ())
    assert draft.notes[0] == f"in account {ACCOUNT}, {account.cloud.region}"
    assert (draft.wish.location, draft.wish.network) == (account.cloud.region, account.vpc)
    assert [piece.arguments["subnet"] for piece in draft.pieces[2:]] == account.subnets
    assert {piece.arguments["groups"][0] for piece in draft.pieces[2:]} == {account.group}


async def test_each_piece_names_the_rights_of_its_request(account):
    file_system, lifecycle, target, _ = (await draft_of(account)).pieces
    assert file_system.rights == ("elasticfilesystem:CreateFileSystem", "elasticfilesystem:TagResource")
    assert lifecycle.rights == ("elasticfilesystem:PutLifecycleConfiguration",)
    assert target.rights[0] == "elasticfilesystem:CreateMountTarget"
    assert "ec2:CreateNetworkInterface" in target.rights


async def test_the_commands_say_the_same_and_nothing_of_a_name_is_shell(account):
    wished(account, name="homes; rm -rf ~", tags={"who": "$(id)"})
    commands = (await draft_of(account)).commands
    made = shlex.split(commands[0].removeprefix("FILE_SYSTEM=$(").removesuffix(")"))
    assert '{"Key": "who", "Value": "$(id)"}' in made[made.index("--tags") + 1]
    assert '{"Key": "Name", "Value": "homes; rm -rf ~"}' in made[made.index("--tags") + 1]
    for command in commands[1:]:
        assert command.startswith(f"aws efs {shlex.split(command)[2]} --region {account.cloud.region} ")
        assert command.endswith(' --file-system-id "$FILE_SYSTEM"')


def test_a_command_names_region_and_profile():
    assert Place(region="us-west-2", profile="our hubs").command(
        "efs", "describe-file-systems", "--max-items", "1"
    ) == ("aws efs describe-file-systems --region us-west-2 --profile 'our hubs' --max-items 1")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"capacity_gib": 100}, "has no size"),
        ({"tier": "BASIC_SSD"}, "no performance mode BASIC_SSD"),
        ({"location": "us-west-2a"}, "all zones of us-west-2"),
        ({"location": "eu-west-1"}, "not in eu-west-1"),
        ({"network": "vpc-another"}, "would not reach a file system in vpc-another"),
    ],
)
async def test_what_efs_has_not_is_refused_in_words(account, wish, words):
    wished(account, **wish)
    assert words in (await unfit(account)).message


async def test_a_cluster_elsewhere_has_none(account):
    account.scope = scope_in(account.cloud.region, provider="gcp")
    with pytest.raises(Unfit, match="not on AWS"):
        await draft_of(account)


async def test_credentials_of_another_account_draft_nothing(account):
    account.scope = scope_in(account.cloud.region, account="999988887777")
    error = await refusal(account)
    assert (error.kind, "999988887777" in error.next_step) == ("unauthorized", True)


async def test_it_never_grows(account):
    there = (await finish(account)).there
    changes = await account.connect()
    with pytest.raises(Unfit, match="no size") as caught:
        await changes.draft_growth(account.scope, there, 2048)
    assert caught.value.next_step
    assert changes.suitable_gib(there, 2048) is None


# Half of it is there


async def test_what_terraform_left_half_made_is_gone_on_with(account):
    made = account.cloud.file_system(NAME, zones=1, Encrypted=True, Backup=True)
    draft = await draft_of(account)
    assert keys(draft) == ["lifecycle", f"mount-target:{account.cloud.region}b"]
    assert draft.there is not None
    assert (draft.there.id, draft.server) == (made, f"{made}.efs.{account.cloud.region}.amazonaws.com")
    assert all(command.endswith(f" --file-system-id {made}") for command in draft.commands)
    check_whole(await finish(account), account)
    assert len(account.targets()) == 2


async def test_what_is_whole_has_nothing_left_to_make(account):
    made = account.cloud.file_system(NAME, zones=2, Encrypted=True, Backup=True)
    account.cloud.efs.put_lifecycle_configuration(
        FileSystemId=made, LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"}]
    )
    draft = await draft_of(account)
    check_whole(draft, account)
    assert (draft.warnings, draft.commands) == ((), ())


async def test_what_can_not_be_mended_of_it_is_said(account):
    made = account.cloud.file_system(NAME, zones=0)
    wished(account, tier="maxIO")
    unmounted, mode, unencrypted, unsaved = (await draft_of(account)).warnings
    assert "make sure that it is meant" in unmounted
    assert "has the performance mode generalPurpose" in mode
    assert "is not encrypted" in unencrypted
    assert f"aws efs put-backup-policy --region {account.cloud.region} --file-system-id {made}" in unsaved


async def test_one_that_is_kept_in_one_zone_is_given_no_other_mount_target(account):
    zone = f"{account.cloud.region}b"
    account.cloud.file_system(NAME, zones=0, AvailabilityZoneName=zone)
    draft = await draft_of(account)
    assert keys(draft) == ["lifecycle", f"mount-target:{zone}"]
    assert any("kept in one zone" in warning for warning in draft.warnings)


async def test_several_of_the_name_are_told_apart_by_nobody(account):
    first, second = (
        account.cloud.file_system(NAME),
        account.cloud.efs.create_file_system(CreationToken="second", Tags=[{"Key": "Name", "Value": NAME}])[
            "FileSystemId"
        ],
    )
    error = await unfit(account)
    assert "several file systems" in error.message
    assert first in error.message
    assert second in error.message


async def test_that_of_another_cluster_is_another(account):
    """Terraform calls them the same for every cluster: one is mounted in another VPC, one was begun from here."""
    subnet = account.cloud.other_vpc()
    other = account.cloud.file_system(NAME, zones=0)
    account.cloud.efs.create_mount_target(FileSystemId=other, SubnetId=subnet)
    account.cloud.efs.create_file_system(CreationToken="hubhomes-of-another", Tags=[{"Key": "Name", "Value": NAME}])
    draft = await draft_of(account)
    assert (draft.there, keys(draft)[0]) == (None, "file-system")
    await make(account, draft.pieces[0])
    assert account.made() == 3


async def test_one_of_its_own_that_is_mounted_elsewhere_is_refused(account):
    token = (await draft_of(account)).pieces[0].arguments["token"]
    made = account.cloud.efs.create_file_system(CreationToken=token)["FileSystemId"]
    account.cloud.efs.create_mount_target(FileSystemId=made, SubnetId=account.cloud.other_vpc())
    assert f"{made} is mounted in" in (await unfit(account)).message


@pytest.mark.parametrize(
    ("operation", "listed"), [("DescribeFileSystems", "FileSystems"), ("DescribeMountTargets", "MountTargets")]
)
@pytest.mark.parametrize(("state", "word"), [("error", "in error"), ("deleting", "being deleted")])
async def test_what_is_broken_is_not_gone_on_with(account, operation, listed, state, word):
    account.cloud.file_system(NAME)
    account.wire.fail(operation, told(lambda answer: answer[listed][0].update(LifeCycleState=state)))
    error = await unfit(account)
    assert f"is {word}" in error.message
    assert "nothing is deleted from here" in error.next_step


@pytest.mark.parametrize("operation", ["DescribeMountTargets", "DescribeLifecycleConfiguration"])
async def test_what_may_not_be_read_is_not_taken_for_missing(account, operation):
    account.cloud.file_system(NAME)
    account.wire.fail(operation, refuse(403, "AccessDeniedException"))
    error = await refusal(account)
    assert (error.kind, error.next_step) == ("forbidden", f"ask for the right elasticfilesystem:{operation}")


async def test_a_list_that_is_cut_is_not_taken_for_all(account):
    cut = told(lambda answer: answer.update(NextMarker="more", FileSystems=[{"FileSystemId": "fs-1"}]))
    account.wire.fail("DescribeFileSystems", cut, refuse(403, "AccessDeniedException"))
    assert (await refusal(account)).kind == "forbidden"


async def test_zones_of_nodes_without_a_subnet_are_named(account):
    zones = [f"{account.cloud.region}{letter}" for letter in "ad"]
    nodes = tuple(Node(metadata=Metadata(name=zone, labels=Labels(zone=zone))) for zone in zones)
    seen = ClusterObservation(context="ocean", observed_at=NOW, nodes=Listing(items=nodes))
    account.scope = msgspec.structs.replace(account.scope, observation=seen)
    (warning,) = (await draft_of(account)).warnings
    assert f"nodes run in {zones[1]}, of which no subnet is known" in warning
