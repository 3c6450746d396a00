"""What the shell offers for C/H: the clusters and hubs of the tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

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


def config_of(context: click.Context) -> Path | None:
    """The tree that the line names so far, or the environment."""
    found: click.Context | None = context
    while found is not None:
        if found.params.get("config"):
            return Path(found.params["config"]).expanduser()
        found = found.parent
    named = os.environ.get("HUBHOMES_CONFIG")
    return Path(named).expanduser() if named else None
