"""Which requests only read: everything else could change something, or shows what nobody needs to see."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REVIEWS = frozenset(
    {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    }
)
# Their GET opens a stream into a pod or a node: whoever may get them may run commands.
_STREAMS = frozenset({"exec", "attach", "portforward", "proxy", "run"})
# The two proxied questions that only look, whole and without a query: a kubelet's own statistics, and the metrics page
# of the exporters that tell how full a share is (node exporter, directory sizes, the home-nfs server).
METRICS_PORTS = (9100, 8000, 7500)
_DNS_NAME = r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?"
_STATISTICS = re.compile(
    rf"/api/v1/(?:nodes/{_DNS_NAME}/proxy/stats/summary"
    rf"|namespaces/{_DNS_NAME}/pods/{_DNS_NAME}:(?:{'|'.join(map(str, METRICS_PORTS))})/proxy/metrics)\Z"
)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._:/\-]*\Z")
_OUTSIDE_THE_API = frozenset({"/version", "/readyz", "/livez"})
_IN_THE_API = re.compile(r"/(api|apis/[^/]+)/v[^/]+/(?!proxy/|watch/)")
_SECRETS = re.compile(r"/api/v1/(?:namespaces/[^/]+/)?secrets(?:/(?P<name>[^/]+))?(?P<more>/.*)?\Z")
_HUB = "metadata.name=hub"


def never_refusal(
    method: str, path: str, *, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> str:
    """Why no permission lets a request out; "" where one may."""
    # A path that a server might read otherwise than we do (encoded or empty segments, dots) is refused unread.
    if not _PLAIN_PATH.match(path) or any(part in ("", ".", "..") for part in path.split("/")[1:]):
        return "is not a plain path"
    names = {name.lower() for name in headers or {}}
    if names & {"upgrade", "connection", "x-http-method-override", "x-stream-protocol-version"}:
        return "asks for another protocol"
    if any(name.startswith("impersonate-") for name in names):
        return "speaks for somebody else"
    if method == "GET" and _STATISTICS.match(path):
        return "asks a kubelet or an exporter for more than its figures" if query else ""
    if path in _OUTSIDE_THE_API or path in _REVIEWS:
        return ""
    if not _IN_THE_API.match(path):
        return "is no object of the API"
    if _STREAMS & set(subresources(path)):
        return "opens a stream into a pod, a service or a node"
    if "token" in subresources(path):
        return "asks for another's credentials"
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        return "is no method of the API"
    return _secret_refusal(method, path, query or {}, {k.lower(): v for k, v in (headers or {}).items()})


def read_refusal(method: str, path: str, *, body: bytes | None = None) -> str:
    """Why a request that `never_refusal` lets out could change something; "" when it only reads."""
    if method == "POST" and path in _REVIEWS:
        return ""
    if method != "GET":
        return "could change something"
    return "carries a body" if body is not None else ""


def subresources(path: str) -> list[str]:
    """What stands behind the object's own name in a path.

    /api/v1/[namespaces/NS/]RESOURCE/NAME/SUB… and /apis/GROUP/VERSION/[namespaces/NS/]RESOURCE/NAME/SUB…
    """
    segments = path.split("/")
    start = 4 if segments[1] == "apis" else 3
    if len(segments) > start + 2 and segments[start] == "namespaces":
        start += 2
    return segments[start + 2 :]


def names_an_object(path: str) -> bool:
    """Whether a path ends in the name of one object, or in something of it; not in a collection."""
    segments = path.split("/")
    start = 4 if segments[1] == "apis" else 3
    if len(segments) > start + 2 and segments[start] == "namespaces":
        start += 2
    return len(segments) > start + 1


def _secret_refusal(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Secrets are the hubs' own, or only their metadata is asked for."""
    secret = _SECRETS.match(path)
    if secret is None:
        return ""
    if secret["name"] == "hub" and not secret["more"] and method in ("GET", "PUT", "PATCH"):
        return ""
    if method == "GET" and not secret["name"]:
        accept = headers.get("accept", "")
        if _HUB in query.get("fieldSelector", "").split(",") or "as=PartialObjectMetadataList" in accept:
            return ""
    return "is about a Secret that is not a hub's"
