from __future__ import annotations

import asyncio
import time

import grpc
import pytest

from providers.errors import ProviderError
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import EMULATOR, Endpoints
from tests.filestores.filestore_http import Answer, HttpServer, problem
from tests.filestores.filestore_server import FilestoreServer, Project, Refusal, instance, listener, types, unused_port
from tests.filestores.test_gcp_filestore import emulated, over_rest, scope

LOGIN = "gcloud auth application-default login"
Code = grpc.StatusCode
TWO = {"earth-hubs": Project(instances=(instance("a"), instance("b")), page_size=1)}


async def failure(backend: GcpFilestore) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await backend.list_filestores(scope())
    error = caught.value
    assert "list Filestore instances of project earth-hubs" in error.message
    assert error.__cause__ is not None
    return error


@pytest.mark.parametrize(
    ("refusal", "kind", "words", "next_step"),
    [
        (Refusal(Code.UNAUTHENTICATED, "token gone"), "unauthorized", "not accepted: token gone", LOGIN),
        (
            Refusal(Code.PERMISSION_DENIED, "no", reason="IAM_PERMISSION_DENIED"),
            "forbidden", "forbidden: no", "ask for file.instances.list on project earth-hubs (roles/file.viewer)",
        ),
        (
            Refusal(Code.PERMISSION_DENIED, "off", reason="SERVICE_DISABLED",
                    facts={"service": "file.googleapis.com", "consumer": "projects/1234"}),
            "forbidden", "off", "gcloud services enable file.googleapis.com --project 1234",
        ),
        (
            Refusal(Code.PERMISSION_DENIED, "who pays", reason="USER_PROJECT_DENIED"),
            "forbidden", "who pays", "gcloud auth application-default set-quota-project earth-hubs",
        ),
        (
            Refusal(Code.PERMISSION_DENIED, "scope", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            "forbidden", "scope", f"{LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform",
        ),
        (Refusal(Code.NOT_FOUND, "gone"), "internal", "not found (status 404): gone", "cluster.yaml"),
        (Refusal(Code.RESOURCE_EXHAUSTED, "quota"), "throttled", "asks to slow down: quota", "wait a minute"),
        (Refusal(Code.RESOURCE_EXHAUSTED, retry_after_s=7), "throttled", "slow down", "wait 7 s, then refresh"),
        (Refusal(Code.INTERNAL, "boom"), "internal", "the API failed (status 500): boom", "status.cloud.google.com"),
        (Refusal(Code.UNAVAILABLE, "later"), "unreachable", "does not answer: later", "refresh"),
        (Refusal(Code.DEADLINE_EXCEEDED, "slow"), "timeout", "no answer in time: slow", "refresh"),
        (Refusal(Code.UNIMPLEMENTED, "what"), "internal", "status 501", "refresh"),
        (b"\xff\xff\xff", "internal", "the answer cannot be read", "refresh"),
    ],
)  # fmt: skip
async def test_grpc_answers_are_told_apart(refusal, kind, words, next_step):
    with FilestoreServer(faults={("ListInstances", ""): refusal}).running() as server:
        error = await failure(emulated(server))
    assert error.kind == kind
    assert words in error.message
    assert next_step in error.next_step
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words", "next_step"),
    [
        (problem(401, "token gone"), "unauthorized", "", LOGIN),
        (problem(403, "no"), "forbidden", "forbidden: ", "file.instances.list on project earth-hubs"),
        (
            problem(403, "off", reason="SERVICE_DISABLED", metadata={"service": "file.googleapis.com"}),
            "forbidden", "off", "gcloud services enable file.googleapis.com --project earth-hubs",
        ),
        (problem(404, "gone"), "internal", "status 404", "cluster.yaml"),
        (problem(429, "quota"), "throttled", "quota", "wait a minute"),
        (problem(429, "quota", headers={"Retry-After": "12"}), "throttled", "quota", "wait 12 s"),
        (
            problem(429, "quota", headers={"Retry-After": "Thu, 05 Mar 2026 14:00:00 GMT"}),
            "throttled", "quota", "wait a minute",
        ),
        (problem(500, "boom"), "internal", "the API failed (status 500)", "status.cloud.google.com"),
        (problem(503, "later"), "unreachable", "does not answer", "refresh"),
        (Answer(502, b"<html>Bad Gateway</html>"), "internal", "status 502", "refresh"),
        (Answer(200, b"<html>log in</html>"), "internal", "the answer cannot be read", "refresh"),
        (Answer(200, b'{"instances": 7}'), "internal", "the answer cannot be read", "refresh"),
        (Answer(200, b'{"instances": [', claims=900), "unreachable", "does not answer", "refresh"),
    ],
)  # fmt: skip
async def test_rest_answers_are_told_apart(answer, kind, words, next_step):
    with HttpServer(answers={"instances": [answer]}).running() as server:
        error = await failure(over_rest(server))
    assert error.kind == kind
    assert words in error.message
    assert next_step in error.next_step


def grpc_at(address: str, *, timeout_s: float = 20.0) -> GcpFilestore:
    return GcpFilestore(environ={EMULATOR: address}, list_timeout_s=timeout_s, extras_timeout_s=timeout_s)


