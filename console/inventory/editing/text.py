"""A text that is edited where it has to be changed and nowhere else: what both kinds of files have in common."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """The whole text of a file."""

    text: str

    @property
    def line_end(self) -> str:
        """How its lines end: as the first one does."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1
