from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import CallBounds, Clients
from providers.kubernetes.permission import Permission
from tests.contracts.filestore_changes import not_writing, writing
from tests.filestores.aws_efs.asking import PATIENT, REGION
from tests.filestores.aws_efs.wire import mute

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


def clients(permission=None, bounds=PATIENT) -> Clients:
    return Clients(Place(region=REGION), bounds, permission)


@pytest.mark.parametrize("permission", not_writing())
def test_nothing_is_made_without_the_permission_to_write(cloud, wire, permission):
    with pytest.raises(ProviderError) as caught:
        clients(permission).of("efs").create_file_system(CreationToken="one")
    assert (caught.value.kind, wire.seen) == ("forbidden", [])
    assert "efs.CreateFileSystem" in caught.value.message


def test_with_it_a_file_system_is_made(cloud, wire):
    clients(writing()).of("efs").create_file_system(CreationToken="one")
    assert wire.seen == ["CreateFileSystem"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("efs", "delete_file_system", {"FileSystemId": "fs-0123456789abcdef0"}),
        ("efs", "delete_mount_target", {"MountTargetId": "fsmt-0123456789abcdef0"}),
        ("efs", "put_file_system_policy", {"FileSystemId": "fs-0123456789abcdef0", "Policy": "{}"}),
        ("ec2", "terminate_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
        ("ec2", "authorize_security_group_ingress", {"GroupId": "sg-0123456789abcdef0"}),
        ("eks", "delete_cluster", {"name": "ocean"}),
    ],
)
def test_no_permission_lets_out_what_takes_away_or_changes_anything_else(cloud, wire, service, operation, arguments):
    with pytest.raises(ProviderError) as caught:
        getattr(clients(writing()).of(service), operation)(**arguments)
    assert (caught.value.kind, wire.seen) == ("forbidden", [])
    assert "no permission lets that out" in caught.value.message


@pytest.mark.parametrize("service", ["efs", "ec2", "eks", "sts"])
def test_questions_are_let_out(cloud, wire, service):
    ask = {
        "efs": "describe_file_systems",
        "ec2": "describe_subnets",
        "eks": "list_clusters",
        "sts": "get_caller_identity",
    }
    getattr(clients().of(service), ask[service])()
    assert len(wire.seen) == 1


def test_a_permission_that_ends_is_asked_again_before_a_request_is_repeated(cloud, wire):
    times = iter([NOW, NOW + timedelta(minutes=2)])
    permission = Permission(now=lambda: next(times))
    permission.grant("write", until=NOW + timedelta(minutes=1))
    wire.fail("CreateFileSystem", mute)
    bounds = CallBounds(connect_timeout_s=0.3, read_timeout_s=0.3, attempts=2)
    with pytest.raises(ProviderError):
        clients(permission, bounds).of("efs").create_file_system(CreationToken="one")
    assert wire.seen == ["CreateFileSystem"]


def test_a_client_that_asks_once_never_repeats_by_itself(cloud, wire):
    wire.fail("CreateFileSystem", mute)
    bounds = CallBounds(connect_timeout_s=0.3, read_timeout_s=0.3, attempts=3)
    with pytest.raises(Exception, match="timeout"):
        clients(writing(), bounds).of("efs", once=True).create_file_system(CreationToken="one")
    assert wire.seen == ["CreateFileSystem"]
