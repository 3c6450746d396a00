"""A hub's PersistentVolume and PersistentVolumeClaim as the API server has them."""

from __future__ import annotations

from console.chain.index import ObservedCluster, refused
from console.chain.model import LiveClaim, LiveVolume
from console.inventory.model import DeclaredHub
from providers.kubernetes.objects import PersistentVolume

HOME_CLAIM = "home-nfs"


def claim_name(cluster: ObservedCluster, namespace: str, declared: DeclaredHub | None) -> str:
    """The claim that the hub mounts: the running hub's own word first, then the chart's name."""
    if declared is not None:
        return declared.pvc_name
    values = cluster.values.get(namespace)
    return (values.pvc_name if values else None) or HOME_CLAIM


def live_claim(cluster: ObservedCluster, namespace: str, name: str) -> LiveClaim:
    claim = cluster.claim(namespace, name)
    if claim is not None:
        return LiveClaim(exists=True, name=name, phase=claim.status.phase, volume=claim.spec.volume_name)
    why = refused(cluster.observation.persistent_volume_claims, namespace, name)
    return LiveClaim(exists=None if why else False, name=name, why=why)


def volume_name(declared: DeclaredHub | None, release: str, claim: LiveClaim) -> str:
    """The PersistentVolume's name: the chart's; the claim's where the chart makes none of its own name, or may not."""
    if declared is None or not declared.resolved:
        return claim.volume or f"{release}-home-nfs"
    return claim.volume if declared.in_cluster_nfs.value else declared.pv_name


def live_volume(cluster: ObservedCluster, name: str) -> LiveVolume:
    volume = cluster.volumes.get(name)
    if volume is not None:
        return _shown(volume)
    why = refused(cluster.observation.persistent_volumes, name=name)
    return LiveVolume(exists=None if why else False, name=name, why=why)


def _shown(volume: PersistentVolume) -> LiveVolume:
    nfs, claim = volume.spec.nfs, volume.spec.claim_ref
    return LiveVolume(
        exists=True,
        name=volume.metadata.name,
        phase=volume.status.phase,
        server=nfs.server if nfs else "",
        path=nfs.path if nfs else "",
        mount_options=volume.spec.mount_options,
        reclaim_policy=volume.spec.persistent_volume_reclaim_policy,
        claim=f"{claim.namespace}/{claim.name}" if claim else None,
    )
