"""Hub: which link of the chain, and why."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.chain.model import LINKS, ClusterState, Finding, HubState, Link
from console.tui.messages import CursorMoved
from console.tui.present.finding_lines import finding_text
from console.tui.present.fleet_lines import status
from console.tui.present.fleet_rows import hub_mark, own_findings
from console.tui.present.hub_lines import head_line, hub_items
from console.tui.present.lines import Item, Line, join, plain
from console.tui.present.marks import ROLE, SHAPES
from console.tui.present.objects import LiveObject, chain_commands, of_finding, of_link, showing_command
from console.tui.screens.base import BaseScreen
from console.tui.widgets.line_list import LineList
from console.tui.widgets.lines import Lines


class HubScreen(BaseScreen):
    """One hub, named CLUSTER/HUB."""

    NAME = "HUB"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The chain of one hub from the filestore to the mounts in user pods: what the configuration declares, what the",
        "APIs say now, and what was seen on the file system and in pods. Findings below, each with its next step.",
        "A link in order takes one line; o shows every value whole, with the file and line that decided it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yaml", "YAML", tooltip="the object behind the line under the cursor, as YAML"),
        Binding("c", "copy", "copy", tooltip="copy the finding or the link under the cursor"),
        Binding("K", "copy_command", "kubectl", tooltip="copy the kubectl command that shows the same"),
        Binding("o", "origins", "origins", tooltip="every value whole, with the file and line that decided it"),
        Binding("n", "step(1)", "next", tooltip="the next hub of the list that this one was opened from"),
        Binding("p", "step(-1)", "previous", tooltip="the previous hub of that list"),
        Binding("r", "app.look_again", "refresh", show=False, tooltip="look again at every cluster now"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "app.leave", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, key: str, neighbours: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.key = key
        self._neighbours = neighbours
        self._full = False

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield LineList(id="list")

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
        mark = hub_mark(hub)
        title: Line = ((f"{SHAPES[mark]} ", ROLE[mark]), (f"{hub.cluster} / {hub.name}", "strong"))
        if hub.production:
            title = (*title, ("   PROD", "badge"))
        words = (cluster.provider, hub.chart, f"namespace {hub.namespace}")
        about = join([((word, "quiet"),) for word in words if word])
        self.show_title(title, (("   ", ""), *about), right=(("read-only", "quiet"),))
        self.query_one("#heads", Lines).show([head_line(width)])
        items = hub_items(hub, cluster, width, self.size.height - 4, clock, full=self._full)
        self.query_one(LineList).show(items)

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
