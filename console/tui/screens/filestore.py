"""Filestore: one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.actions.offers import Place
from console.chain.filestore_lookup import Wanted, filestores_called, may_still_come
from console.chain.filestore_words import findings_on, hubs_on
from console.chain.model import ClusterState, Finding
from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.filestore_page import filestore_items, missing_items, title
from console.tui.present.finding_lines import finding_text
from console.tui.present.fleet_lines import status
from console.tui.present.lines import plain
from console.tui.present.objects import LiveObject, of_filestore, showing_command
from console.tui.screens.acts import ACTS, Acts
from console.tui.widgets.line_list import LineList
from providers.filestores.protocol import Filestore


class FilestoreScreen(Acts):
    """The filestore that WANTED names; `neighbours` are those that n and p step through."""

    NAME = "FILESTORE"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "One filestore: its state, how full it is and who says so, what is wrong with it and what to do next, the hubs",
        "that live on it (Enter opens one), where it is mounted from, and all else that its cloud or cluster tells.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open hub", key_display="Enter", tooltip="open the hub under the cursor"),
        *ACTS,
        Binding("h", "hubs", "in fleet", tooltip="show its hubs in the fleet"),
        Binding("o", "page", "cloud's page", tooltip="copy the address of its page in the cloud's own console"),
        Binding("y", "yaml", "YAML", tooltip="all that is known of it, as YAML"),
        Binding("c", "copy", "copy", tooltip="copy the lines under the cursor"),
        Binding("K", "copy_command", "kubectl", show=False, tooltip="copy the kubectl command that shows its server"),
        Binding("n", "step(1)", "next", tooltip="the next filestore of the list that this one was opened from"),
        Binding("N", "step(-1)", "previous", show=False, tooltip="the previous filestore of that list"),
        Binding("r", "app.look_again", "refresh", show=False, tooltip="look again at every cluster now"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "app.leave", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, wanted: Wanted, neighbours: tuple[Wanted, ...] = ()) -> None:
        super().__init__()
        self.wanted = wanted
        self._neighbours = neighbours

    def compose_body(self) -> ComposeResult:
        yield LineList(id="list")

    def cluster_in_view(self) -> ClusterState | None:
        found = self.found()
        return found[0] if found else None

    def found(self) -> tuple[ClusterState, Filestore] | None:
        """The filestore in the newest snapshot; None where it is not in it, or the name is that of several."""
        called = filestores_called(self.state.clusters, self.wanted)
        return called[0] if len(called) == 1 else None

    def place_in_view(self) -> Place | None:
        found = self.found()
        return Place(cluster=found[0].name, filestores=(found[1].id,)) if found else None

    def findings_in_view(self) -> Sequence[Finding]:
        found, key = self.found(), self.query_one(LineList).cursor_key or ""
        findings = findings_on(*found) if found else ()
        chosen = int(key.partition(":")[2]) if key.startswith("finding:") else 0
        return (*findings[chosen : chosen + 1], *findings[:chosen], *findings[chosen + 1 :])

    def paint(self) -> None:
        found, width, clock = self.found(), self.size.width, self.console_app.clock
        self.show_status(status(self.state, clock))
        self.show_keys()
        if found is None:
            self._paint_missing()
            return
        self.show_title(*title(*found))
        self.query_one(LineList).show(filestore_items(*found, width, clock))

    def _paint_missing(self) -> None:
        self.show_title((("filestore  ", "quiet"), (str(self.wanted), "strong")))
        several = filestores_called(self.state.clusters, self.wanted)
        why = "" if several else may_still_come(self.state, self.wanted)
        if self.state.version == 0:
            words, why = "reading the configuration …", ""
        elif several:
            words = f"{self.wanted} is the name of several filestores."
        else:
            words = f"No filestore {self.wanted} is listed{' so far' if why else ' (any more)'}."
        near = [f"{cluster.name}/{store.id}" for cluster, store in several]
        self.query_one(LineList).show(missing_items(words, why, near, self.size.width))

    def on_item_chosen(self, message: ItemChosen) -> None:
        kind, _, rest = message.key.partition(":")
        if kind == "hub":
            found = self.found()
            hubs = tuple(hub.key for hub in hubs_on(*found)) if found else ()
            self.console_app.open_hub(rest, hubs)
        elif kind == "store":
            cluster, _, identity = rest.partition("/")
            self.wanted = Wanted(identity, cluster)
            self.repaint()
        elif kind == "page":
            self.action_page()
        else:
            self.console_app.say("Enter opens a hub: choose one of those that live on it")

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()

    def action_open(self) -> None:
        """Enter, where the list does not have the keys."""
        self.query_one(LineList).action_choose()

    def action_hubs(self) -> None:
        """Show its hubs in the fleet."""
        found = self.found()
        if found is None:
            return
        cluster, store = found
        if hubs_on(cluster, store):
            self.console_app.filter_fleet(f"cluster:{cluster.name} store:{store.id}")
        else:
            self.console_app.say("no hub lives on it")

    def action_page(self) -> None:
        """Copy the address of its page in the cloud's own console."""
        found = self.found()
        page = found[1].page if found else ""
        if page:
            self.console_app.copy(page, page)
        else:
            self.console_app.say("no cloud's console has a page for it" if found else "it is not listed")

    def action_yaml(self) -> None:
        found = self.found()
        if found:
            self.console_app.open_filestore_yaml(*found)

    def action_copy(self) -> None:
        """Copy the finding under the cursor, or the lines."""
        found, listed = self.found(), self.query_one(LineList)
        key = listed.cursor_key or ""
        if found is None or not key:
            return
        if key.startswith("finding:"):
            self.console_app.copy(finding_text(findings_on(*found)[int(key.split(":")[1])]), "the finding")
            return
        lines = next(item.lines for item in listed.items if item.key == key)
        text = "\n".join(plain(line).strip() for line in lines)
        self.console_app.copy(f"{found[0].name}/{found[1].name}\n{text}", "the lines under the cursor")

    def action_copy_command(self) -> None:
        found = self.found()
        live: LiveObject | None = of_filestore(found[1], cluster=found[0]) if found else None
        if live:
            self.console_app.copy(showing_command(live), showing_command(live))
        else:
            self.console_app.say("kubectl shows nothing of it: it is no server within the cluster")

    def action_step(self, by: int) -> None:
        """The next filestore of the list that this one was opened from."""
        if self.wanted in self._neighbours:
            at = self._neighbours.index(self.wanted) + by
            if 0 <= at < len(self._neighbours):
                self.wanted = self._neighbours[at]
                self.query_one(LineList).release()
                self.repaint()
                return
        self.console_app.say("there is no further filestore in the list that this one was opened from")
