from __future__ import annotations

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs.making import PATIENCE_S, Asker, Making
from providers.filestores.aws_efs.parts import Sight
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import CallBounds
from providers.filestores.changes import Follow, Piece, Stopped
from tests.contracts.filestore_changes import (
    Killed,
    SlowCreationContract,
    at_look,
    check_whole,
    die,
    draft_of,
    finish,
    make,
    writing,
)
from tests.filestores.aws_efs.account import CHANGES, NAME
from tests.filestores.aws_efs.asking import ACCOUNT, REGION, scope_in
from tests.filestores.aws_efs.wire import answer, behind, forward, mute, refuse, reset, told


async def failure(account, *pieces) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await make(account, *pieces)
    return caught.value


class TestAwsEfsCreationContract(SlowCreationContract):
    tells_rights = False
    changes_needed = 4
    """The file system, its lifecycle, and a mount target in each of two zones."""

    @pytest.fixture
    def cloud(self, account):
        return account


# What is made


async def test_it_is_made_as_terraform_makes_it(account):
    draft = await finish(account)
    (made,) = account.file_systems()
    assert made["Encrypted"] is True
    assert {tag["Key"]: tag["Value"] for tag in made["Tags"]} == {"Name": NAME, "owner": "institute"}
    assert {target["SubnetId"] for target in account.targets()} == set(account.subnets)
    assert account.sent() == [*CHANGES, "CreateMountTarget"]
    there = draft.there
    assert there is not None
    assert (there.encrypted, there.backups, there.lifecycle) == (True, True, True)
    assert dict(there.facts)["lifecycle"] == "to infrequent access after 90 days, back after 1 access"
    for target in account.targets():
        interface = account.cloud.ec2.describe_network_interfaces(NetworkInterfaceIds=[target["NetworkInterfaceId"]])
        assert [group["GroupId"] for group in interface["NetworkInterfaces"][0]["Groups"]] == [account.group]


async def test_each_part_says_how_it_ended(account):
    ended = await make(account, *(await draft_of(account)).pieces)
    (made,) = account.file_systems()
    assert ended[0] == f"file system {NAME} ({made['FileSystemId']}): available"
    assert "after 90 days" in ended[1]
    assert {line.split(" (")[0] for line in ended[2:]} == {f"mount target in {account.cloud.region}{at}" for at in "ab"}


async def test_a_wish_for_max_io_is_granted(account):
    account.wish = msgspec.structs.replace(account.wish, tier="maxIO")
    await finish(account)
    assert account.file_systems()[0]["PerformanceMode"] == "maxIO"


# Faults: whatever befalls a request, there is one file system, with one mount target in each zone

BROKEN = answer(b'{"half": ')


def done_and_answered_with(fault):
    def both(request):
        behind(request)
        fault(request)

    return both


@pytest.mark.parametrize("change", [1, 3])
@pytest.mark.parametrize(
    "fault",
    [
        reset,
        refuse(500, "InternalServerError"),
        refuse(429, "ThrottlingException"),
        refuse(409, "IncorrectFileSystemLifeCycleState"),
        done_and_answered_with(refuse(500, "InternalServerError")),
        done_and_answered_with(BROKEN),
    ],
    ids=["reset", "500", "throttled", "not-yet", "done-and-500", "done-and-broken"],
)
async def test_a_passing_fault_is_got_over(account, fault, change):
    pieces = (await draft_of(account)).pieces
    account.at_change(change, fault)
    await make(account, *pieces)
    check_whole(await draft_of(account), account)
    assert {target["SubnetId"] for target in account.targets()} == set(account.subnets)


@pytest.mark.parametrize("change", [1, 4])
async def test_an_answer_that_never_comes_is_looked_for_and_nothing_sent_twice(account, change):
    pieces = (await draft_of(account)).pieces
    account.bounds = CallBounds(connect_timeout_s=2, read_timeout_s=2, attempts=2)
    account.at_change(change, done_and_answered_with(mute))
    await make(account, *pieces)
    assert account.sent() == [*CHANGES, "CreateMountTarget"]
    check_whole(await draft_of(account), account)


@pytest.mark.parametrize("change", [1, 2, 3, 4])
async def test_a_request_that_was_lost_is_never_sent_before_a_look(account, change):
    pieces = (await draft_of(account)).pieces
    account.lose_answer(change)
    await make(account, *pieces)
    assert account.sent() == [*CHANGES, "CreateMountTarget"]


