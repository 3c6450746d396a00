"""What every request to Azure passes: reading, and what is permitted to change. Imports Azure's library: to be imported
late."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy

from providers.errors import ProviderError
from providers.filestores.changes import check_permitted
from providers.kubernetes.permission import Permission

_SHARE = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Storage/storageAccounts/[^/]+"
    r"/fileServices/default/shares/[^/]+",
    re.IGNORECASE,
)
_CHANGES = {"PUT": "making a share", "PATCH": "changing a share"}
"""All that ever changes something. Nothing that deletes is among it: no permission lets that out."""


class Guard(SansIOHTTPPolicy[Any, Any]):
    """Refuses whatever PERMISSION does not let out now, and to send the token to an address that an answer names.
    Without one nothing but questions is let out."""

    def __init__(self, address: str, permission: Permission | None = None) -> None:
        super().__init__()
        self._only = _origin(address)
        self._permission = permission

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raises ProviderError, AzureError."""
        method, url = request.http_request.method, request.http_request.url
        if _origin(url) != self._only:
            raise AzureError("another address is not asked")
        if method == "GET":
            return
        if method not in _CHANGES or not _SHARE.fullmatch(urlsplit(url).path):
            raise ProviderError("forbidden", f"{method} of this is not sent to Azure: no permission lets that out")
        check_permitted(self._permission, _CHANGES[method])


class InClear(SansIOHTTPPolicy[Any, Any]):
    """Lets a token that says nothing go out without TLS."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options["enforce_https"] = False


def _origin(address: str) -> tuple[str, str, int | None]:
    url = urlsplit(address)
    return url.scheme, (url.hostname or "").lower(), url.port or {"https": 443, "http": 80}.get(url.scheme)
