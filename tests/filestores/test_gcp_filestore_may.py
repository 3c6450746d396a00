"""Google is asked which rights we have in a project; whatever keeps it from answering denies nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from providers.filestores.changes import Piece, Rights
from providers.filestores.gcp_filestore import GcpFilestore
from providers.filestores.gcp_filestore.endpoints import Endpoints
from tests.filestores.filestore_http import Answer, HttpServer, problem
from tests.filestores.filestore_server import FilestoreServer, Project, listener, unused_port
from tests.filestores.gcp_changes import GoogleCloud, homes, over_grpc, over_rest, scope

RIGHTS = ("file.instances.create", "file.instances.get")
PIECES = (Piece(key="create", what="create it", before="", after="there", rights=RIGHTS),)
DISABLED = {
    "reason": "SERVICE_DISABLED",
    "metadata": {"service": "cloudresourcemanager.googleapis.com", "consumer": "projects/earth-hubs"},
}
QUESTION = "earth-hubs:testIamPermissions"


async def told(backend: GcpFilestore, project: str = "earth-hubs") -> Rights:
    return await (await backend.changes()).rights(scope(project=project), PIECES)


def over_http(address: str, *, timeout_s: float = 10.0) -> GcpFilestore:
    endpoints = Endpoints(filestore=address, transport="rest", monitoring="", anonymous=True)
    return GcpFilestore(endpoints=endpoints, list_timeout_s=timeout_s)


def over_channel(address: str, *, timeout_s: float = 10.0) -> GcpFilestore:
    return GcpFilestore(endpoints=Endpoints(filestore=address, anonymous=True), list_timeout_s=timeout_s)


@pytest.mark.parametrize("over", [over_grpc, over_rest])
async def test_nothing_is_given_where_nothing_is_listed(over: Callable[..., GoogleCloud]) -> None:
    with over(homes()) as cloud:  # type: ignore[attr-defined]
        cloud.deny(*RIGHTS)
        found = await told(cloud.backend())
    assert (found.denied, found.unknown) == (RIGHTS, {})
    assert "roles/file.editor on project earth-hubs" in found.next_step


async def test_the_question_is_one_post_and_names_each_right_once() -> None:
    bodies: list[bytes] = []

    class Listening(HttpServer):
        def _rights(self, path: str, body: bytes) -> Answer:
            bodies.append(body)
            return super()._rights(path, body)

    with Listening(projects={"earth-hubs": Project()}).running() as server:
        found = await (await over_http(server.address).changes()).rights(scope(), PIECES * 2)
    assert found.denied == ()
    assert [json.loads(body) for body in bodies] == [{"permissions": list(RIGHTS)}]
    assert [path for path, _, _ in server.asked] == [f"/v3/projects/{QUESTION}"]


async def test_a_long_name_is_asked_for_whole() -> None:
    project = "p" * 300
    with FilestoreServer(projects={project: Project()}).running() as server:
        server.changing.lacking.add(RIGHTS[1])
        assert (await told(over_channel(server.address), project)).denied == (RIGHTS[1],)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            problem(403, "Cloud Resource Manager API has not been used", **DISABLED),
            "gcloud services enable cloudresourcemanager",
        ),
        (problem(401, "expired"), "gcloud auth application-default login"),
        (problem(400, "Permission file.x is not valid for this resource"), "not valid"),
        (problem(429, "slow down"), "slow down"),
        (problem(503, "later"), "the API does not answer"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/"}), "status 302"),
        (Answer(body=b"<html>log in</html>"), "the answer cannot be read"),
        (Answer(body=b'{"permissions": ["file', claims=900), "the API does not answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_refusal_or_a_broken_answer_denies_nothing(answer: Answer, said: str) -> None:
    with HttpServer(projects={"earth-hubs": Project()}, answers={QUESTION: [answer]}).running() as server:
        found = await told(over_http(server.address))
    assert (found.denied, set(found.unknown)) == ((), set(RIGHTS))
    assert all(said in why for why in found.unknown.values()), found.unknown


@pytest.mark.parametrize("manner", [Answer(mute=True), Answer(drip=True)], ids=["mute", "drip"])
async def test_an_answer_that_does_not_come_is_not_waited_for(manner: Answer) -> None:
    with HttpServer(projects={"earth-hubs": Project()}, answers={QUESTION: [manner]}).running() as server:
        async with asyncio.timeout(30):
            found = await told(over_http(server.address, timeout_s=0.5))
    assert set(found.unknown) == set(RIGHTS)


@pytest.mark.parametrize("backend", [over_http, over_channel])
async def test_where_nobody_listens_nothing_is_denied(backend: Callable[[str], GcpFilestore]) -> None:
    assert set((await told(backend(unused_port()))).unknown) == set(RIGHTS)


async def test_a_server_of_another_kind_denies_nothing() -> None:
    with listener(says=b"220 smtp\r\n") as address:
        assert set((await told(over_channel(address))).unknown) == set(RIGHTS)
