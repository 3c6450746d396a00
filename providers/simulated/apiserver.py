"""A Kubernetes API server in memory: the transport of the demo and of tests, with faults on demand."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.protocol import Response
from providers.simulated import answers
from providers.simulated.access import Denial, Grant, Identity
from providers.simulated.resources import Json, Resource, by_path
from providers.simulated.selectors import (
    Requirement,
    SelectorError,
    field_requirements,
    label_requirements,
    matches,
    selected_name,
)
from providers.simulated.store import ObjectStore

__all__ = ["Denial", "Faults", "Grant", "Identity", "LoggedRequest", "SimulatedApiServer"]

_REVIEWS = "authorization.k8s.io/v1/selfsubject"


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong with this server. `latency_s` passes before every answer; `failure` is raised then.

    mute: connects and never answers. refused: nobody listens. unauthorized: 401. throttled: 429. unavailable: 503.
    pages_expire: the second page of a list is 410. broken: a body that ends in the middle.
    """

    mute: bool = False
    refused: bool = False
    unauthorized: bool = False
    throttled: bool = False
    unavailable: bool = False
    pages_expire: bool = False
    broken: bool = False
    latency_s: float = 0.0
    failure: ProviderError | None = None


class LoggedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request that arrived, for tests."""

    method: str
    path: str
    query: Mapping[str, str] = {}


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A path of the API, taken apart."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


class SimulatedApiServer:
    """A Transport over plain JSON objects. Opens no socket; waits only through `sleep`."""

    def __init__(
        self,
        objects: Iterable[Json] = (),
        *,
        logs: Mapping[tuple[str, str, str], str] | None = None,
        identity: Identity | None = None,
        faults: Faults | None = None,
        host: str = "simulated",
        now: datetime | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`logs` are by namespace, pod and container. `now` is the creation time of objects that name none."""
        self.store = ObjectStore(now or datetime(2026, 1, 1, tzinfo=UTC))
        self.logs = dict(logs or {})
        self.identity = identity or Identity()
        self.faults = faults or Faults()
        self.host = host
        self.requests: list[LoggedRequest] = []
        self._sleep = sleep
        for manifest in objects:
            self.store.put(manifest)

    async def close(self) -> None:
        """Nothing is held open."""

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
        """Answers as an API server would. Raises ProviderError where one would give no answer."""
        self.requests.append(LoggedRequest(method=method, path=path, query=dict(query or {})))
        await self._travel(timeout_s)
        if self.faults.unauthorized:
            return answers.unauthorized()
        if self.faults.throttled:
            return answers.throttled()
        if self.faults.unavailable:
            return answers.unavailable()
        if self.faults.pages_expire and (query or {}).get("continue"):
            return answers.expired()
        accept = {key.lower(): value for key, value in (headers or {}).items()}.get("accept", "")
        response = self._answer(method, path, query or {}, body, partial="as=PartialObjectMetadata" in accept)
        if self.faults.broken:
            return msgspec.structs.replace(response, body=response.body[: len(response.body) // 2])
        return response

    async def _travel(self, timeout_s: float) -> None:
        wait_s = timeout_s if self.faults.mute else min(self.faults.latency_s, timeout_s)
        if wait_s > 0:
            await self._sleep(wait_s)
        if self.faults.mute or self.faults.latency_s > timeout_s:
            raise ProviderError(
                "timeout",
                f"{self.host} did not answer within {timeout_s:g} s",
                next_step="check the network or VPN between this machine and the API server",
            )
        if self.faults.failure is not None:
            raise self.faults.failure
        if self.faults.refused:
            raise ProviderError(
                "unreachable",
                f"{self.host} refused the connection",
                next_step="check that the API server runs and that this machine may reach it",
            )

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, *, partial: bool
    ) -> Response:
        if path == "/version" and method == "GET":
            return answers.json_response(200, {"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
        if method == "POST" and path.startswith(("/apis/authorization.k8s.io/v1/", "/apis/authentication.k8s.io/v1/")):
            return self._review(path.rpartition("/")[2], json.loads(body or b"{}"))
        asked = _parse(path)
        if asked is None:
            return answers.unknown_path()
        if method != "GET" or query.get("watch") in ("1", "true"):
            return answers.method_not_allowed()
        verb = "get" if asked.name else "list"
        name = asked.name or selected_name(query.get("fieldSelector", ""))
        resource = asked.resource
        authorised = f"{resource.name}/{asked.subresource}" if asked.subresource else resource.name
        if not self.identity.may(verb, resource.group, authorised, asked.namespace, name):
            return answers.forbidden(self.identity.user, verb, resource, asked.subresource, asked.namespace, asked.name)
        if asked.subresource:
            return self._log(asked, query)
        return self._get(asked, partial=partial) if asked.name else self._list(asked, query, partial=partial)

    def _get(self, asked: _Asked, *, partial: bool) -> Response:
        item = self.store.get(asked.resource, asked.namespace, asked.name)
        if item is None:
            return answers.not_found(asked.resource, asked.name)
        return answers.json_response(200, answers.partial_metadata(item) if partial else item)

    def _list(self, asked: _Asked, query: Mapping[str, str], *, partial: bool) -> Response:
        resource = asked.resource
        label_selector, field_selector = query.get("labelSelector", ""), query.get("fieldSelector", "")
        try:
            labels = label_requirements(label_selector)
            fields = field_requirements(field_selector, resource)
            limit = int(query.get("limit") or 0)
            start = _start(query.get("continue", ""))
        except SelectorError as error:
            return answers.bad_request(
                f'Unable to find "{resource.api_version}, Resource={resource.name}" that match label selector '
                f'"{label_selector}", field selector "{field_selector}": {error}'
            )
        except ValueError as error:
            return answers.bad_request(str(error))
        found = self._found(asked, labels, fields, start)
        page = found[:limit] if limit else found
        metadata: Json = {"resourceVersion": self.store.resource_version}
        if len(page) < len(found):
            metadata["continue"] = _continue(page[-1][0], self.store.resource_version)
            if not labels and not fields:
                metadata["remainingItemCount"] = len(found) - len(page)
        return answers.object_list(resource, [item for _, item in page], metadata, partial=partial)

    def _found(
        self,
        asked: _Asked,
        labels: tuple[Requirement, ...],
        fields: tuple[tuple[str, bool, str], ...],
        start: str,
    ) -> list[tuple[str, Json]]:
        return [
            (key, item)
            for key, item in self.store.of(asked.resource, asked.namespace)
            if key >= start and matches(item, labels, fields)
        ]

    def _log(self, asked: _Asked, query: Mapping[str, str]) -> Response:
        pod = self.store.get(asked.resource, asked.namespace, asked.name)
        if pod is None:
            return answers.not_found(asked.resource, asked.name)
        names = [container["name"] for container in pod["spec"]["containers"]]
        container = query.get("container") or (names[0] if len(names) == 1 else "")
        if not container:
            choice = " ".join(names)
            return answers.bad_request(
                f"a container name must be specified for pod {asked.name}, choose one of: [{choice}]"
            )
        if container not in names:
            return answers.bad_request(f"container {container} is not valid for pod {asked.name}")
        text = self.logs.get((asked.namespace, asked.name, container))
        if text is None and pod.get("status", {}).get("phase") == "Pending":
            return answers.bad_request(
                f'container "{container}" in pod "{asked.name}" is waiting to start: ContainerCreating'
            )
        lines = (text or "").splitlines(keepends=True)
        tail = int(query.get("tailLines") or 0)
        return answers.text_response(200, "".join(lines[-tail:] if tail else lines))

    def _review(self, kind: str, asked: Json) -> Response:
        spec = asked.get("spec") or {}
        status: Json
        if kind == "selfsubjectaccessreviews":
            attributes = spec.get("resourceAttributes") or {}
            resource = attributes.get("resource", "")
            if attributes.get("subresource"):
                resource = f"{resource}/{attributes['subresource']}"
            status = {
                "allowed": self.identity.may(
                    attributes.get("verb", ""),
                    attributes.get("group", ""),
                    resource,
                    attributes.get("namespace", ""),
                    attributes.get("name", ""),
                )
            }
        elif kind == "selfsubjectrulesreviews":
            rules = self.identity.rules(spec.get("namespace", ""))
            status = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
        elif kind == "selfsubjectreviews":
            status = {"userInfo": {"username": self.identity.user, "groups": list(self.identity.groups)}}
        else:
            return answers.unknown_path()
        return answers.json_response(201, {**asked, "metadata": {"creationTimestamp": None}, "status": status})


def _parse(path: str) -> _Asked | None:
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
    return _Asked(resource=resource, namespace=namespace, name=name, subresource=subresource)


def _continue(key: str, version: str) -> str:
    """The API server's own form: where the next page starts, just behind KEY."""
    token = {"v": "meta.k8s.io/v1", "rv": int(version), "start": f"{key}\0"}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _start(token: str) -> str:
    if not token:
        return ""
    try:
        return str(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"continue key is not valid: {error}") from error
