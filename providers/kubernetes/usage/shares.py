"""What is asked of a share, and what came back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from providers.filestores.protocol import Usage


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A PersistentVolumeClaim by which pods reach a share."""

    namespace: str
    name: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One export that hubs share. `key` names it, the same in every look. `claims` all lead to it.

    `server` is the namespace and name of the in-cluster server's Service whose own disk it is.
    """

    key: str
    claims: tuple[Claim, ...]
    server: tuple[str, str] | None = None


class DirectorySize(msgspec.Struct, frozen=True, kw_only=True):
    """What an exporter says of one directory of a share. Times are seconds since 1970; None: it does not say."""

    directory: str
    total_bytes: int | None = None
    entries: int | None = None
    latest_mtime_s: float | None = None
    last_updated_s: float | None = None
    hard_limit_bytes: int | None = None


class ShareAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One share's figure; None: no source told, and `why` says why."""

    usage: Usage | None = None
    why: str = ""


class UsageAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers by the shares' keys; `requests` counts what was sent for them."""

    answers: Mapping[str, ShareAnswer] = {}
    requests: int = 0
