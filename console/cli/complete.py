"""What the shell offers for C/H and --filestore: clusters, hubs and filestores of the tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click


def targets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """Clusters that start with INCOMPLETE, and the hubs of the one that is named; nothing where there is no tree."""
    from console.fleet.sources import RealSources
    from console.fleet.start import tree_root
    from console.inventory.errors import ConfigurationError
    from console.settings import SettingsError, load_settings

    try:
        settings = load_settings()
        root = tree_root(settings, config_of(context), ())
        inventory = RealSources(settings, root).outline() if root else None
    except (ConfigurationError, SettingsError):
        return []
    if inventory is None:
        return []
    names = [cluster.name for cluster in inventory.clusters]
    if "/" in incomplete:
        names = [f"{hub.cluster}/{hub.name}" for cluster in inventory.clusters for hub in cluster.hubs]
    return [name for name in names if name.startswith(incomplete)]


def filestores(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """The names of filestores that start with INCOMPLETE: those that the tree's Terraform declares, since what is live
    only clouds and clusters know; the demo's own where the line says --demo."""
    try:
        names = _demo_names() if _said(context, "demo") or context.info_name == "demo" else _declared_names(context)
    except _nothing_to_offer():
        return []
    return sorted(name for name in set(names) if name.startswith(incomplete))


def _declared_names(context: click.Context) -> list[str]:
    from console.fleet.sources import RealSources
    from console.fleet.start import tree_root
    from console.settings import load_settings

    settings = load_settings()
    root = tree_root(settings, config_of(context), ())
    cluster = _said(context, "cluster")
    declared = RealSources(settings, root).terraform() if root else ()
    return [
        f"{resource.parent}/{resource.name}" if resource.parent else resource.name
        for one in declared
        if cluster in (None, one.name)
        for resource in one.resources
        if resource.kind == "filestore"
    ]


def _demo_names() -> list[str]:
    import asyncio

    from console.fleet.start import demo_fleet
    from console.settings import load_settings

    state = asyncio.run(demo_fleet(load_settings(), at_once=True).once())
    return [store.name for cluster in state.clusters for store in cluster.filestores]


def _nothing_to_offer() -> tuple[type[Exception], ...]:
    from console.inventory.errors import ConfigurationError
    from console.settings import SettingsError

    return ConfigurationError, SettingsError


def _said(context: click.Context, option: str) -> Any:
    """What the line says so far of OPTION, before or behind the command's name."""
    found: click.Context | None = context
    while found is not None:
        if found.params.get(option):
            return found.params[option]
        found = found.parent
    return None


def config_of(context: click.Context) -> Path | None:
    """The tree that the line names so far, or the environment."""
    said = _said(context, "config")
    if said:
        return Path(said).expanduser()
    named = os.environ.get("HUBHOMES_CONFIG")
    return Path(named).expanduser() if named else None
