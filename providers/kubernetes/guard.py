"""Read-only, enforced where requests leave: what could change a cluster is refused before a byte of it is sent.

A Guard decides by permission; only `read` exists. Permissions for probing and writing are other guards, granted for
one cluster and some minutes; a transport without a guard never leaves this package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.kubernetes.protocol import Response, Transport

_REVIEWS = frozenset(
    {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    }
)
# Their GET opens a stream into a pod or a node: whoever may get them may run commands.
_STREAMS = frozenset({"exec", "attach", "portforward", "proxy", "run"})
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._:/\-]*\Z")
_OUTSIDE_THE_API = frozenset({"/version", "/readyz", "/livez"})


class NotPermitted(Exception):
    """A request that the guard did not let out: a mistake of the caller, not of the cluster."""


class ReadOnly:
    """A Transport that lets out what only looks."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
    ) -> Response:
        """As the transport's own. Raises NotPermitted, before anything is sent, for what could change something."""
        refusal = read_only_refusal(method, path, body=body, headers=headers)
        if refusal:
            raise NotPermitted(f"read-only: {method} {path} {refusal}")
        return await self._transport.request(method, path, query=query, body=body, headers=headers, timeout_s=timeout_s)

    async def close(self) -> None:
        await self._transport.close()


def read_only_refusal(
    method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> str:
    """Why a request could change something; "" when it only looks."""
    # A path that a server might read otherwise than we do (encoded or empty segments, dots) is refused unread.
    if not _PLAIN_PATH.match(path) or any(part in ("", ".", "..") for part in path.split("/")[1:]):
        return "is not a plain path"
    names = {name.lower() for name in headers or {}}
    if names & {"upgrade", "connection", "x-http-method-override", "x-stream-protocol-version"}:
        return "asks for another protocol"
    if any(name.startswith("impersonate-") for name in names):
        return "speaks for somebody else"
    if method == "POST" and path in _REVIEWS:
        return ""
    if method != "GET":
        return "could change something"
    if body is not None:
        return "carries a body"
    if path not in _OUTSIDE_THE_API and not re.match(r"/(api|apis/[^/]+)/v[^/]+/(?!proxy/|watch/)", path):
        return "is no object of the API"
    if _STREAMS & set(path.split("/")[_subresource_from(path) :]):
        return "opens a stream into a pod, a service or a node"
    return ""


def _subresource_from(path: str) -> int:
    """Where in a path's segments a subresource may stand: behind the object's own name.

    /api/v1/[namespaces/NS/]RESOURCE/NAME/SUB… and /apis/GROUP/VERSION/[namespaces/NS/]RESOURCE/NAME/SUB…
    """
    segments = path.split("/")
    start = 4 if segments[1] == "apis" else 3
    if len(segments) > start + 2 and segments[start] == "namespaces":
        start += 2
    return start + 2
