"""The arguments and options that commands share, and the request that they make."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from console.cli.request import Request

F = TypeVar("F", bound=Callable[..., Any])


def fleet_options(command: F) -> F:
    """The options that say which fleet: they may stand before or after the command's name."""
    options = (
        click.option("--config", type=click.Path(path_type=Path), metavar="DIR",
                     help="Folder of clusters, or a checkout that holds config/clusters. [env: HUBHOMES_CONFIG]"),
        click.option("--cluster", metavar="C", help="Only this cluster."),
        click.option("--hub", metavar="H", help="Only this hub; open the console at it."),
        click.option("--context", "contexts", multiple=True, metavar="NAME",
                     help="Kubeconfig context: of --cluster, or where there is no tree, to find hubs in. May repeat."),
        click.option("--demo", is_flag=True, default=None, help="The embedded fleet instead of yours."),
        click.option("--offline", is_flag=True, default=None, help="Declared side only: no socket is opened."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


probe_option = click.option(
    "--probe", is_flag=True, help="Look inside hubs' directories: helper pods and commands that only look."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")


def complete_filestore(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from console.cli.complete import filestores

    return filestores(context, parameter, incomplete)


def complete_target(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from console.cli.complete import targets

    return targets(context, parameter, incomplete)


filestore_option = click.option(
    "--filestore", metavar="F", shell_complete=complete_filestore, help="Only this filestore, by name or id."
)
target_argument = click.argument("target", required=False, metavar="[C[/H]]", shell_complete=complete_target)


def request_of(context: click.Context, options: dict[str, Any]) -> Request:
    """What is asked for: the options before the command's name, and those behind it, which win."""
    from console.cli.request import Request
    from console.cli.scope import parse_target
    from console.settings import load_settings

    given = {**context.obj, **{name: value for name, value in options.items() if value not in (None, ())}}
    settings = load_settings()
    if given["config"]:
        settings = settings.decided("config", str(given["config"]), "command line --config")
    elif os.environ.get("HUBHOMES_CONFIG"):
        settings = settings.decided("config", os.environ["HUBHOMES_CONFIG"], "environment HUBHOMES_CONFIG")
    return Request(
        settings=settings,
        scope=parse_target(given.get("target"), given["cluster"], given["hub"], given.get("filestore")),
        config=given["config"],
        contexts=tuple(given["contexts"]),
        offline=bool(given["offline"]),
        demo=bool(given["demo"]),
        json=bool(given.get("as_json")),
        probe=bool(given.get("probe")),
    )
