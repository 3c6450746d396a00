"""What a command was asked for, and how the fleet's state for it is had."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.chain.model import FleetState
from console.cli.scope import NotThere, Scope, offered
from console.settings import Settings

if TYPE_CHECKING:
    from console.fleet.fleet import Fleet


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the command. `config` is the tree, None to find one; `contexts` those of the command line."""

    settings: Settings
    scope: Scope = Scope()
    config: Path | None = None
    contexts: tuple[str, ...] = ()
    offline: bool = False
    demo: bool = False
    json: bool = False

    def fleet(self, *, at_once: bool = True) -> Fleet:
        """The fleet that this is about, not started; a demo answers AT_ONCE. Raises ConfigurationError."""
        from console.fleet.start import demo_fleet, start_fleet

        if self.demo:
            return demo_fleet(self.settings, cluster=self.scope.cluster, offline=self.offline, at_once=at_once)
        return start_fleet(
            self.settings,
            config=self.config,
            cluster=self.scope.cluster,
            contexts=self.contexts,
            offline=self.offline,
        )


def require_cluster(scope: Scope, names: tuple[str, ...]) -> None:
    """Raises NotThere when NAMES, the tree's clusters, lack the one of SCOPE. Without NAMES it may be a context."""
    if scope.cluster is not None and names and scope.cluster not in names:
        raise NotThere(f"there is no cluster {scope.cluster}{offered(scope.cluster, list(names))}")


def observed_state(request: Request) -> FleetState:
    """The state of REQUEST's fleet after one look, or the declared side of it. Raises ConfigurationError, NotThere."""
    if request.offline:
        from console.fleet.start import offline_state

        state = offline_state(request.settings, config=request.config, demo=request.demo)
        request.scope.require(state)
        return state
    import asyncio

    from console.cli.progress import Progress

    fleet = request.fleet()
    with Progress(fleet, sys.stderr):
        state = asyncio.run(fleet.once())
    require_cluster(request.scope, fleet.cluster_names())
    request.scope.require(state)
    return state