@pytest.mark.parametrize("look", [5, 8, 11])
async def test_killed_at_any_part_goes_on(account, look):
    pieces = (await draft_of(account)).pieces
    with pytest.raises(Killed):
        await make(account, *pieces, follow=at_look(look, die))
    assert 0 < account.changed() < len(pieces)
    check_whole(await finish(account), account)
    assert account.sent() == [*CHANGES, "CreateMountTarget"]


async def test_a_mount_target_that_takes_its_time_is_followed_after_a_restart(account):
    pieces = (await draft_of(account)).pieces
    await make(account, *pieces[:2])
    creating = told(lambda answer: [each.update(LifeCycleState="creating") for each in answer["MountTargets"]])
    account.wire.fail("DescribeMountTargets", creating)
    said = []
    with pytest.raises(Stopped):
        await make(account, pieces[2], follow=Follow(say=said.append, stopped=lambda: len(said) > 1))
    assert said[1].endswith(": creating")
    begun = (await draft_of(account)).pieces[0]
    assert (begun.key, "is being created" in begun.before) == (pieces[2].key, True)
    account.wire.faults.pop("DescribeMountTargets")
    await make(account, begun)
    assert len(account.targets()) == account.sent().count("CreateMountTarget") == 1


async def test_one_that_is_not_seen_yet_is_not_made_twice(account):
    """AWS may not list at once what it has made."""
    pieces = (await draft_of(account)).pieces
    await make(account, pieces[0])
    unseen = told(lambda answer: answer.update(FileSystems=[]))
    account.wire.fail("DescribeFileSystems", unseen, unseen, forward)
    await make(account, pieces[0])
    assert account.sent() == ["CreateFileSystem"] * 2
    assert account.made() == 1


async def test_a_mount_target_that_is_not_seen_yet_is_not_made_twice(account):
    pieces = (await draft_of(account)).pieces
    await make(account, *pieces[:3])
    account.wire.fail("DescribeMountTargets", told(lambda answer: answer.update(MountTargets=[])), forward)
    await make(account, pieces[2])
    assert account.sent()[-2:] == ["CreateMountTarget"] * 2
    assert len(account.targets()) == 1


async def test_a_conflict_that_stays_is_told(account):
    pieces = (await draft_of(account)).pieces
    await make(account, *pieces[:2])
    account.wire.fail("CreateMountTarget", refuse(409, "MountTargetConflict", message="another VPC"))
    error = await failure(account, pieces[2])
    assert "MountTargetConflict" in error.message
    assert "another VPC" in error.message


@pytest.mark.parametrize("change", [1, 4])
@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refuse(400, "ExpiredTokenException"), "unauthorized", "have expired"),
        (refuse(403, "AccessDeniedException"), "forbidden", "is denied"),
        (refuse(400, "BadRequest", message="not so"), "internal", "not so"),
    ],
)
async def test_a_refusal_ends_it_at_once_and_it_goes_on_later(account, fault, kind, words, change):
    pieces = (await draft_of(account)).pieces
    account.at_change(change, fault)
    error = await failure(account, *pieces)
    assert (error.kind, words in error.message) == (kind, True), error.message
    assert account.changed() == change
    check_whole(await finish(account), account)


async def test_the_right_that_aws_says_is_missing_is_named(account):
    said = "User: arn:aws:iam::1:user/me is not authorized to perform: elasticfilesystem:TagResource on it"
    account.wire.fail("CreateFileSystem", refuse(403, "AccessDeniedException", message=said))
    error = await failure(account, *(await draft_of(account)).pieces)
    assert error.next_step == "ask for the right elasticfilesystem:TagResource"


# What came meanwhile


async def test_another_of_the_name_that_came_meanwhile_is_not_joined_by_a_second(account):
    pieces = (await draft_of(account)).pieces
    made = account.cloud.file_system(NAME, zones=1)
    error = await failure(account, *pieces)
    assert f"{NAME} is there meanwhile ({made})" in error.message
    assert (account.made(), account.changed()) == (1, 0)


