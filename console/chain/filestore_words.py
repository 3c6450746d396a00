"""One filestore as both front ends tell of it: how full, whose it is, where it is mounted from, what else is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from console.chain.marks import Mark, worst_mark
from console.chain.model import ClusterState, Finding, HubState, findings_mark
from console.chain.words import age, count, size, worst_first
from providers.filestores.protocol import Filestore, FilestoreState, Firewall, MountTarget, Usage

STATE_MARK: Mapping[FilestoreState, Mark] = {
    "ready": "ok", "creating": "pending", "updating": "warning", "starting": "warning", "degraded": "warning",
    "down": "broken", "deleting": "broken", "unknown": "unobserved",
}  # fmt: skip

STATE_WORDS: Mapping[FilestoreState, str] = {
    "ready": "ready",
    "creating": "being created: it cannot be mounted yet",
    "updating": "being changed",
    "starting": "starting: for some seconds files seem missing",
    "degraded": "degraded: a part of it does not work",
    "down": "down: it cannot be mounted",
    "deleting": "being deleted",
    "unknown": "in a state that is not known",
}


def filestore_mark(store: Filestore, findings: Iterable[Finding]) -> Mark:
    """What one word would say of STORE, of which FINDINGS are told."""
    return worst_mark((STATE_MARK[store.state], findings_mark(findings)))


def whole_percent(share: float) -> int:
    """SHARE in per cent, rounded down; a byte that is lost in counting takes no point."""
    return int(100 * share + 1e-6)


class Fullness(msgspec.Struct, frozen=True, kw_only=True):
    """How full a filestore is, says one source. `share` is used of capacity, 1.0 full; None where one is not known."""

    used_bytes: int | None
    capacity_bytes: int | None
    usage: Usage | None

    @property
    def share(self) -> float | None:
        if self.used_bytes is None or not self.capacity_bytes:
            return None
        return self.used_bytes / self.capacity_bytes

    @property
    def free_bytes(self) -> int | None:
        if self.used_bytes is None or not self.capacity_bytes:
            return None
        return max(0, self.capacity_bytes - self.used_bytes)

    @property
    def percent(self) -> str:
        """`81 %`, rounded down: what is not full never reads 100 %; "" where it is not known."""
        return "" if self.share is None else f"{whole_percent(self.share)} %"

    @property
    def words(self) -> str:
        """`829 GiB of 1.0 TiB, 195 GiB free`."""
        if self.used_bytes is None:
            capacity = f"; its size is {size(self.capacity_bytes)}" if self.capacity_bytes else ""
            return f"nobody tells how much is used{capacity}"
        if self.free_bytes is None or self.capacity_bytes is None:
            return f"{size(self.used_bytes)}, without a limit"
        return f"{size(self.used_bytes)} of {size(self.capacity_bytes)}, {size(self.free_bytes)} free"

    def said_by(self, now: datetime) -> str:
        """`kubelet, 12 s ago`; "" where no source told."""
        return f"{self.usage.source}, {age(self.usage.observed_at, now)} ago" if self.usage else ""


class MountPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A zone from which a filestore is mounted, or where nodes run and it is not.

    `nodes` is how many run there, None where that is not known. `target` None: the zone has none.
    """

    zone: str
    mark: Mark
    words: str
    nodes: int | None
    target: MountTarget | None


FULL_CODE = "FST04"
"""The finding that is told first among errors: a full disk."""
FULLNESS_CODES = (FULL_CODE, "FST05")
"""The findings that measure how full a filestore is."""


def tells_full(findings: Iterable[Finding]) -> bool:
    """Whether one of FINDINGS is that a filestore is full: the commonest incident, and the one that hits everybody."""
    return any(finding.code == FULL_CODE and finding.severity == "error" for finding in findings)


