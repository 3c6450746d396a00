"""Actions: what can be done where one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from console.actions.offers import Offer, called
from console.chain.model import ClusterState
from console.tui.messages import ItemChosen
from console.tui.present.action_lines import words_of
from console.tui.present.filters import Searchable
from console.tui.present.lines import Item, Line, fit, wrap
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.line_list import LineList


class ActionsScreen(DocumentScreen):
    """OFFERS are the actions that fit the place."""

    NAME = "ACTIONS"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The guided actions that fit where you came from; those that mend a finding there come first.",
        "Enter shows what exactly would be done; nothing changes by that.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "plan it", key_display="Enter", tooltip="show what exactly would be done"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, place: str, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._place = place
        self._offers = tuple(offers)

    def cluster_in_view(self) -> ClusterState | None:
        return self.cluster_named(self._offers[0].target.cluster) if self._offers else None

    def empty_words(self) -> tuple[str, ...]:
        return (f"No guided action is for {self._place}: a finding's next step says what to do by hand.",)

    def paint(self) -> None:
        shown = [
            (index, one)
            for index, one in enumerate(self._offers)
            if self.wanted.matches(Searchable(f"{words_of(one.target.action)} {one.summary} {one.where}".lower()))
        ]
        shown.sort(key=lambda one: self._distance(words_of(one[1].target.action)))
        self.show_items([self._item(index, one) for index, one in shown], total=len(self._offers))
        filtered: Line = ((f"   /{self.wanted.source}", "accent"),) if self.wanted else ()
        count = f"{len(shown)} action{'' if len(shown) == 1 else 's'}"
        self.show_title(((self.NAME, "strong"), (f"   {self._place}", "strong")), filtered, right=((count, "quiet"),))
        self.show_status((("Enter plans it: nothing changes before you approve the plan", "quiet"),))
        self.show_keys()

    def _distance(self, name: str) -> int:
        """How far NAME is from what was typed: it begins so, it has it within, or only its summary speaks of it."""
        if name.startswith(self.wanted.source):
            return 0
        return 1 if self.wanted.matches(Searchable(name)) else 2

    def _item(self, index: int, offer: Offer) -> Item:
        name = max(len(one.target.action) for one in self._offers)
        place = called(offer.target, self.state.clusters)
        head: Line = ((f" {fit(words_of(offer.target.action), name)}  ", "strong"), (place, ""))
        if offer.mends:
            head = (*head, (f"   mends {', '.join(offer.mends)}", "ok"))
        lines = [head, *(((f"   {piece}", "quiet"),) for piece in wrap(offer.summary, self.size.width - 5)), ()]
        return Item(f"offer:{index}", tuple(lines))

    def action_choose(self) -> None:
        self.query_one(LineList).action_choose()

    def on_item_chosen(self, message: ItemChosen) -> None:
        offer = self._offers[int(message.key.partition(":")[2])]
        self.console_app.back()
        self.console_app.open_action(offer.target)
