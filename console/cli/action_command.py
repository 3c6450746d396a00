"""Makes the click command of a guided action from the parameters that it declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import click

from console.actions.protocol import Action, Parameter, Target
from console.actions.registry import action as registered_action
from console.cli.action import Answers, run
from console.cli.exits import Exit
from console.cli.options import complete_target, fleet_options, json_option, request_of

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_METAVARS = {"hub": "C/H", "cluster": "C", "filestore": "C/FILESTORE"}


class Duration(click.ParamType[float]):
    """90s, 30min, 2h or 3d, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|min|h|d)", str(value).strip())
        if found is None or float(found[1]) <= 0:
            self.fail(f"{value!r} is no time: 90s, 30min, 2h or 3d", param, ctx)
        return float(found[1]) * _SECONDS[found[2]]


def command(name: str) -> click.Command:
    """The command of the action NAME. Raises Refused where there is none."""
    return command_of(registered_action(name))


def command_of(action: Action) -> click.Command:
    return click.command(name=action.name, help=action.summary)(_callback(action))


def answer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a plan is only shown, or approved."""
    options = (
        click.option("--dry-run", is_flag=True, help="Print the plan and its digest; change nothing."),
        click.option("--yes", is_flag=True, help="Approve the plan of --digest without being asked."),
        click.option("--digest", metavar="D", help="The plan that is approved: any other is refused."),
        click.option("--confirm", metavar="NAME", default="", help="The hub's name: of production, or to take away."),
        click.option("--ticket", metavar="TEXT", default="", help="Why it is done, for the record."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def answers_of(options: dict[str, Any]) -> Answers:
    """Takes what was said about running out of OPTIONS."""
    return Answers(**{name: options.pop(name) for name in ("dry_run", "yes", "digest", "confirm", "ticket")})


def target_of(action: Action, cluster: str | None, rest: str | None, options: Mapping[str, Any]) -> Target:
    """What is asked for: REST is the hub or the filestore. Raises UsageError where it is not named."""
    metavar = _METAVARS[action.target]
    if not cluster or (action.target != "cluster" and not rest) or (action.target == "cluster" and rest):
        raise click.UsageError(f"{action.name} is for one {action.target}: {action.name} {metavar}")
    names = {parameter.name for parameter in action.parameters}
    parameters = {key: value for key, value in options.items() if key in names}
    if action.target == "filestore":
        return Target(action=action.name, cluster=cluster, parameters={**parameters, "filestore": rest})
    return Target(action=action.name, cluster=cluster, hub=rest, parameters=parameters)


def _callback(action: Action) -> Callable[..., Any]:
    @click.pass_context
    def callback(context: click.Context, /, **options: Any) -> Exit:
        answers = answers_of(options)
        named = options.get("target") or ""
        filestore = None
        if action.target == "filestore":
            options["target"], _, filestore = named.partition("/")
        names = {parameter.name for parameter in action.parameters}
        asked = {key: value for key, value in options.items() if key in names}
        request = request_of(context, {key: value for key, value in options.items() if key not in names})
        rest = filestore if action.target == "filestore" else request.scope.hub
        return run(request, target_of(action, request.scope.cluster, rest, asked), answers)

    decorators: tuple[Callable[..., Any], ...] = (*_declared(action), fleet_options, answer_options, json_option)
    made: Callable[..., Any] = callback
    for decorate in reversed(decorators):
        made = decorate(made)
    return made


def _declared(action: Action) -> tuple[Callable[..., Any], ...]:
    # Words by position that follow would else be taken for it.
    followed = any(parameter.argument for parameter in action.parameters)
    target = click.argument(
        "target", required=followed, metavar=_METAVARS[action.target], shell_complete=complete_target
    )
    return (target, *(_option(parameter) for parameter in action.parameters))


def _option(parameter: Parameter) -> Callable[..., Any]:
    kinds: dict[str, Any] = {
        "text": click.STRING,
        "texts": click.STRING,
        "choice": click.Choice(parameter.choices),
        "duration": Duration(),
        "count": click.IntRange(min=0),
    }
    if parameter.argument:
        several = -1 if parameter.kind == "texts" else 1
        return click.argument(parameter.name, required=parameter.required, type=kinds[parameter.kind], nargs=several)
    spelled = f"--{parameter.option or parameter.name.replace('_', '-')}"
    if parameter.kind == "flag":
        return click.option(spelled, parameter.name, is_flag=True, help=parameter.help)
    return click.option(
        spelled,
        parameter.name,
        type=kinds[parameter.kind],
        multiple=parameter.kind == "texts",
        required=parameter.required,
        help=parameter.help,
    )
