"""Questions to an API server that answers badly: each in its words, in bounded time, and nothing else lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.session import KubeconfigConnector
from tests.kubernetes.wire import Answering, Asked, Reply, Wire, always, kubeconfig, serving, status


@asynccontextmanager
async def api_over(
    folder: Path, answering: Answering, *, page_size: int = 2
) -> AsyncIterator[tuple[KubernetesApi, Wire]]:
    async with serving(answering) as wire:
        transport = await KubeconfigConnector(kubeconfig(folder / "config", wire.url)).connect("earth")
        api = KubernetesApi(transport, timeout_s=5, page_size=page_size)
        try:
            yield api, wire
        finally:
            await api.close()


def pods(*names: str, token: str = "") -> bytes:
    items = [{"metadata": {"name": name, "namespace": "prod"}} for name in names]
    return json.dumps({"kind": "PodList", "metadata": {"continue": token}, "items": items}).encode()


def query(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}


async def failing(folder: Path, reply: Reply) -> ProviderError:
    async with api_over(folder, always(reply)) as (api, _):
        with pytest.raises(ProviderError) as error:
            await api.list(resources.PODS)
    return error.value


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            Reply(403, status(403, "Forbidden", "no rule")),
            "forbidden",
            r"cannot list pods (cluster-wide): forbidden: no",
        ),
        (Reply(409, status(409, "Conflict", "changed")), "internal", "unexpected status 409: changed"),
        (Reply(404, b"404 page not found"), "internal", "not found (status 404)"),
        (Reply(410, status(410, "Expired", "too old")), "internal", "the list has moved on"),
        (Reply(500, status(500, "InternalError", "etcd")), "internal", "the API server failed (status 500): etcd"),
        (Reply(503, b"<html>Service Unavailable</html>"), "internal", "the API server failed (status 503)"),
        (Reply(200, b"<html><body>Log in</body></html>"), "internal", "a web page came back"),
        (Reply(200, b'{"kind": "PodList", "items": [{'), "internal", "not what an API server says"),
        (Reply(200, b'["a"]'), "internal", "not what an API server says"),
        (Reply(200, b"\xff\xfe"), "internal", "not what an API server says"),
        (Reply(302, b"", {"Location": "https://login.example.org"}), "internal", "redirected elsewhere (status 302)"),
    ],
)
async def test_bad_answers(tmp_path: Path, reply: Reply, kind: ErrorKind, words: str) -> None:
    error = await failing(tmp_path, reply)
    assert error.kind == kind
    assert words in error.message
    assert error.next_step


async def test_an_errors_words_hold_no_credential(tmp_path: Path) -> None:
    error = await failing(tmp_path, Reply(403, status(403, "Forbidden", "token: s3cret\x1b[2J Bearer s3cret")))
    assert "s3cret" not in error.message
    assert "\x1b" not in error.message


async def test_pages_are_read_to_the_end(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        return Reply(body=pods("c") if query(asked).get("continue") == "t/1" else pods("a", "b", token="t/1"))

    async with api_over(tmp_path, answer) as (api, wire):
        page = await api.list(resources.PODS, labels="app=jupyterhub")
    assert [pod.metadata.name for pod in page.items or ()] == ["a", "b", "c"]
    assert [query(asked).get("limit") for asked in wire.asked] == ["2", "2"]
    assert [query(asked).get("labelSelector") for asked in wire.asked] == ["app=jupyterhub"] * 2


async def test_a_list_that_moves_on_between_pages_is_read_anew_at_once(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        if "continue" in query(asked):
            return Reply(410, status(410, "Expired", "too old"))
        return Reply(body=pods("a", "b", token="t") if "limit" in query(asked) else pods("x", "y", "z"))

    async with api_over(tmp_path, answer) as (api, _):
        page = await api.list(resources.PODS)
        assert api.requests == 3
    assert [pod.metadata.name for pod in page.items or ()] == ["x", "y", "z"]


async def test_throttled_waits_once_as_told(tmp_path: Path) -> None:
    replies = [Reply(429, headers={"Retry-After": "0"}), Reply(body=pods("a"))]

    async def answer(_: Asked) -> Reply:
        return replies.pop(0)

    async with api_over(tmp_path, answer) as (api, _):
        assert len((await api.list(resources.PODS)).items or ()) == 1


async def test_throttled_twice(tmp_path: Path) -> None:
    async with api_over(tmp_path, always(Reply(429, headers={"Retry-After": "0"}))) as (api, wire):
        with pytest.raises(ProviderError, match="slow down") as error:
            await api.list(resources.PODS)
    assert error.value.kind == "throttled"
    assert len(wire.asked) == 2


async def test_throttled_for_longer_than_anybody_waits(tmp_path: Path) -> None:
    async with api_over(tmp_path, always(Reply(429, headers={"Retry-After": "3600"}))) as (api, wire):
        with pytest.raises(ProviderError, match="slow down"):
            await api.list(resources.PODS)
    assert len(wire.asked) == 1


async def test_nulls_where_lists_and_maps_belong(tmp_path: Path) -> None:
    null_pod = {
        "metadata": {"name": "a", "namespace": "prod", "labels": None, "annotations": None, "ownerReferences": None},
        "spec": {"volumes": None, "containers": [{"name": "c", "volumeMounts": None}, None], "nodeName": None},
        "status": {"containerStatuses": None, "conditions": None, "startTime": None, "phase": None},
    }
    body = json.dumps({"metadata": None, "items": [null_pod, {"metadata": {"name": "b"}, "spec": None, "status": {}}]})
    async with api_over(tmp_path, always(Reply(body=body.encode()))) as (api, _):
        page = await api.list(resources.PODS)
    assert [pod.metadata.name for pod in page.items or ()] == ["a", "b"]
    assert page.unreadable == ()


@pytest.mark.parametrize("body", [b'{"items": null, "metadata": {}}', b'{"items": [], "metadata": null}', b"{}"])
async def test_empty_lists_of_every_shape(tmp_path: Path, body: bytes) -> None:
    async with api_over(tmp_path, always(Reply(body=body))) as (api, _):
        assert (await api.list(resources.PODS)).items in ((), None)


async def test_one_malformed_object_costs_only_itself(tmp_path: Path) -> None:
    items = [
        {"metadata": {"name": "good", "namespace": "prod"}},
        {"metadata": {"name": "bad", "namespace": "prod"}, "spec": {"volumes": "none"}},
        {"metadata": {"name": "time", "namespace": "prod", "creationTimestamp": "yesterday"}},
        "nonsense",
    ]
    body = json.dumps({"metadata": {"continue": ""}, "items": items}).encode()
    async with api_over(tmp_path, always(Reply(body=body))) as (api, _):
        page = await api.list(resources.PODS)
    assert [pod.metadata.name for pod in page.items or ()] == ["good"]
    assert page.unreadable == ("prod/bad", "prod/time", "?")


async def test_an_api_server_that_does_not_say_who_we_are(tmp_path: Path) -> None:
    async with api_over(tmp_path, always(Reply(404, b"404 page not found"))) as (api, _):
        assert await api.user() is None
