"""What stands in the record, a line each: what was meant, each step, what was seen afterwards, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from console.actions.outcomes import Outcome, Verdict, Who
from console.actions.plan import Plan
from console.actions.processes import Process

Ending = Literal["done", "not-verified", "failed", "cancelled", "interrupted", "finished", "undone", "dismissed"]
"""done: and seen to be so. not-verified: every step was done, and the finding still stands, or it can't be told.
interrupted: broken off without an answer. finished, undone, dismissed: a run that was cut short, closed afterwards."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """`run` is the id that all entries of one run share."""

    run: str


class Intent(_Entry, frozen=True, kw_only=True, tag="intent"):
    """Stands on disk before anything changes. `ticket` is why, in the words of who started it; `resumes` the run that
    was cut short and that this one finishes."""

    who: Who
    process: Process
    digest: str
    plan: Plan
    ticket: str = ""
    resumes: str | None = None


class StepBegun(_Entry, frozen=True, kw_only=True, tag="step-begun"):
    key: str


class StepDone(_Entry, frozen=True, kw_only=True, tag="step-done"):
    key: str
    outcome: Outcome


class StepFailed(_Entry, frozen=True, kw_only=True, tag="step-failed"):
    key: str
    message: str
    next_step: str = ""


class Attached(_Entry, frozen=True, kw_only=True, tag="attached"):
    """A file beside the record is complete: its name, its size and its SHA-256."""

    key: str
    name: str
    size_bytes: int
    sha256: str


class Verification(_Entry, frozen=True, kw_only=True, tag="verification"):
    verdict: Verdict


class Ended(_Entry, frozen=True, kw_only=True, tag="ended"):
    """`until` is when the change should be taken back, where it is limited in time."""

    outcome: Ending
    message: str = ""
    until: datetime | None = None


Entry = Intent | StepBegun | StepDone | StepFailed | Attached | Verification | Ended


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record. `previous` is the hash of the line before, "" on the first; `torn` the SHA-256 of what a
    crash left of a line in between, else ""."""

    number: int
    at: datetime
    previous: str
    entry: Entry
    torn: str = ""
