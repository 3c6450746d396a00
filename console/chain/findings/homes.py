"""Homes: owners, modes, kinds, quotas; those without a user, and users without one. Each once a hub, with who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from console.chain.findings.inside import looked_words
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.seen_homes import ROOT, lacking, leads_out, quota_level
from console.chain.seen_model import SeenHome, SeenHomes
from console.chain.sight import HubSight
from console.chain.words import age, count, size, some

WRONG_OWNER = Rule(
    code="HOM01",
    severity="error",
    or_severity="warning",
    when="none of them is root's",
    link="homes",
    title="Homes have the wrong owner",
    meaning="These users cannot save, and their servers may not start. Homes of root are what is left when the kubelet "
    "made the folder and nothing gave it to its user.",
    found_by="The owner of every home in a look inside, against owner.uid of the settings.",
    mends="Give them the expected owner. Where the server squashes users that has to be done in its own container.",
    action="fix-permissions",
)
CLOSED = Rule(
    code="HOM02",
    severity="warning",
    link="homes",
    title="Homes are closed to their own users",
    meaning="These users cannot read, write or enter their home.",
    found_by="The mode of every home in a look inside.",
    mends="Give its owner reading, writing and entering.",
    action="fix-permissions",
)
NO_DIRECTORY = Rule(
    code="HOM03",
    severity="warning",
    link="homes",
    title="A file where a home should be",
    meaning="The server of a user of that name cannot start.",
    found_by="The kind of every entry of the hub directory in a look inside.",
    mends="See whose it is, and move it away: `retire-home` does, once no server waits for it.",
)
LINK = Rule(
    code="HOM04",
    severity="warning",
    link="homes",
    title="A link where a home should be",
    meaning="The kubelet refuses a home that leads out of the hub directory; one within it is two users' home.",
    found_by="The kind of every entry of the hub directory in a look inside.",
    mends="See who made it, and put a directory in its place.",
)
SHARED = Rule(
    code="HOM05",
    severity="warning",
    link="homes",
    title="_shared is missing, or has the wrong owner",
    meaning="Admins cannot put files into shared-readwrite; one that is missing is made by the kubelet, as root's.",
    found_by="A look inside, against the directories that the hub mounts.",
    mends="Give it the owner that homes have, or make it.",
    action="fix-permissions",
    or_action="create-share",
)
OLD = Rule(
    code="HOM06",
    severity="info",
    link="homes",
    title="Old homes",
    meaning="Nothing. Nobody runs a server on them, and nothing in them changed for long: they cost space.",
    found_by="The newest change that is known of, and no server; `thresholds.old_home_days` in the settings.",
    mends="Ask who they belong to, and retire them.",
    action="retire-home",
)
GONE = Rule(
    code="HOM07",
    severity="warning",
    link="homes",
    title="Servers run without their home",
    meaning="What these users save goes nowhere, or fails: the directory was moved or removed beneath them.",
    found_by="The homes that running servers mount, against a complete look inside that is younger than they are.",
    mends="Put the directory back, and restart the server.",
)
OVER = Rule(
    code="HOM08",
    severity="error",
    link="homes",
    title="Users have reached their quota",
    meaning="They cannot save, and cannot start a server.",
    found_by="The in-cluster server's own accounting of each home against its hard limit.",
    mends="Raise the quota, or have them delete something.",
)
NEAR = Rule(
    code="HOM09",
    severity="warning",
    link="homes",
    title="Users are near their quota",
    meaning="They cannot save once it is reached.",
    found_by="The in-cluster server's own accounting; `thresholds.near_quota_percent` in the settings.",
    mends="Tell them, or raise the quota.",
)
INSIDE = Rule(
    code="HOM10",
    severity="warning",
    link="homes",
    title="Other owners inside homes",
    meaning="These users cannot change some of what is in their own home.",
    found_by="A deep look: owners of what is directly inside each home.",
    mends="Give it the expected owner.",
    action="fix-permissions",
)
RULES = (WRONG_OWNER, CLOSED, NO_DIRECTORY, LINK, SHARED, OLD, GONE, OVER, NEAR, INSIDE)

NOBODY = frozenset({65534, 4294967294})
QUOTA_KEY = "jupyterhub-home-nfs.quotaEnforcer.config.QuotaManager.hard_quota"
AT_ONCE = 500
"""How many homes one action is asked about."""
_SAMPLE = 3
_LISTED = 20


def findings(hub: HubSight) -> Iterator[Finding]:
    homes = hub.seen.homes
    if homes is None or hub.absent or hub.on_nfs is False:
        return
    own = [row for row in homes.rows if row.problems and row.home]
    yield from _owners(hub, own)
    yield from _modes(hub, own)
    yield from _kinds(hub, own)
    yield from _shared(hub, homes)
    yield from _quotas(hub, own)
    yield from _users(hub, homes, own)


def _owners(hub: HubSight, rows: Sequence[SeenHome]) -> Iterator[Finding]:
    wrong = [row for row in rows if row.kind == "directory" and row.uid != hub.policy.expected_uid]
    if not wrong:
        return
    want = f"{hub.policy.expected_uid}:{hub.policy.expected_gid}"
    owners = Counter(f"{'root' if row.uid == ROOT else row.uid}:{row.gid}" for row in wrong)
    by_root = [row for row in wrong if row.uid == ROOT]
    first = by_root or wrong
    squash: tuple[str, ...] = ()
    if all(row.uid in NOBODY for row in wrong):
        squash = ("all are nobody's: the server squashes users, or NFSv4 cannot map their names",)
    yield WRONG_OWNER.finding(
        f"{_homes(wrong)} not owned by {want}: {some(row.shown for row in first)}"[:100],
        cluster=hub.cluster,
        hub=hub.name,
        severity="error" if by_root else "warning",
        detail=(*(f"{owner}: {count(n, 'home')}" for owner, n in owners.most_common(5)), *squash, *_who(hub, first)),
        subject=f"{hub.server}:{hub.path}",
    )


def _modes(hub: HubSight, rows: Sequence[SeenHome]) -> Iterator[Finding]:
    closed = [row for row in rows if row.kind == "directory" and row.mode is not None and lacking(row.mode)]
    yield from _told(hub, CLOSED, closed, "closed to their users")
    inside = [row for row in rows if row.deeper]
    yield from _told(hub, INSIDE, inside, "with other owners inside", asks={"deep": True})


def _kinds(hub: HubSight, rows: Sequence[SeenHome]) -> Iterator[Finding]:
    odd = [row for row in rows if row.kind in ("file", "other")]
    if odd:
        yield _finding(hub, NO_DIRECTORY, f"{count(len(odd), 'file')} among the homes: {_sample(odd)}", odd)
    links = [row for row in rows if row.kind == "link"]
    if links:
        out = sum(1 for row in links if leads_out(row.link_target or ""))
        words = f", {out} out of the tree" if out else ""
        lines = [f"{row.shown} -> {row.link_target}" for row in links[:_LISTED]]
        yield _finding(hub, LINK, f"{count(len(links), 'link')} among the homes{words}: {_sample(links)}", links, lines)


def _shared(hub: HubSight, homes: SeenHomes) -> Iterator[Finding]:
    """Folders that servers mount besides homes: those of the hub's values, each missing or with a wrong owner."""
    if not homes.listed:
        return
    rows = {row.shown: row for row in homes.rows if not row.home}
    complete = hub.seen.look is not None and hub.seen.look.complete
    problems: list[str] = []
    for name in sorted(_mounted(hub)):
        row = rows.get(name)
        if row is None:
            if complete:
                problems.append(f"{name} is missing")
        elif row.problems:
            problems.append(f"{name} is {row.problems[0]}")
    if problems:
        missing = any(problem.endswith(" is missing") for problem in problems)
        yield _finding(hub, SHARED, "; ".join(problems), (), problems, action=SHARED.or_action if missing else None)


