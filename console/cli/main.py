"""The command line of hubhomes. Only click and the settings are imported before a command is known."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from console.cli.exits import Exit
from console.cli.options import (
    complete_filestore,
    complete_target,
    filestore_option,
    fleet_options,
    json_option,
    probe_option,
    request_of,
    target_argument,
)


class Commands(click.Group):
    """Besides its own commands, `history` and the guided actions, each made when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from console.actions.registry import registered

        return sorted({*super().list_commands(ctx), "history", *registered()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name == "history":
            from console.cli.history import history

            return history
        from console.actions.registry import registered

        if cmd_name not in registered():
            return None
        from console.cli.action_command import command

        return command(cmd_name)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@fleet_options
@click.option("--filestore", metavar="F", shell_complete=complete_filestore,
              help="Open the console at this filestore, by name or id.")  # fmt: skip
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
@filestore_option
@click.pass_context
def demo(context: click.Context, /, **options: Any) -> int:
    """Open the console on an embedded fleet. Nothing outside the process is touched."""
    from console.cli import console as command

    return command.run(request_of(context, {**options, "demo": True}))


@cli.command()
@target_argument
@probe_option
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
@probe_option
@fleet_options
@json_option
@click.pass_context
def check(context: click.Context, /, fail_on: Any, **options: Any) -> Exit:
    """The findings. Exit code 0: none; 1: found; 2: usage or configuration error; 3: something was not observed."""
    from console.cli import check as command

    return command.run(request_of(context, options), fail_on)


@cli.command()
@target_argument
@click.option("--homes", is_flag=True, help="Every home, not only those with something wrong.")
@click.option("--deep", is_flag=True, help="Owners one level deeper, too.")
@click.option("--size", "sizes", multiple=True, metavar="NAME", help="Count the size of this home. May repeat.")
@click.option("--user", metavar="NAME", help="Find this user's homes, on every hub of C.")
@click.option("--probe", is_flag=True, help="Permit, for this run, what the look needs: one helper pod or command.")
@fleet_options
@json_option
@click.pass_context
def look(context: click.Context, /, homes: bool, deep: bool, sizes: tuple[str, ...], user: str | None, **options: Any
         ) -> Exit:  # fmt: skip
    """What is inside the directory of hub C/H: owners, sizes, quotas. Nothing is changed."""
    from console.cli import look as command

    request = request_of(context, options)
    if user is not None:
        from console.cli import user as of_user

        return of_user.run(request, user)
    return command.run(request, command.Asked(homes=homes, deep=deep, sizes=sizes))


@cli.command()
@click.argument("name", metavar="NAME")
@probe_option
@fleet_options
@json_option
@click.pass_context
def user(context: click.Context, /, name: str, **options: Any) -> Exit:
    """Homes, quotas, servers and mounts of user NAME, escaped or not. Exit code 1: nowhere; 3: not known everywhere."""
    from console.cli import user as command

    return command.run(request_of(context, options), name)


@cli.command()
@click.argument("target", required=False, metavar="[C[/H|/F]]", shell_complete=complete_target)
@fleet_options
@filestore_option
@json_option
@click.pass_context
def filestores(context: click.Context, /, **options: Any) -> Exit:
    """Filestores, and the hubs that live on each; of hub C/H, the one that it lives on; of filestore C/F, all."""
    from console.cli import filestores as command

    return command.run(request_of(context, options))


@cli.command()
@click.argument("target", metavar="C/H", shell_complete=complete_target)
@click.option("--writable", is_flag=True, help="Mount it writable, and act as root there.")
@click.option("--base", is_flag=True, help="Mount the whole base path, in which hubs have their directories.")
@click.option("--for", "lasts", metavar="TIME", help="How long it may last: 30min, 2h.")
@click.option("--confirm", metavar="NAME", default="", help="The hub's name: to write in production.")
@click.option("--ticket", metavar="TEXT", default="", help="Why it is opened, for the record.")
@fleet_options
@click.pass_context
def shell(context: click.Context, /, confirm: str, ticket: str, **options: Any) -> int:
    """A shell with the homes of hub C/H mounted, read-only unless said otherwise. Its exit code is the shell's."""
    from console.cli import shell as command

    asked = {name: options.pop(name) for name in ("writable", "base", "lasts")}
    request = request_of(context, options)
    return command.run(request, command.target_of(request, **asked), confirm=confirm, ticket=ticket)


@cli.command()
def version() -> None:
    """The version of hubhomes."""
    from importlib.metadata import version as installed

    click.echo(installed("hubhomes"))


@cli.command()
def schema() -> None:
    """The JSON Schema of what --json prints."""
    from console.cli.contract.schema import FILE

    click.echo(FILE.read_text(encoding="utf-8"), nl=False)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Completion for a shell:  eval "$(hubhomes completion bash)"."""
    from click.shell_completion import ShellComplete, get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - the choices are click's own
    click.echo(ShellComplete.source(found(cli, {}, "hubhomes", "_HUBHOMES_COMPLETE")))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command and ends the process with its exit code."""
    from console.cli.output import with_streams

    with_streams()
    sys.exit(ended(arguments))


def ended(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code. Whatever is the user's to mend is one line and a next step on stderr."""
    try:
        outcome = cli.main(args=arguments, prog_name="hubhomes", standalone_mode=False)
    except click.ClickException as error:
        shown(error)
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
    from console.cli.output import narrate

    narrate(f"hubhomes: {error}")
    next_step = getattr(error, "next_step", "")
    if next_step:
        narrate(f"  next: {next_step}")
    return Exit.USAGE


def shown(error: click.ClickException) -> None:
    """ERROR as click shows it, where somebody can be told."""
    try:
        error.show()
    except OSError:
        from console.cli.output import given_up

        given_up(sys.stderr)


if __name__ == "__main__":
    main()
