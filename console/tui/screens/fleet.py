"""Fleet: every hub of every cluster in one table, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from console.actions.offers import Place, findings_about, place_of
from console.chain.model import ClusterState, Finding, HubState
from console.chain.users import UserHome, homes_of, not_listed
from console.chain.words import count
from console.tui.messages import CursorMoved, ItemChosen
from console.tui.present.filters import Filter
from console.tui.present.finding_lines import finding_text
from console.tui.present.fleet_lines import counts, head_line, layout, row_item, status
from console.tui.present.fleet_rows import ORDER_WORDS, ORDERS, FleetRow, Order, arranged, fleet_rows, of_user
from console.tui.present.lines import Line
from console.tui.present.objects import LiveObject, chain_commands, of_finding, of_link
from console.tui.present.panel_lines import panel_lines
from console.tui.present.user_items import user_block
from console.tui.screens.acts import ACTS, Acts
from console.tui.screens.looks_inside import GIVE_BACK, HOMES, PROBE, STOP, LooksInside
from console.tui.screens.panelled import PanelledScreen
from console.tui.widgets.line_list import LineList
from console.tui.widgets.lines import Lines


class FleetScreen(LooksInside, Acts, PanelledScreen):
    """The first screen."""

    NAME = "FLEET"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every hub of every cluster, worst first; a mark for each link of its storage.",
        "A cluster that was never reached is one row for all of its hubs; Enter unfolds it.",
        "One that no longer answers keeps their rows, with when they were seen.",
        "The panel below follows the cursor: what is wrong, what users see, what to do next.",
        "The header tells what may be sent to the cluster under the cursor. p looks inside the hub; P ends that.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("s", "order", "sort", show=False, tooltip="sort: worst first, by name, by filestore"),
        Binding("enter", "open", "open", key_display="Enter", tooltip="open the hub; unfold or fold a cluster"),
        PROBE,
        HOMES,
        *ACTS,
        Binding("F", "app.show('findings')", "findings", tooltip="findings of the whole fleet"),
        Binding("S", "app.show('filestores')", "stores", tooltip="filestores of the whole fleet"),
        Binding("r", "app.look_again", "refresh", show=False, tooltip="look again at every cluster now"),
        STOP,
        GIVE_BACK,
        Binding("y", "yaml", "YAML", show=False, tooltip="what the worst finding is about, or the PV, as YAML"),
        Binding("c", "copy", "copy", show=False, tooltip="copy the findings of the row"),
        Binding("K", "copy_command", "kubectl", show=False, tooltip="copy the kubectl commands that show the chain"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("colon", "app.palette", "go to", key_display=":"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._order: Order = "worst"
        self._turned: frozenset[str] = frozenset()
        self._rows: dict[str, FleetRow] = {}
        self._homes: dict[str, UserHome] = {}

    @property
    def row(self) -> FleetRow | None:
        """The row under the cursor."""
        key = self.cursor_key
        return self._rows.get(key) if key else None

    def hub_in_view(self) -> tuple[ClusterState, HubState] | None:
        row = self.row
        return (row.cluster, row.hub) if row and row.cluster and row.hub else None

    def cluster_in_view(self) -> ClusterState | None:
        row = self.row
        return row.cluster if row else None

    def place_in_view(self) -> Place | None:
        row = self.row
        return place_of(row.cluster, row.hub.name if row.hub else None) if row and row.cluster else None

    def findings_in_view(self) -> Sequence[Finding]:
        """The row's, and for a hub behind them those of its cluster that are about it."""
        row = self.row
        if row is None:
            return ()
        return findings_about(row.cluster, row.hub) if row.hub and row.cluster else row.findings

    def paint(self) -> None:
        width = self.size.width
        clock = self.console_app.clock
        every = fleet_rows(self.state, turned=self._turned)
        self._homes = self._homes_of(self.wanted.user)
        if self.wanted.user:
            every = of_user(every, self.wanted.user, self._homes)
        rows = arranged(every, order=self._order, wanted=self.wanted)
        self._rows = {row.key: row for row in rows}
        columns = layout(every, width)
        self.query_one("#heads", Lines).show([head_line(columns, width)] if every else [])
        self.share_height(len(every))
        self.show_items([row_item(row, columns, width, clock) for row in rows], total=len(every))
        words = "" if self._order == "worst" else ORDER_WORDS[self._order]
        unknown = not_listed(self.state) if self.wanted.user else ()
        if unknown:
            words = f"{count(len(unknown), 'hub')} not looked at"
        self.show_filtered_title(len(rows), len(every), words, right=counts(self.state))
        self.show_status(status(self.state, clock))
        self.show_keys()
        self.paint_panel()

    def _homes_of(self, user: str) -> dict[str, UserHome]:
        """What is known of USER, as typed, by the hub's key."""
        if not user:
            return {}
        found = homes_of(self.state, self.console_app.fleet.user_servers(user), user)
        return {f"{one.cluster}/{one.hub}": one for one in found}

    def empty_words(self) -> tuple[str, ...]:
        if self.state.version == 0:
            return ("Reading the configuration …",)
        return (
            "No cluster: neither a configuration tree nor a context to look at.",
            "hubhomes --config DIR      a folder of clusters, or a checkout that holds config/clusters",
            "hubhomes --context NAME    the hubs of a kubeconfig context",
        )

    def on_cursor_moved(self, message: CursorMoved) -> None:
        super().on_cursor_moved(message)
        self.refresh_title()
        self.show_status(status(self.state, self.console_app.clock))

    def panel_body(self, height: int) -> list[Line]:
        row, clock = self.row, self.console_app.clock
        known = self._homes.get(row.key) if row else None
        if known:
            return user_block(known, self.size.width, clock)[:height]
        ended = self.console_app.looking.ended(row.hub.key) if row and row.hub else ""
        return panel_lines(row, self.size.width, height, clock, ended=ended)

    def on_item_chosen(self, message: ItemChosen) -> None:
        row = self._rows.get(message.key)
        if row is None:
            return
        if row.key in self._homes:
            self.console_app.open_user(self.wanted.user, row.key)
        elif row.hub is not None:
            hubs = tuple(other.key for other in self._rows.values() if other.hub)
            self.console_app.open_hub(row.key, hubs)
        elif row.cluster is not None:
            self._turned ^= {row.cluster.name}
            self.repaint()

    def action_order(self) -> None:
        """The next order; the cursor stays on its row."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self.repaint()

    def narrow(self, source: str) -> None:
        """Filter by SOURCE, as if it had been typed."""
        self.wanted = Filter(source)
        self.repaint()

    def stand_on(self, key: str) -> None:
        """Put the cursor on the row KEY, without a filter where that hides it."""
        if key not in self._rows:
            self.narrow("")
        self.query_one(LineList).jump(key)

    def action_yaml(self) -> None:
        found = self._object()
        if found:
            self.console_app.open_yaml(found)
        else:
            self.console_app.say("no one object stands behind this row: choose a hub")

    def action_copy(self) -> None:
        """Copy the row's findings."""
        row = self.row
        if row:
            text = "\n\n".join(finding_text(finding) for finding in row.findings) or f"{row.key}: no findings"
            self.console_app.copy(text, f"the findings of {row.key}")

    def action_copy_command(self) -> None:
        row = self.row
        if row and row.hub and row.cluster:
            commands = chain_commands(row.hub, context=row.cluster.context)
            self.console_app.copy(commands, f"the kubectl commands for the chain of {row.key}")
        else:
            self.console_app.say("choose a hub: its chain is what kubectl can show")

    def _object(self) -> LiveObject | None:
        """What the worst finding is about, else the hub's PersistentVolume."""
        row = self.row
        if row is None or row.cluster is None:
            return None
        context = row.cluster.context
        namespace = row.hub.namespace if row.hub else ""
        found = of_finding(row.worst, context=context, namespace=namespace) if row.worst else None
        return found or (of_link(row.hub, "pv", context=context) if row.hub else None)
