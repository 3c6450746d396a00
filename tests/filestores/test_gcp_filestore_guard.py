from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.filestore_v1.services.cloud_filestore_manager.transports.rest import (
    CloudFilestoreManagerRestInterceptor,
)

from providers.errors import ProviderError
from providers.filestores.gcp_filestore.connection import filestore_client
from providers.filestores.gcp_filestore.endpoints import Endpoints
from providers.filestores.gcp_filestore.guard import CHANGING, READING, check
from tests.contracts.filestore_changes import not_writing, writing
from tests.filestores.filestore_http import HttpServer
from tests.filestores.filestore_server import FilestoreServer, Project, instance, types

NAME = "projects/earth-hubs/locations/us-central1-b/instances/earth-homedirs"
LET_OUT = {
    "list_instances", "get_instance", "list_backups", "list_operations", "get_operation",
    "create_instance", "update_instance",
}  # fmt: skip
NEVER = sorted(
    {name.removeprefix("pre_") for name in dir(CloudFilestoreManagerRestInterceptor) if name.startswith("pre_")}
    - LET_OUT
)
"""Whatever else the package can send."""


@pytest.fixture(params=[FilestoreServer, HttpServer])
def server(request):
    with request.param(projects={"earth-hubs": Project(instances=(instance(),))}).running() as running:
        yield running


def client(server, permission=None):
    endpoints = Endpoints(
        filestore=server.address, transport="rest" if isinstance(server, HttpServer) else "grpc", anonymous=True
    )
    return filestore_client(endpoints, AnonymousCredentials(), permission)


def create(opened):
    request = types.CreateInstanceRequest(parent=NAME.rpartition("/instances")[0], instance_id="new", instance={})
    return opened.create_instance(request, retry=None, timeout=5)


def update(opened):
    return opened.update_instance(
        types.UpdateInstanceRequest(instance={"name": NAME}, update_mask={"paths": ["file_shares"]}),
        retry=None,
        timeout=5,
    )


@pytest.mark.parametrize("send", [create, update])
@pytest.mark.parametrize("permission", not_writing())
def test_nothing_that_changes_leaves_without_the_permission_to_write(server, permission, send):
    with client(server, permission) as opened, pytest.raises(ProviderError, match="changes something") as caught:
        send(opened)
    assert caught.value.kind == "forbidden"
    assert server.changing.changes == []


@pytest.mark.parametrize("send", [create, update])
def test_what_is_permitted_leaves(server, send):
    with client(server, writing()) as opened:
        send(opened)
    assert len(server.changing.changes) == 1


def test_a_permission_that_ends_is_asked_at_each_request(server):
    permission = writing()
    with client(server, permission) as opened:
        create(opened)
        permission.grant("write", until=datetime.now(UTC) - timedelta(seconds=1))
        with pytest.raises(ProviderError, match="read-only"):
            update(opened)
    assert len(server.changing.changes) == 1


@pytest.mark.parametrize("method", NEVER)
def test_no_permission_lets_out_the_rest(server, method):
    with client(server, writing()) as opened, pytest.raises(ProviderError, match="never sent to Filestore") as caught:
        getattr(opened, method)({})
    assert caught.value.kind == "forbidden"
    assert server.changing.changes == []


def test_deleting_is_among_the_rest():
    assert {"delete_instance", "restore_instance", "revert_instance", "delete_operation"} <= set(NEVER)


@pytest.mark.parametrize("transport", ["grpc", "rest"])
def test_googles_own_servers_are_behind_the_same_guard(transport):
    endpoints = Endpoints(transport=transport)
    with (
        filestore_client(endpoints, AnonymousCredentials()) as opened,
        pytest.raises(ProviderError, match="CreateInstance of the Filestore API changes something"),
    ):
        create(opened)


def test_the_guard_knows_what_it_lets_out():
    for method in READING:
        check(method, None)
    for method in CHANGING:
        check(method, writing())
    with pytest.raises(ProviderError, match="SomethingNew is never sent"):
        check("SomethingNew", writing())