def told_by_clouds(cluster: ClusterState, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The troubles among FINDINGS that are of filestores of clouds, worst first. Clouds are asked beside the API
    server: these are of now also where CLUSTER is out of reach."""
    inside = {store.id for store in cluster.filestores if store.namespace}
    never = cluster.observed_at is None
    return worst_first(
        one
        for one in findings
        if one.link in ("filestore", "export") and one.severity != "info"
        if (never if one.filestore is None else one.filestore not in inside)
    )


def filled(cluster: ClusterState, findings: Iterable[Finding]) -> float:
    """How much is used of the fullest disk that FINDINGS of CLUSTER tell to be full, 0..1; 0 where none does."""
    shares = (_filled(cluster, one) for one in findings if tells_full((one,)))
    return max(shares, default=0.0)


def _filled(cluster: ClusterState, finding: Finding) -> float:
    told = [fullness(cluster, store) for store in cluster.filestores if store.id == finding.filestore]
    if not told:
        told = [found for hub in cluster.hubs if hub.name == finding.hub and (found := hub_fullness(cluster, hub))]
    return (told[0].share if told else None) or 0.0


def usages_of(cluster: ClusterState, store: Filestore) -> tuple[Usage, ...]:
    """Every figure that is known of how full STORE is; the one to believe first."""
    known = cluster.usages.get(store.id)
    return known.usages if known is not None else (store.usage,) if store.usage else ()


def usage_note(cluster: ClusterState, store: Filestore) -> str:
    """When it will be full, else why nobody tells how full it is; "" where neither is known."""
    known = cluster.usages.get(store.id)
    if known is None:
        return ""
    if known.days_left is None:
        return known.why
    left = "within a day" if known.days_left < 1 else f"in {count(int(known.days_left), 'day')}"
    return f"full {left} at the rate of late"


def fullness(cluster: ClusterState, store: Filestore) -> Fullness:
    """By the source to believe; the filestore's own size where that tells none."""
    return next(iter(fullnesses(cluster, store)), _fullness(store, None))


def fullnesses(cluster: ClusterState, store: Filestore) -> tuple[Fullness, ...]:
    """By every source that tells."""
    return tuple(_fullness(store, usage) for usage in usages_of(cluster, store))


def _fullness(store: Filestore, usage: Usage | None) -> Fullness:
    return Fullness(
        used_bytes=usage.used_bytes if usage else None,
        capacity_bytes=(usage.capacity_bytes if usage else None) or store.capacity_bytes,
        usage=usage,
    )


def hub_fullness(cluster: ClusterState, hub: HubState) -> Fullness | None:
    """How full the share of HUB's homes is; None where neither its filestore nor its share is known."""
    if len(hub.filestores) == 1:
        stores = (store for store in cluster.filestores if store.id == hub.filestores[0])
        return next((fullness(cluster, store) for store in stores), None)
    usage = hub.share_usage.chosen if hub.share_usage else None
    if usage is None:
        return None
    return Fullness(used_bytes=usage.used_bytes, capacity_bytes=usage.capacity_bytes, usage=usage)


def hubs_on(cluster: ClusterState, store: Filestore) -> tuple[HubState, ...]:
    """The hubs of CLUSTER that live on STORE, those for which it is one of several candidates included."""
    names = cluster.filestore_hubs.get(store.id, ())
    return tuple(hub for hub in cluster.hubs if hub.name in names or store.id in hub.filestores)


def findings_on(cluster: ClusterState, store: Filestore) -> tuple[Finding, ...]:
    """What is wrong with STORE itself and its export, worst first, each once, the cluster's own before its hubs'."""
    every = (*cluster.findings, *(finding for hub in cluster.hubs for finding in hub.findings))
    about = [one for one in every if one.filestore == store.id and one.link in ("filestore", "export")]
    found: dict[tuple[str, str], Finding] = {}
    for one in about:
        found.setdefault((one.code, one.message), one)
    return worst_first(found.values())


def unused(cluster: ClusterState, store: Filestore) -> bool | None:
    """Whether no hub lives on STORE; None while the filestore of some hub is not known. Of a cluster that could not be
    observed it is what is declared, where that places every hub."""
    if hubs_on(cluster, store):
        return False
    if _by_what_is_declared(cluster):
        return True if all(_placed(hub) for hub in cluster.hubs) else None
    if cluster.error is not None or (cluster.state in ("pending", "observing") and cluster.observed_at is None):
        return None
    marks = [link.mark for hub in cluster.hubs for link in hub.links if link.link == "filestore"]
    return None if "unobserved" in marks or "pending" in marks else True


def _by_what_is_declared(cluster: ClusterState) -> bool:
    """Whether nothing but the declared side tells of the hubs of CLUSTER, which could not be observed."""
    return cluster.error is not None and cluster.observed_at is None and cluster.declared is not None


def _placed(hub: HubState) -> bool:
    """Whether what is declared of HUB, all of it read, leads to one filestore, or to none at all."""
    resolved = hub.declared is not None and hub.declared.resolved
    return resolved and (hub.backend == "none" or len(hub.filestores) == 1)


def unused_words(cluster: ClusterState, store: Filestore) -> str:
    """What a filestore without hubs holds and takes: `no hub lives on it; it holds 829 GiB and takes 1.0 TiB`."""
    orphan = unused(cluster, store)
    if orphan is None:
        return "no hub is known to live on it; the filestores of some are not known"
    nobody = "no hub lives on it"
    if _by_what_is_declared(cluster):
        nobody = "no hub is declared to live on it, and the cluster could not be observed"
    told = fullness(cluster, store)
    takes = f"takes {size(told.capacity_bytes)}" if told.capacity_bytes else ""
    if told.used_bytes is None:
        return f"{nobody}; {f'it {takes}, and ' if takes else ''}what it holds is not told"
    return f"{nobody}; it holds {size(told.used_bytes)}{f' and {takes}' if takes else ''}"


def state_words(store: Filestore, now: datetime) -> str:
    """The state in words, since when, and why."""
    since = f" for {age(store.state_since, now)}" if store.state_since else ""
    head, colon, tail = STATE_WORDS[store.state].partition(":")
    words = f"{head}{since}{colon}{tail}"
    return f"{words}{'. ' if colon else ': '}{store.detail}" if store.detail else words


def mount_places(store: Filestore, node_zones: Mapping[str, int] | None) -> tuple[MountPlace, ...]:
    """The zones of STORE with the nodes in each; where it has mount targets, zones with nodes and none of them, too."""
    if store.mount_targets is None:
        return tuple(
            MountPlace(
                zone=zone, mark="ok", words=_nodes(zone, node_zones), nodes=_number(zone, node_zones), target=None
            )
            for zone in store.zones
        )
    places = [_of_target(target, node_zones) for target in store.mount_targets]
    zones = {target.zone for target in store.mount_targets}
    for zone, nodes in sorted((node_zones or {}).items()):
        if zone not in zones:
            words = f"no mount target, and {count(nodes, 'node')} {'runs' if nodes == 1 else 'run'} here"
            places.append(MountPlace(zone=zone, mark="broken", words=words, nodes=nodes, target=None))
    return tuple(places)


def _of_target(target: MountTarget, node_zones: Mapping[str, int] | None) -> MountPlace:
    mark = STATE_MARK[target.state]
    words: list[str] = [target.state]
    if target.admits_nodes is False:
        mark = "broken"
        words.append("refuses nodes on 2049")
    elif target.admits_nodes:
        words.append("lets nodes in")
    words.append(_nodes(target.zone, node_zones))
    return MountPlace(
        zone=target.zone or target.id,
        mark=mark,
        words=", ".join(words),
        nodes=_number(target.zone, node_zones),
        target=target,
    )


def _number(zone: str, node_zones: Mapping[str, int] | None) -> int | None:
    return None if node_zones is None else node_zones.get(zone, 0)


def _nodes(zone: str, node_zones: Mapping[str, int] | None) -> str:
    number = _number(zone, node_zones)
    if number is None:
        return "nodes not known"
    if number == 0:
        return "no node here"
    return f"{count(number, 'node')} here"


def about_pairs(store: Filestore, now: datetime) -> list[tuple[str, str]]:
    """Names and values of all that has no place of its own, in the order to read them; no name says a thing twice."""
    facts = [(name, text) for name, text in store.facts if name not in _SHOWN_ELSEWHERE]
    told = {name for name, _ in facts}
    own = [(name, text) for name, text in _own_pairs(store, now) if text and name not in told]
    return [*own, *((name, text) for name, text in facts if text)]


_SHOWN_ELSEWHERE = ("mount target",)


def _own_pairs(store: Filestore, now: datetime) -> Iterator[tuple[str, str]]:
    yield "id", store.id
    yield "backend", store.backend
    yield "tier", store.tier
    yield "namespace", store.namespace
    yield "encrypted", _yes_no(store.encrypted)
    yield "backups", _yes_no(store.backups)
    yield "lifecycle", _yes_no(store.lifecycle)
    yield "root squash", _yes_no(store.root_squash)
    yield "firewall", firewall_words(store.firewall)
    if store.created_at is not None:
        yield "made", f"{store.created_at:%Y-%m-%d}, {age(store.created_at, now)} ago"


def _yes_no(known: bool | None) -> str:
    return "" if known is None else "yes" if known else "no"


def firewall_words(firewall: Firewall | None) -> str:
    """Whom it lets in, and whether the nodes are among them; "" where there is none."""
    if firewall is None:
        return ""
    admitted = (
        *(_last(subnet) for subnet in firewall.subnets),
        *(f"endpoint {_last(one)}" for one in firewall.endpoints),
    )
    words = "lets every network in" if firewall.admits_all else f"lets in {', '.join(admitted) or 'nobody'}"
    if firewall.admits_nodes is not None:
        words += "; the nodes are let in" if firewall.admits_nodes else "; not all nodes are let in"
    return f"{words}: {firewall.detail}" if firewall.detail else words


def _last(identity: str) -> str:
    """`vnet/nodes` of an Azure subnet's id; anything else as it is."""
    parts = identity.split("/")
    return f"{parts[-3]}/{parts[-1]}" if len(parts) > 4 and parts[-2] == "subnets" else identity
