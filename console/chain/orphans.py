"""Filestores that no hub of the fleet lives on: told by the fleet, since clusters may share an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from console.chain import cloud_commands
from console.chain.addresses import is_below, normal_host
from console.chain.model import ClusterState, Finding, HubState
from console.chain.rule import Rule
from console.chain.words import kubectl, size, some, worst_first
from console.inventory.model import DeclaredCluster
from providers.filestores.protocol import Filestore

ORPHAN = Rule(
    code="FST19",
    severity="info",
    link="filestore",
    title="No hub lives on it",
    meaning="Nothing. It costs money, and somebody may miss what it holds.",
    found_by="Server and path of every hub, declared and live, and of every bound PersistentVolume, against filestores "
    "of the account. Only where all of that is known of every cluster that may share the account: nothing is told "
    "while one of them cannot be asked, and not within a day of its making.",
    mends="Ask whose it is; back up what is needed, and delete it.",
)
RULES = (ORPHAN,)

_PATIENCE = timedelta(days=1)
"""One that was just made waits for its first hub."""
_IN_PASSING = ("creating", "deleting", "unknown")
_ACCOUNT_KEYS = {"gcp": ("project",), "aws": ("account", "region"), "azure": ("subscription",)}
"""Provider → what tells two places apart where both say it and say different."""


def with_orphans(
    clusters: Sequence[ClusterState], others: Iterable[DeclaredCluster] = (), *, now: datetime
) -> tuple[ClusterState, ...]:
    """CLUSTERS, each with the filestores that nobody lives on: said once, of one of the clusters that share it.

    OTHERS are declared, too, and not looked at: nothing is said of what they might live on.
    """
    found: dict[str, list[Finding]] = {}
    told: set[str] = set()
    unseen = list(others)
    for cluster in clusters:
        for store in cluster.filestores:
            key = store.id if not store.namespace else f"{cluster.name} {store.id}"
            if key in told or not _nobodys(store, cluster, clusters, unseen, now):
                continue
            told.add(key)
            found.setdefault(cluster.name, []).append(_finding(store, cluster))
    return tuple(_with(cluster, found.get(cluster.name, [])) for cluster in clusters)


def _with(cluster: ClusterState, found: list[Finding]) -> ClusterState:
    if not found:
        return cluster
    return msgspec.structs.replace(cluster, findings=worst_first((*cluster.findings, *found)))


def _nobodys(
    store: Filestore,
    cluster: ClusterState,
    clusters: Sequence[ClusterState],
    unseen: Iterable[DeclaredCluster],
    now: datetime,
) -> bool:
    if store.state in _IN_PASSING or (store.created_at is not None and now - store.created_at < _PATIENCE):
        return False
    if store.namespace:
        return _is_free_in(store, cluster)
    if any(_may_share(cluster, one.provider, one.account) for one in unseen):
        return False
    return all(_is_free_in(store, one) for one in clusters if one is cluster or _concerned(store, cluster, one))


def _concerned(store: Filestore, cluster: ClusterState, other: ClusterState) -> bool:
    """Whether hubs of OTHER might live on STORE of CLUSTER: it lists it, it may share the account, or one of its hubs
    names an address of it that no filestore of its own has."""
    if any(one.id == store.id for one in other.filestores):
        return True
    account = other.declared.account if other.declared is not None else {}
    if not _is_listed(other) and _may_share(cluster, other.provider, account):
        return True
    return any(not hub.filestores and _names(hub, store) for hub in other.hubs)


def _may_share(cluster: ClusterState, provider: str, account: object) -> bool:
    """Whether a cluster of PROVIDER and ACCOUNT may be in the place where CLUSTER's filestores are."""
    if provider != cluster.provider:
        return False
    mine = cluster.declared.account if cluster.declared is not None else {}
    theirs = account if isinstance(account, dict) else {}
    keys = _ACCOUNT_KEYS.get(provider, ())
    return not any(mine.get(key) and theirs.get(key) and mine[key] != theirs[key] for key in keys)


def _is_listed(cluster: ClusterState) -> bool:
    """Whether all of its filestores, and all of its hubs, are known."""
    asked = cluster.error is None and cluster.observed_at is not None and cluster.state in ("observed", "observing")
    return asked and not cluster.filestores_unknown and cluster.bound_volumes is not None


def _is_free_in(store: Filestore, cluster: ClusterState) -> bool:
    """Whether it is certain that nothing of CLUSTER is on STORE."""
    if not _is_listed(cluster) or any(_is_at(server, path, store) for server, path in cluster.bound_volumes or ()):
        return False
    return all(_lives_elsewhere(hub, store) for hub in cluster.hubs)


def _lives_elsewhere(hub: HubState, store: Filestore) -> bool:
    if store.id in hub.filestores or _names(hub, store):
        return False
    if hub.backend == "none":
        return True
    return hub.pv is not None and hub.pv.exists is not None and (hub.declared is None or hub.declared.resolved)


def _names(hub: HubState, store: Filestore) -> bool:
    """Whether the declared or the live address of its homes is on STORE."""
    places = [(hub.pv.server, hub.pv.path)] if hub.pv is not None else []
    if hub.declared is not None:
        places.append((hub.declared.server.value or "", hub.declared.path.value or ""))
    return any(_is_at(server, path, store) for server, path in places)


def _is_at(server: str, path: str, store: Filestore) -> bool:
    if not server or normal_host(server) not in {normal_host(address) for address in store.addresses}:
        return False
    return not path or not store.exports or any(is_below(path, export) for export in store.exports)


def _finding(store: Filestore, cluster: ClusterState) -> Finding:
    usage = store.usage
    capacity = (usage.capacity_bytes if usage else None) or store.capacity_bytes
    holds = f"holds {size(usage.used_bytes)}" if usage is not None and usage.used_bytes is not None else ""
    takes = f"{'of' if holds else 'takes'} {size(capacity)}" if capacity else ""
    words = " ".join(part for part in (holds, takes) if part)
    made = (f"made {store.created_at:%Y-%m-%d}",) if store.created_at is not None else ()
    source = (f"says {usage.source}",) if usage is not None and holds else ()
    networks = sorted(_networks(store))
    return ORPHAN.finding(
        f"{store.name}: no hub lives on it" + (f", {words}" if words else ""),
        cluster=cluster.name,
        detail=(*source, *made, *((f"in network {some(networks)}",) if networks else ())),
        next_step=_look(store, cluster),
        subject=f"Deployment/{store.name}" if store.namespace else store.id,
        filestore=store.id,
    )


def _networks(store: Filestore) -> set[str]:
    """Its networks, by which its owner may be found: those of hubs are not all that an account holds."""
    return {target.network for target in store.mount_targets or () if target.network} | {
        text for name, text in store.facts if name == "network"
    }


def _look(store: Filestore, cluster: ClusterState) -> str:
    if store.namespace:
        name = store.name.rpartition("/")[2]
        return kubectl(cluster.context, "-n", store.namespace, "describe", f"deploy/{name}")
    account = cluster.declared.account if cluster.declared is not None else {}
    return cloud_commands.shown(store, profile=account.get("profile", ""))
