"""Looks inside hubs: permitted, asked for by right, bounded for each cluster, told as they go, kept by hub."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from collections import defaultdict
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.chain.seen_facts import DirectoryFigures, SeenFacts
from console.chain.seen_model import SeenHome
from console.fleet.record import policy_of
from providers.errors import ProviderError
from providers.kubernetes.permission import covers

if TYPE_CHECKING:
    from console.chain.model import ClusterState, HubState
    from console.fleet.observer import Observer
    from console.fleet.permissions import Permissions
    from console.fleet.record import ClusterRecord
    from console.fleet.sources import Sources
    from console.fleet.store import Store
    from console.settings import Settings
    from providers.kubernetes.looks.protocol import DirectoryLook, LookEvent, LookRequest, QuotaReport
    from providers.kubernetes.observation import ClusterObservation
    from providers.kubernetes.protocol import Transport

AT_ONCE = 3
"""How many hubs of one cluster are looked at side by side."""


class LookProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far one look has come. `words` what goes on now; `read` how many entries were read so far, `rows` those that
    came with this word, without quotas, sizes and servers; `counted` and `to_count` are sizes of homes."""

    cluster: str
    hub: str
    words: str
    read: int = 0
    rows: tuple[SeenHome, ...] = ()
    counted: int = 0
    to_count: int = 0


LookListener = Callable[[LookProgress], None]


