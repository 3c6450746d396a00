"""What every document of the contract has a use for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from console.chain.marks import Severity
from console.chain.model import Link
from providers.errors import ErrorKind

VERSION: Final = 1


class Public(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is printed."""


class Error(Public, frozen=True, kw_only=True):
    kind: ErrorKind
    message: str
    next_step: str
    since: datetime | None


class Finding(Public, frozen=True, kw_only=True):
    """`action` is the guided action that mends it. `cluster` "": the configuration tree; `hub` null: the cluster."""

    code: str
    severity: Severity
    link: Link
    message: str
    action: str | None
    cluster: str
    hub: str | None
    consequence: str
    detail: tuple[str, ...]
    next_step: str
    subject: str
    filestore: str | None
    since: datetime | None