def _mounted(hub: HubSight) -> frozenset[str]:
    """The first part of each subPath that begins with "_", as the hub runs, else as it is declared."""
    values = hub.live.values if hub.live is not None else None
    paths: Iterable[str] = ()
    if values is not None and not values.error:
        paths = (mount.sub_path for mount in (*values.user_mounts, *values.admin_mounts) if mount.name == "home")
    elif hub.known is not None:
        mounts = (*hub.known.user_mounts, *hub.known.admin_mounts)
        paths = (mount.sub_path for mount in mounts if mount.name == "home")
    return frozenset(path.strip("/").partition("/")[0] for path in paths if path.startswith("_"))


def _quotas(hub: HubSight, rows: Sequence[SeenHome]) -> Iterator[Finding]:
    levels = [(quota_level(row.usage, row.quota, hub.policy.near_quota_percent), row) for row in rows]
    over = [row for level, row in levels if level == "over"]
    near = [row for level, row in levels if level == "near"]
    if over:
        limit = over[0].quota.hard_bytes if over[0].quota and len(over) == 1 else None
        words = f"quota {size(limit)} reached" if limit else "quotas reached"
        message = f"{count(len(over), 'user')} cannot save: {words}: {_sample(over)}"
        yield _finding(hub, OVER, message, over, [quota_words(row) for row in over[:_LISTED]], step=_raise(hub))
    if near:
        message = f"{count(len(near), 'user')} near their quota: {_sample(near)}"
        yield _finding(hub, NEAR, message, near, [quota_words(row) for row in near[:_LISTED]], step=_raise(hub))


