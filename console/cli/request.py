"""What a command was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.cli.scope import Scope
from console.settings import Settings

if TYPE_CHECKING:
    from console.fleet.fleet import Fleet


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the command. `config` is the tree, None to find one; `contexts` those of the command line;
    `probe` looks inside every hub, too."""

    settings: Settings
    scope: Scope = Scope()
    config: Path | None = None
    contexts: tuple[str, ...] = ()
    offline: bool = False
    demo: bool = False
    json: bool = False
    probe: bool = False

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
