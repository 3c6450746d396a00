"""What is wrong with a settings file."""

from __future__ import annotations


class SettingsError(Exception):
    """The settings cannot be used. `where` is the file, with the line where it is known; `message` names the key,
    what is wrong with it and what is allowed."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.message = message
