"""Go to: a hub, a screen, a theme or a command by some of its words."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.tui.messages import FilterAccepted, FilterEdited, FilterLeft, ItemChosen
from console.tui.present.filters import Filter, Searchable
from console.tui.present.fleet_rows import hub_mark
from console.tui.present.lines import Item, Line, fit
from console.tui.present.marks import ROLE, SHAPES
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.filter_line import FilterLine
from console.tui.widgets.line_list import LineList


class Goal(NamedTuple):
    """Somewhere to go: an action of the application, and the words that find it."""

    action: str
    name: str
    about: str
    mark: Line = (("   ", ""),)


class PaletteScreen(DocumentScreen):
    """Type some words, Enter goes to the first that matches, or to the one under the cursor."""

    NAME = "GO TO"
    ABOUT: ClassVar[tuple[str, ...]] = ("Type words of a hub, a screen, a theme or a command; Enter goes there.",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "go", key_display="Enter"),
        Binding("escape", "app.leave", "back", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Goal] = []

    def compose_body(self) -> ComposeResult:
        yield FilterLine("", placeholder="hub, screen, theme or command")
        yield LineList(id="list")

    def goals(self) -> list[Goal]:
        """Everything there is to go to: screens and commands, then hubs, then themes."""
        goals = [
            Goal("show('findings')", "findings", "all of the fleet by severity"),
            Goal("show('filestores')", "filestores", "how full, in what state, who lives on them"),
            Goal("show('fleet')", "fleet", "every hub of every cluster"),
            Goal("show('settings')", "settings", "every value and who decided it"),
            Goal("help", "help", "the keys and the marks"),
            Goal("look_again", "refresh", "observe every cluster now"),
            Goal("quit", "quit", "end the console"),
        ]
        for hub in self.state.hubs():
            mark = hub_mark(hub)
            worst = hub.worst.message if hub.worst else ""
            goals.append(Goal(f"hub:{hub.key}", hub.key, worst, ((f" {SHAPES[mark]} ", ROLE[mark]),)))
        names = sorted(self.app.available_themes, key=lambda name: (name not in ("dark", "light", "terminal"), name))
        goals += [Goal(f"theme:{name}", f"theme {name}", "the console's colours") for name in names]
        return goals

    def paint(self) -> None:
        goals = self.goals()
        name = min(max(len(goal.name) for goal in goals), self.size.width // 2)
        self._shown = [goal for goal in goals if self.wanted.matches(Searchable(f"{goal.name} {goal.about}".lower()))]
        word = self.wanted.source.lower()
        self._shown.sort(key=lambda goal: not goal.name.lower().startswith(word))
        items = [
            Item(
                goal.action,
                ((*goal.mark, (fit(goal.name, name, middle=True), "strong"), (f"  {goal.about}", "quiet")),),
            )
            for goal in self._shown
        ]
        self.show_items(items, total=len(goals))
        self.show_title(((self.NAME, "strong"),), right=((f"{len(items)} of {len(goals)}", "quiet"),))
        self.show_status(())
        self.show_keys()

    def on_filter_edited(self, message: FilterEdited) -> None:
        self.wanted = Filter(message.text.lstrip(":"))
        self.query_one(LineList).release()
        self.repaint()

    def on_filter_accepted(self, _: FilterAccepted) -> None:
        self.action_accept()

    def on_filter_left(self, _: FilterLeft) -> None:
        self.console_app.back()

    def action_accept(self) -> None:
        key = self.query_one(LineList).cursor_key
        if key:
            self._go(key)

    def on_item_chosen(self, message: ItemChosen) -> None:
        self._go(message.key)

    def _go(self, action: str) -> None:
        self.console_app.go(action)
