"""Which clouds the hubs of a cluster may live on: those that can't be asked matter there, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from console.chain.sight import HubSight
from providers.kubernetes.observation import ClusterObservation

CLOUDS = ("gcp-filestore", "aws-efs", "azure-files")


def needed_backends(hubs: Iterable[HubSight], observation: ClusterObservation | None) -> frozenset[str]:
    """The backends of clouds that some hub lives on, or may: all of them where hubs may be there that nobody saw."""
    known = tuple(hubs)
    if not known and (observation is None or observation.hub_deployments.refusals):
        return frozenset(CLOUDS)
    return frozenset(backend for backend in CLOUDS if any(_may_live_on(hub, backend) for hub in known))


def _may_live_on(hub: HubSight, backend: str) -> bool:
    if hub.on_nfs is False or hub.absent:
        return False
    if hub.match.filestores:
        return any(store.backend == backend for store in hub.match.filestores)
    return hub.match.backend in (backend, "unknown")