@pytest.mark.parametrize("stated", ["", ACCOUNT])
async def test_credentials_of_another_account_make_nothing(account, stated):
    """Those of the plan are meant, where cluster.yaml names no account, too."""
    account.scope = scope_in(account.cloud.region, account=stated)
    pieces = (await draft_of(account)).pieces
    body = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999988887777</Account>"
    body += b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    account.wire.fail("GetCallerIdentity", lambda request: request.send(200, {}, body))
    error = await failure(account, *pieces)
    assert (error.kind, account.changed()) == ("unauthorized", 0)
    assert "are of account 999988887777" in error.message
    assert f"profile of account {ACCOUNT}" in error.next_step


async def test_one_that_terraform_made_is_not_made_anew_once_it_is_gone(account):
    made = account.cloud.file_system(NAME, zones=0)
    creating = told(lambda answer: answer["FileSystems"][0].update(LifeCycleState="creating"))
    account.wire.fail("DescribeFileSystems", creating)
    piece = (await draft_of(account)).pieces[0]
    account.wire.faults.pop("DescribeFileSystems")
    account.cloud.efs.delete_file_system(FileSystemId=made)
    assert "is not there (any more)" in (await failure(account, piece)).message
    assert account.changed() == 0


@pytest.mark.parametrize("state", ["error", "deleting"])
async def test_what_will_never_be_ready_is_not_waited_for(account, state):
    pieces = (await draft_of(account)).pieces
    await make(account, pieces[0])
    spoilt = told(lambda answer: answer["FileSystems"][0].update(LifeCycleState=state))
    account.wire.fail("DescribeFileSystems", spoilt)
    for piece in pieces:
        error = await failure(account, piece)
        assert ("in error" if state == "error" else state) in error.message
        assert "nothing is deleted from here" in error.next_step


async def test_parts_of_a_file_system_that_is_gone_are_not_made(account):
    for piece in (await draft_of(account)).pieces[1:]:
        error = await failure(account, piece)
        assert "is not there (any more)" in error.message
    assert account.changed() == 0


async def test_a_permission_that_ends_ends_the_making(account):
    pieces = (await draft_of(account)).pieces
    permission = writing()
    changes = await account.connect()
    follow = Follow(say=lambda _line: permission.revoke())
    with pytest.raises(ProviderError) as caught:
        await changes.make(account.scope, pieces[0], permission=permission, follow=follow)
    assert (caught.value.kind, account.changed()) == ("forbidden", 0)


async def test_what_was_recorded_by_another_cloud_is_refused(account):
    piece = Piece(key="x", what="make it", before="", after="", arguments={"make": "a share"})
    assert "nothing that is made in EFS" in (await failure(account, piece)).message


# Following, without a cloud


class Slow:
    """A part that is there after `looks` looks; faults befall the first of them."""

    def __init__(self, looks: int, *faults: ProviderError) -> None:
        self.looks, self.faults, self.begun = looks, list(faults), 0

    def look(self) -> Sight:
        if self.faults:
            raise self.faults.pop(0)
        self.looks -= 1
        state = "there" if self.looks <= 0 else "coming" if self.begun else "absent"
        return Sight(state=state, words=f"it is {state}")

    def begin(self) -> None:
        self.begun += 1


def following(pauses: list[float], **follow) -> Making:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return Making(Asker(Place(region=REGION), 5), Follow(**follow), pause)


async def test_the_waits_grow_and_each_state_is_said_once():
    pauses, said = [], []
    assert await following(pauses, say=said.append).make(Slow(8)) == "it is there"
    assert pauses == [0.5, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0]
    assert said == ["it is absent", "it is coming"]


async def test_a_wait_has_an_end():
    pauses = []
    with pytest.raises(ProviderError) as caught:
        await following(pauses).make(Slow(10**6))
    assert caught.value.kind == "timeout"
    assert "after 15 min of waiting: it is coming" in caught.value.message
    assert "finish this action later" in caught.value.next_step
    assert sum(pauses) <= PATIENCE_S


async def test_faults_in_a_row_are_told_in_the_end():
    slow = [ProviderError("throttled", "too many")] * 6
    assert await following([]).make(Slow(3, *slow[:5])) == "it is there"
    with pytest.raises(ProviderError, match="too many"):
        await following([]).make(Slow(3, *slow))


async def test_what_does_not_pass_is_told_at_once():
    part = Slow(3, ProviderError("forbidden", "no"))
    with pytest.raises(ProviderError, match="no"):
        await following([]).make(part)
    assert part.begun == 0
