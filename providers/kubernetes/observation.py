"""What one look at one cluster found: a list for each kind, each with what was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from providers.errors import ErrorKind
from providers.kubernetes.objects import (
    Deployment,
    Event,
    HubValues,
    Job,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
)

T = TypeVar("T")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a list is not there. `namespace` "" is the whole cluster."""

    kind: ErrorKind
    verb: str
    resource: str
    namespace: str
    message: str
    next_step: str = ""


class Listing(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The objects of one kind, and where they could not be asked.

    `refusals` empty: complete. A refusal with namespace "" : nothing of this kind is known. Refusals with names:
    those namespaces are not known; the others are. `partial`: the whole cluster was refused and only the namespaces
    asked for are known. `unreadable` names objects (namespace/name) that are there but could not be decoded.
    """

    items: tuple[T, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unreadable: tuple[str, ...] = ()
    partial: bool = False

    def refusal(self, namespace: str = "") -> Refusal | None:
        """The refusal that hides NAMESPACE from this list, if any."""
        for refusal in self.refusals:
            if refusal.namespace in ("", namespace):
                return refusal
        return None


class ShareCreatorLog(msgspec.Struct, frozen=True, kw_only=True):
    """The last lines of a failed share-creator Job, or why they could not be read (`error`)."""

    namespace: str
    lines: tuple[str, ...] = ()
    error: str | None = None


class ClusterObservation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one pass over a cluster's API found. Times are UTC; `requests` counts what was sent."""

    context: str
    observed_at: datetime
    persistent_volumes: Listing[PersistentVolume] = Listing()
    persistent_volume_claims: Listing[PersistentVolumeClaim] = Listing()
    hub_deployments: Listing[Deployment] = Listing()
    hub_values: Listing[HubValues] = Listing()
    user_pods: Listing[Pod] = Listing()
    share_creator_jobs: Listing[Job] = Listing()
    share_creator_logs: tuple[ShareCreatorLog, ...] = ()
    home_nfs_deployments: Listing[Deployment] = Listing()
    home_nfs_pods: Listing[Pod] = Listing()
    services: Listing[Service] = Listing()
    nodes: Listing[Node] = Listing()
    helper_pods: Listing[Pod] = Listing()
    mount_events: Listing[Event] = Listing()
    scheduling_events: Listing[Event] = Listing()
    requests: int = 0
    user: str | None = None
