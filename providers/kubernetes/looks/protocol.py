"""What is asked of a look, what it tells while it runs, and what it leaves: frozen values, names as raw bytes.

Names on a share may be any bytes but "/" and NUL. They stay bytes here; whoever shows them escapes them.
Times are UTC. "Not observed" is None everywhere, and never the same as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from providers.kubernetes.mount_words import MountSymptom

EntryKind = Literal["directory", "file", "link", "other"]
Through = Literal["claim", "export", "server"]
"""claim: a pod that mounts the hub's PersistentVolumeClaim, as users' servers do. export: a pod that mounts the
export itself, where the claim is what is broken, or what lies beside the hub's directory is asked for. server: a
command in the container of the in-cluster server."""

LookedAs = Literal["reader", "user", "server"]
"""reader: root without any right but to read everything. user: 1000:1000, where the namespace admits no more: what
others closed stays unseen. server: as the server's container runs."""

FailureKind = Literal["mount", "unbound", "no-room", "image", "denied", "quota", "deadline", "ended"]
"""mount: the volume can't be mounted (`symptom` says by what cause). unbound: the claim is missing or not bound.
no-room: no node takes the pod. image: it can't be pulled. denied: admission refuses the pod. quota: the namespace's
ResourceQuota does. deadline: time was up. ended: it was ended from outside, or its script could not run."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag=True):
    """One entry of a directory, as lstat tells it. `mode` are the permission bits only (0o7777).

    `link_target` is a link's own text, unresolved; None for all other kinds.
    """

    name: bytes
    kind: EntryKind
    uid: int
    gid: int
    mode: int
    modified_at: datetime
    link_target: bytes | None = None


class DeepEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something directly inside an entry of the hub's directory whose owner is not the expected one."""

    parent: bytes
    entry: Entry


