"""What a simulated API server does to its objects: create, replace, patch, apply, delete, and dry runs of them."""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from providers.kubernetes.protocol import Response
from providers.simulated import answers
from providers.simulated.resources import NAMESPACES, Json, Resource
from providers.simulated.store import ObjectStore

Admission = Callable[[Json], str]
"""Why an object is not admitted, in the words of the admission plugin; "" when it is."""

VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_MERGE = ("application/merge-patch+json", "application/strategic-merge-patch+json")
_JSON_PATCH = "application/json-patch+json"
_APPLY = ("application/apply-patch+yaml", "application/apply-patch+cbor")
_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9.:\-]*[a-z0-9])?\Z")
_KEPT = ("uid", "creationTimestamp", "deletionTimestamp")


class Refused(Exception):
    """A write that the server answers with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def is_dry_run(method: str, query: Mapping[str, str], body: bytes | None) -> bool:
    """Whether a request changes nothing. The query of a DELETE does not count where it has a body."""
    if method == "DELETE" and body:
        try:
            return bool(_decoded(body).get("dryRun"))
        except Refused:
            return False
    return query.get("dryRun") == "All"


class Writes:
    """Changes the objects of STORE as a server's registry does. Raises Refused."""

    def __init__(self, store: ObjectStore, admission: Admission, in_use: Callable[[Json], bool]) -> None:
        self._store = store
        self._admission = admission
        self._in_use = in_use
        self._applied: dict[tuple[str, str, str, str], Json] = {}

    def create(self, resource: Resource, namespace: str, body: bytes, *, dry_run: bool) -> Json:
        manifest = _decoded(body)
        metadata = manifest.setdefault("metadata", {})
        if metadata.get("generateName") and not metadata.get("name"):
            metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
        name = _named(resource, namespace, manifest)
        if self._store.get(resource, namespace, name) is not None:
            raise Refused(answers.already_exists(resource, name))
        for field in ("resourceVersion", *_KEPT):
            metadata.pop(field, None)
        return self._stored(resource, namespace, manifest, dry_run=dry_run, fresh=True)

    def replace(self, resource: Resource, namespace: str, name: str, body: bytes, *, dry_run: bool) -> Json:
        known = self._known(resource, namespace, name)
        manifest = _decoded(body)
        _named(resource, namespace, manifest)
        return self._updated(resource, namespace, known, manifest, dry_run=dry_run)

    def patch(
        self, resource: Resource, namespace: str, name: str, body: bytes, *, kind: str, manager: str, dry_run: bool
    ) -> tuple[int, Json]:
        """The status and the object as it is then; 201 where an apply made it."""
        if kind in _APPLY:
            return self._apply(resource, namespace, name, _decoded(body), manager, dry_run=dry_run)
        known = self._known(resource, namespace, name)
        if kind in _MERGE:
            wanted = merged(known, _decoded(body))
        elif kind == _JSON_PATCH:
            wanted = _json_patched(resource, known, json.loads(body))
        else:
            raise Refused(answers.failure(415, "UnsupportedMediaType", f"the body of the request was in {kind}"))
        return 200, self._updated(resource, namespace, known, wanted, dry_run=dry_run)

    def delete(self, resource: Resource, namespace: str, name: str, body: bytes | None, *, dry_run: bool) -> Json:
        """The object as it was."""
        options = _decoded(body or b"{}")
        known = self._known(resource, namespace, name)
        metadata = known["metadata"]
        for field, wanted in (options.get("preconditions") or {}).items():
            if wanted != metadata.get(field):
                word = "UID" if field == "uid" else "ResourceVersion"
                raise Refused(
                    answers.conflict(
                        resource,
                        name,
                        f"Precondition failed: {word} in precondition: {wanted},"
                        f" {word} in object meta: {metadata.get(field)}",
                    )
                )
        if dry_run:
            return known
        if self._in_use(known):
            return self._store.put(self._store.going(known))
        self._store.remove(resource, namespace, name)
        return known

    def _apply(
        self, resource: Resource, namespace: str, name: str, manifest: Json, manager: str, *, dry_run: bool
    ) -> tuple[int, Json]:
        if not manager:
            raise Refused(answers.bad_request("PatchOptions.meta.k8s.io is invalid: fieldManager: Required value"))
        _named(resource, namespace, manifest)
        key = (resource.qualified, namespace, name, manager)
        known = self._store.get(resource, namespace, name)
        if known is None:
            stored = self._stored(resource, namespace, manifest, dry_run=dry_run, fresh=True)
        else:
            wanted = _applied(known, self._applied.get(key, {}), manifest)
            stored = self._updated(resource, namespace, known, wanted, dry_run=dry_run)
        if not dry_run:
            self._applied[key] = copy.deepcopy(manifest)
        return (200 if known else 201), stored

    def _known(self, resource: Resource, namespace: str, name: str) -> Json:
        known = self._store.get(resource, namespace, name)
        if known is None:
            raise Refused(answers.not_found(resource, name))
        return known

    def _updated(self, resource: Resource, namespace: str, known: Json, manifest: Json, *, dry_run: bool) -> Json:
        name, metadata = known["metadata"]["name"], manifest.setdefault("metadata", {})
        if (
            metadata.get("resourceVersion", known["metadata"]["resourceVersion"])
            != known["metadata"]["resourceVersion"]
        ):
            words = "the object has been modified; please apply your changes to the latest version and try again"
            raise Refused(answers.conflict(resource, name, words))
        if metadata.get("uid", known["metadata"]["uid"]) != known["metadata"]["uid"]:
            words = f'metadata.uid: Invalid value: "{metadata["uid"]}": field is immutable'
            message = f'{resource.kind} "{name}" is invalid: {words}'
            raise Refused(answers.failure(422, "Invalid", message))
        metadata.update({field: known["metadata"][field] for field in _KEPT if field in known["metadata"]})
        if _without_version(manifest) == _without_version(known):
            return known
        return self._stored(resource, namespace, manifest, dry_run=dry_run, fresh=False)

    def _stored(self, resource: Resource, namespace: str, manifest: Json, *, dry_run: bool, fresh: bool) -> Json:
        """Keeps MANIFEST, unless it is not admitted or this is a dry run."""
        name = manifest["metadata"]["name"]
        if fresh and namespace and not self._has_namespace(namespace):
            raise Refused(answers.not_found(NAMESPACES, namespace))
        words = self._admission(manifest)
        if words:
            message = f'{resource.qualified} "{name}" is forbidden: {words}'
            raise Refused(answers.failure(403, "Forbidden", message))
        manifest = {"apiVersion": resource.api_version, "kind": resource.kind, **manifest}
        if fresh:
            manifest["metadata"]["uid"] = str(uuid.uuid4())
            if resource.kind == "Pod":
                manifest.setdefault("status", {"phase": "Pending"})
        if not dry_run:
            return self._store.put(manifest)
        return {**manifest, "metadata": {**manifest["metadata"]}}

    def _has_namespace(self, name: str) -> bool:
        """Whether there is such a namespace; a world that has none at all does without."""
        return self._store.get(NAMESPACES, "", name) is not None or not any(True for _ in self._store.of(NAMESPACES))


