"""What a command was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.cli.scope import Scope
from console.settings import Settings

if TYPE_CHECKING:
    from console.actions.started import Started
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

    @property
    def started(self) -> Started:
        """The options by which a command means the same fleet from any folder."""
        from console.actions.started import Started

        words = ["--demo"] if self.demo else []
        words += ["--config", str(self.config.absolute())] if self.config is not None else []
        words += ["--cluster", self.scope.cluster] if self.contexts and self.scope.cluster else []
        return Started((*words, *(word for name in self.contexts for word in ("--context", name))))

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
