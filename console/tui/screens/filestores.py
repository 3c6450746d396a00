"""Filestores: how full, in what state, and who lives on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from console.actions.offers import Place
from console.chain.filestore_lookup import Wanted
from console.chain.filestore_words import findings_on
from console.chain.model import ClusterState, Finding
from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.filestore_lines import FilestoreRow, detail_lines, filestore_rows, head_line, layout, row_item
from console.tui.present.fleet_lines import status
from console.tui.present.fleet_rows import cluster_key
from console.tui.present.lines import Line, plain
from console.tui.screens.acts import ACTS, Acts
from console.tui.screens.panelled import PanelledScreen
from console.tui.widgets.lines import Lines


class FilestoresScreen(Acts, PanelledScreen):
    """Enter opens a filestore."""

    NAME = "FILESTORES"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every filestore that the clusters and clouds list, by trouble, with the hubs that live on it.",
        "Enter opens one. ? in used: nobody tells how full it is; none in hubs: no hub lives on it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("enter", "open", "open", key_display="Enter", tooltip="open the filestore"),
        *ACTS,
        Binding("h", "hubs", "its hubs", tooltip="show its hubs in the fleet"),
        Binding("o", "page", "cloud's page", tooltip="copy the address of its page in the cloud's own console"),
        Binding("c", "copy", "copy"),
        Binding("r", "app.look_again", "refresh", tooltip="look again at every cluster now"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, FilestoreRow] = {}

    def empty_words(self) -> tuple[str, ...]:
        states = {cluster.state for cluster in self.state.clusters}
        if states & {"pending", "observing"} or not states:
            return ("No filestore so far; clusters are still being asked.",)
        if states == {"offline"}:
            return ("Offline: filestores are listed by the clusters and clouds, and nothing is asked.",)
        return ("No filestores: none of the backends lists any.",)

    def paint(self) -> None:
        width, clock = self.size.width, self.console_app.clock
        rows, total = filestore_rows(self.state, self.wanted)
        self._rows = {row.key: row for row in rows}
        columns = layout(rows, width)
        self.query_one("#heads", Lines).show([head_line(columns, width)] if rows else [])
        self.share_height(total)
        self.show_items([row_item(row, columns, width) for row in rows], total=total)
        self.show_filtered_title(len(rows), total, right=((f"{total} filestore{'' if total == 1 else 's'}", "strong"),))
        self.show_status(status(self.state, clock))
        self.show_keys()
        self.paint_panel()

    def panel_body(self, height: int) -> list[Line]:
        return detail_lines(self._row(), self.size.width, height, self.console_app.clock)

    def cluster_in_view(self) -> ClusterState | None:
        row = self._row()
        return row.cluster if row else None

    def place_in_view(self) -> Place | None:
        row = self._row()
        return Place(cluster=row.cluster.name, filestores=(row.store.id,) if row.store else ()) if row else None

    def findings_in_view(self) -> Sequence[Finding]:
        row = self._row()
        return findings_on(row.cluster, row.store) if row and row.store else ()

    def on_cursor_moved(self, message: CursorMoved) -> None:
        super().on_cursor_moved(message)
        self.refresh_title()

    def _row(self) -> FilestoreRow | None:
        key = self.cursor_key
        return self._rows.get(key) if key else None

    def on_item_chosen(self, message: ItemChosen) -> None:
        row = self._rows.get(message.key)
        if row and row.store:
            every = tuple(_wanted(other) for other in self._rows.values() if other.store)
            self.console_app.open_filestore(_wanted(row), every)
        elif row:
            self.console_app.go_to_row(cluster_key(row.cluster.name))

    def action_hubs(self) -> None:
        """Show the hubs of the filestore under the cursor in the fleet."""
        row = self._row()
        if row and row.store and row.hubs:
            self.console_app.filter_fleet(f"cluster:{row.cluster.name} store:{row.store.id}")
        else:
            self.console_app.say("no hub lives on it")

    def action_page(self) -> None:
        row = self._row()
        if row and row.store and row.store.page:
            self.console_app.copy(row.store.page, row.store.page)
        else:
            self.console_app.say("no cloud's console has a page for it")

    def action_copy(self) -> None:
        lines = detail_lines(self._row(), 120, 60, self.console_app.clock)
        self.console_app.copy("\n".join(plain(line).strip() for line in lines), "what is known of the filestore")


def _wanted(row: FilestoreRow) -> Wanted:
    return Wanted(row.store.id if row.store else "", row.cluster.name)
