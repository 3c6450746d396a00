"""What stops the reading of a configuration tree altogether."""

from __future__ import annotations

from console.inventory.model import Origin


class ConfigurationError(Exception):
    """There is no configuration to read. `next_step` says what to do; neither text ever holds a file's content."""

    def __init__(self, message: str, *, origin: Origin | None = None, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.origin = origin
        self.next_step = next_step
