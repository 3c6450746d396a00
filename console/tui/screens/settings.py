"""Settings: every value, and who decided it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from console.settings.keys import entries
from console.tui.present.filters import Searchable
from console.tui.present.lines import Item
from console.tui.present.settings_lines import entry_words, file_line, settings_items
from console.tui.screens.document import DocumentScreen
from console.tui.widgets.lines import Lines


class SettingsScreen(DocumentScreen):
    """Read only: they are changed in settings.toml."""

    NAME = "SETTINGS"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Every setting with its value and who decided it: default, a line of settings.toml, environment, command line.",
        "They are changed in settings.toml; t tries the next theme until the console ends.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("t", "app.next_theme", "next theme"),
        Binding("question_mark", "app.help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("colon", "app.palette", "go to", key_display=":", show=False),
    ]

    def compose_body(self) -> ComposeResult:
        yield Lines(id="heads")
        yield from super().compose_body()

    def paint(self) -> None:
        settings = self.console_app.settings
        every = entries(settings)
        shown = [entry for entry in every if self.wanted.matches(Searchable(entry_words(entry)))]
        self.query_one("#heads", Lines).show([file_line(settings.file, self.size.width)])
        self.show_items(settings_items(shown, self.size.width), total=len(every))
        self.show_filtered_title(len(shown), len(every), right=((f"theme {self.app.theme}", "quiet"),))
        self.show_status((("changed in settings.toml; read when the console starts", "quiet"),))
        self.show_keys()

    def document(self) -> list[Item]:
        return []
