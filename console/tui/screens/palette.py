"""Go to: a hub, a filestore, a screen, a theme or a command by some of its words."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.chain.filestore_words import filestore_mark, findings_on, fullness
from console.chain.marks import SHAPES
from console.chain.model import ClusterState
from console.tui.messages import FieldEdited, FieldEntered, FieldLeft, ItemChosen
from console.tui.present.filters import Filter, Searchable
from console.tui.present.lines import Item, Line, fit
from console.tui.present.marks import ROLE
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.field import Field
from console.tui.widgets.line_list import LineList
from providers.filestores.protocol import Filestore


class Goal(NamedTuple):
    """Somewhere to go: an action of the application, and the words that find it."""

    action: str
    name: str
    about: str
    mark: Line = (("   ", ""),)


class PaletteScreen(DocumentScreen):
    """Type some words, Enter goes to the first that matches, or to the one under the cursor."""

    NAME = "GO TO"
    AUTO_FOCUS = "Field"
    ESCAPES = "goes back"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Type words of a hub, a filestore, a screen, a theme or a command; Enter goes there.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "go", key_display="Enter"),
        Binding("escape", "app.leave", "back", key_display="esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Goal] = []

    def compose_body(self) -> ComposeResult:
        yield Field("goal", placeholder="hub, filestore, screen, theme or command", arrows=True)
        yield LineList(id="list")

    def goals(self) -> list[Goal]:
        """Everything there is to go to: screens and commands, then hubs, filestores, themes."""
        goals = [
            Goal("show('findings')", "findings", "all of the fleet by severity"),
            Goal("show('filestores')", "filestores", "how full, in what state, who lives on them"),
            Goal("show('fleet')", "fleet", "every hub of every cluster"),
            Goal("history", "history", "what was done, who, when; undo"),
            Goal("show('settings')", "settings", "every value and who decided it"),
            Goal("help", "help", "the keys and the marks"),
            Goal("look_again", "refresh", "observe every cluster now"),
            Goal("quit", "quit", "end the console"),
        ]
        goals += self._actions()
        for hub in self.state.hubs():
            mark = hub.mark
            worst = hub.worst.message if hub.worst else ""
            goals.append(Goal(f"hub:{hub.key}", hub.key, worst, ((f" {SHAPES[mark]} ", ROLE[mark]),)))
        goals += [
            self._filestore_goal(cluster, store) for cluster in self.state.clusters for store in cluster.filestores
        ]
        goals += [
            Goal(f"homes:{hub.key}", f"homes {hub.key}", f"{len(hub.homes.rows):,} entries of its directory")
            for hub in self.state.hubs()
            if hub.homes is not None
        ]
        names = sorted(self.app.available_themes, key=lambda name: (name not in ("dark", "light", "terminal"), name))
        goals += [Goal(f"theme:{name}", f"theme {name}", "the console's colours") for name in names]
        return goals

    def _actions(self) -> list[Goal]:
        """The guided actions where a finding names one."""
        jobs, found = self.console_app.jobs, {}
        if jobs is None:
            return []
        for finding in self.state.all_findings():
            offer = jobs.offers.of(finding)
            if offer is not None:
                place = offer.where if offer.target.hub or "/" not in offer.where else offer.where.replace("/", "//", 1)
                goal = f"action:{offer.target.action}:{place}"
                found[goal] = Goal(goal, f"{offer.target.action} {offer.where}", f"mends {finding.code}")
        return list(found.values())

    def _filestore_goal(self, cluster: ClusterState, store: Filestore) -> Goal:
        mark = filestore_mark(store, findings_on(cluster, store))
        told = fullness(cluster, store)
        about = ", ".join(word for word in ("filestore", store.state, told.percent and f"{told.percent} used") if word)
        shape: Line = ((f" {SHAPES[mark]} ", ROLE[mark]),)
        return Goal(f"filestore:{cluster.name}/{store.id}", f"{cluster.name}/{store.name}", about, shape)

    def _user_goals(self) -> list[Goal]:
        """Whoever is typed, as a user to find."""
        typed = self.wanted.source.removeprefix("user:")
        if not typed or " " in typed:
            return []
        return [Goal(f"user:{typed}", f"user {typed}", "find this user's homes and servers on every hub")]

    def paint(self) -> None:
        goals = self.goals()
        name = min(max(len(goal.name) for goal in goals), self.size.width // 2)
        self._shown = [goal for goal in goals if self.wanted.matches(Searchable(f"{goal.name} {goal.about}".lower()))]
        word = self.wanted.source.lower()
        self._shown.sort(key=lambda goal: not goal.name.lower().startswith(word))
        self._shown += self._user_goals()
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

    def on_field_edited(self, message: FieldEdited) -> None:
        self.wanted = Filter(message.text.lstrip(":"))
        self.query_one(LineList).release()
        self.repaint()

    def on_field_entered(self, _: FieldEntered) -> None:
        self.action_accept()

    def on_field_left(self, _: FieldLeft) -> None:
        self.console_app.back()

    def action_accept(self) -> None:
        key = self.query_one(LineList).cursor_key
        if key:
            self._go(key)

    def on_item_chosen(self, message: ItemChosen) -> None:
        self._go(message.key)

    def _go(self, action: str) -> None:
        self.console_app.go(action)
