"""The objects of one simulated cluster, by group, resource, namespace and name."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from providers.simulated.resources import Json, Resource, of_object

Key = tuple[str, str, str, str]


class ObjectStore:
    """Plain JSON objects with uids and resourceVersions, as etcd would keep them. `now` stamps what is added."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._objects: dict[Key, Json] = {}
        self._version = 1000

    @property
    def resource_version(self) -> str:
        return str(self._version)

    def put(self, manifest: Json) -> Json:
        """Stores a copy of MANIFEST with the metadata that a server adds, in place of one of the same name."""
        resource = of_object(manifest)
        metadata = dict(manifest["metadata"])
        namespace = metadata.get("namespace", "") if resource.namespaced else ""
        if resource.namespaced and not namespace:
            raise ValueError(f"{resource.kind} {metadata['name']} has no namespace")
        key = (resource.group, resource.name, namespace, metadata["name"])
        self._version += 1
        metadata.setdefault("uid", str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(key))))
        metadata.setdefault("creationTimestamp", self._now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        metadata["resourceVersion"] = str(self._version)
        stored = {**manifest, "metadata": metadata}
        self._objects[key] = stored
        return stored

    def going(self, item: Json) -> Json:
        """ITEM as it is while it is being deleted."""
        at = self._now.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**item, "metadata": {"deletionTimestamp": at, **item["metadata"]}}

    def remove(self, resource: Resource, namespace: str, name: str) -> None:
        """Takes an object away. Raises KeyError when it is not there."""
        self._version += 1
        del self._objects[(resource.group, resource.name, namespace, name)]

    def get(self, resource: Resource, namespace: str, name: str) -> Json | None:
        return self._objects.get((resource.group, resource.name, namespace, name))

    def of(self, resource: Resource, namespace: str = "") -> Iterable[tuple[str, Json]]:
        """The objects of RESOURCE with their keys ("namespace/name"), in etcd's order; "" is every namespace."""
        found = [
            (f"{key[2]}/{key[3]}" if key[2] else key[3], item)
            for key, item in self._objects.items()
            if key[:2] == (resource.group, resource.name) and namespace in ("", key[2])
        ]
        return sorted(found, key=lambda pair: pair[0])
