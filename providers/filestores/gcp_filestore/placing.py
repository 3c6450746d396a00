"""Where a new instance belongs: what a cluster's other instances and its nodes suggest. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from providers.filestores.changes import Unfit
from providers.filestores.gcp_filestore.capacity import TIERS
from providers.filestores.gcp_filestore.shape import Shape, shape_of
from providers.filestores.protocol import FilestoreScope

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Instance

ZONE = re.compile(r"[a-z]+-[a-z]+\d+-[a-z]")
REGION = re.compile(r"[a-z]+-[a-z]+\d+")
NETWORK = "default"


class Neighbours(msgspec.Struct, frozen=True, kw_only=True):
    """Instances of the cluster's project: those that the cluster mounts, and all."""

    mounted: tuple[Shape, ...] = ()
    known: tuple[Shape, ...] = ()

    @property
    def nearest(self) -> tuple[Shape, ...]:
        return self.mounted or self.known


def neighbours(instances: Sequence[Instance], scope: FilestoreScope) -> Neighbours:
    """INSTANCES as neighbours of a new one in SCOPE."""
    servers = _mounted(scope)
    mounted = tuple(shape_of(each) for each in instances if _addresses(each) & servers)
    return Neighbours(mounted=mounted, known=tuple(map(shape_of, instances)))


def network_for(others: Neighbours) -> tuple[str, str]:
    """The network of the nearest of OTHERS and how it is connected; Google's default network where there are none.

    Raises Unfit where they are in several.
    """
    ways = sorted({(each.network, each.connect_mode) for each in others.nearest if each.network})
    if len({name for name, _ in ways}) > 1:
        names = ", ".join(sorted({name for name, _ in ways}))
        raise Unfit(f"the project's other instances are in several networks: {names}", next_step="name the network")
    return ways[0] if ways else (NETWORK, "")


def location_for(tier: str, scope: FilestoreScope, others: Neighbours) -> str:
    """The zone, or for a regional tier the region, of the instances that the cluster mounts; else that of its account,
    of its nodes, or of all instances of its project. Raises Unfit where none of them says one.
    """
    regional = tier in TIERS and TIERS[tier].regional
    stated = scope.account.get("zone") or scope.account.get("location") or scope.account.get("region") or ""
    told = (_locations(others.mounted), [stated.strip()], _node_zones(scope), _locations(others.known))
    for known in told:
        places = [place for place in map(_region if regional else _zone, known) if place]
        if places:
            return min(Counter(places).items(), key=lambda item: (-item[1], item[0]))[0]
    kind = "region" if regional else "zone"
    raise Unfit(
        f"it is not known in which {kind} of Google the nodes of {scope.cluster} are",
        next_step=f"name the {kind}: Filestore's {tier} is made in one",
    )


def location_warnings(tier: str, location: str, scope: FilestoreScope) -> tuple[str, ...]:
    """What may stand against LOCATION."""
    regional = tier in TIERS and TIERS[tier].regional
    if tier in TIERS and not (REGION if regional else ZONE).fullmatch(location):
        return (f"{tier} is made in a {'region' if regional else 'zone'}, which {location} does not look like",)
    zones = _node_zones(scope)
    if not zones or any(_region(zone) == _region(location) for zone in zones):
        return ()
    return (f"the nodes of {scope.cluster} are elsewhere: {', '.join(sorted(set(zones)))}",)


def _locations(others: Iterable[Shape]) -> list[str]:
    return [each.parent.rpartition("/")[2] for each in others]


def _node_zones(scope: FilestoreScope) -> list[str]:
    nodes = scope.observation.nodes.items if scope.observation is not None else ()
    return [node.metadata.labels.zone for node in nodes if node.metadata.labels.zone]


def _region(place: str) -> str:
    if ZONE.fullmatch(place):
        return place.rpartition("-")[0]
    return place if REGION.fullmatch(place) else ""


def _zone(place: str) -> str:
    return place if ZONE.fullmatch(place) else ""


def _addresses(instance: Instance) -> set[str]:
    return {address.strip() for network in instance.networks for address in network.ip_addresses}


def _mounted(scope: FilestoreScope) -> set[str]:
    """Servers that the cluster's PersistentVolumes name."""
    volumes = scope.observation.persistent_volumes.items if scope.observation is not None else ()
    return {volume.spec.nfs.server.strip() for volume in volumes if volume.spec.nfs is not None}
