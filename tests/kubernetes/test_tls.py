"""Certificates: what is trusted, who we are, and in words what is wrong."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tests.kubernetes.sessions import ask, failure, session
from tests.kubernetes.wire import Json, Reply, always, kubeconfig, serving

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
        (server_tls("127.0.0.1", authority=trustme.CA()), "by an authority that is not trusted"),
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
