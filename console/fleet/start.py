"""Puts a fleet together from settings and what the command line says. Cheap: nothing is opened or parsed here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.fleet.sources import DemoSources, RealSources, Sources
from console.inventory.errors import ConfigurationError

if TYPE_CHECKING:
    from console.chain.model import FleetState
    from console.fleet.fleet import Fleet
    from console.settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def start_fleet(
    settings: Settings,
    *,
    config: Path | None = None,
    cluster: str | None = None,
    contexts: Sequence[str] = (),
    offline: bool = False,
) -> Fleet:
    """The user's fleet, not started yet. Raises ConfigurationError for a folder that is no tree, and for contexts
    that leave open which cluster they are for."""
    from console.fleet.fleet import Fleet

    check_backends(settings)
    root = tree_root(settings, config, contexts if cluster is None else ())
    if offline and root is None:
        raise no_tree()
    settings = with_contexts(settings, root, cluster, contexts)
    chosen = () if root else contexts
    return Fleet(
        RealSources(settings, root),
        settings,
        only=cluster,
        contexts=chosen,
        offline=offline,
        emulated=() if offline else emulators(settings),
    )


def demo_fleet(
    settings: Settings, *, cluster: str | None = None, offline: bool = False, at_once: bool = False
) -> Fleet:
    """The embedded fleet, not started yet. AT_ONCE: its clusters answer without the delays of real ones."""
    from console.fleet.fleet import Fleet

    return Fleet(DemoSources(utc_now, at_once=at_once), demo_settings(settings), only=cluster, offline=offline)


def offline_state(
    settings: Settings,
    *,
    config: Path | None = None,
    cluster: str | None = None,
    demo: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> FleetState:
    """The declared side of a fleet, read here and now: no loop, no thread, no socket. Raises ConfigurationError."""
    from console.fleet.compose import records_of_tree
    from console.fleet.store import Store

    sources: Sources = DemoSources(now) if demo else RealSources(settings, tree_root(settings, config, ()))
    if sources.root() is None:
        raise no_tree()
    inventory = sources.inventory()
    store = Store(demo_settings(settings) if demo else settings, now=now, offline=True)
    store.adopt(inventory, records_of_tree(inventory, only=cluster))
    store.changed(*store.declare(sources.terraform()))
    store.publish()
    return store.state


def tree_root(settings: Settings, config: Path | None, contexts: Sequence[str]) -> Path | None:
    """The folder of clusters: that of CONFIG, else, unless CONTEXTS are named instead, of the settings, or of the
    working folder when it holds config/clusters; else None. Raises ConfigurationError."""
    from console.inventory.tree import find_root

    if config is not None:
        return find_root(config)
    if contexts:
        return None
    if settings.config is not None:
        return find_root(Path(settings.config).expanduser())
    here = Path.cwd()
    return find_root(here) if (here / "config" / "clusters").is_dir() else None


def check_backends(settings: Settings) -> None:
    """Raises SettingsError for a filestore backend that is not installed; looks for none while the default stands."""
    if settings.origin("backends") == "default":
        return
    from console.settings import SettingsError
    from providers.filestores.registry import names

    for name in settings.backends:
        if name not in names():
            raise SettingsError(
                settings.origin("backends"), f"backends: there is no {name}; there are {', '.join(names())}"
            )


def emulators(settings: Settings) -> tuple[str, ...]:
    """The environment variables by which an emulator is asked in a cloud's place."""
    from providers.filestores.emulators import emulated

    return emulated(settings.backends, os.environ)


def no_tree() -> ConfigurationError:
    return ConfigurationError(
        "there is no configuration tree to read offline",
        next_step="hubhomes --config DIR, or config in settings.toml",
    )


def with_contexts(settings: Settings, root: Path | None, cluster: str | None, contexts: Sequence[str]) -> Settings:
    """SETTINGS in which the context of the command line serves the one cluster of a tree that it is for."""
    if root is None or not contexts:
        return settings
    if cluster is None or len(contexts) > 1:
        raise ConfigurationError(
            "with a configuration tree, --context is for one cluster, and it is not said which",
            next_step="add --cluster NAME, or say it for every cluster in settings.toml under [contexts]",
        )
    return msgspec.structs.replace(
        settings,
        contexts={**settings.contexts, cluster: contexts[0]},
        origins={**settings.origins, f"contexts.{cluster}": "command line --context"},
    )


def demo_settings(settings: Settings) -> Settings:
    """SETTINGS without what is about the user's own clusters."""
    deploy = type(settings.deploy)()
    return msgspec.structs.replace(
        settings, contexts={}, accounts={}, namespaces={}, watch=(), config=None, deploy=deploy
    )
