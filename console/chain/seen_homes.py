"""The rows of a hub's homes: what a look, quotas, exporters and user pods tell, joined by the directory's name."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from console.chain.home_names import is_home, is_trash, shown, unescaped
from console.chain.policy import Policy
from console.chain.seen_facts import SeenFacts
from console.chain.seen_model import HomeQuota, HomeUsage, SeenHome
from console.chain.words import age, size
from providers.kubernetes.looks.protocol import DeepEntry, Entry, HomeSize, QuotaRow
from providers.kubernetes.usage.shares import DirectorySize

ROOT = 0
_KINDS = {"file": "a file, not a directory", "other": "no directory"}
_DEEPER_SHOWN = 5


class HomeServer(msgspec.Struct, frozen=True, kw_only=True):
    """A user's pod by the directory that it mounts as home. `began` None: it does not say."""

    user: str
    pod: str
    running: bool
    began: datetime | None = None


class HomeSources(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one directory. `counted` by du, `told` by an exporter."""

    entry: Entry | None = None
    quota: QuotaRow | None = None
    told: DirectorySize | None = None
    counted: HomeSize | None = None
    server: HomeServer | None = None
    deeper: tuple[DeepEntry, ...] = ()


def first_rows(entries: Iterable[Entry], *, policy: Policy, now: datetime) -> tuple[SeenHome, ...]:
    """Rows of what a look that is still under way has read: without quotas, sizes and servers."""
    builder = Rows(SeenFacts(), None, listed=True, policy=policy, now=now)
    return tuple(builder.row(entry.name, entry) for entry in entries)


class Rows:
    """Makes rows of one hub."""

    def __init__(
        self,
        facts: SeenFacts,
        servers: Mapping[bytes, HomeServer] | None,
        *,
        listed: bool,
        policy: Policy,
        now: datetime,
    ) -> None:
        self._servers = servers
        self._listed, self._policy, self._now = listed, policy, now
        self._quotas = {row.directory: row for row in facts.quotas.rows} if facts.quotas else {}
        self._quotas_at = facts.quotas.reported_at if facts.quotas else now
        self._figures = {one.directory.encode(): one for one in facts.figures.sizes} if facts.figures else {}
        self._figures_at = facts.figures.asked_at if facts.figures else now
        self._figures_source = facts.figures.source if facts.figures else ""
        self._counted = {one.home: one for one in facts.sizes if one.used_bytes is not None}
        self._old = timedelta(days=policy.old_home_days)
        deeper: defaultdict[bytes, list[DeepEntry]] = defaultdict(list)
        for one in (facts.look.deeper or ()) if facts.look else ():
            deeper[one.parent].append(one)
        self._deeper = dict(deeper)

    def with_servers(self, servers: Mapping[bytes, HomeServer] | None) -> Rows:
        """The same, where other servers run."""
        other = copy(self)
        other._servers = servers
        return other

    def row(self, name: bytes, entry: Entry | None) -> SeenHome:
        server = self._servers.get(name) if self._servers is not None else None
        sources = HomeSources(
            entry=entry,
            quota=self._quotas.get(name),
            told=self._figures.get(name),
            counted=self._counted.get(name),
            server=server,
            deeper=tuple(self._deeper.get(name, ())),
        )
        home, active_at, text = is_home(name), _active_at(sources), shown(name)
        running = None if self._servers is None else bool(server and server.running)
        quota = self._quota(sources)
        usage = self._usage(sources)
        broken, warnings, notes = self._problems(name, home, sources, usage, quota, running, active_at)
        return SeenHome(
            name=name,
            shown=text,
            user=(server.user if server else unescaped(name) if b"-" in name else text) if home else "",
            home=home,
            mark="broken" if broken else "warning" if warnings else "ok" if entry is not None else "unlooked",
            problems=(*broken, *warnings, *notes),
            kind=entry.kind if entry else None,
            uid=entry.uid if entry else None,
            gid=entry.gid if entry else None,
            mode=entry.mode if entry else None,
            modified_at=entry.modified_at if entry else None,
            active_at=active_at,
            link_target=shown(entry.link_target) if entry and entry.link_target is not None else None,
            usage=usage,
            entries=sources.told.entries if sources.told else None,
            quota=quota,
            running=running,
            deeper=tuple(_deeper_words(one) for one in sources.deeper[:_DEEPER_SHOWN]),
        )

    def _usage(self, sources: HomeSources) -> HomeUsage | None:
        """The quota's figure where there is one: the file system's own, now; else the newest that was counted."""
        if sources.quota is not None:
            return HomeUsage(used_bytes=sources.quota.used_bytes, source="quota", observed_at=self._quotas_at)
        told, counted = sources.told, sources.counted
        if told is None and counted is None:
            return None
        found = []
        if told is not None and told.total_bytes is not None:
            at = _moment(told.last_updated_s) or self._figures_at
            found.append(HomeUsage(used_bytes=told.total_bytes, source=self._figures_source, observed_at=at))
        if counted is not None and counted.used_bytes is not None:
            found.append(HomeUsage(used_bytes=counted.used_bytes, source="du", observed_at=counted.counted_at))
        return max(found, key=lambda usage: usage.observed_at, default=None)

    def _quota(self, sources: HomeSources) -> HomeQuota | None:
        row = sources.quota
        if row is not None:
            return HomeQuota(
                hard_bytes=row.hard_bytes or None, soft_bytes=row.soft_bytes or None, observed_at=self._quotas_at
            )
        if sources.told is not None and sources.told.hard_limit_bytes:
            return HomeQuota(
                hard_bytes=sources.told.hard_limit_bytes, soft_bytes=None, observed_at=self._figures_at
            )  # fmt: skip
        return None

    def _problems(
        self,
        name: bytes,
        home: bool,
        sources: HomeSources,
        usage: HomeUsage | None,
        quota: HomeQuota | None,
        running: bool | None,
        active_at: datetime | None,
    ) -> tuple[list[str], list[str], list[str]]:
        """What breaks it, what is a warning, and what is only to know; a retired home may be as it is."""
        if is_trash(name):
            return [], [], []
        broken: list[str] = []
        warnings: list[str] = []
        notes: list[str] = []
        entry = sources.entry
        if entry is not None and (home or name.startswith(b"_")):
            root, others = owner_problems(entry, policy=self._policy)
            broken += root
            warnings += others
        elif entry is None and self._listed and sources.server is not None:
            warnings.append("its server runs, and the directory is not there")
        if home:
            reached, near = quota_problems(usage, quota, near_percent=self._policy.near_quota_percent)
            broken += reached
            warnings += near
        if sources.deeper:
            warnings.append("other owners inside")
        if home and running is False and active_at is not None and self._now - active_at > self._old:
            notes.append(f"no activity for {age(active_at, self._now)}")
        return broken, warnings, notes


def owner_problems(entry: Entry, *, policy: Policy) -> tuple[list[str], list[str]]:
    """What is wrong with kind, owner and mode of a directory that users write to: what breaks it, what may."""
    if entry.kind == "directory" and entry.uid == policy.expected_uid and entry.mode & stat.S_IRWXU == stat.S_IRWXU:
        return [], []
    if entry.kind == "link":
        target = shown(entry.link_target or b"")
        return [], [f"a link out of the tree, to {target}" if leads_out(target) else f"a link, to {target}"]
    if entry.kind in _KINDS:
        return [], [_KINDS[entry.kind]]
    broken: list[str] = []
    warnings: list[str] = []
    if entry.uid != policy.expected_uid:
        if entry.uid == ROOT:
            broken.append("owned by root")
        else:
            warnings.append(f"owned by {entry.uid}:{entry.gid}")
    lacks = lacking(entry.mode)
    if lacks:
        warnings.append(f"mode {entry.mode:04o}: its owner cannot {' or '.join(lacks)}")
    return broken, warnings


_NEEDED = ((stat.S_IRUSR, "read"), (stat.S_IWUSR, "write"), (stat.S_IXUSR, "enter"))


def lacking(mode: int) -> tuple[str, ...]:
    """What the owner of a directory of MODE cannot do."""
    return tuple(word for bit, word in _NEEDED if not mode & bit)


def leads_out(target: str) -> bool:
    """Whether a link with this text, escaped or not, leads out of the hub's directory."""
    return target.startswith("/") or ".." in target.split("/")


def quota_level(usage: HomeUsage | None, quota: HomeQuota | None, near_percent: float) -> Literal["over", "near", ""]:
    """How near a home is to its limits; "" where it is not, or one of the two is not known."""
    if usage is None or quota is None:
        return ""
    hard, soft = quota.hard_bytes, quota.soft_bytes
    if hard and usage.used_bytes >= hard:
        return "over"
    near = hard is not None and 100 * usage.used_bytes >= near_percent * hard
    return "near" if near or (soft and usage.used_bytes > soft) else ""


def quota_problems(
    usage: HomeUsage | None, quota: HomeQuota | None, *, near_percent: float
) -> tuple[list[str], list[str]]:
    """Over and near the limits, in words."""
    level = quota_level(usage, quota, near_percent)
    if not level or usage is None or quota is None:
        return [], []
    hard = quota.hard_bytes
    if level == "over":
        return [f"cannot save: quota {size(hard or 0)} reached"], []
    if hard and 100 * usage.used_bytes >= near_percent * hard:
        return [], [f"quota {int(100 * usage.used_bytes / hard)} % used, {size(hard - usage.used_bytes)} left"]
    return [], [f"over its soft quota of {size(quota.soft_bytes or 0)}"]


def _active_at(sources: HomeSources) -> datetime | None:
    if sources.told is None:
        return sources.entry.modified_at if sources.entry else None
    told = _moment(sources.told.latest_mtime_s)
    known = [moment for moment in (told, sources.entry.modified_at if sources.entry else None) if moment is not None]
    return max(known, default=None)


def _moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970; None for what no date can be."""
    if seconds is None or not 0 <= seconds < 253_402_300_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _deeper_words(one: DeepEntry) -> str:
    return f"{shown(one.entry.name)} {one.entry.uid}:{one.entry.gid}"
