"""Homes: every entry of one hub's directory, with owner, size, quota and server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.actions.offers import Place, place_of
from console.actions.protocol import Target
from console.chain.home_names import is_trash
from console.chain.model import ClusterState, Finding, HubState
from console.chain.seen_model import SeenHome
from console.tui.messages import CursorMoved, HomesArranged, ItemChosen
from console.tui.present.filters import Filter
from console.tui.present.home_lines import home_columns, home_head, home_line, home_panel, homes_words
from console.tui.present.home_rows import (
    ORDER_WORDS,
    ORDERS,
    Arranged,
    HomeOrder,
    HomeTable,
    arranged,
    home_key,
    takes_long,
)
from console.tui.present.lines import Line, plain, width_of
from console.tui.present.look_lines import homes_source, why_no_homes
from console.tui.present.permission_lines import permission_words
from console.tui.screens.acts import ACTS, Acts
from console.tui.screens.looks_inside import GIVE_BACK, PROBE, STOP, LooksInside
from console.tui.screens.panelled import PanelledScreen
from console.tui.widgets.lines import Lines
from console.tui.widgets.row_list import RowList, Rows

MOST_AT_ONCE = 500
"""How many sizes are counted in one go: their names travel in the pod's arguments."""


class HomesScreen(Acts, LooksInside, PanelledScreen):
    """The homes of the hub CLUSTER/HUB."""

    NAME = "HOMES"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every entry of one hub's directory: whose it is, who owns it, when it changed, how large it is, who says so,",
        "how much of the quota is used, whether a server runs. p looks anew; the panel below tells all of one. Enter",
        "shows the user on every hub. a, R and z are about the home under the cursor, or those chosen with space: what",
        "can be done, retire (shows the plan), count the size.",
        "Names are shown escaped: a backslash begins bytes that no terminal should print.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("s", "order", "sort", tooltip="sort: trouble first, by name, by owner, largest, longest unchanged"),
        Binding(
            "enter", "open", "user", key_display="Enter", tooltip="the user on every hub: server, mounts, findings"
        ),
        PROBE,
        Binding("space", "choose", "choose", tooltip="choose the home under the cursor, or no longer"),
        Binding("z", "count", "size", tooltip="count the sizes of the chosen homes, or of the one under the cursor"),
        *ACTS,
        Binding("R", "retire", "retire", show=False, tooltip="retire the chosen homes, or the one under the cursor"),
        Binding("N", "rename", "rename", show=False, tooltip="rename the home under the cursor with its user"),
        Binding("A", "choose_all", "all", show=False, tooltip="choose all that are shown, or none"),
        Binding("D", "deep", "deeper", show=False, tooltip="look one level deeper: what in homes is somebody else's"),
        STOP,
        GIVE_BACK,
        Binding("c", "copy", "copy", show=False, tooltip="copy what is known of the home"),
        Binding("r", "app.look_again", "refresh", show=False, tooltip="look again at every cluster now"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self._order: HomeOrder = "trouble"
        self._table = HomeTable(())
        self._arranged = Arranged()
        self._arranging = False
        self._chosen: set[str] = set()

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield RowList(id="list")
        yield Lines(id="panel")

    def hub_in_view(self) -> tuple[ClusterState, HubState] | None:
        for cluster in self.state.clusters:
            for hub in cluster.hubs:
                if hub.key == self.key:
                    return cluster, hub
        return None

    def place_in_view(self) -> Place | None:
        """The hub, and of it the chosen homes, or the one under the cursor."""
        found = self.hub_in_view()
        if found is None:
            return None
        homes = self._meant()
        return msgspec.structs.replace(
            place_of(found[0], found[1].name),
            homes=tuple(f"./{one.shown}" for one in homes),
            users=tuple(one.user for one in homes),
        )

    def findings_in_view(self) -> Sequence[Finding]:
        """Those about homes that name one of those that are meant."""
        found, homes = self.hub_in_view(), self._meant()
        findings = found[1].findings if found else ()
        return [one for one in findings if one.link == "homes" and any(_is_about(one, home) for home in homes)]

    def _meant(self) -> Sequence[SeenHome]:
        """The chosen homes, else the one under the cursor; entries that are nobody's are none."""
        chosen = [one for one in self._table.homes if one.home and home_key(one) in self._chosen]
        home = self.home
        return chosen or ([home] if home is not None and home.home else [])

    @property
    def home(self) -> SeenHome | None:
        """The row under the cursor."""
        key = self.cursor_key
        at = self._arranged.places.get(key) if key else None
        return None if at is None else self._arranged.shown[at]

    def paint(self) -> None:
        found, width, clock = self.hub_in_view(), self.size.width, self.console_app.clock
        if found and found[1].homes is None and found[0].state == "observed":
            self.console_app.looking.ask_sizes(self.key)
        total = self._arrange(found[1] if found else None)
        self.share_height(total)
        if self._arranged.shown:
            columns = home_columns(self._table.shape, width)
            shown, chosen = self._arranged.shown, self._chosen
            self.query_one("#heads", Lines).show([home_head(columns, width)])

            def draw(at: int) -> Line:
                return home_line(shown[at], columns, width, clock, chosen=home_key(shown[at]) in chosen)

            self.query_one(RowList).show_rows(Rows([*self._arranged.places], self._arranged.places, draw))
        else:
            self.query_one("#heads", Lines).show([])
            self.show_items([], total=total)
        self._paint_title(found[1] if found else None, total)
        self.show_status(homes_source(found[1], clock) if found else ())
        self.show_keys()
        self.paint_panel()

    def _arrange(self, hub: HubState | None) -> int:
        """Work out which rows are shown, where the snapshot, the look, the order or the filter is another."""
        homes = self._entries(hub)
        if homes is not self._table.homes or len(homes) != len(self._table.homes):
            self._table = HomeTable(homes, still_read=hub is not None and hub.homes is None)
            if self._chosen and hub is not None and hub.homes is not None:
                self._chosen.intersection_update(map(home_key, homes))
        stamp = (self._table, len(homes), self._order, self.wanted.source)
        if stamp == self._arranged.stamp:
            return len(homes)
        if not takes_long(self._table, self._order, self.wanted):
            self._arranged = arranged(stamp, self._table, self._order, self.wanted)
        elif not self._arranging:
            self._arranging = True
            self.run_worker(self._arrange_aside(stamp, self._table, self._order, self.wanted), group="arrange")
        return len(homes)

    async def _arrange_aside(
        self, stamp: tuple[object, ...], table: HomeTable, order: HomeOrder, wanted: Filter
    ) -> None:
        """Until it is done the rows stand as they stood, and keys are heard."""
        try:
            found = await asyncio.to_thread(arranged, stamp, table, order, wanted)
        finally:
            self._arranging = False
        self.post_message(HomesArranged(found))

    def on_homes_arranged(self, message: HomesArranged) -> None:
        self._arranged = message.arranged
        self.repaint()

    def _entries(self, hub: HubState | None) -> Sequence[SeenHome]:
        """What is known; before anything is, what the look under way has read so far."""
        if hub is None:
            return ()
        if hub.homes is not None:
            return hub.homes.rows
        running = self.console_app.looking.at(hub.key)
        return running.rows[:] if running else ()

    def _paint_title(self, hub: HubState | None, total: int) -> None:
        name: Line = ((self.key.replace("/", " / "), "strong"), ("  HOMES", "strong"))
        if hub and hub.production:
            name = (name[0], (" PROD", "badge"), name[1])
        filtered: Line = ()
        if self.wanted:
            found = len(self._arranged.shown)
            filtered = ((f"   /{self.wanted.source}", "accent"), (f"  {found:,} of {total:,}", "quiet"))
        words: Line = ((f"   {ORDER_WORDS[self._order]}", "quiet"),) if self._order != "trouble" else ()
        chosen: Line = ((f"   {len(self._chosen):,} chosen", "accent"),) if self._chosen else ()
        counted = homes_words(hub.homes) if hub and hub.homes else ()
        left = (*name, *chosen, *filtered, *words)
        permitted = permission_words(self.cluster_in_view(), self.console_app.clock.now())
        fits = width_of((*left, *permitted, *counted)) + 6 <= self.size.width
        self.show_title(left, right=counted if fits else ())

    def empty_words(self) -> tuple[str, ...]:
        found = self.hub_in_view()
        if found is None:
            return ("There is no such hub in the fleet (any more).", "Esc goes back.")
        looking = self.console_app.looking
        running, ended = looking.at(self.key), looking.ended(self.key)
        if running:
            return (running.sentence,)
        sizes = looking.why_no_sizes(self.key)
        return why_no_homes(found[1], ended, self.console_app.clock, no_sizes=sizes)

    def panel_body(self, height: int) -> list[Line]:
        home = self.home
        return home_panel(home, self.size.width, height, self.console_app.clock) if home else []

    def on_cursor_moved(self, message: CursorMoved) -> None:
        PanelledScreen.on_cursor_moved(self, message)

    def on_item_chosen(self, message: ItemChosen) -> None:  # noqa: ARG002 - what a handler is given
        home = self.home
        if home is None:
            return
        if home.home:
            self.console_app.open_user(home.user or home.shown, self.key)
        else:
            retired = "a retired home: H lists what retired it, u there brings it back"
            what = retired if is_trash(home.name) else "nobody's home"
            self.console_app.say(f"{home.shown} is {what}")

    def action_order(self) -> None:
        """The next order; the cursor stays on its row."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self.repaint()

    def action_deep(self) -> None:
        """Look at what is directly inside the homes, too."""
        found = self.hub_in_view()
        if found is not None:
            self.ask_to_look(*found, deep=True)

    def action_choose(self) -> None:
        """Choose the row under the cursor, or no longer, and go to the next."""
        key = self.cursor_key
        if key is not None and key in self._arranged.places:
            self._chosen ^= {key}
            self.query_one(RowList).action_move(1)
            self.repaint()

    def action_choose_all(self) -> None:
        """All that are shown; once more, none."""
        shown = set(self._arranged.places)
        self._chosen = self._chosen - shown if shown <= self._chosen else self._chosen | shown
        self.repaint()

    def action_count(self) -> None:
        """Count the sizes of what is chosen."""
        found, home = self.hub_in_view(), self.home
        if found is None or home is None:
            return
        names = [one.name for one in self._table.homes if home_key(one) in self._chosen] or [home.name]
        if len(names) > MOST_AT_ONCE:
            self.console_app.say(f"{len(names):,} are chosen: at most {MOST_AT_ONCE} are counted in one go")
            return
        self.ask_to_look(*found, homes=tuple(names))

    def action_retire(self) -> None:
        """Plan to retire the homes that are meant."""
        self._plan("retire-home", "name", tuple(f"./{one.shown}" for one in self._meant()))

    def action_rename(self) -> None:
        """Ask for the new name of the home under the cursor."""
        home = self.home
        self._plan("rename-home", "old", f"./{home.shown}" if home is not None and home.home else "")

    def _plan(self, action: str, parameter: str, value: str | tuple[str, ...]) -> None:
        found = self.hub_in_view()
        if found is None or not value:
            self.console_app.say("choose a home: this is for one of them")
            return
        cluster, hub = found
        asked = {parameter: value}
        self.console_app.open_action(Target(action=action, cluster=cluster.name, hub=hub.name, parameters=asked))

    def action_copy(self) -> None:
        home = self.home
        if home:
            lines = home_panel(home, 400, 40, self.console_app.clock)
            self.console_app.copy("\n".join(plain(line).strip() for line in lines), f"what is known of {home.shown}")

    def action_back(self) -> None:
        """One step back: out of the look that is under way, out of the filter, then out of the screen."""
        if not self.stop_look():
            super().action_back()


def _is_about(finding: Finding, home: SeenHome) -> bool:
    """Whether FINDING names HOME."""
    names = finding.asks.get("name")
    if names:
        return f"./{home.shown}" in names
    return any(home.shown in line for line in (finding.message, *finding.detail))