def merged(base: Any, change: Any) -> Any:
    """CHANGE laid over BASE as RFC 7386 says: maps merge, null removes, everything else replaces."""
    if not isinstance(change, Mapping):
        return copy.deepcopy(change)
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _applied(known: Json, before: Json, manifest: Json) -> Json:
    """MANIFEST laid over KNOWN, without what the same manager applied BEFORE and no longer does."""
    result = dict(known)
    for key, was in before.items():
        if key in manifest and isinstance(was, Mapping) and isinstance(manifest[key], Mapping):
            result[key] = _applied(dict(result.get(key) or {}), dict(was), dict(manifest[key]))
        elif key not in manifest:
            result.pop(key, None)
    return dict(merged(result, manifest))


def _json_patched(resource: Resource, known: Json, changes: list[Json]) -> Json:
    result: Any = copy.deepcopy(known)
    for change in changes:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in change["path"].split("/")[1:]]
        try:
            parent = result
            for step in steps[:-1]:
                parent = parent[int(step)] if isinstance(parent, list) else parent[step]
            _change(parent, steps[-1], change)
        except (KeyError, IndexError, ValueError, TypeError):
            words = "the server rejected our request due to an error in our request"
            raise Refused(answers.failure(422, "Invalid", words)) from None
    patched: Json = result
    if patched["metadata"]["name"] != known["metadata"]["name"]:
        raise Refused(answers.bad_request(f"the name of the {resource.name} cannot change"))
    return patched


def _change(parent: Any, last: str, change: Json) -> None:
    """One operation of RFC 6902: test, add, replace or remove. Raises KeyError where it does not hold."""
    key: Any = (len(parent) if last == "-" else int(last)) if isinstance(parent, list) else last
    operation = change["op"]
    if operation == "add":
        if isinstance(parent, list):
            parent.insert(key, change["value"])
        else:
            parent[key] = change["value"]
    elif operation == "test":
        if parent[key] != change["value"]:
            raise KeyError(last)
    elif operation == "replace":
        _ = parent[key]
        parent[key] = change["value"]
    elif operation == "remove":
        del parent[key]
    else:
        raise ValueError(operation)


def _without_version(manifest: Json) -> Json:
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "resourceVersion"}
    return {**manifest, "metadata": metadata}


def _decoded(body: bytes) -> Json:
    try:
        manifest = json.loads(body)
    except ValueError as error:
        raise Refused(answers.bad_request(f"the object provided is unrecognized: {error}")) from None
    if not isinstance(manifest, dict):
        raise Refused(answers.bad_request("the object provided is unrecognized"))
    return manifest


def _named(resource: Resource, namespace: str, manifest: Json) -> str:
    """The name of MANIFEST, which is one of RESOURCE in NAMESPACE."""
    metadata = manifest.setdefault("metadata", {})
    if manifest.get("kind", resource.kind) != resource.kind:
        raise Refused(answers.bad_request(f"the object provided is no {resource.kind}"))
    if resource.namespaced and metadata.setdefault("namespace", namespace) != namespace:
        words = "the namespace of the provided object does not match the namespace sent on the request"
        raise Refused(answers.bad_request(words))
    if not metadata.get("name"):
        words = f'{resource.kind} "" is invalid: metadata.name: Required value: name or generateName is required'
        raise Refused(answers.failure(422, "Invalid", words))
    name = str(metadata["name"])
    if not _DNS_NAME.match(name):
        words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
        message = f'{resource.kind} "{name}" is invalid: metadata.name: Invalid value: "{name}": {words}'
        raise Refused(answers.failure(422, "Invalid", message))
    return name
