"""Read-only: what leaves, and what never does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from providers.kubernetes.guard import NotPermitted, ReadOnly
from providers.kubernetes.protocol import Response


class Recording:
    """A transport that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

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
        self.sent.append((method, path))
        return Response(status=200, body=b"{}")

    async def close(self) -> None:
        pass


POD = "/api/v1/namespaces/prod/pods/jupyter-ana"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/persistentvolumes"),
        ("GET", "/apis/apps/v1/deployments"),
        ("GET", POD),
        ("GET", f"{POD}/log"),
        ("GET", "/api/v1/namespaces/exec/pods/proxy"),
        ("GET", "/api/v1/namespaces/attach"),
        ("GET", "/version"),
        ("POST", REVIEW),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"),
    ],
)
async def test_what_only_looks_leaves(method: str, path: str) -> None:
    wire = Recording()
    await ReadOnly(wire).request(method, path, body=b"{}" if method == "POST" else None, timeout_s=1)
    assert wire.sent == [(method, path)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", POD),
        ("PATCH", POD),
        ("PUT", POD),
        ("post", REVIEW),
        ("POST", "/api/v1/namespaces/prod/pods"),
        ("POST", f"{REVIEW}/"),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ("POST", "/apis/authorization.k8s.io/v1/namespaces/prod/localsubjectaccessreviews"),
        ("POST", f"{POD}/exec"),
        ("GET", f"{POD}/exec"),
        ("GET", f"{POD}/attach"),
        ("GET", f"{POD}/portforward"),
        ("GET", f"{POD}/proxy"),
        ("GET", "/api/v1/namespaces/prod/pods/jupyter-ana:8080/proxy/metrics"),
        ("GET", "/api/v1/namespaces/prod/services/hub:8081/proxy/shutdown"),
        ("GET", "/api/v1/nodes/node-a/proxy/run/prod/pod/c"),
        ("GET", "/api/v1/proxy/nodes/node-a"),
        ("GET", "/api/v1/watch/pods"),
        ("GET", f"{POD}/%65xec"),
        ("GET", "/api/v1/namespaces/prod/pods//jupyter-ana/exec"),
        ("GET", "/api/v1/namespaces/prod/pods/x/../jupyter-ana/exec"),
        ("GET", f"{POD}/log?x=1"),
        ("GET", f"{POD}/log#x"),
        ("GET", f"{POD}/log\r\nX: y"),
        ("GET", "/logs/kube-apiserver.log"),
        ("GET", "https://elsewhere/api/v1/pods"),
        ("CONNECT", POD),
        ("", POD),
    ],
)
async def test_what_could_change_something_is_refused_before_it_leaves(method: str, path: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted, match="read-only"):
        await ReadOnly(wire).request(method, path, timeout_s=1)
    assert wire.sent == []


@pytest.mark.parametrize("name", ["Upgrade", "Connection", "Impersonate-User", "X-HTTP-Method-Override"])
async def test_headers_that_turn_a_get_into_more_are_refused(name: str) -> None:
    wire = Recording()
    with pytest.raises(NotPermitted):
        await ReadOnly(wire).request("GET", POD, headers={name: "websocket"}, timeout_s=1)
    assert wire.sent == []


async def test_a_get_carries_no_body() -> None:
    with pytest.raises(NotPermitted):
        await ReadOnly(Recording()).request("GET", POD, body=b"{}", timeout_s=1)
