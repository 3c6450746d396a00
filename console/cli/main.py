"""The command line of hubhomes. Only click and the settings are imported before a command is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from console.cli.exits import Exit

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


json_option = click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")


def complete_target(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from console.cli.complete import targets

    return targets(context, parameter, incomplete)


target_argument = click.argument("target", required=False, metavar="[C[/H]]", shell_complete=complete_target)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@fleet_options
@click.pass_context
def cli(context: click.Context, /, **options: Any) -> int | None:
    """The home directories of JupyterHubs: which link is broken, and why.

    Without a command it opens the console.
    """
    context.obj = options
    if context.invoked_subcommand is not None:
        return None
    from console.cli import console as command

    return command.run(request_of(context, {}))


@cli.command()
@fleet_options
@click.pass_context
def demo(context: click.Context, /, **options: Any) -> int:
    """Open the console on an embedded fleet. Nothing outside the process is touched."""
    from console.cli import console as command

    return command.run(request_of(context, {**options, "demo": True}))


@cli.command()
@target_argument
@fleet_options
@json_option
@click.pass_context
def status(context: click.Context, /, **options: Any) -> Exit:
    """The chain of every hub, of cluster C, or of hub C/H."""
    from console.cli import status as command

    return command.run(request_of(context, options))


@cli.command()
@target_argument
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="warning", show_default=True,
              help="From which severity on findings are listed and make the exit code 1.")  # fmt: skip
@fleet_options
@json_option
@click.pass_context
def check(context: click.Context, /, fail_on: Any, **options: Any) -> Exit:
    """The findings. Exit code 0: none; 1: found; 2: usage or configuration error; 3: something was not observed."""
    from console.cli import check as command

    return command.run(request_of(context, options), fail_on)


@cli.command()
@target_argument
@fleet_options
@json_option
@click.pass_context
def filestores(context: click.Context, /, **options: Any) -> Exit:
    """Filestores, and the hubs that live on each; of hub C/H, the one that it lives on."""
    from console.cli import filestores as command

    return command.run(request_of(context, options))


@cli.command()
def version() -> None:
    """The version of hubhomes."""
    from importlib.metadata import version as installed

    click.echo(installed("hubhomes"))


@cli.command()
def schema() -> None:
    """The JSON Schema of what --json prints."""
    from console.cli.schema import FILE

    click.echo(FILE.read_text(encoding="utf-8"), nl=False)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Completion for a shell:  eval "$(hubhomes completion bash)"."""
    from click.shell_completion import ShellComplete, get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - the choices are click's own
    click.echo(ShellComplete.source(found(cli, {}, "hubhomes", "_HUBHOMES_COMPLETE")))


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
        scope=parse_target(given.get("target"), given["cluster"], given["hub"]),
        config=given["config"],
        contexts=tuple(given["contexts"]),
        offline=bool(given["offline"]),
        demo=bool(given["demo"]),
        json=bool(given.get("as_json")),
    )


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command and ends the process with its exit code."""
    sys.exit(ended(arguments))


def ended(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code. Whatever is the user's to mend is one line and a next step on stderr."""
    try:
        outcome = cli.main(args=arguments, prog_name="hubhomes", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED
    except refusals() as error:
        return refused(error)
    return outcome if isinstance(outcome, int) else Exit.NONE


def refusals() -> tuple[type[Exception], ...]:
    """What is the user's to mend: settings, the configuration, the names given. Only imported when something failed."""
    from console.cli.scope import NotThere
    from console.inventory.errors import ConfigurationError
    from console.settings import SettingsError

    return NotThere, ConfigurationError, SettingsError


def refused(error: Exception) -> int:
    click.echo(f"hubhomes: {error}", err=True)
    next_step = getattr(error, "next_step", "")
    if next_step:
        click.echo(f"  next: {next_step}", err=True)
    return Exit.USAGE


if __name__ == "__main__":
    main()
