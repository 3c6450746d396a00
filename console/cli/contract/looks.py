"""What `look` and `user` print: homes with any names, and one user across hubs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from console.chain.marks import Mark
from console.cli.contract.base import Finding, Public
from console.cli.contract.chain import ChainLink
from console.cli.contract.seen import Seen
from providers.kubernetes.looks.protocol import EntryKind


class Quota(Public, frozen=True, kw_only=True):
    """The limits of one home; null: none of that kind."""

    hard_bytes: int | None
    soft_bytes: int | None
    observed_at: datetime


class HomeUsage(Public, frozen=True, kw_only=True):
    """`source`: quota, exporter or du."""

    used_bytes: int
    source: str
    observed_at: datetime


class Home(Public, frozen=True, kw_only=True):
    """One entry of a hub's directory, whose name may be any bytes.

    `name` is printable text. `name_base64` null: it is the name itself, in UTF-8. Else it is escaped to be shown, and
    `name_base64` are the bytes of the name. `home` false: nobody's, as "_shared". `kind` and what follows are null
    where no look saw it. `mode` is octal.
    """

    name: str
    name_base64: str | None
    user: str
    home: bool
    mark: Mark
    problems: tuple[str, ...]
    kind: EntryKind | None
    uid: int | None
    gid: int | None
    mode: str | None
    modified_at: datetime | None
    active_at: datetime | None
    link_target: str | None
    usage: HomeUsage | None
    entries: int | None
    quota: Quota | None
    running: bool | None
    deeper: tuple[str, ...]


class Look(Public, frozen=True, kw_only=True):
    """What `look --json` prints. `homes` null: not asked for (`--homes`), or not observed."""

    version: Literal[1]
    generated_at: datetime
    cluster: str
    hub: str
    seen: Seen | None
    links: tuple[ChainLink, ...]
    homes: tuple[Home, ...] | None
    findings: tuple[Finding, ...]


class ServerMount(Public, frozen=True, kw_only=True):
    mount_path: str
    sub_path: str
    read_only: bool


class UserServer(Public, frozen=True, kw_only=True):
    pod: str
    phase: str
    node: str
    began: datetime | None
    mounts: tuple[ServerMount, ...]


class UserHome(Public, frozen=True, kw_only=True):
    """A user on one hub. `home` null: there is none where `listed`, else nothing tells of one."""

    cluster: str
    hub: str
    home: Home | None
    listed: bool
    servers: tuple[UserServer, ...]
    seen_at: datetime | None
    seen_by: str
    findings: tuple[Finding, ...]


class User(Public, frozen=True, kw_only=True):
    """What `user --json` prints. `not_looked` are hubs whose homes are not known."""

    version: Literal[1]
    generated_at: datetime
    user: str
    homes: tuple[UserHome, ...]
    not_looked: tuple[str, ...]
