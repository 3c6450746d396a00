"""How a command has the fleet's state: what is declared, after one look at the clusters, or after looks inside hubs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from console.chain.words import count
from console.cli.output import narrate
from console.cli.request import Request
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.chain.model import FleetState, HubState
    from console.cli.progress import StatusLine
    from console.fleet.fleet import Fleet

RUN_MINUTES = 720.0
"""The longest that one run may take; the permission is taken back as soon as it has ended."""


def observed_state(request: Request) -> FleetState:
    """The state of REQUEST's fleet after one look, or the declared side of it. Raises ConfigurationError, NotThere."""
    if request.offline:
        from console.fleet.start import offline_state

        state = offline_state(request.settings, config=request.config, demo=request.demo)
        request.scope.require(state)
        return state
    import asyncio

    if request.probe:
        return asyncio.run(_probed(request))
    from console.cli.progress import Progress

    fleet = request.fleet()
    with Progress(fleet, sys.stderr):
        state = asyncio.run(fleet.once())
    request.scope.require_cluster(fleet.cluster_names())
    request.scope.require(state)
    return state


async def _probed(request: Request) -> FleetState:
    fleet = request.fleet()
    try:
        return await looked_into_all(fleet, request)
    finally:
        await fleet.close()


async def observed(fleet: Fleet, request: Request) -> FleetState:
    """FLEET's state after one look at its clusters; FLEET stays open. Raises NotThere."""
    from console.cli.progress import Progress

    with Progress(fleet, sys.stderr):
        await fleet.refresh(request.scope.cluster)
    request.scope.require_cluster(fleet.cluster_names())
    request.scope.require(fleet.state)
    return fleet.state


async def looked_into_all(fleet: Fleet, request: Request) -> FleetState:
    """The state after a look inside every hub of the request's scope; what keeps a hub from it is told on stderr."""
    import asyncio

    from console.cli.progress import StatusLine

    state = await observed(fleet, request)
    hubs = to_look_at(state, request)
    line = StatusLine(f"looking inside {count(len(hubs), 'hub')}")
    with probing(fleet, tuple(dict.fromkeys(hub.cluster for hub in hubs))):
        await asyncio.gather(*(_one(fleet, hub, line) for hub in hubs))
    line.end()
    return fleet.state


def to_look_at(state: FleetState, request: Request) -> tuple[HubState, ...]:
    """The hubs of the request's scope that have homes on NFS, in clusters that could be observed."""
    return tuple(
        hub
        for cluster in request.scope.clusters(state)
        if cluster.state == "observed"
        for hub in request.scope.hubs(cluster)
        if hub.links and hub.link("homes").mark != "none"
    )


async def _one(fleet: Fleet, hub: HubState, line: StatusLine) -> None:
    try:
        await fleet.look(hub.cluster, hub.name)
    except ProviderError as error:
        line.end()
        narrate(f"not looked inside: {hub.key}: {error.message}")
    line.done()


@contextmanager
def probing(fleet: Fleet, clusters: tuple[str, ...]) -> Iterator[None]:
    """Permits probing in CLUSTERS while it is entered."""
    for cluster in clusters:
        fleet.grant(cluster, "probe", minutes=RUN_MINUTES)
    try:
        yield
    finally:
        for cluster in clusters:
            fleet.revoke(cluster)
