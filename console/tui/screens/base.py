"""What all screens share: title, body, status, keys; a snapshot to show; a plain word where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from console.chain.model import FleetState
from console.tui.present.lines import Line, Role, crop, cut, spread
from console.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from console.tui.app import HubhomesApp

LEAST_WIDTH, LEAST_HEIGHT = 50, 10


class BaseScreen(Screen[None]):
    """A screen over the snapshot. Subclasses say what stands in it, and draw it in `paint`."""

    NAME: ClassVar[str] = ""
    ABOUT: ClassVar[tuple[str, ...]] = ()
    AUTO_FOCUS = "LineList"

    @property
    def console_app(self) -> HubhomesApp:
        return cast("HubhomesApp", self.app)

    @property
    def state(self) -> FleetState:
        """The newest snapshot."""
        return self.console_app.state

    def compose_body(self) -> ComposeResult:
        """The widgets between title and status."""
        yield from ()

    def paint(self) -> None:
        """Show the newest snapshot in the widgets at their present sizes."""

    def compose(self) -> ComposeResult:
        yield Lines(id="title")
        yield from self.compose_body()
        yield Lines(id="status")
        yield Lines(id="keys")
        yield Lines(id="too-small")

    def repaint(self) -> None:
        """Draw everything from the newest snapshot; or say that there is no room to."""
        width, height = self.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.set_class(small, "too-small")
        if small:
            words = ("hubhomes", f"needs {LEAST_WIDTH}×{LEAST_HEIGHT}", f"has {width}×{height}")
            self.query_one("#too-small", Lines).show([((cut(word, width), ""),) for word in words])
        elif self.size.width:
            self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.repaint()

    def on_screen_resume(self) -> None:
        self.repaint()

    def show_title(self, *left: Line, right: Line = ()) -> None:
        """The first line. It says when an emulator answers in a cloud's place."""
        width = self.size.width
        if self.console_app.state.emulated:
            right = ((f"EMULATED: {', '.join(self.console_app.state.emulated)}  ", "badge"), *right)
        words = [span for line in left for span in line]
        self.query_one("#title", Lines).show([spread(((" ", ""), *words), (*right, (" ", "")), width)])

    def show_status(self, line: Line) -> None:
        """The line above the keys; a word that was said stands in its place until the next key."""
        said = self.console_app.said
        self.query_one("#status", Lines).show([crop(((" ", ""), *(said if said else line)), self.size.width)])

    def show_keys(self) -> None:
        """The screen's keys, in words, as many as fit."""
        spans: list[tuple[str, Role]] = [(" ", "")]
        used = 1
        for binding in shown_bindings(type(self)):
            key, word = binding.key_display or binding.key, binding.description
            used += len(key) + len(word) + 3
            if used - 2 > self.size.width:
                break
            spans += [(key, "strong"), (f" {word}  ", "quiet")]
        self.query_one("#keys", Lines).show([tuple(spans)])


def shown_bindings(screen: type[Screen[None]]) -> list[Binding]:
    """What SCREEN's line of keys names, in order."""
    return [binding for binding in getattr(screen, "BINDINGS", []) if isinstance(binding, Binding) and binding.show]
