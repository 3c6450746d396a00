"""The resources that the simulated API server knows: how kinds, paths and field selectors are spelled."""

from __future__ import annotations

from typing import Any

import msgspec

Json = dict[str, Any]
"""A Kubernetes object as plain JSON."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """One resource type. `group` is "" for the core group; `fields` are what a field selector may name."""

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool = True
    fields: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name as the API server puts it into messages: `jobs.batch`, `pods`."""
        return f"{self.name}.{self.group}" if self.group else self.name


_OBJECT = "involvedObject"
_POD_FIELDS = (
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
)
_EVENT_FIELDS = (
    *(f"{_OBJECT}.{field}" for field in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")),
    f"{_OBJECT}.resourceVersion",
    "reason",
    "reportingComponent",
    "source",
    "type",
)

RESOURCES: tuple[Resource, ...] = (
    Resource(group="", version="v1", name="namespaces", kind="Namespace", namespaced=False, fields=("status.phase",)),
    Resource(group="", version="v1", name="nodes", kind="Node", namespaced=False, fields=("spec.unschedulable",)),
    Resource(group="", version="v1", name="persistentvolumes", kind="PersistentVolume", namespaced=False),
    Resource(group="", version="v1", name="persistentvolumeclaims", kind="PersistentVolumeClaim"),
    Resource(group="", version="v1", name="pods", kind="Pod", fields=_POD_FIELDS),
    Resource(group="", version="v1", name="secrets", kind="Secret", fields=("type",)),
    Resource(group="", version="v1", name="services", kind="Service"),
    Resource(group="", version="v1", name="configmaps", kind="ConfigMap"),
    Resource(group="", version="v1", name="events", kind="Event", fields=_EVENT_FIELDS),
    Resource(group="apps", version="v1", name="deployments", kind="Deployment"),
    Resource(group="batch", version="v1", name="jobs", kind="Job", fields=("status.successful",)),
    Resource(group="coordination.k8s.io", version="v1", name="leases", kind="Lease"),
)

NAMESPACES = RESOURCES[0]

_BY_PATH = {(resource.group, resource.version, resource.name): resource for resource in RESOURCES}
_BY_KIND = {(resource.api_version, resource.kind): resource for resource in RESOURCES}


def by_path(group: str, version: str, name: str) -> Resource | None:
    return _BY_PATH.get((group, version, name))


def of_object(manifest: Json) -> Resource:
    """The resource that MANIFEST is one of, by its apiVersion and kind. Raises ValueError for an unknown one."""
    resource = _BY_KIND.get((manifest.get("apiVersion", ""), manifest.get("kind", "")))
    if resource is None:
        raise ValueError(f"unknown kind: {manifest.get('apiVersion')} {manifest.get('kind')}")
    return resource
