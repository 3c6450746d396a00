"""Changes to one cluster's objects: each with a precondition or safe to repeat, each also as a dry run.

An answer carries no object back but its metadata, so that a Secret that was changed shows nothing of itself. A request
that the API server did not take (slow down, credentials that ended) is sent again; one whose answer was lost never is:
AnswerLost says so, and what happens when the same is asked once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.decoding import decode_object
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.resources import Resource
from providers.kubernetes.status_errors import AlreadyExists, AnswerLost, StatusError, pause_s, write_error

FIELD_MANAGER = "hubhomes"
TOKEN = "hubhomes/token"  # noqa: S105 - the name of an annotation
"""The annotation by which an object that was created is known again when its answer was lost."""

Json = Mapping[str, Any]

_METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_REPEAT = "look whether it is there; to ask for the same again is safe"


class Written(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The metadata of an object after a write; of a dry run, as it would be."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, str] = {}


class _Object(msgspec.Struct, frozen=True):
    metadata: Written


class Writes:
    """Changes objects through TRANSPORT, whose guard must let it. `requests` counts what was sent.

    DRY_RUN asks the API server for all that it would do, admission and quota included, and changes nothing; it needs
    the permission to write as well. Raises StatusError by what was refused: AlreadyExists, Conflict (changed
    meanwhile), Invalid, NotAdmitted, or forbidden; NotPermitted before anything is sent; AnswerLost.
    """

    def __init__(self, transport: Transport, *, timeout_s: float = 15.0) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self.requests = 0

    async def create(
        self, resource: Resource[Any], manifest: Json, *, namespace: str = "", token: str = "", dry_run: bool = False
    ) -> Written:
        """Makes an object. With TOKEN, one that is there already and carries it counts as made: safe to repeat."""
        metadata = dict(manifest["metadata"])
        if token:
            metadata["annotations"] = {**metadata.get("annotations", {}), TOKEN: token}
        what = _what("create", resource, metadata["name"], namespace)
        body = msgspec.json.encode({**manifest, "metadata": metadata})
        try:
            return await self._write("POST", resource.path(namespace), what, body, "application/json", dry_run=dry_run)
        except AlreadyExists:
            if not token:
                raise
            there = await self.metadata(resource, metadata["name"], namespace=namespace)
            if there is None or there.annotations.get(TOKEN) != token:
                raise
            return there

    async def apply(
        self,
        resource: Resource[Any],
        manifest: Json,
        *,
        namespace: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Written:
        """Server-side apply: the fields of MANIFEST become ours, and so; others stay. Conflict names their owners,
        unless FORCE takes them. Safe to repeat."""
        name = manifest["metadata"]["name"]
        return await self._write(
            "PATCH",
            resource.path(namespace, name),
            _what("apply", resource, name, namespace),
            msgspec.json.encode(manifest),
            "application/apply-patch+yaml",
            query={"force": "true"} if force else {},
            dry_run=dry_run,
        )

    async def merge_patch(
        self,
        resource: Resource[Any],
        name: str,
        change: Json,
        *,
        namespace: str = "",
        resource_version: str = "",
        uid: str = "",
        dry_run: bool = False,
    ) -> Written:
        """Lays CHANGE over an object: maps merge, null removes, lists replace. With RESOURCE_VERSION or UID only over
        that very object: Conflict otherwise."""
        metadata = {**change.get("metadata", {})}
        metadata |= {"resourceVersion": resource_version} if resource_version else {}
        metadata |= {"uid": uid} if uid else {}
        body = msgspec.json.encode({**change, "metadata": metadata} if metadata else change)
        path, what = resource.path(namespace, name), _what("patch", resource, name, namespace)
        return await self._write("PATCH", path, what, body, "application/merge-patch+json", dry_run=dry_run)

    async def json_patch(
        self,
        resource: Resource[Any],
        name: str,
        changes: Sequence[Json],
        *,
        namespace: str = "",
        resource_version: str,
        dry_run: bool = False,
    ) -> Written:
        """Applies CHANGES (RFC 6902) to the object of RESOURCE_VERSION; Conflict when it is another by now."""
        guarded = [{"op": "replace", "path": "/metadata/resourceVersion", "value": resource_version}, *changes]
        path, what = resource.path(namespace, name), _what("patch", resource, name, namespace)
        body = msgspec.json.encode(guarded)
        return await self._write("PATCH", path, what, body, "application/json-patch+json", dry_run=dry_run)

    async def delete(
        self,
        resource: Resource[Any],
        name: str,
        *,
        namespace: str = "",
        uid: str,
        resource_version: str = "",
        grace_s: int | None = None,
        propagation: Literal["", "Background", "Foreground", "Orphan"] = "",
        dry_run: bool = False,
    ) -> bool:
        """Deletes the object of that UID, and RESOURCE_VERSION where one is given; False where it is gone, or is no
        longer that: safe to repeat.

        What has finalizers, or a grace period (GRACE_S, None: its own), goes later. PROPAGATION says what becomes of
        what it owns: without a word, a Job's pods stay.
        """
        wanted = {"uid": uid} | ({"resourceVersion": resource_version} if resource_version else {})
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": wanted}
        options |= {} if grace_s is None else {"gracePeriodSeconds": grace_s}
        options |= {"propagationPolicy": propagation} if propagation else {}
        # Where there is a body the API server does not read the query: a dry run asked for there alone would delete.
        # It stands there, too, for whoever reads the audit log, which shows addresses.
        options |= {"dryRun": ["All"]} if dry_run else {}
        query = {"dryRun": "All"} if dry_run else None
        what = _what("delete", resource, name, namespace)
        try:
            await self._send("DELETE", resource.path(namespace, name), what, msgspec.json.encode(options), query=query)
        except StatusError as error:
            if error.status in (404, 409):
                return False
            raise
        return True

    async def metadata(self, resource: Resource[Any], name: str, *, namespace: str = "") -> Written | None:
        """The metadata of an object as it is; None where there is none. Raises ProviderError."""
        what = _what("get", resource, name, namespace)
        headers = {"Accept": _METADATA_ONLY}
        try:
            response = await self._send("GET", resource.path(namespace, name), what, None, headers=headers)
        except StatusError as error:
            if error.status == 404:
                return None
            raise
        return _written(response, what)

    async def _write(
        self,
        method: str,
        path: str,
        what: str,
        body: bytes,
        kind: str,
        *,
        query: Mapping[str, str] | None = None,
        dry_run: bool,
    ) -> Written:
        headers = {"Accept": _METADATA_ONLY, "Content-Type": kind}
        fields = {**(query or {}), "fieldManager": FIELD_MANAGER} | ({"dryRun": "All"} if dry_run else {})
        return _written(await self._send(method, path, what, body, query=fields, headers=headers), what)

    async def _send(
        self,
        method: str,
        path: str,
        what: str,
        body: bytes | None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request; once more after the pause that a busy API server asks for, since it has done nothing then."""
        fields = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers
        for attempt in (1, 2):
            self.requests += 1
            try:
                response = await self._transport.request(
                    method, path, query=query, body=body, headers=fields, timeout_s=self._timeout_s
                )
            except AnswerLost as lost:
                if method == "GET":
                    raise
                words = f"cannot tell whether it went through: {what}: {lost.message}"
                raise AnswerLost(lost.kind, words, next_step=_REPEAT) from lost
            wait_s = pause_s(response)
            if wait_s is None or attempt == 2:
                break
            await asyncio.sleep(wait_s)
        if not 200 <= response.status < 300:
            raise write_error(response, what)
        return response


def _what(verb: str, resource: Resource[Any], name: str, namespace: str) -> str:
    return f"{verb} {resource.plural}/{name}" + (f" in namespace {namespace}" if namespace else "")


def _written(response: Response, what: str) -> Written:
    try:
        return decode_object(response.body, _Object).metadata
    except (msgspec.DecodeError, UnicodeDecodeError):
        cause = "the answer is not what an API server says"
        raise ProviderError("internal", f"{what}: {cause}", next_step=_REPEAT) from None
