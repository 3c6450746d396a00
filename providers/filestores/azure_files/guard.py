"""What every request to Azure passes. Imports Azure's library: to be imported late."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy


class ReadOnly(SansIOHTTPPolicy[Any, Any]):
    """Refuses whatever could change something, and to send the token to an address that an answer names."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._only = _origin(address)

    def on_request(self, request: PipelineRequest[Any]) -> None:
        if request.http_request.method != "GET":
            raise AzureError(f"{request.http_request.method} is not sent")
        if _origin(request.http_request.url) != self._only:
            raise AzureError("another address is not asked")


class InClear(SansIOHTTPPolicy[Any, Any]):
    """Lets a token that says nothing go out without TLS."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options["enforce_https"] = False


def _origin(address: str) -> tuple[str, str, int | None]:
    url = urlsplit(address)
    return url.scheme, (url.hostname or "").lower(), url.port or {"https": 443, "http": 80}.get(url.scheme)
