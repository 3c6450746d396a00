"""A finding's rule as data, and the finding that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from console.chain.marks import Severity
from console.chain.model import Finding, Link
from console.chain.words import plain

Symptom = Literal[
    "missing-directory", "denied", "timeout", "refused", "protocol", "stale", "name", "options", "subpath",
    "hanging", "other", "unbound", "creator", "claim", "volume", "export", "server", "directory",
]  # fmt: skip
"""What a cause further up can bring about: mounts that fail, by cause; user pods that wait for a claim (`unbound`);
a failed share creator, a claim or a PersistentVolume in trouble, a path off its export, a server that nobody knows,
a hub directory that is missing or has the wrong owner."""

NO_MOUNT: tuple[Symptom, ...] = ("timeout", "refused", "stale", "name", "hanging", "other", "creator")
ANY_MOUNT: tuple[Symptom, ...] = (
    "missing-directory", "denied", "timeout", "refused", "protocol", "stale", "name", "options", "subpath",
    "hanging", "other",
)  # fmt: skip


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the catalogue.

    `severity` is the usual one; `or_severity` the other that the rule may have, `when` says when. `meaning` is what
    users notice, `found_by` which sides are held against each other, `mends` what to do. `action` is the guided
    action, None where there is none; `or_action` the other that a finding may name. `explains` are the symptoms that
    are then consequences, not findings.
    """

    code: str
    severity: Severity
    link: Link
    title: str
    meaning: str
    found_by: str
    mends: str
    action: str | None = None
    or_action: str | None = None
    or_severity: Severity | None = None
    when: str = ""
    explains: tuple[Symptom, ...] = ()

    def finding(
        self,
        message: str,
        *,
        cluster: str,
        hub: str | None = None,
        severity: Severity | None = None,
        consequence: str | None = None,
        detail: tuple[str, ...] = (),
        next_step: str = "",
        subject: str = "",
        filestore: str | None = None,
        since: datetime | None = None,
        action: str | None = None,
        asks: Mapping[str, Any] | None = None,
    ) -> Finding:
        """The finding that this rule is broken, its text made safe to show.

        `consequence` None: the rule's own meaning. Without a `next_step` it is what mends it in general, and without an
        `action` the rule's.
        """
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            link=self.link,
            message=plain(message),
            cluster=cluster,
            hub=hub,
            action=action or self.action,
            asks=asks or {},
            consequence=self.meaning if consequence is None else consequence,
            detail=tuple(plain(line) for line in detail),
            next_step=plain(next_step or self.mends),
            subject=subject,
            filestore=filestore,
            since=since,
        )
