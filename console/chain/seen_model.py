"""What was seen of a hub, as the front ends show it: its pods, its directory, the newest look, its homes. Frozen."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.chain.marks import Mark
from providers.kubernetes.looks.protocol import EntryKind, LookedAs, LookFailure, ShareSpace, Through


class SeenPods(msgspec.Struct, frozen=True, kw_only=True):
    """The hub's user pods: how many run, how many have which mounts, whose mounts fail. None: not observed."""

    running: int
    pending: int
    failing: int
    admin_running: int
    with_allusers: int
    older_mounts: int


class SeenDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """What a look saw in a directory's place. `mode` are the permission bits; all None where nothing is there."""

    exists: bool
    kind: EntryKind = "directory"
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None
    modified_at: datetime | None = None


class SeenLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look inside: when, by whom and how, and what it saw besides the homes.

    `why` says what was not seen where it is not `complete`, `failure` why there is nothing to see, `claim_failure` why
    it went through the export instead of the claim; `elsewhere` that homes were in another directory then. `base` are
    the names of the base path's directories, escaped; None: not observed. `space` and `round_trip_s` None: not
    measured.
    """

    looked_at: datetime
    looked_by: str
    through: Through
    looked_as: LookedAs
    complete: bool
    why: str = ""
    failure: LookFailure | None = None
    claim_failure: LookFailure | None = None
    elsewhere: bool = False
    path: str = ""
    start_s: float | None = None
    round_trip_s: float | None = None
    space: ShareSpace | None = None
    base: tuple[str, ...] | None = None


class HomeUsage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The size of one home. `source` says who counted: "quota", "du", "exporter"; `observed_at` when."""

    used_bytes: int
    source: str
    observed_at: datetime


class HomeQuota(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The limits of one home; None: there is none of that kind, or no source tells."""

    hard_bytes: int | None
    soft_bytes: int | None
    observed_at: datetime


class SeenHome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a hub's directory, from whatever tells of it: a look, the server's quotas, an exporter.

    `name` are the raw bytes, `shown` the same, escaped, to be shown. `user` is whose home it is, unescaped; "" for
    what is no home (`home` False: names that begin with "_"). `kind` and what follows are None where no look saw it.
    `active_at` is the newest change that is known of. `running` None: user pods were not observed. `problems` are
    what is wrong, in words, the worst first; `mark` their weight, "unlooked" where no look saw the directory. Hubs
    have thousands of them, and they hold no cycles: the garbage collector need not walk them.
    """

    name: bytes
    shown: str
    user: str = ""
    home: bool = True
    mark: Mark = "ok"
    problems: tuple[str, ...] = ()
    kind: EntryKind | None = None
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None
    modified_at: datetime | None = None
    active_at: datetime | None = None
    link_target: str | None = None
    usage: HomeUsage | None = None
    entries: int | None = None
    quota: HomeQuota | None = None
    running: bool | None = None
    deeper: tuple[str, ...] = ()
    """What inside it has another owner, with that owner: as many as were kept of a deep look."""


class SeenHomes(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a hub's directory: homes and others, sorted by trouble, then by name.

    `listed` says that a look listed the whole directory: only then is what is not there missing. The counts are of
    homes. `quotas_at` is when the server told its quotas, `sizes_at` when an exporter was asked; `quotas_why` says
    why an in-cluster server did not tell.
    """

    rows: tuple[SeenHome, ...]
    listed: bool
    total: int
    wrong: int
    running: int | None
    quotas_at: datetime | None = None
    quotas_why: str = ""
    sizes_at: datetime | None = None
