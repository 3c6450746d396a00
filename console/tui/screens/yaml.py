"""One live object as YAML, as the API server has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from console.tui.messages import FilterEdited
from console.tui.present.filters import Filter
from console.tui.present.lines import Item, Line, clean
from console.tui.present.objects import LiveObject, showing_command
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.line_list import LineList
from providers.errors import ProviderError


@dataclass
class YamlFetched(Message):
    """The object is there."""

    text: str


@dataclass
class YamlRefused(Message):
    """The object could not be had; why, and what to do."""

    message: str
    next_step: str


class YamlScreen(DocumentScreen):
    """Reads the object once when opened; r reads it again."""

    NAME = "YAML"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "The object as the API server has it now, without managedFields. / finds, n and N go on, c copies it all.",
        "Secrets are never shown.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "find", key_display="/"),
        Binding("n", "found(1)", "next"),
        Binding("N", "found(-1)", "previous"),
        Binding("c", "copy", "copy all"),
        Binding("K", "copy_command", "kubectl", tooltip="copy the kubectl command that shows the same"),
        Binding("r", "read", "read again"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def __init__(self, found: LiveObject) -> None:
        super().__init__()
        self._object = found
        self._text = ""
        self._refused: YamlRefused | None = None

    def on_mount(self) -> None:
        self.action_read()

    def action_read(self) -> None:
        self.run_worker(self._read(), name="yaml", group="yaml", exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        found = self._object
        try:
            text = await self.console_app.fleet.object_yaml(found.cluster, found.resource, found.namespace, found.name)
        except ProviderError as error:
            self.post_message(YamlRefused(error.message, error.next_step))
        else:
            self.post_message(YamlFetched(text))

    def on_yaml_fetched(self, message: YamlFetched) -> None:
        self._text, self._refused = message.text, None
        self.repaint()

    def on_yaml_refused(self, message: YamlRefused) -> None:
        self._refused = message
        self.repaint()

    def paint(self) -> None:
        where: Line = ((f"{self._object.cluster}  ", "quiet"), (self._object.title, "strong"))
        sought: Line = (
            ((f"   /{self.wanted.source}  ", "accent"), (f"{len(self._hits())} lines", "quiet")) if self.wanted else ()
        )
        self.show_title((("YAML  ", "quiet"),), where, sought, right=(("read-only", "quiet"),))
        self.query_one(LineList).show(self._items())
        self.show_status(((clean(showing_command(self._object)), "quiet"),))
        self.show_keys()

    def _items(self) -> list[Item]:
        if self._refused:
            next_step: Line = ((f"   {self._refused.next_step}", ""),) if self._refused.next_step else ()
            return [Item(None, ((), ((" ? ", "accent"), (self._refused.message, "strong")), next_step))]
        if not self._text:
            return [Item(None, ((), (("   reading …", "quiet"),)))]
        hits = set(self._hits())
        return [Item(str(y), (_yaml_line(text, hit=y in hits),)) for y, text in enumerate(self._text.splitlines())]

    def _hits(self) -> list[int]:
        word = self.wanted.source.lower()
        return [y for y, text in enumerate(self._text.splitlines()) if word in text.lower()] if word else []

    def on_filter_edited(self, message: FilterEdited) -> None:
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
        if self._text:
            self.console_app.copy(self._text, self._object.title)

    def action_copy_command(self) -> None:
        self.console_app.copy(showing_command(self._object), showing_command(self._object))


def _yaml_line(text: str, *, hit: bool) -> Line:
    if hit:
        return ((f" {text}", "accent"),)
    name, colon, value = text.partition(":")
    if colon and (not value or value.startswith(" ")):
        return ((f" {name}:", "quiet"), (value, ""))
    return ((f" {text}", ""),)
