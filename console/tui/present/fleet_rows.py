"""The rows of the fleet: one a hub, one for all hubs of a cluster that can't be reached, one for what is nobody's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from console.chain.filestore_words import tells_full, told_by_clouds
from console.chain.marks import Mark, rank, worst_mark
from console.chain.model import LINKS, ClusterState, Finding, FleetState, HubState, Link, findings_mark
from console.chain.urgency import Urgency, urgency
from console.tui.present.filters import Filter, Searchable

RowKind = Literal["hub", "cluster", "tree"]
Order = Literal["worst", "name", "store"]
ORDERS: tuple[Order, ...] = ("worst", "name", "store")
ORDER_WORDS: dict[Order, str] = {"worst": "worst first", "name": "by name", "store": "by filestore"}

HUB_LINKS = LINKS[2:]
TREE_KEY = "the configuration"


class FleetRow(NamedTuple):
    """One row. `marks` has one for each of HUB_LINKS. `hubs` are those a cluster's row stands for."""

    key: str
    kind: RowKind
    mark: Mark
    marks: tuple[Mark, ...]
    cluster: ClusterState | None
    hub: HubState | None
    hubs: tuple[HubState, ...]
    findings: tuple[Finding, ...]
    search: Searchable

    @property
    def worst(self) -> Finding | None:
        """The worst finding that is more than information; a full disk before all."""
        full = next((finding for finding in self.findings if tells_full((finding,))), None)
        if full is None and self.kind == "cluster" and self.told:
            return self.told
        return full or next((finding for finding in self.findings if finding.severity != "info"), None)

    @property
    def told(self) -> Finding | None:
        """Where its cluster is out of reach, the worst that the cloud tells of its filestores all the same."""
        if self.cluster is None or not unreachable(self.cluster):
            return None
        return next(iter(told_by_clouds(self.cluster, self.findings)), None)

    @property
    def production(self) -> bool:
        return self.hub.production if self.hub else any(hub.production for hub in self.hubs)


def cluster_key(name: str) -> str:
    """The key of a cluster's own row; no hub has it."""
    return f"{name}/"


def unreachable(cluster: ClusterState) -> bool:
    """Whether its last look failed; also while the next one is under way."""
    return cluster.error is not None


def folded(cluster: ClusterState, *, turned: frozenset[str]) -> bool:
    """Whether one row stands for all of its hubs: where nothing live is known of them, unless TURNED the other way."""
    return unreachable(cluster) and (cluster.observed_at is None) != (cluster.name in turned)


def fleet_rows(state: FleetState, *, turned: frozenset[str] = frozenset()) -> list[FleetRow]:
    """Every row of STATE in the snapshot's order. Clusters of TURNED that are out of reach show their hubs where they
    would not, and the other way round."""
    rows: list[FleetRow] = []
    if state.findings:
        rows.append(_tree_row(state.findings))
    for cluster in state.clusters:
        out_of_reach = unreachable(cluster)
        if out_of_reach or own_findings(cluster) or not cluster.hubs:
            rows.append(_cluster_row(cluster, cluster.hubs if out_of_reach else ()))
        if not folded(cluster, turned=turned):
            rows.extend(hub_row(cluster, hub) for hub in cluster.hubs)
    return rows


def of_user(rows: Iterable[FleetRow], user: str, found: Collection[str]) -> list[FleetRow]:
    """ROWS, each hub to be found by USER where FOUND, which are hubs as cluster/hub, holds it, or a home there has a
    name like it."""
    wanted = user.lower()
    return [
        row._replace(search=Searchable(row.search.text, {**row.search.fields, "user": (wanted,)}))
        if row.hub and (row.key in found or _has_like(row.hub, wanted))
        else row
        for row in rows
    ]


def _has_like(hub: HubState, wanted: str) -> bool:
    homes = hub.homes.rows if hub.homes else ()
    return any(wanted in home.user.lower() or wanted in home.shown.lower() for home in homes if home.home)


def arranged(rows: Iterable[FleetRow], *, order: Order, wanted: Filter) -> list[FleetRow]:
    """Those of ROWS that match, in ORDER."""
    matching = [row for row in rows if wanted.matches(row.search)]
    if order == "name":
        return sorted(matching, key=lambda row: row.key)
    if order == "store":
        return sorted(matching, key=lambda row: (store_of(row), row.key))
    return sorted(matching, key=_urgency)


def _urgency(row: FleetRow) -> Urgency:
    return urgency(row.mark, row.cluster, row.findings, production=row.production, key=row.key)


def store_of(row: FleetRow) -> str:
    """The filestore that the row's hub is on: its id, else the server that is declared."""
    if row.hub is None:
        return "~"
    if row.hub.filestores:
        return ", ".join(row.hub.filestores)
    declared = row.hub.declared
    return (declared.server.value or "~") if declared else "~"


