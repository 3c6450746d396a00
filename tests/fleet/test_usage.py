"""How full shares are, in a fleet: beside everything else, and never in its way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from console.chain.usage import Sample
from console.fleet.usage_history import MemoryHistory
from console.settings import Settings, Timeouts
from providers.errors import ProviderError
from providers.kubernetes.protocol import Response
from providers.simulated import chart
from providers.simulated.access import Denial, Identity
from providers.simulated.apiserver import SimulatedApiServer
from providers.simulated.proxied import ClaimFigures, statistics
from providers.simulated.statuses import claim, deployment, running_pod, volume
from tests.fleet.test_fleet import SETTINGS, fleet_of, named, running, state_when
from tests.fleet.worlds import NOW, Clock, Contexts, FakeSources, cluster, inventory

GIB = 1024**3
KEY = "10.9.9.9:/homes"
OWN = cluster("earth", provider="kubeconfig")


def world(used_gib: float = 45, *, identity: Identity | None = None) -> SimulatedApiServer:
    """A hub on a server of one's own, with one server on node-a whose kubelet tells of 50 GiB."""
    release = chart.Release(
        name="prod", server="10.9.9.9", base_share="/homes/", share_name_override="", mount_options=(), chart="basehub"
    )
    bound = claim(chart.persistent_volume_claim(release), "Bound")
    pod = running_pod(chart.user_pod(release, "ana"), NOW)
    pod["spec"]["nodeName"] = "node-a"
    server = SimulatedApiServer(
        [
            bound,
            volume(chart.persistent_volume(release), "Bound", claim=bound),
            deployment(chart.hub_deployment(release)),
            pod,
        ],
        identity=identity,
    )
    told = ClaimFigures(namespace="prod", claim="home-nfs", used_bytes=int(used_gib * GIB), capacity_bytes=50 * GIB)
    server.statistics["node-a"] = statistics("node-a", [told], NOW)
    return server


async def test_a_server_of_ones_own_shows_how_full_it_is() -> None:
    state = await fleet_of(FakeSources(Contexts(earth=world(49.9)), declared=inventory(OWN))).once()
    (hub,) = named(state, "earth").hubs
    assert hub.share_usage is not None
    assert hub.share_usage.chosen is not None
    assert hub.share_usage.chosen.capacity_bytes == 50 * GIB
    assert [finding.code for finding in hub.findings if finding.link == "filestore"] == ["FST04"]


async def test_what_was_kept_tells_how_long_it_lasts() -> None:
    sources = FakeSources(Contexts(earth=world(45)), declared=inventory(OWN))
    sources.kept = MemoryHistory(
        {"earth": {KEY: (Sample(NOW - timedelta(days=2), 43 * GIB, 50 * GIB, "kubelet of node-b"),)}}
    )
    state = await fleet_of(sources).once()
    share = named(state, "earth").shares[KEY]
    assert share.days_left is not None
    assert 4.9 < share.days_left < 5.1


async def test_each_look_is_kept_for_the_next() -> None:
    sources = FakeSources(Contexts(earth=world(45)), declared=inventory(OWN))
    await fleet_of(sources).once()
    assert [sample.used_bytes for sample in sources.kept.of("earth")[KEY]] == [45 * GIB]


async def test_a_missing_right_is_the_shares_word_and_no_finding() -> None:
    identity = Identity(denials=(Denial(resource="nodes/proxy"), Denial(resource="pods/proxy")))
    state = await fleet_of(FakeSources(Contexts(earth=world(identity=identity)), declared=inventory(OWN))).once()
    earth = named(state, "earth")
    assert (earth.state, earth.error) == ("observed", None)
    assert "the right get nodes/proxy is missing" in earth.shares[KEY].why
    assert not any("proxy" in finding.message for finding in state.all_findings())


class SlowFigures:
    """A transport that answers everything but what goes through a proxy, until told."""

    def __init__(self, server: SimulatedApiServer) -> None:
        self._server = server
        self.told = asyncio.Event()

    async def request(self, method: str, path: str, **options: Any) -> Response:
        if "/proxy/" in path:
            await self.told.wait()
        return await self._server.request(method, path, **options)

    async def close(self) -> None:
        pass


class Slow(Contexts):
    def __init__(self, transport: SlowFigures) -> None:
        super().__init__(earth=None)
        self._transport = transport

    async def connect(self, context: str, **options: Any) -> SlowFigures:  # type: ignore[override]
        return self._transport


async def test_the_cluster_is_shown_before_its_figures_are_there() -> None:
    transport = SlowFigures(world(49.9))
    fleet = fleet_of(FakeSources(Slow(transport), declared=inventory(OWN)))
    async with running(fleet):
        first = await state_when(fleet, lambda state: any(hub.pods for hub in state.hubs()))
        assert first.hubs()[0].share_usage is None or first.hubs()[0].share_usage.chosen is None
        transport.told.set()
        full = await state_when(fleet, lambda state: any(finding.code == "FST04" for finding in state.all_findings()))
    assert full.hubs()[0].pods == first.hubs()[0].pods


async def test_figures_that_never_come_end_in_time() -> None:
    transport = SlowFigures(world())
    settings = Settings(intervals=SETTINGS.intervals, timeouts=Timeouts(filestores_s=0.1))
    state = await fleet_of(FakeSources(Slow(transport), declared=inventory(OWN)), settings).once()
    earth = named(state, "earth")
    assert (earth.state, earth.shares[KEY].why) == ("observed", "no answer within 0.1 s")


async def test_a_cluster_that_goes_away_meanwhile_keeps_what_was_observed() -> None:
    class Gone(SlowFigures):
        async def request(self, method: str, path: str, **options: Any) -> Response:
            if "accessreviews" in path:
                raise ProviderError("unreachable", "the connection was lost")
            return await self._server.request(method, path, **options)

    state = await fleet_of(FakeSources(Slow(Gone(world())), declared=inventory(OWN)), now=Clock()).once()
    earth = named(state, "earth")
    assert earth.state == "observed"
    assert "the connection was lost" in earth.shares[KEY].why
