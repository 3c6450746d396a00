"""Looks at clusters side by side; what each look finds, or why it failed, goes into the cluster's record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.fleet.accounts import lacks_subscription
from console.fleet.contexts import ContextChoice, choose_context
from console.fleet.failures import cluster_error, log_unforeseen
from console.fleet.observe_cluster import listed, observe_api, scope_of
from console.fleet.one_look import Look
from console.fleet.usage import ask_how_full
from providers.errors import ProviderError
from providers.filestores.changes import ChangingBackend, FilestoreChanges
from providers.filestores.protocol import FilestoreBackend, FilestoreListing, FilestoreScope
from providers.filestores.registry import CLOUDS, serves

if TYPE_CHECKING:
    from pathlib import Path

    from console.fleet.permissions import Permissions
    from console.fleet.record import ClusterRecord
    from console.fleet.sources import Sources
    from console.fleet.store import Store
    from console.settings import Settings
    from providers.kubernetes.protocol import Connector, KubeContext, Transport

_HEAD_START_S = 0.5
"""How long clouds wait for the API server at most: importing what asks them would hold up what is made of its answer,
and most answer within it."""
_READING_S = 5.0
"""How long filestores wait for Terraform's variables to be read, where only those can tell the account."""


class Changing(msgspec.Struct, frozen=True, kw_only=True):
    """What makes and grows filestores of one kind, and where: one cluster's own account."""

    changes: FilestoreChanges
    scope: FilestoreScope


