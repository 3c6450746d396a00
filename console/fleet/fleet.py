"""The fleet: reads the tree, observes every cluster side by side, and hands on the newest state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.chain.model import FleetState
from console.fleet.compose import placeholder, records_of_contexts, records_of_tree
from console.fleet.failures import log_unforeseen
from console.fleet.looks import Looks
from console.fleet.observer import Observer
from console.fleet.permissions import Permissions
from console.fleet.store import Listener, Store
from providers import pool
from providers.errors import ProviderError

if TYPE_CHECKING:
    from pathlib import Path

    from console.chain.users import UserServer
    from console.fleet.looks import LookListener
    from console.fleet.observer import Changing
    from console.fleet.record import ClusterRecord
    from console.fleet.sources import Sources
    from console.inventory.model import Inventory
    from console.settings import Settings
    from providers.kubernetes.looks.protocol import DirectoryLook, LookRequest
    from providers.kubernetes.permission import Grantable, Permission
    from providers.kubernetes.protocol import Transport


def utc_now() -> datetime:
    return datetime.now(UTC)


class Fleet:
    """Observes a fleet within one asyncio loop.

    `only` leaves one cluster of it; `contexts` are those to look at where there is no tree; `offline` observes
    nothing; `emulated` are the variables by which an emulator is asked in a cloud's place. Nothing is opened or parsed
    before `sketch`, `run` or `once`. Listeners are called from the loop; states that follow each other within
    `coalesce_s` are handed on as one.
    """

    def __init__(
        self,
        sources: Sources,
        settings: Settings,
        *,
        only: str | None = None,
        contexts: Sequence[str] = (),
        offline: bool = False,
        emulated: tuple[str, ...] = (),
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        coalesce_s: float = 0.05,
        looker: Callable[[], str] | None = None,
    ) -> None:
        self._sources = sources
        self._settings = settings
        self._only = only
        self._contexts = tuple(contexts) or settings.watch
        self._offline = offline
        self._now = now
        self._sleep = sleep
        self._coalesce_s = coalesce_s
        self._permissions = Permissions(settings, now=now)
        self._store = Store(settings, now=now, offline=offline, emulated=emulated, granted=self._permissions.granted)
        self._observer = Observer(sources, settings, store=self._store, permissions=self._permissions, now=now)
        self._looks = Looks(
            sources,
            settings,
            store=self._store,
            observer=self._observer,
            permissions=self._permissions,
            now=now,
            looker=looker,
        )
        self._observer.recall = self._looks.recall
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()

    @property
    def state(self) -> FleetState:
        """The newest state that was handed on."""
        return self._store.state

    @property
    def cache(self) -> Path | None:
        """The folder in which what was read of the tree is kept; None: nowhere."""
        return self._sources.cache()

    def cluster_names(self) -> tuple[str, ...]:
        """The clusters of the whole tree, also where `only` leaves one."""
        inventory = self._store.inventory
        return tuple(cluster.name for cluster in inventory.clusters) if inventory else ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls LISTENER with every new state from now on; gives the function that ends it."""
        return self._store.subscribe(listener)

    def sketch(self) -> None:
        """Reads the tree's outline here and now, so that the first picture shows its hubs. `run` does it otherwise."""
        if self._sources.root() is not None:
            self._take(self._sources.outline())

    async def once(self) -> FleetState:
        """Reads the tree and observes every cluster one time; gives the complete state, and closes the fleet."""
        self._schedule_states()
        try:
            await asyncio.gather(self._read_and_look(), self._read_terraform())
        finally:
            await self.close()
        self._store.publish()
        return self.state

    async def run(self) -> None:
        """Reads the tree while it observes every cluster, again and again on the interval, until cancelled."""
        self._schedule_states()
        interval_s = self._settings.intervals.refresh_s
        try:
            await self._begin()
            self._start(self._read_terraform())
            while True:
                self._start(self._look())
                if interval_s <= 0:
                    await asyncio.Event().wait()
                await self._sleep(interval_s)
                self._start(self._read())
                self._start(self._read_terraform())
        finally:
            await self.close()

    async def refresh(self, cluster: str | None = None) -> None:
        """Reads the tree again and looks at CLUSTER, or at all; returns when that is done."""
        await asyncio.gather(self._read_and_look(cluster), self._read_terraform())
        self._store.publish()

    async def object_yaml(self, cluster: str, resource: str, namespace: str, name: str) -> str:
        """A live object as YAML, by one GET. Raises ProviderError: forbidden for a Secret, which is never asked for."""
        from console.fleet.object_yaml import object_yaml

        transport = await self._observer.session(cluster)
        return await object_yaml(transport, resource, namespace, name, timeout_s=self._settings.timeouts.request_s)

    async def session(self, cluster: str) -> Transport:
        """The session of a cluster that was looked at, within its permission. Raises ProviderError."""
        return await self._observer.session(cluster)

    async def changing(self, cluster: str, backend: str) -> Changing:
        """What makes and grows filestores of the kind BACKEND for a cluster that was looked at: within its permission.
        Raises ProviderError where that can't be done from here."""
        return await self._observer.changing(cluster, backend)

    async def look(
        self,
        cluster: str,
        hub: str,
        *,
        deep: bool = False,
        homes: tuple[bytes, ...] = (),
        entries: bool = True,
        tell: LookListener | None = None,
    ) -> DirectoryLook:
        """Looks inside a hub that was observed; gives what was seen, and the state shows it. DEEP: owners one level
        deeper, too. HOMES: count their sizes; with ENTRIES False, nothing else. TELL hears how far it has come.
        Cancelling it ends its helper pod. Raises ProviderError: NotPermitted without the permission to probe, forbidden
        without the rights."""
        looked = await self._looks.look(cluster, hub, deep=deep, homes=homes, entries=entries, tell=tell)
        self._publish_unscheduled()
        return looked

    async def way_in(self, cluster: str, hub: str) -> LookRequest:
        """How a hub's directory is reached: its in-cluster server, its claim or its export, and where a pod may land.

        Raises ProviderError where the hub was not observed, or nothing leads there.
        """
        return await self._looks.way_in(cluster, hub)

    def look_words(self, cluster: str, hub: str) -> str:
        """What a look at a hub will run, in one sentence. Raises ProviderError where there is no way in."""
        from console.fleet.look_requests import sentence

        return sentence(self._looks.request(cluster, hub), f"{cluster}/{hub}")

    async def ask_sizes(self, cluster: str, hub: str) -> None:
        """Fills in the sizes of homes that an exporter in the cluster tells, where one runs: no permission and no pod
        is needed. Raises ProviderError where none tells."""
        await self._looks.ask_sizes(cluster, hub)
        self._publish_unscheduled()

    def user_servers(self, user: str) -> tuple[UserServer, ...]:
        """The pods of USER, given escaped or not, in every cluster that was observed."""
        from console.chain.users import servers_of

        records = self._store.records.values()
        seen = ((record.name, record.observation) for record in records if record.observation is not None)
        return tuple(server for name, observation in seen for server in servers_of(name, observation, user))

    def _publish_unscheduled(self) -> None:
        """Hands on the newest state where nobody does it soon."""
        if self._store.schedule is None:
            self._store.publish()

    def permission(self, cluster: str) -> Permission:
        """What may be sent to CLUSTER, for as long as this fleet lives: only reading, until more is granted."""
        return self._permissions.of(cluster)

    def grant(self, cluster: str, level: Grantable, *, minutes: float | None = None) -> None:
        """Permits probing, or writing, in CLUSTER for MINUTES from now on; None: as long as the settings say."""
        self._permissions.grant(cluster, level, minutes=minutes)
        self._store.changed()

    def revoke(self, cluster: str) -> None:
        """Takes back what was granted for CLUSTER, at once; what runs there already goes on."""
        self._permissions.of(cluster).revoke()
        self._store.changed()

    async def close(self) -> None:
        """Ends everything under way, and the sessions."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._looks.close()
        await self._observer.close()
        pool.shutdown()

    def _schedule_states(self) -> None:
        loop = asyncio.get_running_loop()
        self._store.schedule = lambda publish: loop.call_later(self._coalesce_s, publish)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            log_unforeseen("reading the fleet", failure)

    async def _begin(self) -> None:
        """The first state; what it leaves out of the tree is read on the side."""
        if await asyncio.to_thread(self._sources.root) is None:
            await self._read()
            return
        if self._store.inventory is None:
            self._take(await asyncio.to_thread(self._sources.outline))
        if self._store.inventory is not None and not self._store.inventory.evaluated:
            self._start(self._read())

    async def _read(self) -> None:
        """The declared side as it is now; clusters that went away are forgotten."""
        async with self._reading:
            if await asyncio.to_thread(self._sources.root) is not None:
                self._take(await asyncio.to_thread(self._sources.inventory))
            else:
                self._store.adopt(None, await self._records_of_contexts())
                self._publish_first()

    async def _read_and_look(self, cluster: str | None = None) -> None:
        await self._read()
        await self._look(cluster)

    async def _read_terraform(self) -> None:
        """What Terraform declares as it is now, beside everything else. That it can't be read stops nothing."""
        if await asyncio.to_thread(self._sources.root) is not None:
            outcome = (await asyncio.gather(asyncio.to_thread(self._sources.terraform), return_exceptions=True))[0]
            if isinstance(outcome, BaseException):
                log_unforeseen("reading Terraform's variables", outcome)
            else:
                await asyncio.gather(*(self._store.join(name) for name in self._store.declare(outcome)))
        self._observer.terraform_read.set()

    def _take(self, inventory: Inventory) -> None:
        if inventory != self._store.inventory:
            self._store.adopt(inventory, records_of_tree(inventory, only=self._only))
        self._publish_first()

    def _publish_first(self) -> None:
        """The first state does not wait for others to follow."""
        if self.state.version == 0:
            self._store.publish()

    async def _records_of_contexts(self) -> list[ClusterRecord]:
        """Without a tree a cluster is a context; a kubeconfig that can't be read is a row that says so."""
        if self._offline:
            return []
        try:
            offered = await asyncio.to_thread(self._sources.contexts)
        except ProviderError as error:
            return [placeholder(error, now=self._now())]
        return records_of_contexts(
            offered, chosen=self._contexts, only=self._only, now=self._now(), accounts=self._settings.accounts
        )

    async def _look(self, cluster: str | None = None) -> None:
        if self._offline:
            return
        records = self._store.records.values()
        await self._observer.look_at(
            [record for record in records if not record.placeholder and cluster in (None, record.name)]
        )