class Missing(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Looked for and not there. `words` say where it was looked for."""

    words: str = ""


class ShareSpace(msgspec.Struct, frozen=True, kw_only=True):
    """The share as `statfs` tells it. `free_bytes` is what may still be written by anybody but root.

    On EFS all of it is enormous and means nothing. Inodes are 0 where the file system counts none.
    """

    capacity_bytes: int
    used_bytes: int
    free_bytes: int
    inodes: int = 0
    free_inodes: int = 0


class HomeSize(msgspec.Struct, frozen=True, kw_only=True):
    """What `du` counted below one home: bytes on disk. `used_bytes` None: not counted, `why` says it."""

    home: bytes
    used_bytes: int | None
    counted_at: datetime
    complete: bool = True
    why: str = ""


class LookFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is nothing to see: an answer, too. `words` are the kubelet's, scheduler's or API server's own."""

    kind: FailureKind
    message: str
    symptom: MountSymptom | None = None
    words: str = ""
    next_step: str = ""


class DirectoryLook(msgspec.Struct, frozen=True, kw_only=True):
    """What one look saw.

    `path` is what was looked at: the hub's directory as the server names it, where known. `hub` None: not observed;
    `inode` is its number on the server, the same by whichever way it is mounted. `base` are the directories of the
    base path, the hub's own among them; None: not observed (a look through the claim sees only the hub's). `entries`
    None: not observed; () an empty directory. `deeper` None: not asked for; `deeper_more` counts what was found beyond
    those kept. `round_trip_s` is the mean of one question to the file
    server; `start_s` from the request until the first word, the mount and the image's pull included.
    `complete` False: something was not seen, and `why` says what; what is there stands nevertheless.
    `claim_failure`: why the claim could not be mounted, where the look went on through the export.
    """

    namespace: str
    through: Through
    looked_at: datetime
    looked_by: str
    looked_as: LookedAs = "reader"
    claim: str = ""
    server: str = ""
    path: str = ""
    start_s: float | None = None
    round_trip_s: float | None = None
    space: ShareSpace | None = None
    base: tuple[Entry, ...] | None = None
    hub: Entry | Missing | None = None
    inode: int | None = None
    entries: tuple[Entry, ...] | None = None
    deeper: tuple[DeepEntry, ...] | None = None
    deeper_more: int = 0
    sizes: tuple[HomeSize, ...] = ()
    complete: bool = False
    why: str = ""
    failure: LookFailure | None = None
    claim_failure: LookFailure | None = None


class QuotaRow(msgspec.Struct, frozen=True, kw_only=True):
    """One directory's project quota. Limits are 0 where there is none."""

    directory: bytes
    used_bytes: int
    soft_bytes: int
    hard_bytes: int


class QuotaReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the server's file system accounts for each directory of one hub. `unread` counts lines of another form."""

    namespace: str
    pod: str
    reported_at: datetime
    rows: tuple[QuotaRow, ...]
    unread: int = 0


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where users' pods may land, as their manifests say it: the helper pod takes the same."""

    node_selector: Mapping[str, str] = {}
    tolerations: tuple[Mapping[str, Any], ...] = ()
    affinity: Mapping[str, Any] = {}


class LookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One look at one hub's directory.

    `through` "claim" needs `claim`, and goes on through the export where the claim is what is broken and the export is
    named, too; "export" needs `server` and `base_path` (mounted) with `hub_directory` below it.
    "server" needs `pod`, the in-cluster server's own, in `namespace`; it counts no sizes: quotas tell them.
    `claim_directory` is where the hub's homes are below the claim's root ("" is that root itself).
    `homes` are whose sizes are to be counted, as slow as `du` is; `deep` asks for owners one level deeper, other
    than `uid`:`gid`. With `entries` False the directory itself is not listed. `owner` is who looks, in their own
    spelling; `deadline_s` ends the pod whatever becomes of us. `silence_s`: how long a mount may give no sign before
    it is said to hang; half of it is how long no node may take the pod while none is being added.
    """

    namespace: str
    through: Through = "claim"
    claim: str = ""
    claim_directory: str = ""
    server: str = ""
    base_path: str = ""
    hub_directory: str = ""
    pod: str = ""
    image: str = "busybox:1.36.1"
    owner: str = ""
    purpose: str = "look"
    deadline_s: int = 600
    silence_s: float = 20.0
    placement: Placement = Placement()
    entries: bool = True
    deep: bool = False
    homes: tuple[bytes, ...] = ()
    uid: int = 1000
    gid: int = 1000


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """The helper pod is asked for (or the command, `pod` being the server's)."""

    pod: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """It has not begun; `words` say what for, as far as known."""

    words: str


class Mounted(msgspec.Struct, frozen=True, kw_only=True):
    """The share is mounted and answers. `start_s` from the request on."""

    start_s: float


class SpaceRead(msgspec.Struct, frozen=True, kw_only=True):
    space: ShareSpace


class BaseRead(msgspec.Struct, frozen=True, kw_only=True):
    entries: tuple[Entry, ...]


class HubRead(msgspec.Struct, frozen=True, kw_only=True):
    hub: Entry | Missing


class EntriesRead(msgspec.Struct, frozen=True, kw_only=True):
    """More entries of the hub's directory, in the order in which the server gives them."""

    entries: tuple[Entry, ...]


class DeeperRead(msgspec.Struct, frozen=True, kw_only=True):
    entries: tuple[DeepEntry, ...]


class SizeBegun(msgspec.Struct, frozen=True, kw_only=True):
    home: bytes


class SizeCounted(msgspec.Struct, frozen=True, kw_only=True):
    size: HomeSize


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """Always the last: everything that was seen, whole or not."""

    look: DirectoryLook


LookEvent = (
    Requested
    | Waiting
    | Mounted
    | SpaceRead
    | BaseRead
    | HubRead
    | EntriesRead
    | DeeperRead
    | SizeBegun
    | SizeCounted
    | Finished
)
