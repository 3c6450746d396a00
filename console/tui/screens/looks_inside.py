"""Screens from which one looks inside a hub: the permission, the look itself, and its end."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from console.chain.model import ClusterState, HubState
from console.tui.messages import QuestionAnswered
from console.tui.present.lines import Line
from console.tui.present.look_lines import look_sentence
from console.tui.present.permission_lines import question
from console.tui.screens.base import BaseScreen
from providers.kubernetes.permission import covers

PROBE = Binding("p", "probe", "look", tooltip="look inside the hub: who owns what; asks for the permission first")
GIVE_BACK = Binding("P", "give_back", "read-only", show=False, tooltip="give the permission back before it ends")
STOP = Binding("x", "stop_look", "stop", show=False, tooltip="stop the look, and remove its helper pod")
HOMES = Binding("h", "homes", "homes", tooltip="the homes and other directories of the hub")


class LooksInside(BaseScreen):
    """Subclasses say which hub is in view. Their list has the id `list`."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__()
        self._asked_for: tuple[str, tuple[bytes, ...], bool] | None = None

    def hub_in_view(self) -> tuple[ClusterState, HubState] | None:
        """The hub that p looks at; None: the screen shows none."""
        return None

    def cluster_in_view(self) -> ClusterState | None:
        found = self.hub_in_view()
        return found[0] if found else None

    def show_status(self, line: Line) -> None:
        """A look that is under way at the hub in view comes before what is always said there."""
        found = self.hub_in_view()
        running = self.console_app.looking.at(found[1].key) if found else None
        if found and running:
            line = ((look_sentence(found[1], running), "accent"), ("   x stops it", "quiet"))
        super().show_status(line)

    def action_probe(self) -> None:
        """Look inside the hub in view, once that is permitted."""
        found = self.hub_in_view()
        if found is None:
            self.console_app.say("choose a hub: one looks at the directory of one hub")
        else:
            self.ask_to_look(*found)

    def ask_to_look(
        self, cluster: ClusterState, hub: HubState, homes: tuple[bytes, ...] = (), *, deep: bool = False
    ) -> None:
        """Look at HUB, DEEP one level deeper, or count the sizes of HOMES in it; where that is not permitted yet, ask
        for it first."""
        from providers.errors import ProviderError

        app = self.console_app
        if app.looking.at(hub.key):
            app.say(f"a look at {hub.key} is under way; x stops it")
            return
        try:
            runs = app.fleet.look_words(cluster.name, hub.name)
        except ProviderError as error:
            app.say(f"{error.message}; {error.next_step}" if error.next_step else error.message, role="error")
            return
        if covers(cluster.permission.level(app.clock.now()), "probe"):
            self._look(hub.key, homes, deep)
        else:
            self._ask(hub, runs, homes, deep)

    def _ask(self, hub: HubState, runs: str, homes: tuple[bytes, ...], deep: bool) -> None:
        from console.fleet.look_requests import DEADLINE_S, SIZES_DEADLINE_S
        from console.tui.widgets.question import Question

        lines = question(
            hub,
            runs=runs,
            deadline_s=SIZES_DEADLINE_S if homes else DEADLINE_S,
            minutes=self.console_app.settings.permissions.probe_minutes,
            width=self.size.width,
        )
        if not self.query(Question):
            self._asked_for = (hub.key, homes, deep)
            self.mount(Question(lines), before="#status")

    def on_question_answered(self, message: QuestionAnswered) -> None:
        from console.tui.widgets.question import Question

        asked, self._asked_for = self._asked_for, None
        try:
            self.query_one(Question).remove()
        except NoMatches:
            return
        if asked and message.agreed:
            hub, homes, deep = asked
            self.console_app.fleet.grant(hub.partition("/")[0], "probe")
            self._look(hub, homes, deep)

    def _look(self, hub: str, homes: tuple[bytes, ...], deep: bool) -> None:
        self.console_app.unsay()
        self.console_app.looking.start(hub, homes=homes, deep=deep)
        self.repaint()

    def action_stop_look(self) -> None:
        if not self.stop_look():
            self.console_app.say("no look runs at this hub")

    def stop_look(self) -> bool:
        """Stop the look at the hub in view. False: none runs."""
        found = self.hub_in_view()
        if found is None or not self.console_app.looking.stop(found[1].key):
            return False
        self.repaint()
        return True

    def action_give_back(self) -> None:
        """Back to read-only in the cluster in view, now."""
        cluster, app = self.cluster_in_view(), self.console_app
        if cluster is None or cluster.permission.until(app.clock.now()) is None:
            always = cluster is not None and cluster.permission.probe_always
            app.say(
                "the settings always permit looking here" if always else "nothing was permitted here: it is read-only"
            )
            return
        app.fleet.revoke(cluster.name)
        app.say(f"{cluster.name} is read-only again")

    def action_homes(self) -> None:
        found = self.hub_in_view()
        if found is None:
            self.console_app.say("choose a hub: the homes are those of one hub")
        else:
            self.console_app.open_homes(found[1].key)
