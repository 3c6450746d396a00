"""Guided actions: plans, runs and their record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from console.actions.history import State
from console.actions.plan import Permission
from console.cli.contract.base import Public


class Need(Public, frozen=True, kw_only=True):
    """A right. `system` is "kubernetes" or a cloud; `scope` the namespace, "" for the whole cluster. `granted` null:
    it could not be asked, and `why`."""

    system: str
    right: str
    scope: str
    granted: bool | None
    why: str


class PlanStep(Public, frozen=True, kw_only=True):
    """`before` and `after` have one line or more, "" for nothing. `undo` null: it can't be undone. `diff` is that of
    an edited file, "" where none is."""

    key: str
    what: str
    before: str
    after: str
    needs: tuple[Need, ...]
    undo: str | None
    destructive: bool
    diff: str


class PlanAffects(Public, frozen=True, kw_only=True):
    """`users` have running servers; `hubs` are written cluster/hub."""

    users: tuple[str, ...]
    hubs: tuple[str, ...]


class Plan(Public, frozen=True, kw_only=True):
    """What `ACTION --dry-run --json` prints. No steps: nothing to do. `confirm` is what --confirm has to say, null for
    nothing; `undoes` the run that this takes back. `refusals` is what the API server said to a dry run, null where it
    was not asked."""

    version: Literal[1]
    action: str
    cluster: str
    hub: str | None
    parameters: dict[str, Any]
    digest: str
    steps: tuple[PlanStep, ...]
    affects: PlanAffects
    permission: Permission
    confirm: str | None
    risk: str
    notes: tuple[str, ...]
    commands: tuple[str, ...]
    lasts_s: float | None
    undoes: str | None
    undoable: bool
    refusals: tuple[str, ...] | None


class Verified(Public, frozen=True, kw_only=True):
    """What was seen after a run: gone (it is well now), still (not yet), unobserved."""

    state: Literal["gone", "still", "unobserved"]
    why: str


class ActionResult(Public, frozen=True, kw_only=True):
    """What `ACTION --yes --json` prints. `run` is its id in the record, null where nothing was to do, or it was refused
    before it began."""

    version: Literal[1]
    action: str
    cluster: str
    hub: str | None
    digest: str | None
    run: str | None
    outcome: Literal["nothing", "done", "not-verified", "failed", "cancelled", "refused", "unobserved"]
    message: str
    next_step: str
    verified: Verified | None


class Actor(Public, frozen=True, kw_only=True):
    os_user: str
    host: str
    kubernetes_user: str
    cloud_identity: str


class HistoryStep(Public, frozen=True, kw_only=True):
    """begun: whether it was done is not in the record. `notes` are lines for whoever goes on elsewhere."""

    key: str
    what: str
    before: str
    after: str
    state: Literal["planned", "begun", "done", "failed"]
    message: str
    notes: tuple[str, ...]


class HistoryRun(Public, frozen=True, kw_only=True):
    """`until` is when it should be taken back, where it is limited in time; `undone_by` the run that did."""

    id: str
    at: datetime
    ended_at: datetime | None
    state: State
    message: str
    action: str
    cluster: str
    hub: str | None
    who: Actor
    ticket: str
    digest: str
    steps: tuple[HistoryStep, ...]
    verified: Verified | None
    until: datetime | None
    undoable: bool
    undoes: str | None
    undone_by: str | None
    resumes: str | None
    commands: tuple[str, ...]


class BadRecordLine(Public, frozen=True, kw_only=True):
    number: int
    why: str


class History(Public, frozen=True, kw_only=True):
    """What `history --json` prints. `bad` is the first line of the record that was changed or is missing; `torn`: its
    last line was cut off by a crash."""

    version: Literal[1]
    generated_at: datetime
    file: str
    bad: BadRecordLine | None
    torn: bool
    runs: tuple[HistoryRun, ...]
