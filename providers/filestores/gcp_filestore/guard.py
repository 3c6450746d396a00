"""What every request to Filestore passes, over either transport: reading, and what is permitted to change. Imports
Google's packages: to be imported late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from google.cloud.filestore_v1.services.cloud_filestore_manager.transports.rest import (
    CloudFilestoreManagerRestInterceptor,
)

from providers.errors import ProviderError
from providers.filestores.changes import check_permitted
from providers.kubernetes.permission import Permission

READING = frozenset({"ListInstances", "GetInstance", "ListBackups", "ListOperations", "GetOperation"})
CHANGING = frozenset({"CreateInstance", "UpdateInstance"})


def check(method: str, permission: Permission | None) -> None:
    """Raises ProviderError `forbidden` unless METHOD of Google's API may leave now. No permission lets out the rest:
    nothing is deleted, restored or reverted."""
    if method in READING:
        return
    if method not in CHANGING:
        raise ProviderError("forbidden", f"{method} is never sent to Filestore")
    check_permitted(permission, f"{method} of the Filestore API")


class GrpcGuard(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """Stands in front of a channel: all that Filestore offers is one request and one answer."""

    def __init__(self, permission: Permission | None) -> None:
        self._permission = permission

    def intercept_unary_unary(self, continuation: Callable[[Any, Any], Any], details: Any, request: Any) -> Any:
        check(str(details.method).rpartition("/")[2], self._permission)
        return continuation(details, request)


def rest_guard(permission: Permission | None) -> CloudFilestoreManagerRestInterceptor:
    """Google's own hooks, each of which checks before its request is made."""

    def hook(method: str) -> Callable[[Any, Any, Any], Any]:
        def before(_: Any, request: Any, metadata: Any) -> Any:
            check(method, permission)
            return request, metadata

        return before

    hooks = [name for name in dir(CloudFilestoreManagerRestInterceptor) if name.startswith("pre_")]
    named = {name: hook(name.removeprefix("pre_").title().replace("_", "")) for name in hooks}
    guarded = type("RestGuard", (CloudFilestoreManagerRestInterceptor,), named)
    return guarded()  # type: ignore[no-any-return]
