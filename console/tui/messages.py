"""What happened, as widgets and workers tell the screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from console.chain.model import FleetState

if TYPE_CHECKING:
    from console.tui.present.home_rows import Arranged


@dataclass
class FleetChanged(Message):
    """A newer snapshot of the fleet is there."""

    state: FleetState

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FleetChanged)


@dataclass
class CursorMoved(Message):
    """The cursor stands on another item."""

    key: str | None

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CursorMoved)


@dataclass
class ItemChosen(Message):
    """Enter was pressed on an item."""

    key: str


@dataclass
class HomesArranged(Message):
    """Very many homes were sorted, or filtered."""

    arranged: Arranged


@dataclass
class FieldEdited(Message):
    """The text of the field that is typed in is another one."""

    text: str


@dataclass
class FieldEntered(Message):
    """Enter was pressed in the field that asks for `what`."""

    what: str
    text: str


@dataclass
class FieldLeft(Message):
    """The field was given up."""


@dataclass
class JobsChanged(Message):
    """An action is further, or the record was read again."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, JobsChanged)


@dataclass
class LookMoved(Message):
    """A look inside a hub has come further, or ended."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LookMoved)


@dataclass
class QuestionAnswered(Message):
    """A question was answered; leaving it is a no."""

    agreed: bool
