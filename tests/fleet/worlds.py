"""Small fleets in memory: declared clusters, contexts that lead to simulated API servers, and a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.fleet.looks_kept import KeptLooks, MemoryLooks
from console.fleet.usage_history import History, MemoryHistory
from console.inventory.model import DeclaredCluster, DeclaredHub, Inventory, Origin, Provider, Setting
from console.inventory.terraform import DeclaredTerraform
from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreBackend, FilestoreListing, FilestoreScope
from providers.kubernetes.guard import Guard
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import KubeContext, Transport
from providers.simulated.apiserver import SimulatedApiServer

NOW = datetime(2026, 3, 9, 14, 2, 31, tzinfo=UTC)


class Clock:
    """A time that only moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def hub(cluster: str, name: str = "prod", *, resolved: bool = True, path: str = "/homes/prod") -> DeclaredHub:
    return DeclaredHub(
        cluster=cluster,
        name=name,
        chart="basehub",
        resolved=resolved,
        nfs_enabled=Setting(True),
        server=Setting("10.2.0.2"),
        path=Setting(path),
    )


def cluster(name: str, *hubs: DeclaredHub, provider: Provider = "gcp", **account: str) -> DeclaredCluster:
    return DeclaredCluster(
        name=name,
        provider=provider,
        origin=Origin(f"{name}/cluster.yaml", 1, 1),
        account=account,
        hubs=hubs or (hub(name),),
    )


def inventory(*clusters: DeclaredCluster, evaluated: bool = True) -> Inventory:
    return Inventory(root="/tree", clusters=clusters, evaluated=evaluated)


class Contexts:
    """A Connector: each context leads to its server, or raises, or never connects (None)."""

    def __init__(self, **servers: SimulatedApiServer | ProviderError | Exception | None) -> None:
        self.servers = dict(servers)
        self.connected: list[str] = []
        self.current: str | None = None
        self.broken: ProviderError | None = None

    def contexts(self) -> tuple[KubeContext, ...]:
        if self.broken:
            raise self.broken
        return tuple(
            KubeContext(name=name, cluster=name, user="jo", current=name == self.current) for name in self.servers
        )

    async def connect(
        self, context: str, *, kubeconfig: Path | None = None, permission: Permission | None = None
    ) -> Transport:
        self.connected.append(context)
        server = self.servers[context]
        if server is None:
            await asyncio.Event().wait()
        if isinstance(server, Exception):
            raise server
        assert isinstance(server, SimulatedApiServer)
        return Guard(server, permission)


class Filestores:
    """A FilestoreBackend that answers as it is told."""

    name = "gcp-filestore"

    def __init__(self, answer: FilestoreListing | Exception) -> None:
        self.answer = answer

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeSources:
    """Sources of which a test holds every part. `declared` is the outline, `resolved` the whole tree where that says
    more; `readings` are those asked for."""

    def __init__(
        self,
        connector: Contexts,
        *,
        declared: Inventory | None = None,
        resolved: Inventory | None = None,
        backends: Sequence[FilestoreBackend] = (),
        terraform: Sequence[DeclaredTerraform] | Exception = (),
    ) -> None:
        self._connector = connector
        self.declared = declared
        self.resolved = resolved or declared
        self._backends = tuple(backends)
        self.declarations = terraform
        self.readings: list[str] = []
        self.kept: History = MemoryHistory()
        self.kept_looks: KeptLooks = MemoryLooks()

    def root(self) -> Path | None:
        return Path(self.declared.root) if self.declared else None

    def cache(self) -> None:
        return None

    def outline(self) -> Inventory:
        self.readings.append("outline")
        assert self.declared is not None
        return self.declared

    def inventory(self) -> Inventory:
        self.readings.append("inventory")
        assert self.resolved is not None
        return self.resolved

    def terraform(self) -> tuple[DeclaredTerraform, ...]:
        if isinstance(self.declarations, Exception):
            raise self.declarations
        return tuple(self.declarations)

    def contexts(self) -> tuple[KubeContext, ...]:
        return self._connector.contexts()

    def connector(self) -> Contexts:
        return self._connector

    def backends(self) -> tuple[FilestoreBackend, ...]:
        return self._backends

    def history(self) -> History:
        return self.kept

    def looks(self) -> KeptLooks:
        return self.kept_looks