def quota_words(row: SeenHome) -> str:
    """`ana: 9.7 GiB of 10 GiB`."""
    limit = row.quota.hard_bytes or row.quota.soft_bytes if row.quota else None
    used = size(row.usage.used_bytes) if row.usage else "?"
    return f"{row.user or row.shown}: {used} of {size(limit)}" if limit else f"{row.user or row.shown}: {used}"


def _raise(hub: HubSight) -> str:
    declared = hub.declared.home_nfs_quota_gib if hub.declared is not None else None
    where = f" ({declared.origin})" if declared is not None and declared.origin is not None else ""
    return f"raise {QUOTA_KEY}{where} for all, or quota_overrides in quotaEnforcer.extraConfig for one, and deploy"


def _users(hub: HubSight, homes: SeenHomes, rows: Sequence[SeenHome]) -> Iterator[Finding]:
    if homes.listed:
        gone = [row for row in rows if row.kind is None]
        yield from _told(hub, GONE, gone, "of running servers gone")
    days = hub.policy.old_home_days * 86_400
    old = [
        row
        for row in rows
        if row.kind == "directory"
        and row.running is False
        and row.active_at is not None
        and (hub.now - row.active_at).total_seconds() > days
    ]
    if old:
        held = sum(row.usage.used_bytes for row in old if row.usage is not None)
        words = f", {size(held)}" if held else ""
        oldest = min(row.active_at for row in old if row.active_at is not None)
        message = f"{_homes(old)} without activity for {hub.policy.old_home_days:g} days{words}"
        lines = [f"the oldest since {age(oldest, hub.now)}; only changes at a home's top are seen by a look"]
        lines.append(some((row.shown for row in old), _LISTED))
        yield _finding(hub, OLD, message, old, lines, asks=_names(old))


def _told(
    hub: HubSight, rule: Rule, rows: Sequence[SeenHome], words: str, *, asks: Mapping[str, Any] | None = None
) -> Iterator[Finding]:
    if rows:
        yield _finding(hub, rule, f"{_homes(rows)} {words}: {_sample(rows)}", rows, asks=asks)


def _finding(
    hub: HubSight,
    rule: Rule,
    message: str,
    rows: Sequence[SeenHome],
    lines: Sequence[str] | None = None,
    *,
    step: str = "",
    action: str | None = None,
    asks: Mapping[str, Any] | None = None,
) -> Finding:
    return rule.finding(
        message[:100],
        cluster=hub.cluster,
        hub=hub.name,
        detail=(*lines, *_age(hub)) if lines is not None else _who(hub, rows),
        next_step=step,
        action=action,
        asks=asks,
        subject=f"{hub.server}:{hub.path}",
    )


def _names(rows: Sequence[SeenHome]) -> Mapping[str, Any]:
    """What an action on these homes is asked for: "./" says that a name is a directory's."""
    return {"name": tuple(f"./{row.shown}" for row in rows[:AT_ONCE])}


def _who(hub: HubSight, rows: Sequence[SeenHome]) -> tuple[str, ...]:
    return (some((row.shown for row in rows), _LISTED), *_age(hub))


def _age(hub: HubSight) -> tuple[str, ...]:
    return (looked_words(hub, hub.seen.look),) if hub.seen.look is not None else ()


def _homes(rows: Sequence[SeenHome]) -> str:
    return count(len(rows), "home")


def _sample(rows: Sequence[SeenHome]) -> str:
    return some((row.shown for row in rows), _SAMPLE)
