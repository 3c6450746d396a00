"""One observation, indexed once: by namespace and by name, each list with what was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol, TypeVar

import msgspec

from console.chain.addresses import service_addresses
from providers.kubernetes.objects import (
    Deployment,
    Event,
    HubValues,
    Job,
    Metadata,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
)
from providers.kubernetes.observation import ClusterObservation, Listing, ShareCreatorLog


class _Named(Protocol):
    @property
    def metadata(self) -> Metadata: ...


N = TypeVar("N", bound=_Named)
T = TypeVar("T")


class ObservedCluster(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules look things up in. `observation` is the source, for what was refused."""

    observation: ClusterObservation
    volumes: dict[str, PersistentVolume]
    claims: dict[str, dict[str, PersistentVolumeClaim]]
    hubs: dict[str, Deployment]
    values: dict[str, HubValues]
    pods: dict[str, list[Pod]]
    jobs: dict[str, list[Job]]
    logs: dict[str, ShareCreatorLog]
    mount_events: dict[str, list[Event]]
    scheduling_events: dict[str, list[Event]]
    services: dict[tuple[str, str], str]
    """(name, namespace) of a Service → its cluster IP."""
    zones: dict[str, str]
    """A node's name → its zone, of those that tell one."""

    @classmethod
    def of(cls, observation: ClusterObservation) -> ObservedCluster:
        claims: defaultdict[str, dict[str, PersistentVolumeClaim]] = defaultdict(dict)
        for claim in observation.persistent_volume_claims.items:
            claims[claim.metadata.namespace][claim.metadata.name] = claim
        return cls(
            observation=observation,
            volumes={volume.metadata.name: volume for volume in observation.persistent_volumes.items},
            claims=dict(claims),
            hubs={hub.metadata.namespace: hub for hub in observation.hub_deployments.items},
            values={values.namespace: values for values in observation.hub_values.items},
            pods=_by_namespace(observation.user_pods.items),
            jobs=_by_namespace(observation.share_creator_jobs.items),
            logs={log.namespace: log for log in observation.share_creator_logs},
            mount_events=_by_namespace(observation.mount_events.items),
            scheduling_events=_by_namespace(observation.scheduling_events.items),
            services=service_addresses(observation.services.items),
            zones={
                node.metadata.name: node.metadata.labels.zone
                for node in observation.nodes.items
                if node.metadata.labels.zone
            },
        )

    @property
    def services_known(self) -> bool:
        """Whether every Service of the cluster is known, so that one which is not there is missing."""
        listing = self.observation.services
        return not (listing.refusals or listing.unreadable or listing.partial)

    def claim(self, namespace: str, name: str) -> PersistentVolumeClaim | None:
        return self.claims.get(namespace, {}).get(name)


def _by_namespace(objects: Iterable[N]) -> dict[str, list[N]]:
    grouped: defaultdict[str, list[N]] = defaultdict(list)
    for each in objects:
        grouped[each.metadata.namespace].append(each)
    return dict(grouped)


def refused(listing: Listing[T], namespace: str = "", name: str = "") -> str:
    """Why NAMESPACE's objects of this kind, or the one called NAME, are not known, in words; "" when they are."""
    refusal = listing.refusal(namespace)
    if refusal is None:
        broken = name and (f"{namespace}/{name}" if namespace else name) in listing.unreadable
        return f"{name} is there, but could not be decoded" if broken else ""
    if refusal.kind == "forbidden":
        return f"forbidden: {refusal.verb} {refusal.resource}"
    return f"{refusal.resource}: {refusal.message}"
