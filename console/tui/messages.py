"""What happened, as widgets and workers tell the screens."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from console.chain.model import FleetState


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
class FilterEdited(Message):
    """The filter's text is another one."""

    text: str


@dataclass
class FilterAccepted(Message):
    """The filter stands; the keys belong to the list again."""


@dataclass
class FilterLeft(Message):
    """The filter was given up."""
