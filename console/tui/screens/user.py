"""User: one person on every hub."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.chain.model import ClusterState, HubState
from console.chain.users import UserHome, homes_of
from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.fleet_lines import status
from console.tui.present.lines import Item, Line, plain, wrap
from console.tui.present.user_items import nowhere, user_items
from console.tui.screens.looks_inside import GIVE_BACK, PROBE, STOP, LooksInside
from console.tui.widgets.line_list import LineList


class UserScreen(LooksInside):
    """The user NAME, escaped or not; the hub that one came from stands first."""

    NAME = "USER"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "One user on every hub: the home with its owner, its size against the quota, what is wrong, the server",
        "that runs and what it mounts. Enter opens the hub; p looks inside it.",
        "Where nobody has looked and no exporter tells, a home is neither there nor missing: they are named below.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open hub", key_display="Enter", tooltip="open the hub under the cursor"),
        PROBE,
        Binding("h", "homes", "homes", tooltip="the homes of the hub under the cursor"),
        Binding("c", "copy", "copy", tooltip="copy what is known of the user on this hub"),
        Binding("r", "app.look_again", "refresh", tooltip="look again at every cluster now"),
        STOP,
        GIVE_BACK,
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "leave", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, name: str, hub: str = "") -> None:
        super().__init__()
        self.user = name
        self._first = hub

    def compose_body(self) -> ComposeResult:
        yield LineList(id="list")

    def found(self) -> tuple[UserHome, ...]:
        """Where the user has a home or a server, the hub that one came from first."""
        servers = self.console_app.fleet.user_servers(self.user)
        homes = homes_of(self.state, servers, self.user)
        return tuple(sorted(homes, key=lambda one: f"{one.cluster}/{one.hub}" != self._first))

    def hub_in_view(self) -> tuple[ClusterState, HubState] | None:
        key = self.query_one(LineList).cursor_key
        every = ((cluster, hub) for cluster in self.state.clusters for hub in cluster.hubs)
        return next((pair for pair in every if pair[1].key == key), None)

    def paint(self) -> None:
        width, clock, homes = self.size.width, self.console_app.clock, self.found()
        items = user_items(homes, self.state, width, clock)
        if not homes:
            lines: list[Line] = [
                ((f"   {text}", "quiet"),)
                for words in nowhere(self.user, self.state)
                for text in wrap(words, width - 6)
            ]
            items = [Item(None, ((), *lines))]
        self.query_one(LineList).show(items)
        count = f"on {len(homes)} hub{'' if len(homes) == 1 else 's'}"
        self.show_title((("user  ", "quiet"), (self.user, "strong"), (f"   {count}", "quiet")))
        self.show_status(status(self.state, clock))
        self.show_keys()

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()
        self.refresh_title()

    def on_item_chosen(self, message: ItemChosen) -> None:
        self.console_app.open_hub(message.key)

    def action_open(self) -> None:
        """Enter, where the list does not have the keys."""
        self.query_one(LineList).action_choose()

    def action_leave(self) -> None:
        """One step back: the look that is under way, then the screen."""
        if not self.stop_look():
            self.console_app.back()

    def action_copy(self) -> None:
        listed = self.query_one(LineList)
        lines = next((item.lines for item in listed.items if item.key == listed.cursor_key), ())
        text = "\n".join(plain(line).strip() for line in lines).strip()
        self.console_app.copy(f"{self.user} on {text}", "what is known of the user here")
