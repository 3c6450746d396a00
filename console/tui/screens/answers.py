"""What an action is asked for: its parameters, one under the other, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.actions.offers import called
from console.actions.protocol import Action, Parameter, Target
from console.chain.model import ClusterState
from console.tui.messages import FieldEntered, ItemChosen
from console.tui.present.action_lines import value_words, words_of
from console.tui.present.lines import Item, Line, fit, wrap
from console.tui.screens.asking import AskingScreen
from console.tui.widgets.line_list import LineList

PLAN = "plan"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


class AnswersScreen(AskingScreen):
    """The parameters of ACTION for TARGET. Planning with them changes nothing."""

    NAME = "ASKED FOR"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "What the action is asked for. Enter changes the line under the cursor: yes or no, a choice, or a field;",
        "Enter on the last line plans with it, which changes nothing.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "change", key_display="Enter", tooltip="change the line under the cursor, or plan"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "app.leave", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, action: Action, target: Target, accept: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__()
        self._action = action
        self._target = target
        self._accept = accept
        self.values: dict[str, Any] = answered(action, target.parameters)

    def cluster_in_view(self) -> ClusterState | None:
        return self.cluster_named(self._target.cluster)

    def compose_body(self) -> ComposeResult:
        yield LineList(id="list")

    def paint(self) -> None:
        width = self.size.width
        place = called(self._target, self.state.clusters)
        self.show_title(((words_of(self._action.name).upper(), "strong"), (f"   {place}", "strong")))
        items = [Item(None, ((), *(((f" {piece}", ""),) for piece in wrap(self._action.summary, width - 2)), ()))]
        names = max((len(label(one)) for one in self._action.parameters), default=0)
        items += [self._item(one, names) for one in self._action.parameters]
        missing = self.missing()
        words = f"   still to be said: {', '.join(label(one) for one in missing)}" if missing else "   plan with this"
        items.append(Item(PLAN, ((), ((words, "warning" if missing else "strong"),))))
        self.query_one(LineList).show(items)
        self.show_status((("the last line (G) plans with this, which changes nothing", "quiet"),))
        self.show_keys()

    def _item(self, parameter: Parameter, names: int) -> Item:
        shown = value_words(parameter, self.values[parameter.name])
        line: Line = (
            (f"   {fit(label(parameter), names)}  ", "strong"),
            (shown or "not said", "" if shown else "quiet"),
        )
        more = f" ({' or '.join(parameter.choices)})" if parameter.choices else ""
        room = self.size.width - names - 7
        about: list[Line] = [((f"{'':{names + 5}}{piece}", "quiet"),) for piece in wrap(parameter.help + more, room)]
        return Item(parameter.name, (line, *about))

    def missing(self) -> list[Parameter]:
        """What has to be said and is not."""
        return [one for one in self._action.parameters if one.required and self.values[one.name] in (None, "", ())]

    def action_choose(self) -> None:
        self.query_one(LineList).action_choose()

    def on_item_chosen(self, message: ItemChosen) -> None:
        if message.key == PLAN:
            if self.missing():
                self.console_app.say(f"say {label(self.missing()[0])} first", role="warning")
            else:
                self._accept({**self._target.parameters, **self.values})
            return
        parameter = self._parameter(message.key)
        value = self.values[parameter.name]
        if parameter.kind == "flag":
            self.values[parameter.name] = not value
        elif parameter.kind == "choice":
            self.values[parameter.name] = following(parameter, value)
        else:
            self.ask(parameter.name, value_words(parameter, value), placeholder=placeholder(parameter))
        self.repaint()

    def on_field_entered(self, message: FieldEntered) -> None:
        parameter = self._parameter(message.what)
        try:
            self.values[parameter.name] = read(parameter, message.text)
        except ValueError as error:
            self.console_app.say(str(error), role="warning")
            return
        self.close_field()
        self.repaint()

    def _parameter(self, name: str) -> Parameter:
        return next(one for one in self._action.parameters if one.name == name)


def label(parameter: Parameter) -> str:
    return (parameter.option or parameter.name).replace("_", " ").replace("-", " ")


def answered(action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of ACTION with what was GIVEN, or as the command line leaves it when nothing is said."""
    empty: dict[str, Any] = {"flag": False, "texts": ()}
    return {one.name: given.get(one.name, empty.get(one.kind)) for one in action.parameters}


def unanswered(action: Action, given: Mapping[str, Any]) -> bool:
    """Whether ACTION needs to be told more than was GIVEN."""
    return any(one.required and given.get(one.name) in (None, "", ()) for one in action.parameters)


def following(parameter: Parameter, value: object) -> str | None:
    """The choice after VALUE; none of them after the last, where it need not be said."""
    choices: list[str | None] = [*parameter.choices, *([] if parameter.required else [None])]
    at = choices.index(value) + 1 if value in choices and (value is not None or not parameter.required) else 0
    return choices[at % len(choices)]


def placeholder(parameter: Parameter) -> str:
    kinds = {"duration": "90s, 30min, 2h or 3d", "count": "a number", "texts": "one or more, with spaces between them"}
    return f"{label(parameter)}: {kinds.get(parameter.kind, parameter.help)}"


def read(parameter: Parameter, text: str) -> Any:
    """TEXT as PARAMETER's value, None for nothing. Raises ValueError with what would be right."""
    if parameter.kind == "texts":
        return split(text)
    if not text:
        return None
    if parameter.kind == "duration":
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|min|h|d)", text)
        if found is None or float(found[1]) <= 0:
            raise ValueError(f"{text} is no time: 90s, 30min, 2h or 3d")
        return float(found[1]) * _SECONDS[found[2]]
    if parameter.kind == "count":
        if not text.isdecimal():
            raise ValueError(f"{text} is no number")
        return int(text)
    return text


def split(text: str) -> tuple[str, ...]:
    """The words of TEXT; quotes hold one with spaces together. Raises ValueError for a quote without its end."""
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError('a quote has no end: "d e" is one word') from error
