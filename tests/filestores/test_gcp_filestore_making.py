"""What Google may do while instances are made and grown, over both transports."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.changes import Follow, Piece, Unfit, Wish
from tests.contracts.filestore_changes import make, writing
from tests.filestores.filestore_changing import Code, Failure, Refused
from tests.filestores.filestore_server import instance, types
from tests.filestores.gcp_changes import HOMES, PROJECT, ZONE, homes, over_grpc, over_rest, scope
from tests.filestores.test_gcp_filestore import STATE

NEW = f"projects/{PROJECT}/locations/{ZONE}/instances/earth-homedirs-b"
UNHEARD = Refused(Code.UNAVAILABLE, "later")


@pytest.fixture(params=[over_grpc, over_rest])
def cloud(request):
    with request.param(homes()) as running:
        yield running


async def piece(cloud) -> Piece:
    (drafted,) = (await (await cloud.connect()).draft_creation(cloud.scope, cloud.wish)).pieces
    return drafted


async def growth(cloud, gib=2048) -> Piece:
    (drafted,) = (await (await cloud.connect()).draft_growth(cloud.scope, await cloud.filestore(), gib)).pieces
    return drafted


async def made(cloud, drafted, *, said=None, **backend) -> str:
    changes = await cloud.backend(**backend).changes()
    follow = Follow(say=said.append) if said is not None else Follow()
    return await changes.make(cloud.scope, drafted, permission=writing(), follow=follow)


async def failure(cloud, drafted, **more) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await made(cloud, drafted, **more)
    assert caught.value.next_step
    return caught.value


def state(cloud) -> str:
    (found,) = [each for each in cloud.instances() if each.name == NEW]
    return found.state.name


async def test_the_instance_is_what_was_asked_for(cloud):
    words = await made(cloud, await piece(cloud))
    assert words.startswith("earth-homedirs-b is READY at 10.9.0.2: BASIC_HDD, 2048 GiB, share homes")
    (found,) = [each for each in cloud.instances() if each.name == NEW]
    assert found.tier == types.Instance.Tier.BASIC_HDD
    assert [(share.name, share.capacity_gb) for share in found.file_shares] == [("homes", 2048)]
    assert [network.network for network in found.networks] == ["default"]
    assert found.networks[0].modes == [types.NetworkConfig.AddressMode.MODE_IPV4]
    assert dict(found.labels) == {"team": "hubs"}


@pytest.mark.parametrize("fault", ["lost", "mute", "garbled"])
async def test_a_lost_answer_is_found_out_and_followed_at_once(cloud, fault):
    drafted = await piece(cloud)
    cloud.changing.faults[1] = fault
    said: list[str] = []
    await made(cloud, drafted, said=said, change_timeout_s=3)
    assert (cloud.made(), cloud.changed(), state(cloud)) == (1, 1, "READY")
    assert "earth-homedirs-b is there: it was begun, though no answer said so" in said


async def test_a_request_that_is_never_heard_is_not_sent_again_by_itself(cloud):
    drafted = await piece(cloud)
    cloud.changing.faults[1] = "unheard"
    error = await failure(cloud, drafted, change_timeout_s=3)
    assert error.kind == "timeout"
    assert "is not there yet, and whether it was begun is not known" in error.message
    assert "nothing is begun twice" in error.next_step
    assert (cloud.made(), cloud.changed()) == (0, 1)
    await made(cloud, drafted)
    assert (cloud.made(), cloud.changed()) == (1, 2)


async def test_one_that_another_made_meanwhile_is_followed(cloud):
    drafted = await piece(cloud)
    await made(cloud, drafted)
    cloud.changing.answers["GetInstance"] = [Refused(Code.NOT_FOUND, "not yet")]
    await made(cloud, drafted)
    assert (cloud.made(), cloud.changed()) == (1, 2)


async def test_another_that_took_the_name_meanwhile_is_not_taken_for_it(cloud):
    drafted = await piece(cloud)
    cloud.server.projects[PROJECT].instances += (instance("earth-homedirs-b", share="data"),)
    cloud.changing.answers["GetInstance"] = [Refused(Code.NOT_FOUND, "not yet")]
    with pytest.raises(Unfit, match="its share is data, not homes"):
        await made(cloud, drafted)


@pytest.mark.parametrize(
    ("refused", "kind", "words", "next_step"),
    [
        (
            Refused(Code.PERMISSION_DENIED, "no"),
            "forbidden",
            "forbidden",
            "file.instances.create on project earth-hubs",
        ),
        (Refused(Code.INVALID_ARGUMENT, "capacity"), "internal", "not accepted (status 400)", "mend what Google names"),
        (Refused(Code.RESOURCE_EXHAUSTED, "slower"), "throttled", "slower", "wait"),
        (
            Refused(Code.RESOURCE_EXHAUSTED, "Quota limit 'StandardStorageGbPerRegion' has been exceeded."),
            "throttled",
            "StandardStorageGbPerRegion",
            "ask for more quota in project earth-hubs",
        ),
        (Refused(Code.ABORTED, "busy"), "internal", "busy", "looked for first"),
    ],
)
async def test_a_refusal_is_told_in_googles_words(cloud, refused, kind, words, next_step):
    drafted = await piece(cloud)
    cloud.changing.faults[1] = refused
    error = await failure(cloud, drafted)
    assert error.kind == kind
    assert words in error.message
    assert next_step in error.next_step
    assert (cloud.made(), cloud.changed()) == (0, 1)


async def test_an_operation_that_fails_halfway_says_what_is_left(cloud):
    drafted = await piece(cloud)
    cloud.changing.failures[1] = Failure("Quota 'StandardStorageGb' exceeded")
    error = await failure(cloud, drafted)
    assert "could not create the Filestore instance earth-homedirs-b: Quota 'StandardStorageGb'" in error.message
    assert "left behind is the instance in state ERROR" in error.message
    assert "gcloud filestore instances delete earth-homedirs-b" in error.next_step
    with pytest.raises(Unfit, match="in state ERROR"):
        await made(cloud, drafted)
    with pytest.raises(Unfit, match="in state ERROR"):
        await piece(cloud)
    assert (cloud.made(), cloud.changed()) == (1, 1)


async def test_one_that_fails_and_leaves_nothing_can_be_made_again(cloud):
    drafted = await piece(cloud)
    cloud.changing.failures[1] = Failure("no room in the zone", leaves=False)
    error = await failure(cloud, drafted)
    assert "no room in the zone; nothing is left behind" in error.message
    await made(cloud, drafted)
    assert (cloud.made(), state(cloud)) == (1, "READY")


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_failure_that_only_the_instance_tells_is_told_as_well(cloud, leaves):
    drafted = await piece(cloud)
    cloud.changing.answers["GetOperation"] = [Refused(Code.PERMISSION_DENIED, "no")]
    cloud.changing.failures[1] = Failure("no room", leaves=leaves)
    error = await failure(cloud, drafted)
    assert "no room" in error.message
    assert ("ERROR" if leaves else "nothing is left behind") in error.message


async def test_operations_that_may_not_be_read_are_done_without(cloud):
    drafted = await piece(cloud)
    no = Refused(Code.PERMISSION_DENIED, "no")
    cloud.changing.answers = {"GetOperation": [no], "ListOperations": [no] * 3}
    cloud.changing.faults[1], cloud.changing.looks = "lost", 3
    said: list[str] = []
    await made(cloud, drafted, said=said)
    assert "earth-homedirs-b is CREATING" in said
    assert (cloud.made(), state(cloud)) == (1, "READY")


async def test_an_operation_that_google_forgot_is_done_without(cloud):
    drafted = await piece(cloud)
    cloud.changing.answers["GetOperation"] = [Refused(Code.NOT_FOUND, "no such operation")]
    await made(cloud, drafted)
    assert state(cloud) == "READY"


async def test_questions_that_are_not_answered_are_asked_again(cloud):
    drafted = await piece(cloud)
    cloud.changing.answers = {"GetOperation": [UNHEARD] * 3, "GetInstance": [UNHEARD] * 2}
    said: list[str] = []
    await made(cloud, drafted, said=said)
    assert any("no answer, asked again" in line for line in said)
    assert (cloud.made(), cloud.changed()) == (1, 1)


async def test_a_cloud_that_does_not_answer_at_all_is_told(cloud):
    drafted = await piece(cloud)
    cloud.changing.answers["GetOperation"] = [UNHEARD] * 5
    assert (await failure(cloud, drafted)).kind == "unreachable"
    await made(cloud, drafted)
    assert (cloud.made(), cloud.changed()) == (1, 1)


async def test_patience_ends_and_the_cloud_goes_on(cloud):
    drafted = await piece(cloud)
    cloud.hold()
    error = await failure(cloud, drafted, patience_s=0.05)
    assert error.kind == "timeout"
    assert "Google goes on with it" in error.message
    cloud.release()
    await made(cloud, drafted)
    assert (cloud.made(), cloud.changed()) == (1, 1)


async def test_what_the_cloud_says_is_said_once(cloud):
    drafted = await piece(cloud)
    cloud.changing.looks, cloud.changing.detail = 6, "copying\nblocks"
    said: list[str] = []
    await made(cloud, drafted, said=said)
    assert said == [
        "asking Google to create earth-homedirs-b",
        "earth-homedirs-b: copying blocks (operation operation-1)",
    ]


async def test_a_record_of_another_project_is_not_made(cloud):
    drafted = await piece(cloud)
    changes = await cloud.connect()
    with pytest.raises(Unfit, match="no Filestore instance of project mars"):
        await changes.make(scope(project="mars"), drafted, permission=writing(), follow=Follow())
    assert cloud.changed() == 0


async def test_a_share_is_sent_whole_with_its_mark(cloud):
    await make(cloud, await growth(cloud))
    (sent,) = cloud.changing.changes
    assert list(sent.update_mask.paths) == ["file_shares"]
    assert sent.instance.etag == "one"
    assert sent.instance.file_shares[0].nfs_export_options == cloud.homes().file_shares[0].nfs_export_options
    assert "networks" not in sent.instance and "labels" not in sent.instance  # noqa: PT018


async def test_options_that_changed_since_the_plan_are_kept(cloud):
    drafted = await growth(cloud)
    cloud.homes().file_shares[0].nfs_export_options[0].ip_ranges = ["10.1.0.0/16"]
    await make(cloud, drafted)
    assert cloud.homes().file_shares[0].nfs_export_options[0].ip_ranges == ["10.1.0.0/16"]
    assert cloud.capacity_gib() == 2048


async def test_one_that_is_larger_by_now_is_left(cloud):
    drafted = await growth(cloud)
    cloud.homes().file_shares[0].capacity_gb = 4096
    assert await made(cloud, drafted) == "earth-homedirs has 4096 GiB"
    assert cloud.changed() == 0


@pytest.mark.parametrize("fault", ["lost", "mute", "garbled"])
@pytest.mark.parametrize("looks", [0, 6])
async def test_a_growth_whose_answer_is_lost_is_found_out(cloud, fault, looks):
    drafted = await growth(cloud)
    cloud.changing.faults[1], cloud.changing.looks = fault, looks
    assert await made(cloud, drafted, change_timeout_s=3) == "earth-homedirs has 2048 GiB, 1024 before"
    assert cloud.changed() == 1


async def test_a_growth_that_is_never_heard_is_told(cloud):
    drafted = await growth(cloud)
    cloud.changing.faults[1] = "unheard"
    error = await failure(cloud, drafted, change_timeout_s=3)
    assert "earth-homedirs is as before, and whether it was begun is not known" in error.message
    assert await made(cloud, drafted) == "earth-homedirs has 2048 GiB, 1024 before"


async def test_a_growth_that_runs_already_is_waited_for(cloud):
    cloud.hold()
    drafted = await growth(cloud)
    await failure(cloud, drafted, patience_s=0.05)
    cloud.release()
    assert await made(cloud, drafted) == "earth-homedirs has 2048 GiB"
    assert cloud.changed() == 1


async def test_another_change_that_runs_is_named(cloud):
    drafted = await growth(cloud)
    cloud.hold()
    await failure(cloud, await growth(cloud, 1500), patience_s=0.05)
    cloud.changing.answers["ListOperations"] = [Refused(Code.PERMISSION_DENIED, "no")]
    error = await failure(cloud, drafted)
    assert "operation in progress" in error.message
    assert "another update of earth-homedirs is running (operation-1)" in error.message
    assert error.next_step == "wait until it has ended, then do it again"
    cloud.release()
    assert await made(cloud, drafted) == "earth-homedirs has 2048 GiB, 1500 before"


async def test_one_that_changed_under_it_is_told(cloud):
    drafted = await growth(cloud)
    cloud.changing.faults[1] = Refused(Code.FAILED_PRECONDITION, "etag mismatch")
    error = await failure(cloud, drafted)
    assert error.kind == "internal"
    assert "not accepted (status 400)" in error.message
    assert cloud.capacity_gib() == 1024


async def test_a_growth_that_fails_halfway_leaves_it_as_it_was(cloud):
    drafted = await growth(cloud)
    cloud.changing.failures[1] = Failure("no room in the zone")
    error = await failure(cloud, drafted)
    assert "could not grow the Filestore instance earth-homedirs: no room in the zone; it is READY" in error.message
    assert cloud.capacity_gib() == 1024
    assert await made(cloud, drafted) == "earth-homedirs has 2048 GiB, 1024 before"


async def test_one_that_is_not_ready_is_not_asked_to_grow(cloud):
    drafted = await growth(cloud)
    cloud.homes().state = STATE.REPAIRING
    with pytest.raises(Unfit, match="in state REPAIRING: only a READY one grows"):
        await made(cloud, drafted)
    assert cloud.changed() == 0


async def test_one_that_is_gone_does_not_grow(cloud):
    drafted = await growth(cloud)
    cloud.server.projects[PROJECT].instances = ()
    with pytest.raises(Unfit, match=f"{HOMES} is not there any more"):
        await made(cloud, drafted)


async def test_a_growth_refused_names_its_right(cloud):
    drafted = await growth(cloud)
    cloud.changing.faults[1] = Refused(Code.PERMISSION_DENIED, "no")
    assert (
        "file.instances.update on project earth-hubs (roles/file.editor)" in (await failure(cloud, drafted)).next_step
    )


async def test_two_that_make_it_at_once_make_one(cloud):
    drafted = await piece(cloud)
    await asyncio.gather(*(made(cloud, drafted) for _ in range(3)))
    assert (cloud.made(), state(cloud)) == (1, "READY")


async def test_a_wish_that_is_made_is_mounted_as_the_draft_says(cloud):
    wish = msgspec.structs.replace(cloud.wish, share="data")
    changes = await cloud.connect()
    for drafted in (await changes.draft_creation(cloud.scope, wish)).pieces:
        await made(cloud, drafted)
    draft = await changes.draft_creation(cloud.scope, wish)
    assert (draft.server, draft.path) == ("10.9.0.2", "/data")
    again = await changes.draft_creation(cloud.scope, Wish(name=wish.name, share="data"))
    assert again.pieces == ()
