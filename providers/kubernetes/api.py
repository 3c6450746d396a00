"""Typed questions to one API server: lists in pages, logs, access reviews.

Lists ask for what is current (no resourceVersion), not for whatever the API server's cache holds
(resourceVersion=0): from 1.31 on current lists are served from that cache as well, older ones answer
resourceVersion=0 without pages, and after somebody has mended a volume the old state must not be shown as found.

Pages are large: each waits for the one before. 6,000 pods of 6 kB in pages of 500 took 1.4 times as long as in pages of
2,000 (12 MB each, under 1 MB compressed); one page for all is hardly faster, and holds up the decoder for as long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TypeVar
from weakref import WeakKeyDictionary

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.decoding import Page, decode_object, decode_page
from providers.kubernetes.hub_values import Key
from providers.kubernetes.objects import AccessReview, HubValues
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.resources import Resource
from providers.kubernetes.status_errors import StatusError, pause_s, status_error

T = TypeVar("T")

_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_KNOWN_HUB_VALUES: WeakKeyDictionary[Transport, dict[Key, HubValues]] = WeakKeyDictionary()
_THREAD_FROM_BYTES = 256 * 1024


class Right(msgspec.Struct, frozen=True):
    """What RBAC grants: a verb on a resource ("pods", "pods/exec") of an API group; NAMESPACE "" is the whole cluster.

    Its text names it as a message does.
    """

    verb: str
    resource: str
    namespace: str = ""
    group: str = ""

    def __str__(self) -> str:
        name = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {name} " + (f"in namespace {self.namespace}" if self.namespace else "(cluster-wide)")


class KubernetesApi:
    """One cluster's API. `requests` counts what was sent.

    `known_hub_values` keeps what was decoded of the hubs' Secrets from one look to the next, as long as the transport
    lives: whoever makes another KubernetesApi over it finds them.
    """

    def __init__(self, transport: Transport, *, timeout_s: float = 10.0, page_size: int = 2000) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._page_size = page_size
        self.requests = 0
        self.known_hub_values = _KNOWN_HUB_VALUES.setdefault(transport, {})

    async def list(
        self,
        resource: Resource[T],
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        metadata_only: bool = False,
    ) -> Page[T]:
        """All objects of a kind, of one namespace or of all, page by page. Raises ProviderError.

        METADATA_ONLY leaves everything else of the objects on the server.
        """
        accept = _METADATA_ONLY if metadata_only else "application/json"
        what = f"list {resource.plural}" + (f" in namespace {namespace}" if namespace else " (cluster-wide)")
        query = {"labelSelector": labels, "fieldSelector": fields}
        query = {name: value for name, value in query.items() if value}
        pages: list[Page[T]] = []
        token = ""
        while True:
            page_query = query | {"limit": str(self._page_size)} | ({"continue": token} if token else {})
            try:
                page = await self._page(resource, namespace, page_query, what, accept)
            except StatusError as error:
                if error.status != 410 or not token:
                    raise
                # The list moved on while it was read: all of it at once, from one moment.
                return await self._page(resource, namespace, query, what, accept)
            pages.append(page)
            token = page.next_token
            if not token:
                return _joined(pages)

    async def get(self, resource: Resource[T], name: str, *, namespace: str = "") -> T:
        """One object. Raises ProviderError."""
        what = f"get {resource.plural}/{name}" + (f" in namespace {namespace}" if namespace else "")
        response = await self._ask("GET", resource.path(namespace, name), what=what)
        kind: type[T] = resource.kind
        return _decoded(response.body, kind, what)

    async def pod_log(
        self, namespace: str, pod: str, container: str, tail_lines: int, *, timeout_s: float | None = None
    ) -> str:
        """The last lines of a container's log; bytes that are no text are replaced. Raises ProviderError."""
        response = await self._ask(
            "GET",
            f"/api/v1/namespaces/{namespace}/pods/{pod}/log",
            what=f"get pods/log of {pod} in namespace {namespace}",
            query={"container": container, "tailLines": str(tail_lines)},
            headers={"Accept": "*/*"},
            timeout_s=timeout_s,
        )
        return response.body.decode(errors="replace")

    async def node_statistics(self, node: str, *, timeout_s: float | None = None) -> bytes:
        """The kubelet's own statistics of NODE and its pods, as JSON, undecoded. Raises ProviderError."""
        path, what = f"/api/v1/nodes/{node}/proxy/stats/summary", f"get nodes/proxy of {node}"
        return (await self._ask("GET", path, what=what, timeout_s=timeout_s)).body

    async def pod_metrics(self, namespace: str, pod: str, port: int, *, timeout_s: float | None = None) -> bytes:
        """The metrics page that POD serves on PORT, in Prometheus text, undecoded. Raises ProviderError."""
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/metrics"
        what = f"get pods/proxy of {pod}:{port} in namespace {namespace}"
        accept = {"Accept": "text/plain;version=0.0.4"}
        return (await self._ask("GET", path, what=what, headers=accept, timeout_s=timeout_s)).body

    async def allowed(self, verb: str, resource: str, *, group: str = "", namespace: str = "", name: str = "") -> bool:
        """Whether we may do VERB on RESOURCE ("pods", "pods/exec"). NAMESPACE "" is the whole cluster, NAME "" any."""
        plural, _, subresource = resource.partition("/")
        attributes = {"verb": verb, "group": group, "resource": plural, "namespace": namespace}
        attributes |= {"name": name} if name else {}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | ({"subresource": subresource} if subresource else {})},
        }
        what = f"ask whether {verb} {resource} is allowed"
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        response = await self._ask("POST", path, what=what, body=msgspec.json.encode(review))
        return bool(_decoded(response.body, AccessReview, what).status.get("allowed"))

    async def missing_rights(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Those of RIGHTS that we lack, asked side by side. Raises ProviderError."""
        asked = tuple(dict.fromkeys(rights))
        found = await asyncio.gather(
            *(self.allowed(one.verb, one.resource, group=one.group, namespace=one.namespace) for one in asked)
        )
        return tuple(one for one, allowed in zip(asked, found, strict=True) if not allowed)

    async def user(self) -> str | None:
        """Who the API server takes us for; None where it does not tell (before 1.28, or not allowed)."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        try:
            response = await self._ask("POST", path, what="ask who we are", body=msgspec.json.encode(review))
        except StatusError as error:
            if error.kind in ("unauthorized", "throttled"):
                raise
            return None
        return _decoded(response.body, _SelfSubjectReview, "ask who we are").status.user_info.username or None

    async def close(self) -> None:
        await self._transport.close()

    async def _page(
        self, resource: Resource[T], namespace: str, query: Mapping[str, str], what: str, accept: str
    ) -> Page[T]:
        path = resource.path(namespace)
        response = await self._ask("GET", path, what=what, query=query, headers={"Accept": accept})
        kind: type[T] = resource.kind
        if len(response.body) < _THREAD_FROM_BYTES:
            return _decoded_page(response.body, kind, what)
        # In a thread: the loop stays free for the other clusters and for the screen.
        return await asyncio.to_thread(_decoded_page, response.body, kind, what)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Response:
        """One request; when the API server asks to slow down, once more after the pause that it names."""
        fields = {"Content-Type": "application/json"} | dict(headers or {}) if body else headers
        for attempt in (1, 2):
            self.requests += 1
            response = await self._transport.request(
                method, path, query=query, body=body, headers=fields, timeout_s=timeout_s or self._timeout_s
            )
            wait_s = pause_s(response)
            if wait_s is None or attempt == 2:
                break
            await asyncio.sleep(wait_s)
        if not 200 <= response.status < 300:
            raise status_error(response, what)
        return response


class _UserInfo(msgspec.Struct, frozen=True):
    username: str = ""


class _ReviewStatus(msgspec.Struct, frozen=True, rename="camel"):
    user_info: _UserInfo = _UserInfo()


class _SelfSubjectReview(msgspec.Struct, frozen=True):
    status: _ReviewStatus = _ReviewStatus()


def _joined(pages: list[Page[T]]) -> Page[T]:
    if len(pages) == 1:
        return pages[0]
    return Page(
        tuple(item for page in pages for item in page.items or ()),
        pages[-1].metadata,
        tuple(name for page in pages for name in page.unreadable),
    )


def _decoded_page(body: bytes, kind: type[T], what: str) -> Page[T]:
    try:
        return decode_page(body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _no_json(body, what) from None


def _decoded(body: bytes, kind: type[T], what: str) -> T:
    try:
        return decode_object(body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _no_json(body, what) from None


def _no_json(body: bytes, what: str) -> ProviderError:
    page = b"<html" in body[:1024].lower() or b"<!doctype" in body[:1024].lower()
    cause = "a web page came back, not an API server's answer" if page else "the answer is not what an API server says"
    step = "look at the server address of the kubeconfig, and at proxies on the way"
    return ProviderError("internal", f"cannot {what}: {cause}", next_step=step)
