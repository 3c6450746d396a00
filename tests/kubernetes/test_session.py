"""A context becomes a session: credentials, and what goes wrong on the wire, each in its words."""

from __future__ import annotations

import base64
import gzip
import json
import socket
from pathlib import Path

import pytest

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.session import KubeconfigConnector
from tests.kubernetes.sessions import ask, failure, session
from tests.kubernetes.wire import Asked, Json, Reply, always, kubeconfig, mute, serving


async def test_a_token_travels_and_the_answer_comes_back(tmp_path: Path) -> None:
    async with serving(always(Reply(body=b"{}"))) as wire:
        transport = await session(kubeconfig(tmp_path / "config", wire.url))
        try:
            query = {"labelSelector": "app=jupyterhub,component=hub", "continue": "a+/=&"}
            answer = await transport.request("GET", "/api/v1/pods", query=query, timeout_s=5)
        finally:
            await transport.close()
    assert (answer.status, answer.body) == (200, b"{}")
    (asked,) = wire.asked
    assert asked.headers["authorization"] == "Bearer t0ken"
    assert asked.target == "/api/v1/pods?labelSelector=app%3Djupyterhub%2Ccomponent%3Dhub&continue=a%2B%2F%3D%26"


async def test_only_reading_leaves(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        transport = await session(kubeconfig(tmp_path / "config", wire.url))
        with pytest.raises(Exception, match="read-only"):
            await transport.request("DELETE", "/api/v1/namespaces/prod/pods/x", timeout_s=5)
        await transport.close()
    assert wire.asked == []


async def test_a_server_behind_a_path(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", f"{wire.url}/k8s/clusters/c-1/")))
    assert wire.asked[0].target == "/k8s/clusters/c-1/api/v1/pods"


async def test_a_compressed_answer_is_opened(tmp_path: Path) -> None:
    body = b"x" * 200_000
    async with serving(always(Reply(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}))) as wire:
        assert (await ask(await session(kubeconfig(tmp_path / "config", wire.url)))).body == body


async def test_a_broken_compressed_answer(tmp_path: Path) -> None:
    async with serving(always(Reply(body=b"nonsense", headers={"Content-Encoding": "gzip"}))) as wire:
        error = await failure(kubeconfig(tmp_path / "config", wire.url))
    assert error.kind == "internal"
    assert "broken compressed body" in error.message


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"username": "jo", "password": "pw"}, "Basic " + base64.b64encode(b"jo:pw").decode()),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "i.d.t"}}}, "Bearer i.d.t"),
        ({}, None),
    ],
)
async def test_other_credentials(tmp_path: Path, user: Json, header: str | None) -> None:
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))
    assert wire.asked[0].headers.get("authorization") == header


async def test_a_token_file_is_read_again_when_its_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old\n")

    async def answer(asked: Asked) -> Reply:
        if asked.headers["authorization"] == "Bearer new":
            return Reply()
        (tmp_path / "token").write_text("new\n")
        return Reply(401)

    async with serving(answer) as wire:
        user = {"tokenFile": "token"}
        assert (await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))).status == 200
    assert len(wire.asked) == 2


# What goes wrong on the wire


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


async def test_refused(tmp_path: Path) -> None:
    port = unused_port()
    error = await failure(kubeconfig(tmp_path / "config", f"https://127.0.0.1:{port}"))
    assert (error.kind, error.message) == ("unreachable", f"context earth: 127.0.0.1:{port}: connection refused")
    assert error.next_step


async def test_a_name_that_does_not_resolve(tmp_path: Path) -> None:
    error = await failure(kubeconfig(tmp_path / "config", "https://nowhere.invalid"))
    assert error.kind == "unreachable"
    assert "cannot be resolved" in error.message


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(reset=True), "unreachable", "closed the connection without an answer"),
        (Reply(body=b"x" * 1000, cut=10), "unreachable", "in the middle of the answer"),
        (Reply(401), "unauthorized", "does not accept the credentials of user jo"),
    ],
)
async def test_no_answer_that_counts(tmp_path: Path, reply: Reply, kind: ErrorKind, words: str) -> None:
    async with serving(always(reply)) as wire:
        error = await failure(kubeconfig(tmp_path / "config", wire.url))
    assert error.kind == kind
    assert words in error.message
    assert f"127.0.0.1:{wire.port}" in error.message
    assert "earth" in error.message
    assert error.next_step
    assert "t0ken" not in error.message + error.next_step


async def test_a_mute_server_ends_with_the_timeout(tmp_path: Path) -> None:
    async with serving(mute) as wire:
        error = await failure(kubeconfig(tmp_path / "config", wire.url), timeout_s=1)
    assert error.kind == "timeout"
    assert "no answer within 1 s" in error.message


async def test_a_server_that_never_shakes_hands_ends_with_the_connect_timeout(tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = f"https://127.0.0.1:{listening.getsockname()[1]}"
        error = await failure(kubeconfig(tmp_path / "config", server), timeout_s=30, connect_timeout_s=0.05)
    assert error.kind == "timeout"
    assert "no connection within 0.05 s" in error.message


@pytest.mark.parametrize(
    "server", ["ftp://x", "10.0.0.1:443", "https://[::1", "https://x:99999", "https://", "nonsense"]
)
async def test_a_server_that_is_no_server(tmp_path: Path, server: str) -> None:
    error = await failure(kubeconfig(tmp_path / "config", server))
    assert error.kind == "no_context"
    assert "no http or https address" in error.message


@pytest.mark.parametrize("status", [302, 403, 429, 500])
async def test_an_answer_of_any_status_is_an_answer(tmp_path: Path, status: int) -> None:
    async with serving(always(Reply(status, headers={"Location": "http://127.0.0.1:1/"}))) as wire:
        assert (await ask(await session(kubeconfig(tmp_path / "config", wire.url)))).status == status


async def test_a_proxy_that_is_not_there(tmp_path: Path) -> None:
    cluster = {"proxy-url": f"http://127.0.0.1:{unused_port()}"}
    error = await failure(kubeconfig(tmp_path / "config", "http://10.0.0.1", cluster=cluster))
    assert error.kind == "unreachable"
    assert "proxy" in error.message


async def test_a_proxy_is_used(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        file = kubeconfig(tmp_path / "config", "http://10.0.0.1:8080", cluster={"proxy-url": wire.url})
        await ask(await session(file))
    assert wire.asked[0].target == "http://10.0.0.1:8080/api/v1/pods"


async def test_a_proxy_of_another_kind_is_said_to_be_so(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "https://a", cluster={"proxy-url": "socks5://jo:pw@127.0.0.1:1"})
    error = await failure(file)
    assert error.kind == "no_context"
    assert "neither http nor https" in error.message
    assert "pw" not in error.message


async def test_no_kubeconfig_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="does not exist"):
        await KubeconfigConnector(str(tmp_path / "gone")).connect("earth")


async def test_a_kubeconfig_of_its_own_comes_before_the_connectors(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        kubeconfig(tmp_path / "own", wire.url)
        connector = KubeconfigConnector(kubeconfig(tmp_path / "config", "https://nowhere.invalid"))
        await ask(await connector.connect("", kubeconfig=tmp_path / "own"))
    assert len(wire.asked) == 1


def test_a_credential_never_shows_itself() -> None:
    from providers.kubernetes.credentials import Credential

    assert "s3cret" not in repr(Credential(authorization="Bearer s3cret")) + json.dumps(str(Credential()))
