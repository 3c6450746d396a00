"""What of a fleet a command is about: all of it, one cluster, or one hub."""

from __future__ import annotations

import msgspec

from console.chain.filestore_lookup import Wanted, filestores_called, may_still_come
from console.chain.model import ClusterState, Finding, FleetState, HubState
from providers.filestores.protocol import Filestore


class NotThere(Exception):
    """The cluster or hub that was named is not in the fleet; says which are."""


class Scope(msgspec.Struct, frozen=True):
    """`cluster` and `hub` None: all. `filestore` is a name or an id; only filestores are narrowed by it."""

    cluster: str | None = None
    hub: str | None = None
    filestore: str | None = None

    def clusters(self, fleet: FleetState) -> tuple[ClusterState, ...]:
        return tuple(one for one in fleet.clusters if self.cluster in (None, one.name))

    def hubs(self, cluster: ClusterState) -> tuple[HubState, ...]:
        return tuple(one for one in cluster.hubs if self.hub in (None, one.name))

    def filestores(self, cluster: ClusterState) -> tuple[Filestore, ...]:
        """Those of CLUSTER; of one hub, those that it lives on; the one that is named."""
        if self.filestore is not None:
            return tuple(store for _, store in filestores_called((cluster,), self.wanted))
        on = {identity for hub in self.hubs(cluster) for identity in hub.filestores}
        return tuple(one for one in cluster.filestores if self.hub is None or one.id in on)

    @property
    def wanted(self) -> Wanted:
        """The filestore that is named."""
        return Wanted(self.filestore or "", self.cluster)

    def findings(self, fleet: FleetState) -> tuple[Finding, ...]:
        """The tree's where all of it is asked for, the clusters' own, and the hubs'.

        For one hub, of the cluster's own only why the cluster could not be observed: the rest is about others.
        """
        found = [] if self.cluster else list(fleet.findings)
        for cluster in self.clusters(fleet):
            if self.hub is None:
                found += cluster.findings
            elif cluster.error is not None:
                found += [one for one in cluster.findings if one.message == cluster.error.message]
            for hub in self.hubs(cluster):
                found += hub.findings
        return tuple(found)

    def require_cluster(self, names: tuple[str, ...]) -> None:
        """Raises NotThere when NAMES, the tree's clusters, lack the one that is meant. Without NAMES it may be a
        context."""
        if self.cluster is not None and names and self.cluster not in names:
            raise NotThere(f"there is no cluster {self.cluster}{offered(self.cluster, list(names))}")

    def require(self, fleet: FleetState) -> None:
        """Raises NotThere when the fleet has no such cluster, or the cluster no such hub.

        A cluster that could not be observed and is not declared may have any hub.
        """
        clusters = self.clusters(fleet)
        if self.cluster is not None and not clusters:
            raise NotThere(
                f"there is no cluster {self.cluster}{offered(self.cluster, [one.name for one in fleet.clusters])}"
            )
        if self.filestore is not None:
            self._require_filestore(fleet)
        if self.hub is None or any(self.hubs(one) for one in clusters):
            return
        if any(one.error and one.declared is None for one in clusters):
            return
        names = [hub.name for one in clusters for hub in one.hubs]
        raise NotThere(f"{self.cluster} has no hub {self.hub}{offered(self.hub, names)}")

    def _require_filestore(self, fleet: FleetState) -> None:
        """Raises NotThere when nothing is called so."""
        if filestores_called(fleet.clusters, self.wanted):
            return
        names = [f"{one.name}/{store.name}" for one in self.clusters(fleet) for store in one.filestores]
        why = may_still_come(fleet, self.wanted)
        raise NotThere(
            f"there is no filestore {self.wanted}{f'; {why}' if why else ''}{offered(str(self.wanted), names)}"
        )


def offered(wanted: str, names: list[str], *, most: int = 20) -> str:
    """What there is instead of WANTED: the names that are near it, else all."""
    import difflib

    if not names:
        return ""
    near = difflib.get_close_matches(wanted, names, cutoff=0.65) or [name for name in names if wanted in name][:3]
    if near:
        return f"; did you mean {' or '.join(near)}?"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"; there are: {', '.join(names[:most])}{more}"


def parse_target(target: str | None, cluster: str | None, hub: str | None, filestore: str | None = None) -> Scope:
    """The scope of TARGET, "C" or "C/H", else of the options. Raises NotThere for a hub without its cluster, and for
    a hub and a filestore at once."""
    if target is not None:
        named, slash, inner = target.partition("/")
        if not target or (slash and not inner):
            raise NotThere(f"{target!r} names no {'hub' if named else 'cluster'}: C is a cluster, C/H one of its hubs")
        for option, said, other in (("--cluster", cluster, named), ("--hub", hub, inner or hub)):
            if said is not None and said != other:
                raise NotThere(f"{target} and {option} {said}: which of them?")
        cluster, hub = named or None, inner or hub
    if hub is not None and cluster is None:
        raise NotThere(f"hub {hub} of which cluster? Add --cluster, or write CLUSTER/{hub}")
    if hub is not None and filestore is not None:
        raise NotThere(f"hub {hub} and filestore {filestore}: which of them?")
    return Scope(cluster, hub, filestore)
