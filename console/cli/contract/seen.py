"""What was seen of a hub: in its directory, in its pods, and by which look."""

from __future__ import annotations

from datetime import datetime

from console.cli.contract.base import Public
from providers.kubernetes.looks.protocol import EntryKind, FailureKind, LookedAs, Through
from providers.kubernetes.mount_words import MountSymptom


class Directory(Public, frozen=True, kw_only=True):
    """What is in the hub directory's place. `kind`: null where nothing is."""

    exists: bool
    kind: EntryKind | None
    uid: int | None
    gid: int | None
    mode: str | None


class Homes(Public, frozen=True, kw_only=True):
    """The homes in the hub directory, counted. `listed` false: only quotas or an exporter tell of them, and owners are
    not known. `running` are those whose user's server runs, null where user pods were not observed."""

    total: int
    listed: bool
    wrong: int
    running: int | None
    quotas_at: datetime | None
    sizes_at: datetime | None


class LookFailure(Public, frozen=True, kw_only=True):
    """Why a look saw nothing. `symptom` says by what cause a mount failed; `words` are whoever refused it's own."""

    kind: FailureKind
    symptom: MountSymptom | None
    message: str
    words: str
    next_step: str


class Space(Public, frozen=True, kw_only=True):
    """The share as statfs tells it; inodes are 0 where none are counted."""

    capacity_bytes: int
    used_bytes: int
    free_bytes: int
    inodes: int
    free_inodes: int


class SeenBy(Public, frozen=True, kw_only=True):
    """The newest look inside. `complete` false: `why` or `failure` says what was not seen. `claim_failure` says why it
    went through the export instead of the claim. `base` are the directories of the base path, escaped."""

    looked_at: datetime
    looked_by: str
    through: Through
    looked_as: LookedAs
    complete: bool
    why: str
    failure: LookFailure | None
    claim_failure: LookFailure | None
    round_trip_ms: float | None
    space: Space | None
    base: tuple[str, ...] | None


class Pods(Public, frozen=True, kw_only=True):
    """The hub's user pods."""

    running: int
    pending: int
    failing: int
    admin_running: int
    with_allusers: int
    older_mounts: int


class Seen(Public, frozen=True, kw_only=True):
    directory: Directory | None
    homes: Homes | None
    pods: Pods | None
    look: SeenBy | None