class Looks:
    """Owns the looks that are under way. One hub is looked at once at a time."""

    def __init__(
        self,
        sources: Sources,
        settings: Settings,
        *,
        store: Store,
        observer: Observer,
        permissions: Permissions,
        now: Callable[[], datetime],
        looker: Callable[[], str] | None = None,
    ) -> None:
        self._looker = looker or whoever_runs_this
        self._sources, self._settings = sources, settings
        self._store, self._observer = store, observer
        self._permissions, self._now = permissions, now
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._running: dict[tuple[str, str], asyncio.Task[DirectoryLook]] = {}

    def request(
        self, cluster: str, hub: str, *, deep: bool = False, homes: tuple[bytes, ...] = (), entries: bool = True
    ) -> LookRequest:
        """What a look would be. Raises ProviderError where the hub was not observed, or there is no way in."""
        from console.fleet.look_requests import look_request

        _, observation, state, found = self._known(cluster, hub)
        return look_request(
            found,
            observation,
            state.filestores,
            settings=self._settings,
            owner=self._looker(),
            deep=deep,
            homes=homes,
            entries=entries,
        )

    async def way_in(self, cluster: str, hub: str) -> LookRequest:
        """How a hub's directory is reached by somebody who does more than look: as a look would, its pod placed as
        users' are. Raises ProviderError where the hub was not observed, or there is no way in."""
        from console.fleet.look_requests import placed_as_users

        request = self.request(cluster, hub)
        if request.through == "server":
            return request
        _, observation, _, found = self._known(cluster, hub)
        transport = await self._observer.session(cluster)
        return msgspec.structs.replace(request, placement=await placed_as_users(transport, found, observation))

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
        """Looks, and gives what was seen; the state shows it. Cancelling it ends its helper pod. Raises ProviderError:
        NotPermitted without the permission to probe, forbidden without the rights."""
        key = (cluster, hub)
        if key in self._running:
            raise ProviderError("throttled", f"a look at {cluster}/{hub} is under way", next_step="wait for it")
        request = self.request(cluster, hub, deep=deep, homes=homes, entries=entries)
        self._require_permission(request, cluster, hub)
        task = asyncio.create_task(self._look(cluster, hub, request, tell), name=f"look inside {cluster}/{hub}")
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))
        return await task

    async def ask_sizes(self, cluster: str, hub: str) -> None:
        """Fills in what an exporter of directory sizes tells, where one runs: no permission, no pod. Raises
        ProviderError where none tells."""
        record, observation, _, found = self._known(cluster, hub)
        transport = await self._observer.session(cluster)
        figures = await self._figures(transport, found, observation)
        await self._keep(record, hub, lambda facts: msgspec.structs.replace(facts, figures=figures))

    async def recall(self, record: ClusterRecord) -> None:
        """Fills in what was kept of RECORD's hubs by an earlier start."""
        kept = await asyncio.to_thread(self._sources.looks)
        for hub, facts in (await asyncio.to_thread(kept.of, record.name, now=self._now())).items():
            record.looks.setdefault(hub, facts)

    async def close(self) -> None:
        """Ends the looks under way, and waits until their pods are removed."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if not tasks:
            return
        await asyncio.gather(*tasks, return_exceptions=True)
        from providers.kubernetes.looks.helper_pods import all_removed

        await all_removed()

    def _known(self, cluster: str, hub: str) -> tuple[ClusterRecord, ClusterObservation, ClusterState, HubState]:
        record, state = self._store.records.get(cluster), self._store.joined(cluster)
        if record is None or record.observation is None or state is None:
            raise ProviderError("unreachable", f"{cluster} has not been observed yet", next_step="refresh it")
        found = next((one for one in state.hubs if one.name == hub), None)
        if found is None:
            raise ProviderError("internal", f"{cluster} has no hub {hub}", next_step=f"hubhomes status {cluster}")
        return record, record.observation, state, found

    def _require_permission(self, request: LookRequest, cluster: str, hub: str) -> None:
        level = self._permissions.of(cluster).level()
        if covers(level, "probe"):
            return
        from console.fleet.look_requests import sentence
        from providers.kubernetes.guard import NotPermitted

        raise NotPermitted(level, "a look is not permitted:", sentence(request, f"{cluster}/{hub}"), needs="probe")

    async def _look(self, cluster: str, hub: str, request: LookRequest, tell: LookListener | None) -> DirectoryLook:
        record, observation, _, found = self._known(cluster, hub)
        progress = _Telling(cluster, hub, request, tell, self._settings, self._now)
        progress.say("waiting for other looks" if self._slots[cluster].locked() else "asking for the rights")
        async with self._slots[cluster]:
            transport = await self._observer.session(cluster)
            await self._require_rights(transport, request)
            if request.through != "server":
                from console.fleet.look_requests import placed_as_users

                placement = await placed_as_users(transport, found, observation)
                request = msgspec.structs.replace(request, placement=placement)
            looked = await self._looked(transport, request, progress)
            quotas, why = await self._quotas(transport, request)
            figures = await self._figures_or_none(transport, found, observation)
        await self._keep(
            record,
            hub,
            lambda facts: msgspec.structs.replace(
                facts.looked(looked),
                quotas=quotas if request.through == "server" else facts.quotas,
                quotas_why=why,
                figures=figures or facts.figures,
            ),
        )
        return looked

    async def _require_rights(self, transport: Transport, request: LookRequest) -> None:
        from console.fleet.look_requests import rights_of
        from providers.kubernetes.api import KubernetesApi

        api = KubernetesApi(transport, timeout_s=self._settings.timeouts.request_s)
        missing = await api.missing_rights(rights_of(request))
        if missing:
            words = ", ".join(f"{one.verb} {one.resource}" for one in missing)
            raise ProviderError(
                "forbidden",
                f"a look needs the right to {words} in namespace {request.namespace}",
                next_step="docs/rights.md has the role to ask for",
            )

    async def _looked(self, transport: Transport, request: LookRequest, progress: _Telling) -> DirectoryLook:
        from providers.kubernetes.looks.look import look
        from providers.kubernetes.looks.protocol import Finished

        async with aclosing(look(transport, request, now=self._now)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return event.look
                progress.tell(event)
        raise AssertionError("a look ends with what it saw")

    async def _quotas(self, transport: Transport, request: LookRequest) -> tuple[QuotaReport | None, str]:
        if request.through != "server":
            return None, ""
        from providers.kubernetes.looks.quotas import quotas

        try:
            report = await quotas(
                transport,
                namespace=request.namespace,
                pod=request.pod,
                hub_directory=request.hub_directory,
                base_path=request.base_path,
                now=self._now,
            )
        except ProviderError as error:
            return None, error.message
        return report, ""

    async def _figures(self, transport: Transport, hub: HubState, observation: ClusterObservation) -> DirectoryFigures:
        from providers.kubernetes.api import KubernetesApi
        from providers.kubernetes.usage.directories import ask_directories

        api = KubernetesApi(transport, timeout_s=self._settings.timeouts.request_s)
        sizes = await ask_directories(api, hub.namespace, observation.home_nfs_pods.items)
        return DirectoryFigures(source="exporter", asked_at=self._now(), sizes=sizes)

    async def _figures_or_none(
        self, transport: Transport, hub: HubState, observation: ClusterObservation
    ) -> DirectoryFigures | None:
        """That no exporter tells is nothing amiss."""
        try:
            return await self._figures(transport, hub, observation)
        except ProviderError:
            return None

    async def _keep(self, record: ClusterRecord, hub: str, change: Callable[[SeenFacts], SeenFacts]) -> None:
        facts = change(record.looks.get(hub, SeenFacts()))
        record.looks[hub] = facts
        await self._store.join(record.name)
        kept = await asyncio.to_thread(self._sources.looks)
        await asyncio.to_thread(kept.keep, record.name, hub, facts)


class _Telling:
    """Turns what a look says into progress, where somebody listens."""

    def __init__(
        self,
        cluster: str,
        hub: str,
        request: LookRequest,
        tell: LookListener | None,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._tell, self._now = tell, now
        self._policy = policy_of(settings)
        self._progress = LookProgress(cluster=cluster, hub=hub, words="", to_count=len(request.homes))

    def say(self, words: str, **changes: object) -> None:
        self._progress = msgspec.structs.replace(self._progress, words=words, rows=(), **changes)
        if self._tell is not None:
            self._tell(self._progress)

    def tell(self, event: LookEvent) -> None:
        from console.chain.home_names import shown
        from console.chain.seen_homes import first_rows
        from providers.kubernetes.looks import protocol

        if self._tell is None:
            return
        read = self._progress.read
        match event:
            case protocol.Requested(pod=pod):
                self.say(f"pod {pod} is asked for")
            case protocol.Waiting(words=words):
                self.say(words)
            case protocol.Mounted(start_s=start_s):
                self.say(f"mounted after {start_s:.1f} s")
            case protocol.EntriesRead(entries=entries):
                rows = first_rows(entries, policy=self._policy, now=self._now())
                self.say(f"{read + len(entries):,} entries read", read=read + len(entries))
                self._tell(msgspec.structs.replace(self._progress, rows=rows))
            case protocol.SizeBegun(home=home):
                self.say(f"counting {shown(home)}")
            case protocol.SizeCounted(size=size):
                self.say(f"counted {shown(size.home)}", counted=self._progress.counted + 1)
            case _:
                pass


def whoever_runs_this() -> str:
    """Who looks: the user of this process, whatever the environment says, and the machine."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = f"uid {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
