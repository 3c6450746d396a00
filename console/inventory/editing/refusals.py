"""Why an edit is not made."""

from __future__ import annotations


class EditRefused(Exception):
    """The file could not be edited without risk. `snippet` is what to put in by hand; both texts hold no secret."""

    def __init__(self, reason: str, *, file: str = "", snippet: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.file = file
        self.snippet = snippet