class Observer:
    """Owns the tasks that look, at most one a cluster, and the sessions that they keep open.

    `terraform_read` is set once the store knows what Terraform declares, or that this can't be known. `recall` fills
    in what an earlier start kept of a cluster, and is called once for each.
    """

    def __init__(
        self,
        sources: Sources,
        settings: Settings,
        *,
        store: Store,
        permissions: Permissions,
        now: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._permissions = permissions
        self._settings = settings
        self._store = store
        self._now = now
        self.terraform_read = asyncio.Event()
        self.recall: Callable[[ClusterRecord], Awaitable[None]] | None = None
        self._slots = asyncio.Semaphore(settings.limits.clusters_at_once)
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, tuple[ContextChoice, Transport]] = {}

    async def look_at(self, records: Sequence[ClusterRecord]) -> None:
        """Looks at all RECORDS and returns when each has an answer or an error. Looks under way are not doubled."""
        if not records:
            return
        began = self._now()
        outcome = (await asyncio.gather(self._offered(), return_exceptions=True))[0]
        root = await asyncio.to_thread(self._sources.root)
        for record in records:
            if record.name not in self._looks:
                look = asyncio.create_task(self._look(record, root, outcome, began), name=f"look at {record.name}")
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
        await asyncio.gather(*looks, *self._keeping, return_exceptions=True)
        for name in list(self._sessions):
            await self._disconnect(name)

    async def _offered(self) -> tuple[KubeContext, ...]:
        return await asyncio.to_thread(self._sources.contexts)

    async def _look(
        self,
        record: ClusterRecord,
        root: Path | None,
        offered: tuple[KubeContext, ...] | BaseException,
        began: datetime,
    ) -> None:
        """One look of those that BEGAN together: at its API server and, beside it, at its cloud. Neither waits for the
        other to be shown; whatever fails becomes the record's."""
        look = Look(record, began)
        choice = self._chosen(record, root, offered)
        showing = asyncio.create_task(look.show(self._store.join), name=f"show what is found of {record.name}")
        try:
            reached, *_ = await asyncio.gather(
                self._ask_cluster(look, choice), self._clouds(look), self._other_filestores(look), self._history(record)
            )
        finally:
            showing.cancel()
        if reached:
            record.state = "observed"
        await self._store.join(record.name)
        if reached or record.answers:
            # Beside the look, which is over: the next one need not wait for a disk.
            keeping = asyncio.create_task(self._remember(record), name=f"keep how full the shares of {record.name} are")
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)

    async def _ask_cluster(self, look: Look, choice: ContextChoice | BaseException) -> bool:
        """Asks the API server, within its deadline; whether it could be asked."""
        record = look.record
        # The lists end by themselves at cluster_s, with what they have; the rest is connecting and how full shares are.
        timeouts = self._settings.timeouts
        deadline_s = timeouts.connect_s + timeouts.cluster_s + timeouts.filestores_s
        async with self._slots:
            record.state = "observing"
            self._store.observing(record.name)
            asking = asyncio.wait_for(self._observe(look, choice), deadline_s)
            failure = (await asyncio.gather(asking, return_exceptions=True))[0]
        if failure is not None:
            record.failed(cluster_error(record.name, failure, now=self._now(), deadline_s=deadline_s))
            await self._disconnect(record.name)
        look.answer()
        return failure is None

    async def _observe(self, look: Look, choice: ContextChoice | BaseException) -> None:
        if isinstance(choice, BaseException):
            raise choice
        record = look.record
        transport = await self._connected(record.name, choice)
        record.observation = await observe_api(
            transport,
            context=record.context or "",
            namespaces=self._namespaces(record),
            settings=self._settings,
            now=self._now,
        )
        record.error = None
        look.answer()
        if self.recall is not None and not record.recalled:
            record.recalled = True
            await self.recall(record)
        await self._ask_how_full(record, transport)

    async def _clouds(self, look: Look) -> None:
        """Asks the clouds: at once, whatever the API server says, but for the moment in which it may have answered."""
        record = look.record
        backends = await self._backends(record)
        await look.answered(within_s=_HEAD_START_S)
        if record.declared is not None and lacks_subscription(record.provider, record.declared.account):
            await self._terraform_told()
        blind = record.observation is None
        await self._list(look, [one for one in backends if one.name in CLOUDS])
        if blind:
            await look.answered()
        if blind and record.observation is not None:
            # What the cluster mounts and where its nodes are was not known; what its account has is not asked again.
            told = [one for one in backends if isinstance(record.answers.get(one.name), FilestoreListing)]
            await self._list(look, [one for one in told if one.name in CLOUDS])

    async def _other_filestores(self, look: Look) -> None:
        """Asks the backends that look at the cluster itself, or at something else: behind the API server."""
        backends = await self._backends(look.record)
        await look.answered()
        await self._list(look, [one for one in backends if one.name not in CLOUDS])

    async def _backends(self, record: ClusterRecord) -> list[FilestoreBackend]:
        """Those that know filestores of RECORD's provider."""
        every = await asyncio.to_thread(self._sources.backends)
        found = [one for one in every if serves(one.name, record.provider)]
        record.backends = tuple(one.name for one in found)
        return found

    async def _list(self, look: Look, backends: Sequence[FilestoreBackend]) -> None:
        """Puts what BACKENDS answer into the record, each as it comes."""
        scope = self._scope(look.record, look.began)
        look.record.account = scope.account

        async def ask(backend: FilestoreBackend) -> None:
            answer = await listed(backend, scope, timeout_s=self._settings.timeouts.filestores_s)
            look.record.answers[backend.name] = answer
            look.learnt()

        await asyncio.gather(*(ask(backend) for backend in backends))

    async def _history(self, record: ClusterRecord) -> None:
        """The figures that earlier looks have kept."""
        if not record.history:
            history = await asyncio.to_thread(self._sources.history)
            record.history = await asyncio.to_thread(history.of, record.name)

    async def _ask_how_full(self, record: ClusterRecord, transport: Transport) -> None:
        """What fails here is about the shares: the cluster was observed."""
        asking = ask_how_full(transport, record, settings=self._settings, now=self._now)
        answer = (await asyncio.gather(asking, return_exceptions=True))[0]
        if isinstance(answer, BaseException):
            log_unforeseen(f"asking how full the shares of {record.name} are", answer)
        else:
            record.usages = answer

    async def _remember(self, record: ClusterRecord) -> None:
        """Keeps the look's figures, so that later ones can be held against them."""
        from console.chain.usage import samples_of

        state = self._store.joined(record.name)
        history = await asyncio.to_thread(self._sources.history)
        if state is not None:
            found = tuple(samples_of(state))
            record.history = await asyncio.to_thread(history.keep, record.name, found, now=self._now())

    async def changing(self, cluster: str, backend: str) -> Changing:
        """What makes and grows filestores of the kind BACKEND for a cluster that was looked at. Raises ProviderError
        where it can't be done from here."""
        record = self._store.records[cluster]
        for one in await asyncio.to_thread(self._sources.backends):
            if one.name == backend and isinstance(one, ChangingBackend):
                return Changing(changes=await one.changes(), scope=self._scope(record, self._now()))
        raise ProviderError("internal", f"{backend} filestores cannot be made or changed from here")

    def _scope(self, record: ClusterRecord, began: datetime) -> FilestoreScope:
        """Where RECORD's filestores are; what was asked since BEGAN is as good as new."""
        return scope_of(
            record,
            stated=self._settings.accounts.get(record.name, {}),
            began=began,
            grace_s=self._settings.thresholds.grace_seconds,
            now=self._now(),
        )

    async def _terraform_told(self) -> None:
        """Waits for Terraform's variables, a while."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.terraform_read.wait(), _READING_S)

    def _chosen(
        self, record: ClusterRecord, root: Path | None, offered: tuple[KubeContext, ...] | BaseException
    ) -> ContextChoice | BaseException:
        """The context to ask RECORD's cluster through, which it is told; or why there is none."""
        if isinstance(offered, BaseException):
            return offered
        try:
            record.choice = self._choice(record, root, offered)
        except Exception as error:  # noqa: BLE001 - it becomes the cluster's
            return error
        return record.choice

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
        transport = await connector.connect(
            choice.context, kubeconfig=choice.kubeconfig, permission=self._permissions.of(name)
        )
        self._sessions[name] = (choice, transport)
        return transport

    async def _disconnect(self, name: str) -> None:
        kept = self._sessions.pop(name, None)
        if kept is not None:
            await kept[1].close()
