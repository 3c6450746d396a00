"""The paths of the API, and where the next page of a list starts."""

from __future__ import annotations

import base64
import json
from urllib.parse import unquote

import msgspec

from providers.simulated.resources import Resource, by_path


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A path of the API, taken apart."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse(path: str) -> Asked | None:
    """/api/v1/[namespaces/NS/]RESOURCE[/NAME[/log]] and /apis/GROUP/VERSION/…; None where nothing is served."""
    steps = [unquote(step) for step in path.strip("/").split("/")]
    if steps[0] == "api":
        group, version, rest = "", "".join(steps[1:2]), steps[2:]
    elif steps[0] == "apis" and len(steps) > 3:
        group, version, rest = steps[1], steps[2], steps[3:]
    else:
        return None
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    resource = by_path(group, version, rest[0]) if rest else None
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        return None
    if len(rest) > 1 and resource.namespaced and not namespace:
        return None
    if len(rest) == 3 and (resource.name, rest[2]) != ("pods", "log"):
        return None
    name, subresource = (*rest[1:], "", "")[:2]
    return Asked(resource=resource, namespace=namespace, name=name, subresource=subresource)


def continue_token(key: str, version: str) -> str:
    """The API server's own form: where the next page starts, just behind KEY."""
    token = {"v": "meta.k8s.io/v1", "rv": int(version), "start": f"{key}\0"}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def start_of(token: str) -> str:
    if not token:
        return ""
    try:
        return str(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"continue key is not valid: {error}") from error
