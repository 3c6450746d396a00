"""One live object as YAML, as the API server has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from console.chain.model import ClusterState
from console.tui.present.lines import Item, Line, clean
from console.tui.present.objects import LiveObject, showing_command
from console.tui.screens.yaml_text import FINDING, LEAVING, YamlTextScreen
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


class YamlScreen(YamlTextScreen):
    """Reads the object once when opened; r reads it again."""

    ABOUT: ClassVar[tuple[str, ...]] = (
        "The object as the API server has it now, without managedFields. / finds, n and N go on, c copies it all.",
        "Secrets are never shown.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *FINDING,
        Binding("K", "copy_command", "kubectl", tooltip="copy the kubectl command that shows the same"),
        Binding("r", "read", "read again"),
        *LEAVING,
    ]

    def __init__(self, found: LiveObject) -> None:
        super().__init__()
        self._object = found
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
        self.text, self._refused = message.text, None
        self.repaint()

    def on_yaml_refused(self, message: YamlRefused) -> None:
        self._refused = message
        self.repaint()

    def cluster_in_view(self) -> ClusterState | None:
        return self.cluster_named(self._object.cluster)

    def heading(self) -> Line:
        return ((f"{self._object.cluster}  ", "quiet"), (self._object.title, "strong"))

    def below(self) -> str:
        return clean(showing_command(self._object))

    def instead(self) -> list[Item]:
        if self._refused:
            next_step: Line = ((f"   {self._refused.next_step}", ""),) if self._refused.next_step else ()
            return [Item(None, ((), ((" ? ", "accent"), (self._refused.message, "strong")), next_step))]
        return [] if self.text else [Item(None, ((), (("   reading …", "quiet"),)))]

    def action_copy(self) -> None:
        if self.text:
            self.console_app.copy(self.text, self._object.title)

    def action_copy_command(self) -> None:
        self.console_app.copy(showing_command(self._object), showing_command(self._object))
