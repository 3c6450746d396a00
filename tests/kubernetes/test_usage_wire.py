"""An answer from behind the API server, on the wire: compressed or not, and never taken at any length."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from providers.errors import ProviderError
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.http_transport import PROXIED_BYTES
from tests.kubernetes.sessions import session
from tests.kubernetes.wire import Reply, always, kubeconfig, serving

PAGE = b"dirsize_total_size_bytes 1\n" * 9000
LONG = bytes(PROXIED_BYTES + 1)
GZIP = {"Content-Encoding": "gzip"}


async def metrics(folder: Path, reply: Reply) -> bytes:
    async with serving(always(reply)) as wire:
        transport = await session(kubeconfig(folder / "config", wire.url))
        try:
            return await KubernetesApi(transport, timeout_s=5).pod_metrics("prod", "exporter-1", 9100)
        finally:
            await transport.close()


@pytest.mark.parametrize("reply", [Reply(body=PAGE), Reply(body=gzip.compress(PAGE), headers=GZIP)])
async def test_a_page_comes_back_whole(tmp_path: Path, reply: Reply) -> None:
    assert await metrics(tmp_path, reply) == PAGE


@pytest.mark.parametrize("reply", [Reply(body=LONG), Reply(body=gzip.compress(LONG), headers=GZIP)])
async def test_no_answer_is_taken_at_any_length(tmp_path: Path, reply: Reply) -> None:
    with pytest.raises(ProviderError, match="more than 32 MiB through its proxy"):
        await metrics(tmp_path, reply)


@pytest.mark.parametrize("body", [b"nonsense", gzip.compress(PAGE, mtime=0)[:-20]], ids=["no gzip", "cut short"])
async def test_a_broken_compressed_page(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ProviderError, match="broken compressed body"):
        await metrics(tmp_path, Reply(body=body, headers=GZIP))


async def test_lists_are_not_limited_where_the_api_server_is_behind_a_proxy_itself(tmp_path: Path) -> None:
    async with serving(always(Reply(body=LONG))) as wire:
        transport = await session(kubeconfig(tmp_path / "config", f"{wire.url}/proxy/cluster-1"))
        try:
            answer = await transport.request("GET", "/api/v1/pods", timeout_s=5)
        finally:
            await transport.close()
    assert len(answer.body) == len(LONG)
