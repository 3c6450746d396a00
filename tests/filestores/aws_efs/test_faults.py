from __future__ import annotations

import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs import AwsEfs
from providers.filestores.aws_efs.session import CallBounds
from tests.filestores.aws_efs.asking import ACCOUNT, PATIENT, QUICK, SOON, listing, only, refusal, scope_in
from tests.filestores.aws_efs.wire import answer, closed_port, drip, forward, mute, refuse, reset

NOT_ALLOWED = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: ec2:DescribeSubnets on it"
CUT = b'{"FileSystems": [{"FileSystemId": "fs-0123456'


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refuse(400, "ExpiredTokenException"), "unauthorized", "have expired"),
        (refuse(403, "ExpiredToken"), "unauthorized", "have expired"),
        (refuse(403, "UnrecognizedClientException"), "unauthorized", "not accepted"),
        (refuse(403, "SignatureDoesNotMatch", message="x-amz-security-token:SECRET"), "unauthorized", "not accepted"),
        (refuse(401), "unauthorized", "not accepted"),
        (refuse(403, "AccessDeniedException"), "forbidden", "DescribeFileSystems is denied"),
        (refuse(403, "AccessDeniedException", message=NOT_ALLOWED), "forbidden", "ec2:DescribeSubnets is denied"),
        (refuse(403), "forbidden", "is denied"),
        (refuse(404), "internal", "HTTP 404"),
        (refuse(429), "throttled", "was throttled"),
        (refuse(429, headers={"Retry-After": "17"}), "throttled", "asked again in 17 s"),
        (refuse(400, "ThrottlingException"), "throttled", "was throttled"),
        (refuse(500, "InternalServerError"), "internal", "InternalServerError (HTTP 500): no"),
        (refuse(503), "internal", "HTTP 503"),
        (answer(b"<html>a portal</html>"), "internal", "FileSystems"),
        (answer(b"{}"), "internal", "the answer has no FileSystems"),
        (answer(b"[]"), "internal", "of another shape"),
        (answer(b'{"FileSystems": [{}]}'), "internal", "was answered with something else"),
        (answer(CUT), "internal", "FileSystems"),
        (answer(CUT, length=len(CUT) + 500), "internal", "the answer has no FileSystems"),
        (reset, "unreachable", "was cut"),
    ],
)
async def test_a_fault_is_told_in_the_right_words(cloud, wire, fault, kind, words):
    cloud.file_system()
    wire.fail("DescribeFileSystems", fault)
    error = await refusal(cloud)
    assert (error.kind, f"account {ACCOUNT} in {cloud.region}" in error.message) == (kind, True), error.message
    assert words in error.message
    assert "SECRET" not in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("fault", [mute, drip])
async def test_silence_ends_in_time(cloud, wire, fault):
    wire.fail("*", fault)
    assert (await refusal(cloud, QUICK)).kind == "timeout"


async def test_a_whole_listing_ends_in_time(cloud, wire):
    wire.fail("*", mute)
    backend = AwsEfs(bounds=PATIENT, listing_s=0.3)
    with pytest.raises(ProviderError) as caught:
        await backend.list_filestores(scope_in(cloud.region))
    assert caught.value.kind == "timeout"
    assert "no answer within 0.3 s" in caught.value.message


async def test_where_nothing_listens(cloud, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
    error = await refusal(cloud)
    assert (error.kind, "the endpoint can't be reached" in error.message) == ("unreachable", True)


async def test_what_does_not_speak_tls(cloud, wire, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url.replace("http://", "https://"))
    assert (await refusal(cloud)).kind == "tls"


async def test_a_passing_fault_is_tried_again_once(cloud, wire):
    cloud.file_system()
    wire.fail("DescribeFileSystems", reset, forward)
    bounds = CallBounds(connect_timeout_s=5, read_timeout_s=20, attempts=2)
    assert len((await listing(cloud, bounds)).filestores) == 1


@pytest.mark.parametrize("fault", [refuse(403, "ExpiredTokenException"), refuse(403, "AccessDeniedException")])
async def test_a_refusal_is_not_tried_again(cloud, wire, fault):
    wire.fail("DescribeFileSystems", fault)
    await refusal(cloud, CallBounds(attempts=2))
    assert wire.seen == ["DescribeFileSystems"]


async def test_pages_that_are_cut_leave_what_was_read_and_say_so(cloud, wire):
    for number in range(4):
        cloud.file_system(f"homes-{number}", zones=0)

    def first(request):
        request.path = request.path.replace("MaxItems=100", "MaxItems=2")
        forward(request)

    wire.fail("DescribeFileSystems", first, reset)
    found = await listing(cloud)
    assert len(found.filestores) == 2
    assert [error.kind for error in found.refused] == ["unreachable"]


async def test_pages_without_end_are_left(cloud, wire):
    page = b'{"FileSystems": [{"FileSystemId": "fs-1", "OwnerId": "123456789012"}], "NextMarker": "again"}'
    wire.fail("DescribeFileSystems", answer(page))
    wire.fail("DescribeMountTargets", answer(b'{"MountTargets": []}'))
    found = await listing(cloud)
    (cut,) = [error.message for error in found.refused]
    assert "its pages do not end" in cut


async def test_mount_targets_that_may_not_be_read_leave_the_addresses_in_doubt(cloud, wire):
    made = cloud.file_system()
    wire.fail("DescribeMountTargets", refuse(403, "AccessDeniedException"))
    found = await listing(cloud)
    (store,), (error,) = found.filestores, found.refused
    assert store.mount_targets is None
    assert (store.state, len(store.addresses)) == ("ready", 1)
    assert (error.kind, error.next_step) == ("forbidden", "ask for the right elasticfilesystem:DescribeMountTargets")
    assert made in error.message


async def test_a_mute_detail_is_asked_no_further(cloud, wire):
    cloud.file_system()
    wire.fail("DescribeMountTargets", mute)
    found = await listing(cloud, SOON)
    assert [error.kind for error in found.refused] == ["timeout"]
    assert "DescribeBackupPolicy" not in wire.seen


@pytest.mark.parametrize(
    ("operation", "fact"), [("DescribeBackupPolicy", "backups"), ("DescribeLifecycleConfiguration", "lifecycle")]
)
async def test_what_may_not_be_read_is_not_said_to_be_off(cloud, wire, operation, fact):
    cloud.file_system(Backup=True)
    wire.fail(operation, refuse(403, "AccessDeniedException"))
    store = await only(cloud)
    assert f"ask for the right elasticfilesystem:{operation}" in dict(store.facts)[fact]
    assert getattr(store, fact) is None
