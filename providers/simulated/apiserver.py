"""A Kubernetes API server in memory: the transport of the demo and of tests, with faults on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.commands import watched
from providers.kubernetes.protocol import Frames, Response, Stream
from providers.kubernetes.status_errors import exec_error
from providers.simulated import answers
from providers.simulated.access import Denial, Grant, Identity
from providers.simulated.admission import pod_security
from providers.simulated.paths import Asked, continue_token, parse, start_of
from providers.simulated.pods import Exec, ExecRequest, Logs, SimulatedFrames, SimulatedStream, no_such_program
from providers.simulated.proxied import proxied
from providers.simulated.resources import Json, by_path
from providers.simulated.selectors import (
    Requirement,
    SelectorError,
    field_requirements,
    label_requirements,
    matches,
    selected_name,
)
from providers.simulated.store import ObjectStore
from providers.simulated.writes import VERBS, Admission, Refused, Writes, is_dry_run

__all__ = ["Denial", "Faults", "Grant", "Identity", "LoggedRequest", "SimulatedApiServer"]

Watcher = Callable[[str, Json], None]
"""Told of every object that was created, updated, patched or deleted, by that verb: how controllers are played."""

_REVIEW_PATHS = ("/apis/authorization.k8s.io/v1/", "/apis/authentication.k8s.io/v1/")


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
    dry_run: bool = False
    """As the server takes it: a DELETE with a body names it there, everything else in its query."""


class SimulatedApiServer:
    """A Transport over plain JSON objects. Opens no socket; waits only through `sleep`."""

    def __init__(
        self,
        objects: Iterable[Json] = (),
        *,
        logs: Mapping[tuple[str, str, str], str] | None = None,
        identity: Identity | None = None,
        faults: Faults | None = None,
        execs: Exec = no_such_program,
        admission: Admission | None = None,
        host: str = "simulated",
        now: datetime | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`logs` are by namespace, pod and container; `statistics` (by node) and `pages` of metrics are filled in
        from outside. `execs` answers commands in containers, `terminals` those with a terminal, `admission` refuses
        objects (None: Pod Security does); `in_use` says what stays, though it is deleted, until nothing uses it;
        `watchers` are told of what was written. `now` is the creation time of objects that name none."""
        self.store = ObjectStore(now or datetime(2026, 1, 1, tzinfo=UTC))
        self.logs = Logs(logs or {})
        self.execs = execs
        self.admission = admission or (lambda manifest: pod_security(self.store, manifest))
        self.in_use: Callable[[Json], bool] = lambda _item: False
        self.watchers: list[Watcher] = []
        self.terminals: Callable[[ExecRequest], Frames] | None = None
        self.statistics: dict[str, Json] = {}
        self.pages: dict[tuple[str, str, int], str] = {}
        self.identity = identity or Identity()
        self.faults = faults or Faults()
        self.host = host
        self.requests: list[LoggedRequest] = []
        self._sleep = sleep
        self._writes = Writes(self.store, lambda manifest: self.admission(manifest), lambda item: self.in_use(item))
        for manifest in objects:
            self.store.put(manifest)

    async def sleep(self, seconds: float) -> None:
        """Lets time pass as it passes for this server."""
        await self._sleep(seconds)

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
        dry_run = is_dry_run(method, query or {}, body)
        self.requests.append(LoggedRequest(method=method, path=path, query=dict(query or {}), dry_run=dry_run))
        await self._travel(timeout_s)
        if self.faults.unauthorized:
            return answers.unauthorized()
        if self.faults.throttled:
            return answers.throttled()
        if self.faults.unavailable:
            return answers.unavailable()
        if self.faults.pages_expire and (query or {}).get("continue"):
            return answers.expired()
        fields = {key.lower(): value for key, value in (headers or {}).items()}
        if method in VERBS and not path.startswith(_REVIEW_PATHS):
            response = self._written(method, path, query or {}, body, fields.get("content-type", ""))
        else:
            partial = "as=PartialObjectMetadata" in fields.get("accept", "")
            response = self._answer(method, path, query or {}, body, partial=partial)
        if self.faults.broken:
            return msgspec.structs.replace(response, body=response.body[: len(response.body) // 2])
        return response

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        timeout_s: float,
        silence_s: float | None = None,  # noqa: ARG002 - the protocol's: no time passes here
    ) -> AsyncIterator[Stream]:
        """A log that is followed until its pod ends; anything else comes at once."""
        response = await self.request("GET", path, query=query, timeout_s=timeout_s)
        asked = parse(path)
        follows = response.status == 200 and asked is not None and (query or {}).get("follow") == "true"
        if not follows or asked is None:
            yield SimulatedStream(response)
            return
        container = (query or {}).get("container") or self._container_names(asked)[0]
        place = (asked.namespace, asked.name, container)
        start = len(self.logs.get(place, "")) - len(response.body.decode())
        yield SimulatedStream(response, self.logs.follow(place, start, lambda: self._is_over(asked)))

    @asynccontextmanager
    async def exec(
        self,
        namespace: str,
        pod: str,
        *,
        container: str,
        command: Sequence[str],
        stdin: bool = False,
        tty: bool = False,
        timeout_s: float,
    ) -> AsyncIterator[Frames]:
        """Runs what `execs` answers. Raises ProviderError as a real one refuses."""
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec"
        self.requests.append(LoggedRequest(method="GET", path=path, query={"command": "\0".join(command)}))
        await self._travel(timeout_s)
        refusal = self._exec_refusal(namespace, pod, container)
        if refusal is not None:
            raise exec_error(refusal, namespace, pod, container)
        if tty and self.terminals is not None:
            whole = ExecRequest(namespace=namespace, pod=pod, container=container, command=tuple(command))
            yield self.terminals(whole)
            return
        # A watched command does not read: it only waits for its input to end.
        watches = tuple(command[:4]) == watched(())
        run = tuple(command[4:] if watches else command)
        request = ExecRequest(namespace=namespace, pod=pod, container=container, command=run)
        yield SimulatedFrames(request, self.execs, reads=stdin and not watches)

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
        if method == "POST" and path.startswith(_REVIEW_PATHS):
            return self._review(path.rpartition("/")[2], json.loads(body or b"{}"))
        through = proxied(method, path, identity=self.identity, statistics=self.statistics, pages=self.pages)
        if through is not None:
            return through
        asked = parse(path)
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

    def _written(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, content_type: str
    ) -> Response:
        """What a write answers; controllers are told of it unless it is a dry run."""
        asked, verb = parse(path), VERBS[method]
        if asked is None:
            return answers.unknown_path()
        if asked.subresource or (method == "POST") == bool(asked.name):
            return answers.method_not_allowed()
        resource, dry_run = asked.resource, is_dry_run(method, query, body)
        if not self.identity.may(verb, resource.group, resource.name, asked.namespace, asked.name):
            return answers.forbidden(self.identity.user, verb, resource, "", asked.namespace, asked.name)
        manager, where = query.get("fieldManager", ""), (resource, asked.namespace)
        status, item = 200, None
        try:
            if verb == "create":
                status, item = 201, self._writes.create(*where, body or b"", dry_run=dry_run)
            elif verb == "update":
                item = self._writes.replace(*where, asked.name, body or b"", dry_run=dry_run)
            elif verb == "patch":
                status, item = self._writes.patch(
                    *where, asked.name, body or b"", kind=content_type, manager=manager, dry_run=dry_run
                )
            else:
                item = self._writes.delete(*where, asked.name, body, dry_run=dry_run)
        except Refused as refused:
            return refused.response
        if not dry_run:
            for watcher in tuple(self.watchers):
                watcher(verb, item)
            self.logs.tell()
        return answers.json_response(status, item)

    def _exec_refusal(self, namespace: str, pod: str, container: str) -> Response | None:
        """Why no command runs there; None when one does."""
        pods = by_path("", "v1", "pods")
        assert pods is not None  # noqa: S101 - one of the resources
        for verb in ("get", "create"):
            if not self.identity.may(verb, "", "pods/exec", namespace, pod):
                return answers.forbidden(self.identity.user, verb, pods, "exec", namespace, pod)
        found = self.store.get(pods, namespace, pod)
        if found is None:
            return answers.not_found(pods, pod)
        if container not in [one["name"] for one in found["spec"]["containers"]]:
            return answers.bad_request(f"container {container} is not valid for pod {pod}")
        phase = found.get("status", {}).get("phase")
        if phase in ("Succeeded", "Failed"):
            words = f"cannot exec into a container in a completed pod; current phase is {phase}"
            return answers.failure(500, "InternalError", words)
        return None

    def _container_names(self, asked: Asked) -> list[str]:
        pod = self.store.get(asked.resource, asked.namespace, asked.name) or {"spec": {"containers": []}}
        return [container["name"] for container in pod["spec"]["containers"]]

    def _is_over(self, asked: Asked) -> bool:
        pod = self.store.get(asked.resource, asked.namespace, asked.name)
        return pod is None or pod.get("status", {}).get("phase") in ("Succeeded", "Failed")

    def _get(self, asked: Asked, *, partial: bool) -> Response:
        item = self.store.get(asked.resource, asked.namespace, asked.name)
        if item is None:
            return answers.not_found(asked.resource, asked.name)
        return answers.json_response(200, answers.partial_metadata(item) if partial else item)

    def _list(self, asked: Asked, query: Mapping[str, str], *, partial: bool) -> Response:
        resource = asked.resource
        label_selector, field_selector = query.get("labelSelector", ""), query.get("fieldSelector", "")
        try:
            labels = label_requirements(label_selector)
            fields = field_requirements(field_selector, resource)
            limit = int(query.get("limit") or 0)
            start = start_of(query.get("continue", ""))
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
            metadata["continue"] = continue_token(page[-1][0], self.store.resource_version)
            if not labels and not fields:
                metadata["remainingItemCount"] = len(found) - len(page)
        return answers.object_list(resource, [item for _, item in page], metadata, partial=partial)

    def _found(
        self,
        asked: Asked,
        labels: tuple[Requirement, ...],
        fields: tuple[tuple[str, bool, str], ...],
        start: str,
    ) -> list[tuple[str, Json]]:
        return [
            (key, item)
            for key, item in self.store.of(asked.resource, asked.namespace)
            if key >= start and matches(item, labels, fields)
        ]

    def _log(self, asked: Asked, query: Mapping[str, str]) -> Response:
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
