"""What is renamed inside a hub's directory, and how that ends. Names are raw bytes."""

from __future__ import annotations

from typing import Literal

import msgspec

Moved = Literal["moved", "missing", "no-folder", "taken"]
"""missing: there is nothing of the old name. no-folder: a directory is not there, or a link is on the way to it.
taken: something has the new name already."""

Verb = Literal["rename", "retire", "restore"]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """OLD in FOLDER becomes NEW in INTO. Both are relative to the hub's directory; b"" is that itself."""

    folder: bytes = b""
    old: bytes
    into: bytes = b""
    new: bytes

    def back(self) -> Move:
        """What takes it back."""
        return Move(folder=self.into, old=self.new, into=self.folder, new=self.old)
