"""Screens from which one acts on what is under the cursor: the actions that fit there, and the one that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding

from console.chain.model import Finding
from console.tui.screens.base import BaseScreen

if TYPE_CHECKING:
    from console.actions.offers import Place

ACTIONS = Binding("a", "actions", "actions", tooltip="the guided actions that fit here, what mends a finding first")
MEND = Binding("m", "mend", "mend", show=False, tooltip="the guided action that the finding names: shows its plan")
ACTS = (ACTIONS, MEND)


class Acts(BaseScreen):
    """Subclasses say where one is, and what is wrong there."""

    def place_in_view(self) -> Place | None:
        """Where a would act; None: nowhere."""
        return None

    def findings_in_view(self) -> Sequence[Finding]:
        """What is wrong there, the one that m mends first."""
        return ()

    def action_actions(self) -> None:
        """Show the actions that fit."""
        place = self.place_in_view()
        if place is None:
            self.console_app.say("choose a hub or a cluster: actions are for one of them")
        else:
            self.console_app.open_actions(place, self.findings_in_view())

    def action_mend(self) -> None:
        """Plan the action that the first finding names which names one."""
        findings, place = self.findings_in_view(), self.place_in_view()
        named = next((one for one in findings if self.console_app.mends(one)), findings[0] if findings else None)
        self.console_app.mend(named, place.filestores if place else ())
