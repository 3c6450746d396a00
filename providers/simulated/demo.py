"""The embedded fleet: a configuration tree, clusters and filestores, with nothing outside the process touched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreBackend
from providers.kubernetes.protocol import KubeContext
from providers.simulated.apiserver import Faults, SimulatedApiServer
from providers.simulated.backends import demo_backends
from providers.simulated.described import Cluster
from providers.simulated.fleet import CLUSTERS
from providers.simulated.live import populate

Sleep = Callable[[float], Awaitable[object]]


class World:
    """Everything of the demo at one moment. `root` is its folder of clusters."""

    root = Path(__file__).parent / "tree" / "config" / "clusters"

    def __init__(self, now: datetime, sleep: Sleep) -> None:
        self._now = now
        self._connector = DemoConnector(now, sleep)

    def connector(self) -> DemoConnector:
        return self._connector

    def backends(self) -> tuple[FilestoreBackend, ...]:
        """Those of the clouds; the in-cluster server is the real backend, asked of the simulated clusters."""
        return demo_backends(self._now)


class DemoConnector:
    """A Connector whose contexts lead to simulated API servers. `servers` holds those that were opened, by cluster."""

    def __init__(self, now: datetime, sleep: Sleep) -> None:
        self._now = now
        self._sleep = sleep
        self._clusters = {cluster.context: cluster for cluster in CLUSTERS}
        self.servers: dict[str, SimulatedApiServer] = {}

    def contexts(self) -> tuple[KubeContext, ...]:
        return tuple(
            KubeContext(name=cluster.context, cluster=cluster.context, user=cluster.identity.user, file="demo")
            for cluster in CLUSTERS
        )

    async def connect(self, context: str, *, kubeconfig: Path | None = None) -> SimulatedApiServer:  # noqa: ARG002 - the protocol's
        """The API server of CONTEXT, made when it is first asked for. Raises ProviderError no_context."""
        cluster = self._clusters.get(context)
        if cluster is None:
            raise ProviderError("no_context", f"the demo has no context {context}", next_step="hubhomes demo")
        if cluster.name not in self.servers:
            self.servers[cluster.name] = self._opened(cluster)
        return self.servers[cluster.name]

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
        populate(server, cluster, self._now)
        return server


def demo_world(now: datetime, *, sleep: Sleep = asyncio.sleep) -> World:
    """The demo as it is at NOW (aware, UTC): the same each time. SLEEP lets the clusters take their time to answer."""
    return World(now, sleep)
