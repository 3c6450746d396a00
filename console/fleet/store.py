"""Holds the newest state of the fleet, computes what changed, and hands it to those who listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.chain.model import ClusterState, Finding, FleetState
from console.fleet.record import ClusterRecord, policy_of
from providers.kubernetes.permission import Granted

if TYPE_CHECKING:
    from console.inventory.model import Inventory
    from console.inventory.terraform import DeclaredTerraform
    from console.settings import Settings

Listener = Callable[[FleetState], None]
Schedule = Callable[[Callable[[], None]], object]
"""Runs a function soon, once: how states that follow each other closely become one."""


class Store:
    """Records by cluster, and the frozen state that they add up to. Only clusters that changed are joined again."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime],
        offline: bool = False,
        emulated: tuple[str, ...] = (),
        granted: Callable[[str], Granted] = lambda _: Granted(),
    ) -> None:
        """`granted` tells what is permitted for a cluster."""
        self.records: dict[str, ClusterRecord] = {}
        self.inventory: Inventory | None = None
        self.state = FleetState(version=0, generated_at=now(), resolved=False)
        self.schedule: Schedule | None = None
        self._policy = policy_of(settings)
        self._now = now
        self._offline = offline
        self._emulated = emulated
        self._granted = granted
        self._joined: dict[str, ClusterState] = {}
        self._dirty: set[str] = set()
        self._findings: tuple[Finding, ...] = ()
        self._declarations: tuple[DeclaredTerraform, ...] = ()
        self._pending = False
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls LISTENER with every new state from now on; gives the function that ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def adopt(self, inventory: Inventory | None, records: Sequence[ClusterRecord]) -> None:
        """Takes over the RECORDS of a tree, or of contexts, keeping what was observed of clusters still there."""
        kept: dict[str, ClusterRecord] = {}
        for record in records:
            known = self.records.get(record.name)
            if known is None:
                record.state = record.state if record.error or not self._offline else "offline"
                known = record
            elif known.declared == record.declared:
                kept[record.name] = known
                continue
            known.declared, known.provider = record.declared, record.provider
            kept[record.name] = known
            self._dirty.add(record.name)
        self.records = kept
        self.inventory = inventory
        self._dirty.update(self._match_declarations())
        self.changed()

    def declare(self, declarations: tuple[DeclaredTerraform, ...]) -> tuple[str, ...]:
        """Takes over what Terraform declares for the tree; gives the clusters that are to be joined for it."""
        if declarations == self._declarations:
            return ()
        self._declarations = declarations
        names = self._match_declarations()
        self._soon()
        return names

    def _match_declarations(self) -> tuple[str, ...]:
        """Tells each cluster its files, and the tree's findings what is wrong with those of nobody. Gives the
        clusters for which that is something new."""
        if self.inventory is None:
            return ()
        from console.chain.fleet_findings import tree_findings
        from console.inventory.terraform import terraform_sides

        self._findings = tree_findings(self.inventory, self._declarations)
        sides = terraform_sides(self._declarations, self.inventory.clusters)
        found = [record for record in self.records.values() if sides.get(record.name) != record.terraform]
        for record in found:
            record.terraform = sides.get(record.name)
        return tuple(record.name for record in found)

    def changed(self, *names: str) -> None:
        """Says that clusters changed; the state follows soon, or with `publish`."""
        self._dirty.update(names)
        self._soon()

    def observing(self, name: str) -> None:
        """Says that a look at a cluster has begun: nothing else of it changed."""
        known = self._joined.get(name)
        if known is None:
            self._dirty.add(name)
        else:
            self._joined[name] = msgspec.structs.replace(known, state="observing")
        self._soon()

    async def join(self, name: str) -> None:
        """Computes a cluster anew in a thread: thousands of pods take a third of a second."""
        record = self.records.get(name)
        if record is None:
            return
        import asyncio  # late: the offline commands do without

        self._dirty.discard(name)
        self._joined[name] = await asyncio.to_thread(record.joined, policy=self._policy, now=self._now())
        self._soon()

    def joined(self, name: str) -> ClusterState | None:
        """A cluster as it was computed last."""
        return self._joined.get(name)

    def _soon(self) -> None:
        if not self._pending and self.schedule is not None:
            self._pending = True
            self.schedule(self.publish)

    def publish(self) -> None:
        """Computes the newest state and hands it on."""
        self._pending = False
        now = self._now()
        # A cluster whose first join is still in its thread is computed here: no state leaves one out.
        for name in (self._dirty & self.records.keys()) | (self.records.keys() - self._joined.keys()):
            self._joined[name] = self.records[name].joined(policy=self._policy, now=now)
        self._dirty.clear()
        self.state = FleetState(
            version=self.state.version + 1,
            generated_at=now,
            clusters=tuple(self._permitted(cluster) for cluster in self._told(now)),
            findings=self._findings,
            root=self.inventory.root if self.inventory else None,
            resolved=self.inventory is None or self.inventory.evaluated,
            emulated=self._emulated,
        )
        for listener in tuple(self._listeners):
            listener(self.state)

    def _permitted(self, cluster: ClusterState) -> ClusterState:
        granted = self._granted(cluster.name)
        return cluster if cluster.permission == granted else msgspec.structs.replace(cluster, permission=granted)

    def _told(self, now: datetime) -> tuple[ClusterState, ...]:
        """The clusters, with what only the whole fleet can tell of them."""
        clusters = tuple(self._joined[name] for name in self.records)
        if not any(cluster.filestores for cluster in clusters):
            return clusters
        from console.chain.orphans import with_orphans

        others = [one for one in self.inventory.clusters if one.name not in self.records] if self.inventory else []
        return with_orphans(clusters, others, now=now)
