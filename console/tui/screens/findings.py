"""Findings: all of the fleet, by severity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from console.actions.offers import Place, place_of
from console.chain.filestore_lookup import Wanted
from console.chain.model import Finding
from console.tui.messages import ItemChosen
from console.tui.present.finding_lines import finding_text
from console.tui.present.finding_rows import FindingRow, finding_rows, head_line, row_item
from console.tui.present.fleet_lines import status
from console.tui.present.fleet_rows import cluster_key
from console.tui.present.lines import Line
from console.tui.present.objects import LiveObject, of_finding, showing_command
from console.tui.present.panel_lines import findings_within
from console.tui.screens.acts import ACTS, Acts
from console.tui.screens.panelled import PanelledScreen
from console.tui.widgets.lines import Lines


class FindingsScreen(Acts, PanelledScreen):
    """Enter goes to the hub, or to the filestore."""

    NAME = "FINDINGS"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every finding of the fleet: what is broken first, full disks at the top, production before the rest.",
        "Enter opens its hub, or its filestore.",
        "i is information: nothing to mend.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("enter", "open", "open", key_display="Enter", tooltip="open its hub, or its filestore"),
        *ACTS,
        Binding("y", "yaml", "YAML", tooltip="the object that the finding is about, as YAML"),
        Binding("c", "copy", "copy"),
        Binding("K", "copy_command", "kubectl", tooltip="copy the kubectl command that shows its object"),
        Binding("r", "app.look_again", "refresh", tooltip="look again at every cluster now"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, FindingRow] = {}

    def empty_words(self) -> tuple[str, ...]:
        if any(cluster.state in ("pending", "observing") for cluster in self.state.clusters) or self.state.version == 0:
            return ("No finding so far; clusters are still being asked.",)
        return ("No findings: every rule holds on what was observed.",)

    def paint(self) -> None:
        width, clock = self.size.width, self.console_app.clock
        rows, total = finding_rows(self.state, self.wanted)
        self._rows = {row.key: row for row in rows}
        self.query_one("#heads", Lines).show([head_line(rows, width)] if rows else [])
        self.share_height(total)
        self.show_items([row_item(row, rows, width, clock) for row in rows], total=total)
        self.show_filtered_title(len(rows), total, right=((f"{total} finding{'' if total == 1 else 's'}", "strong"),))
        self.show_status(status(self.state, clock))
        self.show_keys()
        self.paint_panel()

    def panel_body(self, height: int) -> list[Line]:
        row = self._row()
        return findings_within([row.finding], self.size.width, height, self.console_app.clock) if row else []

    def place_in_view(self) -> Place | None:
        row = self._row()
        cluster = self.cluster_named(row.finding.cluster) if row else None
        return place_of(cluster, row.finding.hub) if row and cluster else None

    def findings_in_view(self) -> Sequence[Finding]:
        row = self._row()
        return (row.finding,) if row else ()

    def _row(self) -> FindingRow | None:
        key = self.cursor_key
        return self._rows.get(key) if key else None

    def on_item_chosen(self, message: ItemChosen) -> None:
        row = self._rows.get(message.key)
        if row is None:
            return
        if row.finding.hub:
            targets = dict.fromkeys(other.target for other in self._rows.values() if other.finding.hub)
            self.console_app.open_hub(row.target, tuple(targets))
        elif row.finding.filestore:
            stores = dict.fromkeys(
                Wanted(one.finding.filestore, one.finding.cluster)
                for one in self._rows.values()
                if one.finding.filestore
            )
            self.console_app.open_filestore(Wanted(row.finding.filestore, row.finding.cluster), tuple(stores))
        else:
            self.console_app.go_to_row(cluster_key(row.finding.cluster) if row.finding.cluster else "the configuration")

    def action_copy(self) -> None:
        row = self._row()
        if row:
            self.console_app.copy(finding_text(row.finding), "the finding")

    def action_yaml(self) -> None:
        found = self._object()
        if found:
            self.console_app.open_yaml(found)
        else:
            self.console_app.say("this finding is not about one object that can be shown")

    def action_copy_command(self) -> None:
        found = self._object()
        if found:
            self.console_app.copy(showing_command(found), showing_command(found))
        else:
            self.console_app.say("this finding is not about one object that kubectl would show")

    def _object(self) -> LiveObject | None:
        row = self._row()
        if row is None:
            return None
        contexts = {cluster.name: cluster.context for cluster in self.state.clusters}
        return of_finding(row.finding, context=contexts.get(row.finding.cluster), namespace=row.finding.hub or "")
