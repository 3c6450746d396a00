"""Text in YAML: to find words in, to copy."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from console.tui.messages import FieldEdited
from console.tui.present.filters import Filter
from console.tui.present.lines import Item, Line
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.line_list import LineList

FINDING: list[BindingType] = [
    Binding("slash", "filter", "find", key_display="/"),
    Binding("n", "found(1)", "next"),
    Binding("N", "found(-1)", "previous"),
    Binding("c", "copy", "copy all"),
]
LEAVING: list[BindingType] = [
    Binding("question_mark", "app.help", "help", key_display="?"),
    Binding("escape", "back", "back", key_display="esc"),
    Binding("colon", "app.palette", "go to", key_display=":", show=False),
]


class YamlTextScreen(DocumentScreen):
    """Subclasses say what the text is, and what stands in its place while there is none."""

    NAME = "YAML"
    BINDINGS: ClassVar[list[BindingType]] = [*FINDING, *LEAVING]

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def heading(self) -> Line:
        """What it is the YAML of."""
        return ()

    def below(self) -> str:
        """What stands below it."""
        return ""

    def instead(self) -> list[Item]:
        """What is shown while there is no text."""
        return []

    def paint(self) -> None:
        sought: Line = (
            ((f"   /{self.wanted.source}  ", "accent"), (f"{len(self._hits())} lines", "quiet")) if self.wanted else ()
        )
        self.show_title((("YAML  ", "quiet"),), self.heading(), sought)
        self.query_one(LineList).show(self.instead() or self._items())
        self.show_status(((self.below(), "quiet"),))
        self.show_keys()

    def _items(self) -> list[Item]:
        hits = set(self._hits())
        return [Item(str(y), (_yaml_line(text, hit=y in hits),)) for y, text in enumerate(self.text.splitlines())]

    def _hits(self) -> list[int]:
        word = self.wanted.source.lower()
        return [y for y, text in enumerate(self.text.splitlines()) if word in text.lower()] if word else []

    def on_field_edited(self, message: FieldEdited) -> None:
        self.wanted = Filter(message.text)
        self.repaint()
        self.action_found(0)

    def action_found(self, by: int) -> None:
        """To the next line that holds the word, round the end; 0: to the first from here on."""
        hits = self._hits()
        listed = self.query_one(LineList)
        if not hits or listed.cursor_key is None:
            return
        here = int(listed.cursor_key)
        ahead = [y for y in hits if (y >= here if by == 0 else y > here)] if by >= 0 else [y for y in hits if y < here]
        target = (ahead[0] if by >= 0 else ahead[-1]) if ahead else hits[0 if by >= 0 else -1]
        listed.jump(str(target))

    def action_copy(self) -> None:
        if self.text:
            self.console_app.copy(self.text, "".join(text for text, _ in self.heading()).strip())


def _yaml_line(text: str, *, hit: bool) -> Line:
    if hit:
        return ((f" {text}", "accent"),)
    name, colon, value = text.partition(":")
    if colon and (not value or value.startswith(" ")):
        return ((f" {name}:", "quiet"), (value, ""))
    return ((f" {text}", ""),)
