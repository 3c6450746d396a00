"""Bodies in the API server's own form: Status, lists, partial metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping

from providers.kubernetes.protocol import Response
from providers.simulated.resources import Json, Resource

_JSON = {"content-type": "application/json"}
_TEXT = {"content-type": "text/plain; charset=utf-8"}


def json_response(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Response:
    encoded = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    return Response(status=status, body=encoded, headers={**_JSON, **(headers or {})})


def text_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status=status, body=text.encode(), headers={**_TEXT, **(headers or {})})


def failure(code: int, reason: str, message: str, details: Json | None = None) -> Response:
    """A Status of a request that failed."""
    body: Json = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
    }
    if details:
        body["details"] = details
    return json_response(code, body | {"code": code})


def unauthorized() -> Response:
    return failure(401, "Unauthorized", "Unauthorized")


def throttled() -> Response:
    """What priority and fairness says; plain text, as the server sends it."""
    return text_response(429, "Too many requests, please try again later.\n", {"retry-after": "1"})


def unavailable() -> Response:
    return failure(503, "ServiceUnavailable", "the server is currently unable to handle the request")


def expired() -> Response:
    """A continue token whose list is no longer kept."""
    message = "The provided continue parameter is too old to display a consistent list result."
    return failure(410, "Expired", message)


def forbidden(user: str, verb: str, resource: Resource, subresource: str, namespace: str, name: str) -> Response:
    asked = f"{resource.name}/{subresource}" if subresource else resource.name
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    message = (
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{asked}" '
        f'in API group "{resource.group}" {where}'
    )
    return failure(403, "Forbidden", message, _details(resource, name))


def not_found(resource: Resource, name: str) -> Response:
    return failure(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def already_exists(resource: Resource, name: str) -> Response:
    words = f'{resource.qualified} "{name}" already exists'
    return failure(409, "AlreadyExists", words, _details(resource, name))


def conflict(resource: Resource, name: str, words: str) -> Response:
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {words}'
    return failure(409, "Conflict", message, _details(resource, name))


def unknown_path() -> Response:
    return text_response(404, "404 page not found\n")


def method_not_allowed() -> Response:
    message = "the server does not allow this method on the requested resource"
    return failure(405, "MethodNotAllowed", message)


def bad_request(message: str) -> Response:
    return failure(400, "BadRequest", message)


def object_list(resource: Resource, items: list[Json], metadata: Json, *, partial: bool) -> Response:
    """A list; its items carry no kind of their own, as the server sends them, except partial ones."""
    if partial:
        kind, api_version = "PartialObjectMetadataList", "meta.k8s.io/v1"
        shown = [partial_metadata(item) for item in items]
    else:
        kind, api_version = f"{resource.kind}List", resource.api_version
        shown = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
    return json_response(200, {"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": shown})


def partial_metadata(item: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def _details(resource: Resource, name: str) -> Json:
    details = {"name": name, "group": resource.group, "kind": resource.name}
    return {key: value for key, value in details.items() if value}