def rest_at(address: str, *, timeout_s: float = 20.0) -> GcpFilestore:
    endpoints = Endpoints(filestore=address, transport="rest", monitoring="", anonymous=True)
    return GcpFilestore(endpoints=endpoints, list_timeout_s=timeout_s, extras_timeout_s=timeout_s)


@pytest.mark.parametrize("at", [grpc_at, rest_at])
async def test_a_port_where_nobody_listens_is_unreachable(at):
    error = await failure(at(unused_port()))
    assert error.kind == "unreachable"
    assert "refused" in error.message.lower()


@pytest.mark.parametrize("at", [grpc_at, rest_at])
async def test_a_mute_server_costs_its_timeout_and_no_more(at):
    with listener(says=None) as address:
        assert (await failure(at(address, timeout_s=0.3))).kind == "timeout"


async def test_a_server_that_drips_costs_its_timeout_and_no_more():
    with HttpServer(answers={"instances": [Answer(drip=True)]}).running() as server:
        began = time.monotonic()
        assert (await failure(rest_at(server.address, timeout_s=0.3))).kind == "timeout"
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("at", [grpc_at, rest_at])
async def test_a_connection_that_breaks_is_unreachable(at, resets):
    with listener(says=b"", resets=resets) as address:
        assert (await failure(at(address))).kind == "unreachable"


async def test_a_server_of_another_kind_is_unreachable_over_grpc():
    with listener(says=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as address:
        assert (await failure(grpc_at(address))).kind == "unreachable"


async def test_a_method_that_never_answers_costs_its_timeout():
    with FilestoreServer(faults={("ListInstances", ""): None}).running() as server:
        assert (await failure(emulated(server, list_timeout_s=0.2))).kind == "timeout"


@pytest.mark.parametrize("fault", [Refusal(Code.UNAVAILABLE), Refusal(Code.PERMISSION_DENIED), b"\xff", None])
async def test_a_list_cut_in_the_middle_keeps_what_it_had_and_says_so(fault):
    with FilestoreServer(projects=TWO, faults={("ListInstances", "1"): fault}).running() as server:
        listing = await emulated(server, list_timeout_s=3).list_filestores(scope())
    assert [store.name for store in listing.filestores] == ["a"]
    (error,) = listing.refused
    assert "only a part is known" in error.message


async def test_over_rest_as_well():
    first = Answer(body=types.ListInstancesResponse.to_json(TWO["earth-hubs"].instances_page("")).encode())
    with HttpServer(answers={"instances": [first, problem(503, "later")]}).running() as server:
        listing = await over_rest(server).list_filestores(scope())
    assert [store.name for store in listing.filestores] == ["a"]
    assert [error.kind for error in listing.refused] == ["unreachable"]


async def test_pages_that_repeat_for_ever_are_left():
    again = types.ListInstancesResponse(instances=[instance("b")], next_page_token="1")
    body = types.ListInstancesResponse.serialize(again)
    with FilestoreServer(projects=TWO, faults={("ListInstances", "1"): body}).running() as server:
        listing = await emulated(server).list_filestores(scope())
    assert [store.name for store in listing.filestores] == ["a", "b"]
    assert [error.kind for error in listing.refused] == ["internal"]


@pytest.mark.parametrize("fault", [Refusal(Code.PERMISSION_DENIED, "no backups for you"), b"\xff", None])
async def test_backups_that_cannot_be_listed_are_not_known_and_the_rest_stands(fault):
    one = {"earth-hubs": Project(instances=(instance(),))}
    with FilestoreServer(projects=one, faults={("ListBackups", ""): fault}).running() as server:
        listing = await emulated(server, extras_timeout_s=2).list_filestores(scope())
    (store,) = listing.filestores
    assert store.backups is None
    assert dict(store.facts)["backups"].startswith("not known: cannot list Filestore backups of project earth-hubs")
    assert listing.refused == ()


async def test_one_project_that_is_mute_leaves_the_others_alive():
    with listener(says=None) as mute, FilestoreServer(projects=TWO).running() as server:
        waiting = asyncio.create_task(failure(grpc_at(mute, timeout_s=0.3)))
        assert len((await emulated(server).list_filestores(scope())).filestores) == 2
        assert (await waiting).kind == "timeout"


async def test_a_server_that_comes_back_is_seen_at_once():
    server = FilestoreServer(projects=TWO)
    with server.running():
        backend = emulated(server)
        server.faults[("ListInstances", "")] = Refusal(Code.UNAVAILABLE)
        assert (await failure(backend)).kind == "unreachable"
        server.faults.clear()
        assert len((await backend.list_filestores(scope())).filestores) == 2


async def test_remote_words_are_one_line_and_hold_no_credential():
    said = "bad\x1b[31m\ntoken Bearer ya29.secretsecretsecretsecretsecretsecretsecretsecret"
    with FilestoreServer(faults={("ListInstances", ""): Refusal(Code.INTERNAL, said)}).running() as server:
        message = (await failure(emulated(server))).message
    assert "ya29" not in message
    assert "\n" not in message
    assert "\x1b" not in message