def row_mark(cluster: ClusterState, hub: HubState) -> Mark:
    """The mark of HUB's row: what was fine when CLUSTER could still be asked may not be now."""
    mark = hub.mark
    return "unobserved" if unreachable(cluster) and rank(mark) > rank("unobserved") else mark


def own_findings(cluster: ClusterState) -> tuple[Finding, ...]:
    """Those of CLUSTER's findings that no row of a hub shows: what concerns a filestore stands on its hubs, too."""
    shown = {(finding.code, finding.filestore) for hub in cluster.hubs for finding in hub.findings if finding.filestore}
    return tuple(
        finding
        for finding in cluster.findings
        if finding.severity != "info" and (finding.code, finding.filestore) not in shown
    )


def hub_row(cluster: ClusterState, hub: HubState) -> FleetRow:
    """The row of one hub."""
    marks = {link.link: link.mark for link in hub.links}
    mark = row_mark(cluster, hub)
    return FleetRow(
        key=hub.key,
        kind="hub",
        mark=mark,
        marks=tuple(marks.get(link, "unlooked") for link in HUB_LINKS),
        cluster=cluster,
        hub=hub,
        hubs=(hub,),
        findings=hub.findings,
        search=_search(mark, cluster, (hub,), hub.findings),
    )


def _cluster_row(cluster: ClusterState, hubs: tuple[HubState, ...]) -> FleetRow:
    own = own_findings(cluster)
    findings = (*own, *(finding for hub in hubs for finding in hub.findings))
    out_of_reach = unreachable(cluster)
    known = told_by_clouds(cluster, findings) if out_of_reach else own
    mark = worst_mark((findings_mark(known), _state_mark(cluster)))
    return FleetRow(
        key=cluster_key(cluster.name),
        kind="cluster",
        mark=mark,
        marks=tuple(_link_mark(cluster, hubs, link) for link in HUB_LINKS),
        cluster=cluster,
        hub=None,
        hubs=hubs,
        findings=findings,
        search=_search(mark, cluster, hubs, findings),
    )


def _link_mark(cluster: ClusterState, hubs: tuple[HubState, ...], link: Link) -> Mark:
    """Of all HUBS whose cluster is out of reach: nothing is known of them but what the cloud tells of filestores."""
    if link != "filestore" or not hubs or cluster.observed_at is not None:
        return _state_mark(cluster) if hubs else "none"
    return worst_mark(state.mark for hub in hubs for state in hub.links if state.link == link and state.mark != "none")


def _state_mark(cluster: ClusterState) -> Mark:
    if unreachable(cluster):
        return "unobserved"
    return "pending" if cluster.state in ("pending", "observing") else "none"


def _tree_row(findings: tuple[Finding, ...]) -> FleetRow:
    mark = findings_mark(findings)
    none: tuple[Mark, ...] = tuple("none" for _ in HUB_LINKS)
    return FleetRow(
        key=TREE_KEY,
        kind="tree",
        mark=mark,
        marks=none,
        cluster=None,
        hub=None,
        hubs=(),
        findings=findings,
        search=_search(mark, None, (), findings),
    )


_IS: dict[Mark, tuple[str, ...]] = {
    "broken": ("broken", "error", "trouble"),
    "warning": ("warning", "trouble"),
    "unobserved": ("unobserved", "unreachable"),
    "unlooked": ("unlooked",),
    "none": ("none",),
    "pending": ("pending",),
    "ok": ("ok", "fine", "healthy"),
}


def _search(
    mark: Mark, cluster: ClusterState | None, hubs: tuple[HubState, ...], findings: tuple[Finding, ...]
) -> Searchable:
    """What the row can be found by."""
    stores = [word.lower() for hub in hubs for word in _store_words(hub)]
    if cluster and hubs:
        stores += [
            store.name.lower() for store in cluster.filestores if any(store.id in hub.filestores for hub in hubs)
        ]
    name = cluster.name if cluster else TREE_KEY
    production = ("prod", "production") if any(hub.production for hub in hubs) else ()
    text = " ".join(
        (
            name,
            cluster.provider if cluster else "",
            *(hub.key for hub in hubs),
            *(hub.chart for hub in hubs),
            *production[:1],
            *stores,
            *(f"{finding.code} {finding.message}" for finding in findings),
            cluster.error.message if cluster and cluster.error else "",
        )
    )
    return Searchable(
        text.lower(),
        {
            "cluster": (name.lower(),),
            "hub": tuple(hub.name.lower() for hub in hubs),
            "store": tuple(stores),
            "finding": tuple(finding.code.lower() for finding in findings),
            "is": (*_IS[mark], *production),
        },
    )


def _store_words(hub: HubState) -> tuple[str, ...]:
    declared = (hub.declared.server.value or "", hub.declared.path.value or "") if hub.declared else ()
    live = (hub.pv.server, hub.pv.path) if hub.pv else ()
    return tuple(word for word in (*hub.filestores, hub.backend, *declared, *live) if word)
