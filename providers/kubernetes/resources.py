"""The kinds that are listed: where they stand in the API, and what they are decoded into."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from providers.kubernetes.hub_values import HubSecret
from providers.kubernetes.objects import (
    Deployment,
    Event,
    Job,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
)

T = TypeVar("T")


class Resource(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A kind of object. `prefix` is the API group's path, `kind` the struct that one object becomes."""

    plural: str
    kind: type[Any]
    prefix: str = "/api/v1"
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "") -> str:
        """Where its list, or the object NAME, stands. NAMESPACE "" is the whole cluster."""
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{self.prefix}{within}/{self.plural}" + (f"/{name}" if name else "")


PERSISTENT_VOLUMES = Resource[PersistentVolume](plural="persistentvolumes", kind=PersistentVolume, namespaced=False)
PERSISTENT_VOLUME_CLAIMS = Resource[PersistentVolumeClaim](plural="persistentvolumeclaims", kind=PersistentVolumeClaim)
VOLUME_MANIFESTS = Resource[dict[str, Any]](plural="persistentvolumes", kind=dict, namespaced=False)
CLAIM_MANIFESTS = Resource[dict[str, Any]](plural="persistentvolumeclaims", kind=dict)
"""Both whole, with nothing left out: what is to be made again as it was."""
NAMESPACES = Resource[Namespace](plural="namespaces", kind=Namespace, namespaced=False)
SERVICE_ACCOUNTS = Resource[Namespace](plural="serviceaccounts", kind=Namespace)
PODS = Resource[Pod](plural="pods", kind=Pod)
SERVICES = Resource[Service](plural="services", kind=Service)
NODES = Resource[Node](plural="nodes", kind=Node, namespaced=False)
EVENTS = Resource[Event](plural="events", kind=Event)
HUB_SECRETS = Resource[HubSecret](plural="secrets", kind=HubSecret)
DEPLOYMENTS = Resource[Deployment](plural="deployments", kind=Deployment, prefix="/apis/apps/v1")
JOBS = Resource[Job](plural="jobs", kind=Job, prefix="/apis/batch/v1")
