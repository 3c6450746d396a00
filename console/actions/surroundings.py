"""What actions are given of a fleet: a look made for them, the cluster's session, and who acts."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from console.actions.outcomes import Who
from console.actions.protocol import Context, Refused, Target
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.chain.model import ClusterState
    from console.fleet.fleet import Fleet
    from console.settings import Settings


class Surroundings:
    """Looks afresh at one cluster of FLEET for each plan, and for each look at what a run has done."""

    def __init__(self, fleet: Fleet, settings: Settings, *, now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._settings = settings
        self._now = now

    async def observe(self, target: Target) -> Context:
        """See `protocol.Observe`."""
        await self._fleet.refresh(target.cluster)
        state = self._fleet.state
        found = [one for one in state.clusters if one.name == target.cluster]
        if not found:
            names = ", ".join(one.name for one in state.clusters) or "none"
            raise Refused(f"there is no cluster {target.cluster}", next_step=f"there are: {names}")
        cluster = found[0]
        hubs = [hub for hub in cluster.hubs if hub.name == target.hub]
        if target.hub is not None and not hubs:
            names = ", ".join(hub.name for hub in cluster.hubs) or "none"
            raise Refused(f"{cluster.name} has no hub {target.hub}", next_step=f"there are: {names}")
        try:
            transport = await self._fleet.session(cluster.name)
        except ProviderError:
            transport = None
        return Context(
            fleet=state,
            cluster=cluster,
            hub=hubs[0] if hubs else None,
            parameters=target.parameters,
            settings=self._settings,
            who=who(cluster),
            now=self._now,
            cache=self._fleet.cache,
            transport=transport,
            permission=self._fleet.permission(cluster.name),
            way_in=partial(self._fleet.way_in, cluster.name, hubs[0].name) if hubs else None,
            look=partial(self._fleet.look, cluster.name, hubs[0].name) if hubs else None,
            changing=partial(self._fleet.changing, cluster.name),
        )


def who(cluster: ClusterState) -> Who:
    """Who acts here. The user's name is that of the process, whatever the environment says."""
    try:
        os_user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        os_user = f"uid {os.getuid()}"
    return Who(os_user=os_user, host=socket.gethostname(), kubernetes_user=cluster.user or "")
