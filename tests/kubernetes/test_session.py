"""A context becomes a session: credentials, plugins, TLS, and what goes wrong on the wire, each in its words."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from providers.errors import ErrorKind, ProviderError
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.session import KubeconfigConnector
from tests.kubernetes.wire import Asked, Json, Reply, always, kubeconfig, mute, plugin, serving

TOKEN = """
import json, os, sys, pathlib
mark = pathlib.Path(__file__).with_suffix(".runs")
runs = len(mark.read_text()) if mark.exists() else 0
mark.write_text("x" * (runs + 1))
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {"token": f"token-{runs + 1}" %s}}))
"""


async def ask(transport: Transport, path: str = "/api/v1/pods", *, timeout_s: float = 5) -> Response:
    try:
        return await transport.request("GET", path, timeout_s=timeout_s)
    finally:
        await transport.close()


async def session(file: str, **options: float) -> Transport:
    return await KubeconfigConnector(file, **options).connect("earth")


async def failure(file: str, *, timeout_s: float = 5, **options: float) -> ProviderError:
    with pytest.raises(ProviderError) as error:
        await ask(await session(file, **options), timeout_s=timeout_s)
    return error.value


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
        error = await failure(kubeconfig(tmp_path / "config", wire.url), timeout_s=0.05)
    assert error.kind == "timeout"
    assert "no answer within 0.05 s" in error.message


async def test_a_server_that_never_shakes_hands_ends_with_the_connect_timeout(tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = f"https://127.0.0.1:{listening.getsockname()[1]}"
        error = await failure(kubeconfig(tmp_path / "config", server), timeout_s=30, connect_timeout_s=0.05)
    assert error.kind == "timeout"
    assert "no connection within 0.05 s" in error.message


async def test_a_server_that_is_no_server(tmp_path: Path) -> None:
    error = await failure(kubeconfig(tmp_path / "config", "ftp://x"))
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


# TLS


AUTHORITY = trustme.CA()


def server_tls(*names: str, authority: trustme.CA = AUTHORITY, ends: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, not_after=ends).configure_cert(context)
    return context


def trusting(authority: trustme.CA = AUTHORITY) -> Json:
    return {"certificate-authority-data": base64.b64encode(authority.cert_pem.bytes()).decode()}


async def test_a_certificate_of_the_clusters_authority(tmp_path: Path) -> None:
    async with serving(always(Reply()), tls=server_tls("127.0.0.1")) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, cluster=trusting())
        assert (await ask(await session(file))).status == 200


async def test_an_authority_in_a_file_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.cert_pem.bytes())
    async with serving(always(Reply()), tls=server_tls("127.0.0.1")) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, cluster={"certificate-authority": "ca.pem"})
        assert (await ask(await session(file))).status == 200


async def test_a_server_name_of_its_own(tmp_path: Path) -> None:
    async with serving(always(Reply()), tls=server_tls("api.example.org")) as wire:
        cluster = trusting() | {"tls-server-name": "api.example.org"}
        assert (await ask(await session(kubeconfig(tmp_path / "config", wire.url, cluster=cluster)))).status == 200


async def test_no_verification_where_kubeconfig_says_so(tmp_path: Path) -> None:
    async with serving(always(Reply()), tls=server_tls("other.example.org", authority=trustme.CA())) as wire:
        cluster = {"insecure-skip-tls-verify": True}
        assert (await ask(await session(kubeconfig(tmp_path / "config", wire.url, cluster=cluster)))).status == 200


async def test_a_client_certificate(tmp_path: Path) -> None:
    tls = server_tls("127.0.0.1")
    tls.verify_mode = ssl.CERT_REQUIRED
    AUTHORITY.configure_trust(tls)
    own = AUTHORITY.issue_cert("jo@example.org")
    user = {
        "client-certificate-data": base64.b64encode(b"".join(blob.bytes() for blob in own.cert_chain_pems)).decode(),
        "client-key-data": base64.b64encode(own.private_key_pem.bytes()).decode(),
    }
    async with serving(always(Reply()), tls=tls) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, cluster=trusting(), user=user)
        assert (await ask(await session(file))).status == 200
        file = kubeconfig(tmp_path / "config", wire.url, cluster=trusting(), user={})
        assert (await failure(file)).kind in ("tls", "unreachable")


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (server_tls("127.0.0.1", ends=datetime.now(UTC) - timedelta(days=1)), "expired"),
        (server_tls("127.0.0.1", authority=trustme.CA()), "cannot be verified"),
        (server_tls("other.example.org"), "for another host"),
    ],
    ids=["expired", "another authority", "wrong host"],
)
async def test_a_certificate_that_does_not_verify(tmp_path: Path, tls: ssl.SSLContext, words: str) -> None:
    async with serving(always(Reply()), tls=tls) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, cluster=trusting())
        error = await failure(file)
    assert error.kind == "tls"
    assert words in error.message
    assert f"cluster c in {file}" in error.message
    assert wire.asked == []


async def test_tls_spoken_to_a_plain_server(tmp_path: Path) -> None:
    async with serving(always(Reply(400))) as wire:
        file = kubeconfig(tmp_path / "config", wire.url.replace("http:", "https:"), cluster=trusting())
        error = await failure(file)
    assert error.kind in ("tls", "unreachable")


async def test_an_authority_that_is_none(tmp_path: Path) -> None:
    cluster = {"certificate-authority-data": base64.b64encode(b"nonsense").decode()}
    error = await failure(kubeconfig(tmp_path / "config", "https://a", cluster=cluster))
    assert error.kind == "tls"
    assert "is no certificate" in error.message


async def test_an_authority_file_that_is_missing(tmp_path: Path) -> None:
    error = await failure(kubeconfig(tmp_path / "config", "https://a", cluster={"certificate-authority": "gone.pem"}))
    assert error.kind == "no_context"
    assert "gone.pem" in error.message


# Credential plugins


async def plugin_failure(tmp_path: Path, user: Json, **options: float) -> ProviderError:
    error = await failure(kubeconfig(tmp_path / "config", "https://a", user=user), **options)
    assert error.kind == "unauthorized"
    return error


async def test_a_plugin_gives_the_token_and_is_asked_once(tmp_path: Path) -> None:
    async with serving(always(Reply())) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "aws", TOKEN % ""))
        transport = await session(file)
        await asyncio.gather(*(transport.request("GET", "/api/v1/pods", timeout_s=5) for _ in range(3)))
        await transport.close()
    assert [asked.headers["authorization"] for asked in wire.asked] == ["Bearer token-1"] * 3


async def test_a_refused_token_is_renewed_once(tmp_path: Path) -> None:
    async def answer(asked: Asked) -> Reply:
        return Reply(401 if asked.headers["authorization"] == "Bearer token-1" else 200)

    async with serving(answer) as wire:
        file = kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "aws", TOKEN % ""))
        assert (await ask(await session(file))).status == 200
    assert [asked.headers["authorization"] for asked in wire.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_refused_twice_says_how_to_log_in(tmp_path: Path) -> None:
    async with serving(always(Reply(401))) as wire:
        user = plugin(tmp_path / "aws", TOKEN % "", args=["eks", "get-token", "--profile", "ocean"])
        error = await failure(kubeconfig(tmp_path / "config", wire.url, user=user))
    assert error.kind == "unauthorized"
    assert error.next_step == "run  aws sso login --profile ocean"
    assert len(wire.asked) == 2


async def test_an_expired_token_is_renewed_before_it_is_sent(tmp_path: Path) -> None:
    script = TOKEN % ', "expirationTimestamp": "2000-01-01T00:00:00Z"'
    async with serving(always(Reply())) as wire:
        transport = await session(kubeconfig(tmp_path / "config", wire.url, user=plugin(tmp_path / "az", script)))
        await ask(transport)
    assert wire.asked[0].headers["authorization"] == "Bearer token-2"


async def test_a_plugin_has_no_terminal_and_learns_the_cluster(tmp_path: Path) -> None:
    script = (
        "import json, os, sys\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "seen = [sys.stdin.read(), os.environ['WHO'], info['spec']['interactive'], info['spec']['cluster']['server']]\n"
        "print(json.dumps({'apiVersion': info['apiVersion'], 'kind': 'ExecCredential',\n"
        "                  'status': {'token': '/'.join(map(str, seen))}}))\n"
    )
    user = plugin(tmp_path / "p", script, env=[{"name": "WHO", "value": "jo"}], provideClusterInfo=True)
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))
    assert wire.asked[0].headers["authorization"] == f"Bearer /jo/False/{wire.url}"


async def test_a_plugin_named_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    user = plugin(tmp_path / "aws", TOKEN % "")
    user["exec"]["command"] = "./aws"
    async with serving(always(Reply())) as wire:
        await ask(await session(kubeconfig(tmp_path / "config", wire.url, user=user)))
    assert wire.asked[0].headers["authorization"] == "Bearer token-1"


async def test_a_plugin_that_is_missing(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "gke-gcloud-auth-plugin-x"}}
    error = await plugin_failure(tmp_path, user)
    assert "gke-gcloud-auth-plugin-x is not installed" in error.message
    assert error.next_step == "install gke-gcloud-auth-plugin-x"


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("aws", "run  aws sso login"),
        ("gke-gcloud-auth-plugin", "run  gcloud auth login"),
        ("kubelogin", "run  az login"),
    ],
)
async def test_a_plugin_that_fails_says_why_and_what_to_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, login: str
) -> None:
    script = (
        "import sys\n"
        "print('Bearer eyJhbGciOi.s3cret', file=sys.stderr)\n"
        "print('The SSO session has expired, token=s3cret \\x1b[31m', file=sys.stderr)\n"
        "sys.exit(255)"
    )
    error = await plugin_failure(tmp_path, plugin(tmp_path / name, script))
    assert f"credential plugin {name} failed with status 255: The SSO session has expired" in error.message
    assert error.next_step == login
    assert "s3cret" not in error.message
    assert "\x1b" not in error.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("s3cret that is no JSON", "no ExecCredential"),
        ("[]", "no ExecCredential"),
        (
            '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {}}',
            "neither a token",
        ),
        ('{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": null}', "neither"),
        ('{"apiVersion": "v9", "kind": "ExecCredential", "status": {"token": "s3cret"}}', "answered with"),
        ("", "no ExecCredential"),
    ],
)
async def test_a_plugin_that_answers_garbage(tmp_path: Path, output: str, words: str) -> None:
    error = await plugin_failure(tmp_path, plugin(tmp_path / "aws", f"print({output!r})"))
    assert words in error.message
    assert "s3cret" not in error.message + error.next_step


async def test_a_plugin_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, signal, subprocess\n"
        f"child = subprocess.Popen(['sleep', '1000'])\n"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid))\n"
        "signal.pause()"
    )
    error = await plugin_failure(tmp_path, plugin(tmp_path / "az", script), plugin_timeout_s=1.5)
    assert "gave no answer within 1.5 s" in error.message
    assert "by hand" in error.next_step
    assert not running(int((tmp_path / "child").read_text()))


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


async def test_a_plugin_that_insists_on_a_terminal(tmp_path: Path) -> None:
    error = await plugin_failure(tmp_path, plugin(tmp_path / "az", "", interactiveMode="Always"))
    assert "terminal" in error.message


async def test_an_auth_provider_that_kubectl_has_dropped(tmp_path: Path) -> None:
    error = await plugin_failure(tmp_path, {"auth-provider": {"name": "gcp"}})
    assert "auth-provider gcp" in error.message


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
