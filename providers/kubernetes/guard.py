"""What may leave for a cluster: whatever the permission of now does not cover is refused before a byte of it is sent.

- `read` lets out what only reads, and of Secrets only the hubs' own.
- `probe` lets out besides: creating a pod whose manifest proves that it can only look (see `looking`), deleting pods
  named hubhomes-*, and commands that only look (see `commands`), or any command in a pod that was
  let out as one that can only look.
- `write` lets out every object's creation, change and deletion, and any command. Dry runs are writes: the API server
  calls admission webhooks for them, and only those that declare it have no side effects. Whole collections are never
  deleted, and Secrets other than the hubs' neither read nor written.

A helper pod that was made here may always be deleted from here: what a permission let in does not outstay it.

A transport without a guard never leaves this package. A command that runs when a permission ends is not ended.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.commands import only_looks
from providers.kubernetes.looking import PREFIX, MoreThanLooking, looking_only
from providers.kubernetes.permission import Level, Permission, covers
from providers.kubernetes.protocol import Frames, Response, Stream, Transport
from providers.kubernetes.reading import names_an_object, never_refusal, read_refusal

_PODS = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods\Z")
_POD = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods/(?P<name>[^/]+)")
_OWN_POD = re.compile(rf"/api/v1/namespaces/(?P<namespace>[^/]+)/pods/(?P<name>{PREFIX}[^/]+)\Z")
_LOG = re.compile(r"/api/v1/namespaces/[^/]+/pods/[^/]+/log\Z")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.\-]*[a-z0-9])?\Z")
_WORDS: dict[Level, str] = {"read": "read-only", "probe": "probing only", "write": "refused"}


class NotPermitted(ProviderError):
    """A request that the guard did not let out: the cluster was not asked. `needs` None: no permission would."""

    def __init__(self, level: Level, request: str, reason: str, *, needs: Level | None) -> None:
        asked = f"that needs the permission to {needs}" if needs else "no permission lets that out"
        step = f"grant the permission to {needs} for this cluster; it ends by itself after some minutes"
        super().__init__("forbidden", f"{_WORDS[level]}: {request} {reason}; {asked}", next_step=step if needs else "")
        self.needs = needs


class Guard:
    """A Transport that lets out what PERMISSION covers at the time of each request; None: only what reads."""

    def __init__(self, transport: Transport, permission: Permission | None = None) -> None:
        self._transport = transport
        self._permission = permission or Permission()
        self._looking_pods: set[tuple[str, str]] = set()
        self._made_pods: set[tuple[str, str]] = set()

    @property
    def permission(self) -> Permission:
        return self._permission

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
        """As the transport's own. Raises NotPermitted, before anything is sent."""
        request = f"{method} {path}"
        self._refuse(request, never_refusal(method, path, query=query, headers=headers), needs=None)
        if method == "DELETE" and not names_an_object(path):
            self._refuse(request, "deletes a whole collection", needs=None)
        needs, reason, looking = _needed(method, path, body, headers or {})
        if not (method == "DELETE" and self._made_here(path)):
            self._refuse(request, reason, needs=needs)
        content = looking if looking is not None else body
        response = await self._transport.request(
            method, path, query=query, body=content, headers=headers, timeout_s=timeout_s
        )
        if 200 <= response.status < 300 and not (query and "dryRun" in query):
            self._remember(method, path, content, looking=looking is not None)
        return response

    def stream(
        self, path: str, *, query: Mapping[str, str] | None = None, timeout_s: float, silence_s: float | None = None
    ) -> AbstractAsyncContextManager[Stream]:
        """As the transport's own. Raises NotPermitted, before anything is sent."""
        self._refuse(f"GET {path}", never_refusal("GET", path, query=query), needs=None)
        self._refuse(f"follow {path}", "" if _LOG.match(path) else "is no log", needs=None)
        return self._transport.stream(path, query=query, timeout_s=timeout_s, silence_s=silence_s)

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
        """As the transport's own. Raises NotPermitted, before anything is sent."""
        request = f"exec in pod {pod} of namespace {namespace}"
        names = (namespace, pod, container)
        self._refuse(request, "" if all(map(_NAME.match, names)) else "is not a plain name", needs=None)
        if only_looks(command) or (namespace, pod) in self._looking_pods:
            self._refuse(request, "runs a command", needs="probe")
        else:
            self._refuse(request, "runs a command that is not known to only look", needs="write")
        async with self._transport.exec(
            namespace, pod, container=container, command=command, stdin=stdin, tty=tty, timeout_s=timeout_s
        ) as frames:
            yield frames

    async def close(self) -> None:
        await self._transport.close()

    def _refuse(self, request: str, reason: str, *, needs: Level | None) -> None:
        level = self._permission.level()
        if reason and (needs is None or not covers(level, needs)):
            raise NotPermitted(level, request, reason, needs=needs)

    def _made_here(self, path: str) -> bool:
        pod = _OWN_POD.match(path)
        return pod is not None and (pod["namespace"], pod["name"]) in self._made_pods

    def _remember(self, method: str, path: str, body: bytes | None, *, looking: bool) -> None:
        """Keeps which helper pods were made, and which of them can only look until something of them changes."""
        if method == "POST" and (pods := _PODS.match(path)):
            pod = pods["namespace"], _name_in(body)
            if pod[1].startswith(PREFIX):
                self._made_pods.add(pod)
            if looking:
                self._looking_pods.add(pod)
        elif method != "GET" and (found := _POD.match(path)):
            self._looking_pods.discard((found["namespace"], found["name"]))


def _name_in(body: bytes | None) -> str:
    """The name of a pod's manifest; "" where it is none, or not JSON."""
    try:
        return msgspec.json.decode(body or b"", type=_Manifest).metadata.name
    except msgspec.DecodeError:
        return ""


class _Metadata(msgspec.Struct, frozen=True):
    name: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    metadata: _Metadata


def _needed(method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[Level, str, bytes | None]:
    """The permission that a request needs, why, and the manifest to send where it is a pod that can only look."""
    reason = read_refusal(method, path, body=body)
    if not reason:
        return "read", "", None
    if method == "POST" and _PODS.match(path):
        kinds = [value for name, value in headers.items() if name.lower() == "content-type"]
        if any(kind != "application/json" for kind in kinds):
            return "write", "creates a pod whose manifest is not JSON", None
        try:
            return "probe", "creates a pod", looking_only(body or b"")
        except MoreThanLooking as more:
            return "write", f"creates a pod that could do more than look ({more})", None
    if method == "DELETE" and _OWN_POD.match(path):
        return "probe", "deletes a helper pod", None
    return "write", reason, None
