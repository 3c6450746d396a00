"""Opens sessions on kubeconfig files, and asks once."""

from __future__ import annotations

from providers.errors import ProviderError
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.session import KubeconfigConnector


async def ask(transport: Transport, path: str = "/api/v1/pods", *, timeout_s: float = 5) -> Response:
    try:
        return await transport.request("GET", path, timeout_s=timeout_s)
    finally:
        await transport.close()


async def session(file: str, *, connect_timeout_s: float = 5, plugin_timeout_s: float = 20) -> Transport:
    connector = KubeconfigConnector(file, connect_timeout_s=connect_timeout_s, plugin_timeout_s=plugin_timeout_s)
    return await connector.connect("earth")


async def failure(
    file: str, *, timeout_s: float = 5, connect_timeout_s: float = 5, plugin_timeout_s: float = 20
) -> ProviderError:
    try:
        transport = await session(file, connect_timeout_s=connect_timeout_s, plugin_timeout_s=plugin_timeout_s)
        await ask(transport, timeout_s=timeout_s)
    except ProviderError as error:
        return error
    raise AssertionError("it was answered")
