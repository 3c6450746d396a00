"""Why something outside could not be asked: one error type for every provider."""

from __future__ import annotations

from typing import Literal

ErrorKind = Literal["no_context", "unreachable", "timeout", "tls", "unauthorized", "forbidden", "throttled", "internal"]


class ProviderError(Exception):
    """A remote system could not be asked, or refused.

    `kind` is the public word of the JSON contract. `message` names the object and the cause; `next_step` is what
    the person on call can do about it: a command to run or a right to ask for. Neither ever holds a credential.
    """

    def __init__(self, kind: ErrorKind, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.message = message
        self.next_step = next_step
