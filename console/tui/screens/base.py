"""What all screens share: title, body, status, keys; a snapshot to show; a plain word where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from console.chain.model import ClusterState, FleetState
from console.tui.present.lines import Line, Role, crop, cut, spread, wrap
from console.tui.present.permission_lines import fleet_permission_words, permission_words
from console.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from console.tui.app import HubhomesApp

LEAST_WIDTH, LEAST_HEIGHT = 50, 10
MOST_SAID = 4


class BaseScreen(Screen[None]):
    """A screen over the snapshot. Subclasses say what stands in it, and draw it in `paint`."""

    NAME: ClassVar[str] = ""
    ABOUT: ClassVar[tuple[str, ...]] = ()
    AUTO_FOCUS = "LineList"

    def __init__(self) -> None:
        super().__init__()
        self._title: tuple[Line, Line] = ((), ())

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
        yield Lines(id="notice")
        yield Lines(id="status")
        yield Lines(id="keys")
        yield Lines(id="too-small")

    @property
    def composed(self) -> bool:
        """Whether its widgets are there: what happens may come before that."""
        return bool(self.query("#keys"))

    def repaint(self) -> None:
        """Draw everything from the newest snapshot; or say that there is no room to."""
        if not self.composed:
            return
        width, height = self.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.set_class(small, "too-small")
        if small:
            words = ("hubhomes", f"needs {LEAST_WIDTH}×{LEAST_HEIGHT}", f"has {width}×{height}")
            self.query_one("#too-small", Lines).show([((cut(word, width), ""),) for word in words])
        elif self.size.width:
            self.show_notice()
            self.paint()

    def on_resize(self, _: events.Resize) -> None:
        self.repaint()

    def on_screen_resume(self) -> None:
        self.repaint()

    def show_title(self, *left: Line, right: Line = ()) -> None:
        """The first line. It says what may be sent to the cluster in view, and when an emulator answers in a cloud's
        place."""
        self._title = (tuple(span for line in left for span in line), right)
        self.refresh_title()

    def refresh_title(self) -> None:
        """The first line once more, with what is left of a permission by now."""
        if not self.composed:
            return
        left, right = self._title
        cluster, now = self.cluster_in_view(), self.console_app.clock.now()
        told = permission_words(cluster, now) if cluster else fleet_permission_words(self.state.clusters, now)
        gap: Line = (("   ", ""),) if right else ()
        words: Line = (*told, *gap, *right, (" ", ""))
        if self.state.emulated:
            words = ((f"EMULATED: {', '.join(self.state.emulated)}  ", "badge"), *words)
        self.query_one("#title", Lines).show([spread(((" ", ""), *left), words, self.size.width)])

    def cluster_in_view(self) -> ClusterState | None:
        """Whose permission the header tells; None: that of no cluster."""
        return None

    def cluster_named(self, name: str) -> ClusterState | None:
        """The cluster of that name in the newest snapshot."""
        return next((cluster for cluster in self.state.clusters if cluster.name == name), None)

    def show_notice(self) -> None:
        """What runs or wants to be looked at, in a line of its own above the status; no line where nothing does."""
        line, widget = self.notice(), self.query_one("#notice", Lines)
        widget.set_class(bool(line), "shown")
        widget.show([crop(line, self.size.width)])

    def notice(self) -> Line:
        """What is to be known on this screen of what goes on elsewhere."""
        return self.console_app.notice()

    def show_status(self, line: Line) -> None:
        """The line above the keys. What was said stands in its place until the next key, in as many lines as it takes:
        its end is what to do."""
        widget, said = self.query_one("#status", Lines), self.console_app.said
        lines: list[Line] = [crop(((" ", ""), *line), self.size.width)]
        if said:
            (text, role), *_ = said
            lines.clear()
            lines.extend(((f" {piece}", role),) for piece in wrap(text, self.size.width - 2)[:MOST_SAID])
        widget.styles.height = len(lines)
        widget.show(lines)

    def key_bindings(self) -> list[Binding]:
        """The keys that the last line names, in order."""
        return shown_bindings(type(self))

    def show_keys(self) -> None:
        """The screen's keys, in words, as many as fit."""
        spans: list[tuple[str, Role]] = [(" ", "")]
        used = 1
        for binding in self.key_bindings():
            key, word = binding.key_display or binding.key, binding.description
            used += len(key) + len(word) + 3
            if used - 2 > self.size.width:
                break
            spans += [(key, "strong"), (f" {word}  ", "quiet")]
        self.query_one("#keys", Lines).show([tuple(spans)])


def shown_bindings(screen: type[Screen[None]]) -> list[Binding]:
    """What SCREEN's line of keys names, in order."""
    return [binding for binding in getattr(screen, "BINDINGS", []) if isinstance(binding, Binding) and binding.show]
