"""Hub: which link of the chain, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.actions.offers import Place, findings_about, place_of
from console.chain.filestore_lookup import Wanted
from console.chain.marks import SHAPES
from console.chain.model import LINKS, ClusterState, Finding, HubState, Link
from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.finding_lines import finding_text
from console.tui.present.fleet_lines import status
from console.tui.present.fleet_rows import own_findings
from console.tui.present.hub_lines import head_line, hub_items
from console.tui.present.lines import Item, Line, join, plain
from console.tui.present.look_lines import inside_item
from console.tui.present.marks import ROLE
from console.tui.present.objects import LiveObject, chain_commands, of_finding, of_link, showing_command
from console.tui.screens.acts import ACTS, Acts
from console.tui.screens.looks_inside import GIVE_BACK, HOMES, PROBE, STOP
from console.tui.shell import SHELLS, OpensShells
from console.tui.widgets.line_list import LineList
from console.tui.widgets.lines import Lines


class HubScreen(OpensShells, Acts):
    """One hub, named CLUSTER/HUB."""

    NAME = "HUB"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The chain of one hub from the filestore to the mounts in user pods: what the configuration declares, what the",
        "APIs say now, and what was seen on the file system and in pods. Findings below, each with its next step.",
        "p looks inside: a helper pod mounts the homes read-only and lists them; h shows them, with owners and sizes.",
        "A link in order takes one line; o shows every value whole, with the file and line that decided it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        PROBE,
        HOMES,
        *ACTS,
        *SHELLS,
        Binding("f", "filestore", "filestore", tooltip="the filestore that the hub lives on; Enter on its link, too"),
        Binding("y", "yaml", "YAML", tooltip="the object behind the line under the cursor, as YAML"),
        Binding("c", "copy", "copy", tooltip="copy the finding or the link under the cursor"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "leave", "back", key_display="esc"),
        Binding("K", "copy_command", "kubectl", tooltip="copy the kubectl command that shows the same"),
        Binding("o", "origins", "origins", tooltip="every value whole, with the file and line that decided it"),
        Binding("n", "step(1)", "next", tooltip="the next hub of the list that this one was opened from"),
        Binding("N", "step(-1)", "previous", show=False, tooltip="the previous hub of that list"),
        Binding("r", "app.look_again", "refresh", show=False, tooltip="look again at every cluster now"),
        STOP,
        GIVE_BACK,
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, key: str, neighbours: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.key = key
        self._neighbours = neighbours
        self._full = False
        self._ended = ""

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield LineList(id="list")

    def hub_in_view(self) -> tuple[ClusterState, HubState] | None:
        return self.found()

    def place_in_view(self) -> Place | None:
        found = self.found()
        return place_of(found[0], found[1].name) if found else None

    def findings_in_view(self) -> Sequence[Finding]:
        """The one under the cursor; then the hub's, then its cluster's that are about it."""
        found, selected = self.found(), self._selected()
        if found is None:
            return ()
        first = (selected[2],) if selected and selected[2] else ()
        return (*first, *(one for one in findings_about(*found) if one not in first))

    def found(self) -> tuple[ClusterState, HubState] | None:
        """The hub in the newest snapshot; None where it is not in it."""
        for cluster in self.state.clusters:
            for hub in cluster.hubs:
                if hub.key == self.key:
                    return cluster, hub
        return None

    def paint(self) -> None:
        found = self.found()
        clock, width = self.console_app.clock, self.size.width
        self.show_status(status(self.state, clock))
        self.show_keys()
        if found is None:
            self._paint_missing()
            return
        cluster, hub = found
        mark = hub.mark
        title: Line = ((f"{SHAPES[mark]} ", ROLE[mark]), (f"{hub.cluster} / {hub.name}", "strong"))
        if hub.production:
            title = (*title, ("   PROD", "badge"))
        words = (cluster.provider, hub.chart, f"namespace {hub.namespace}")
        about = join([((word, "quiet"),) for word in words if word])
        self.show_title(title, (("   ", ""), *about))
        self.query_one("#heads", Lines).show([head_line(width)])
        looking = self.console_app.looking
        ended = looking.ended(hub.key)
        inside = inside_item(hub, looking.at(hub.key), ended, width, clock)
        items = hub_items(
            hub, cluster, width, self.size.height - 4, clock, full=self._full, inside=(inside,), foremost=bool(ended)
        )
        self.query_one(LineList).show(items)
        if ended != self._ended:
            self._ended = ended
            self.query_one(LineList).jump("inside" if ended else "")

    def _paint_missing(self) -> None:
        self.show_title(((self.key, "strong"),))
        reading = self.state.version == 0
        text = "reading the configuration …" if reading else "There is no such hub in the fleet (any more)."
        self.query_one(LineList).show([Item(None, ((), ((f"   {text}", ""),), (("   Esc goes back.", "quiet"),)))])

    def _selected(self) -> tuple[HubState, Link | None, Finding | None, ClusterState] | None:
        found, key = self.found(), self.query_one(LineList).cursor_key
        if found is None:
            return None
        cluster, hub = found
        kind, _, rest = (key or "").partition(":")
        if kind == "link":
            return hub, next(link for link in LINKS if link == rest), None, cluster
        if kind in ("finding", "own"):
            findings = hub.findings if kind == "finding" else own_findings(cluster)
            return hub, None, findings[int(rest.split(":")[0])], cluster
        return hub, None, None, cluster

    def selected_object(self) -> LiveObject | None:
        """The object behind the line under the cursor."""
        selected = self._selected()
        if selected is None:
            return None
        hub, link, finding, cluster = selected
        if finding:
            return of_finding(finding, context=cluster.context, namespace=hub.namespace) or of_link(
                hub, finding.link, context=cluster.context
            )
        return of_link(hub, link, context=cluster.context) if link else None

    def on_item_chosen(self, message: ItemChosen) -> None:
        """Enter on the filestore, on its export or on what is wrong with them opens it."""
        selected = self._selected()
        finding = selected[2] if selected else None
        about = finding.filestore if finding else None
        if finding is not None and self.console_app.mends(finding):
            self.action_mend()
        elif message.key in ("link:filestore", "link:export") or about:
            self.action_filestore()
        elif message.key in ("link:homes", "link:directory", "inside"):
            self._enter(message.key)
        else:
            self.console_app.say("y shows the object behind this line; f opens the hub's filestore")

    def _enter(self, key: str) -> None:
        """The homes, where anything tells of them; else what would."""
        found = self.found()
        if found and (found[1].homes is not None or key == "link:homes"):
            self.action_homes()
        else:
            self.action_probe()

    def action_leave(self) -> None:
        """One step back: the look that is under way, then the screen."""
        if not self.stop_look():
            self.console_app.back()

    def action_filestore(self) -> None:
        """Open the filestore that the hub lives on, or that the finding under the cursor is about."""
        selected = self._selected()
        if selected is None:
            return
        hub, _, finding, _ = selected
        named = finding.filestore if finding else None
        ids = (named,) if named else hub.filestores
        if len(ids) == 1:
            self.console_app.open_filestore(Wanted(ids[0], hub.cluster))
        else:
            why = hub.link("filestore").why or hub.filestore_reason
            self.console_app.say(f"{'several filestores' if ids else 'no filestore'}: {why or 'none is known'}")

    def on_cursor_moved(self, _: CursorMoved) -> None:
        self.console_app.unsay()

    def action_origins(self) -> None:
        """Show every declared value whole, with the file and line that decided it, or no more."""
        self._full = not self._full
        self.repaint()

    def action_step(self, by: int) -> None:
        """The next hub of the list that this one was opened from."""
        if self.key in self._neighbours:
            at = self._neighbours.index(self.key) + by
            if 0 <= at < len(self._neighbours):
                self.key = self._neighbours[at]
                self.query_one(LineList).release()
                self.repaint()
                return
        self.console_app.say("there is no further hub in the list that this one was opened from")

    def action_yaml(self) -> None:
        found = self.selected_object()
        if found is None:
            self.console_app.say(
                "no object stands behind this line: choose the PV, the PVC, the mounts or a finding on one"
            )
        else:
            self.console_app.open_yaml(found)

    def action_copy(self) -> None:
        """Copy the finding under the cursor, or the link's lines."""
        selected, listed = self._selected(), self.query_one(LineList)
        if selected and selected[2]:
            self.console_app.copy(finding_text(selected[2]), "the finding")
            return
        lines = next((item.lines for item in listed.items if item.key == listed.cursor_key), ())
        self.console_app.copy(f"{self.key}\n" + "\n".join(plain(line) for line in lines), "the lines under the cursor")

    def action_copy_command(self) -> None:
        found, live = self.found(), self.selected_object()
        if live:
            self.console_app.copy(showing_command(live), showing_command(live))
        elif found:
            self.console_app.copy(
                chain_commands(found[1], context=found[0].context), "the kubectl commands for this chain"
            )
