"""Looks at clusters side by side; what each look finds, or why it failed, goes into the cluster's record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.fleet.contexts import ContextChoice, choose_context
from console.fleet.failures import cluster_error
from console.fleet.observe_cluster import list_filestores, observe_api, scope_of
from providers.errors import ProviderError

if TYPE_CHECKING:
    from pathlib import Path

    from console.chain.filestores import FilestoreInventory
    from console.fleet.record import ClusterRecord
    from console.fleet.sources import Sources
    from console.fleet.store import Store
    from console.settings import Settings
    from providers.kubernetes.protocol import Connector, KubeContext, Transport

_PATIENCE_S = 0.3
"""How long the rest of a cluster waits to be shown for filestores that are still being listed."""


class Observer:
    """Owns the tasks that look, at most one a cluster, and the sessions that they keep open."""

    def __init__(self, sources: Sources, settings: Settings, *, store: Store, now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._settings = settings
        self._store = store
        self._now = now
        self._slots = asyncio.Semaphore(settings.limits.clusters_at_once)
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._sessions: dict[str, tuple[ContextChoice, Transport]] = {}

    async def look_at(self, records: Sequence[ClusterRecord]) -> None:
        """Looks at all RECORDS and returns when each has an answer or an error. Looks under way are not doubled."""
        if not records:
            return
        outcome = (await asyncio.gather(self._offered(), return_exceptions=True))[0]
        root = await asyncio.to_thread(self._sources.root)
        for record in records:
            if record.name not in self._looks:
                look = asyncio.create_task(self._look(record, root, outcome), name=f"look at {record.name}")
                self._looks[record.name] = look
                look.add_done_callback(lambda _, name=record.name: self._looks.pop(name, None))  # type: ignore[misc]
        await asyncio.wait([self._looks[record.name] for record in records])

    async def session(self, name: str) -> Transport:
        """The open session of a cluster that was looked at. Raises ProviderError."""
        if name not in self._sessions:
            raise ProviderError("unreachable", f"{name} has not been reached yet", next_step="refresh it")
        return self._sessions[name][1]

    async def close(self) -> None:
        """Ends the looks under way, and every session."""
        looks = list(self._looks.values())
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        for name in list(self._sessions):
            await self._disconnect(name)

    async def _offered(self) -> tuple[KubeContext, ...]:
        return await asyncio.to_thread(self._sources.contexts)

    async def _look(
        self, record: ClusterRecord, root: Path | None, offered: tuple[KubeContext, ...] | BaseException
    ) -> None:
        """One look, within its deadline. Whatever fails becomes the record's error."""
        async with self._slots:
            record.state = "observing"
            self._store.observing(record.name)
            # The lists end by themselves at cluster_s, with what they have; the rest is connecting and filestores.
            timeouts = self._settings.timeouts
            deadline_s = timeouts.connect_s + timeouts.cluster_s + timeouts.filestores_s
            looking = asyncio.wait_for(self._observe(record, root, offered), deadline_s)
            failure = (await asyncio.gather(looking, return_exceptions=True))[0]
        if failure is None:
            record.state, record.error = "observed", None
        else:
            record.failed(cluster_error(record.name, failure, now=self._now(), deadline_s=deadline_s))
            await self._disconnect(record.name)
        await self._store.join(record.name)

    async def _observe(
        self, record: ClusterRecord, root: Path | None, offered: tuple[KubeContext, ...] | BaseException
    ) -> None:
        if isinstance(offered, BaseException):
            raise offered
        record.choice = self._choice(record, root, offered)
        transport = await self._connected(record.name, record.choice)
        observation = await observe_api(
            transport,
            context=record.context or "",
            namespaces=self._namespaces(record),
            settings=self._settings,
            now=self._now,
        )
        record.observation = observation
        listing = asyncio.create_task(self._listed(record))
        try:
            await asyncio.wait([listing], timeout=_PATIENCE_S)
            if not listing.done():
                await self._store.join(record.name)
            record.filestores = await listing
        finally:
            listing.cancel()

    async def _listed(self, record: ClusterRecord) -> FilestoreInventory:
        backends = await asyncio.to_thread(self._sources.backends)
        scope = scope_of(
            record.name,
            record.provider,
            record.declared,
            record.observation,
            grace_s=self._settings.thresholds.grace_seconds,
            now=self._now(),
        )
        return await list_filestores(backends, scope, timeout_s=self._settings.timeouts.filestores_s)

    def _choice(self, record: ClusterRecord, root: Path | None, offered: Sequence[KubeContext]) -> ContextChoice:
        if record.declared is not None:
            return choose_context(record.declared, root=root, offered=offered, mapping=self._settings.contexts)
        if all(context.name != record.name for context in offered):
            raise ProviderError(
                "no_context",
                f"no kubeconfig has a context {record.name}",
                next_step="kubectl config get-contexts",
            )
        return ContextChoice(context=record.name, reason="named")

    def _namespaces(self, record: ClusterRecord) -> tuple[str, ...]:
        """The namespaces to ask where the whole cluster may not be listed."""
        declared = tuple(hub.namespace for hub in record.declared.hubs) if record.declared else ()
        return tuple(dict.fromkeys((*self._settings.namespaces.get(record.name, ()), *declared)))

    async def _connected(self, name: str, choice: ContextChoice) -> Transport:
        """The session kept from the last look, or a new one where there is none or the context is another."""
        kept = self._sessions.get(name)
        if kept is not None and kept[0] == choice:
            return kept[1]
        await self._disconnect(name)
        connector: Connector = await asyncio.to_thread(self._sources.connector)
        transport = await connector.connect(choice.context, kubeconfig=choice.kubeconfig)
        self._sessions[name] = (choice, transport)
        return transport

    async def _disconnect(self, name: str) -> None:
        kept = self._sessions.pop(name, None)
        if kept is not None:
            await kept[1].close()
