"""The embedded fleet: a configuration tree, clusters and filestores, with nothing outside the process touched."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreBackend
from providers.kubernetes.guard import Guard
from providers.kubernetes.permission import Permission
from providers.kubernetes.protocol import KubeContext, Transport
from providers.simulated.apiserver import Faults, SimulatedApiServer
from providers.simulated.backends import demo_backends
from providers.simulated.described import Cluster
from providers.simulated.directories import Shares
from providers.simulated.fleet import CLUSTERS
from providers.simulated.live import populate
from providers.simulated.shares import PastUsages, fill, past_usages, with_size

Sleep = Callable[[float], Awaitable[object]]


class World:
    """Everything of the demo at one moment. `root` is its folder of clusters: a copy of its own, which may be edited;
    `cache` is where what was read of it may be kept. Both are gone with it."""

    def __init__(self, now: datetime, sleep: Sleep) -> None:
        folder = Path(tempfile.mkdtemp(prefix="hubhomes-demo-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        shutil.copytree(Path(__file__).parent / "tree", folder / "tree", symlinks=True)
        self.root = folder / "tree" / "config" / "clusters"
        self.cache = folder / "cache"
        self._now = now
        self._connector = DemoConnector(now, sleep)
        self._backends = demo_backends(now, sleep=sleep, resized=self._connector.resized)

    def connector(self) -> DemoConnector:
        return self._connector

    def past_usages(self) -> PastUsages:
        """How full shares were on the days before."""
        return past_usages(CLUSTERS, self._now)

    def backends(self) -> tuple[FilestoreBackend, ...]:
        """Those of the clouds; the in-cluster server is the real backend, asked of the simulated clusters."""
        return self._backends


class DemoConnector:
    """A Connector whose contexts lead to simulated API servers. `servers` holds those that were opened, by cluster."""

    def __init__(self, now: datetime, sleep: Sleep) -> None:
        self._now = now
        self._sleep = sleep
        self._clusters = {cluster.context: cluster for cluster in CLUSTERS}
        self.servers: dict[str, SimulatedApiServer] = {}
        self._shares: dict[str, Shares] = {}

    def contexts(self) -> tuple[KubeContext, ...]:
        return tuple(
            KubeContext(name=cluster.context, cluster=cluster.context, user=cluster.identity.user, file="demo")
            for cluster in CLUSTERS
        )

    async def connect(
        self,
        context: str,
        *,
        kubeconfig: Path | None = None,  # noqa: ARG002 - the protocol's
        permission: Permission | None = None,
    ) -> Transport:
        """The API server of CONTEXT, made when it is first asked for, within PERMISSION; None: only reading.

        Raises ProviderError no_context.
        """
        cluster = self._clusters.get(context)
        if cluster is None:
            raise ProviderError("no_context", f"the demo has no context {context}", next_step="hubhomes demo")
        if cluster.name not in self.servers:
            self.servers[cluster.name] = self._opened(cluster)
        return Guard(self.servers[cluster.name], permission)

    def resized(self, name: str, store: Filestore) -> None:
        """The hubs of cluster NAME that live on STORE see its new size."""
        cluster = next(one for one in self._clusters.values() if one.name == name)
        grown = with_size(cluster, store)
        self._clusters[cluster.context] = grown
        if name in self.servers:
            fill(self.servers[name], grown, self._now)
            self._shares[name].hubs = {hub.name: hub for hub in grown.hubs}

    def _opened(self, cluster: Cluster) -> SimulatedApiServer:
        failure = None
        if cluster.failure is not None:
            kind, message, next_step = cluster.failure
            failure = ProviderError(kind, message, next_step=next_step)
        server = SimulatedApiServer(
            identity=cluster.identity,
            faults=Faults(latency_s=cluster.latency_s, failure=failure),
            host=cluster.context,
            now=self._now,
            sleep=self._sleep,
        )
        self._shares[cluster.name] = populate(server, cluster, self._now)
        return server


def demo_world(now: datetime, *, sleep: Sleep = asyncio.sleep) -> World:
    """The demo as it is at NOW (aware, UTC): the same each time. SLEEP lets the clusters take their time to answer."""
    return World(now, sleep)
