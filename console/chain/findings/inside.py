"""What a look inside tells of the hub directory and of the mount itself; and that a look could not finish."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.seen_model import SeenDirectory, SeenLook
from console.chain.seen_words import in_its_place
from console.chain.sight import HubSight
from console.chain.words import age, some

MISSING = Rule(
    code="DIR03",
    severity="error",
    or_severity="warning",
    when="a link stands in its place",
    link="directory",
    title="Hub directory is missing",
    meaning="Servers cannot start: what their volume points to is not on the server.",
    found_by="A look inside, by a helper pod or in the in-cluster server.",
    mends="Make the hub directory, or rebind to the one that holds the homes.",
    action="create-share",
    explains=("missing-directory", "hanging", "stale", "subpath"),
)
WRONG_OWNER = Rule(
    code="DIR04",
    severity="warning",
    or_severity="error",
    when="the users' number may not enter it, or the kubelet cannot make a new user's folder",
    link="directory",
    title="Hub directory has the wrong owner or mode",
    meaning="Servers of new users may not start, since nobody can make their folder.",
    found_by="Owner and mode of the hub directory in a look inside, against owner.uid and owner.gid of the settings.",
    mends="Give it the expected owner, and a mode that lets its owner in.",
    action="fix-permissions",
    explains=("subpath",),
)
SLOW = Rule(
    code="EXP05",
    severity="warning",
    link="export",
    title="Mount is slow",
    meaning="Every file that a user opens takes this long: notebooks start and save slowly.",
    found_by="The mean time of one question to the file server in a look; `thresholds.slow_mount_ms` in the settings.",
    mends="See how busy the filestore is, and whether nodes and filestore are in one zone.",
)
NOT_FINISHED = Rule(
    code="HOM20",
    severity="info",
    link="homes",
    title="A look inside could not finish",
    meaning="What is on the file system is not known, or not all of it.",
    found_by="The helper pod of a look, or the command in the in-cluster server, in the words of whoever refused it.",
    mends="Do what its next step says, and look again.",
)
RULES = (MISSING, WRONG_OWNER, SLOW, NOT_FINISHED)

_ENTER = stat.S_IXUSR | stat.S_IWUSR


def findings(hub: HubSight) -> Iterator[Finding]:
    if hub.absent or hub.on_nfs is False:
        return
    directory, look = hub.seen.directory, hub.seen.look
    starting = hub.store is not None and hub.store.store.state == "starting"
    if directory is not None and look is not None and not (starting and not directory.exists):
        yield from _directory(hub, directory, look)
    if look is None:
        return
    slow_s = hub.policy.slow_mount_ms / 1000
    if look.round_trip_s is not None and slow_s and look.round_trip_s >= slow_s:
        yield SLOW.finding(
            f"one question to the file server takes {look.round_trip_s * 1000:.0f} ms",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(looked_words(hub, look),),
            subject=hub.server,
        )
    yield from _unfinished(hub, look)


def outdated(hub: HubSight, look: SeenLook) -> bool:
    """Whether a server has begun to run since: then what kept the look from mounting is over."""
    pods = hub.live.cluster.pods.get(hub.namespace, []) if hub.live is not None else []
    return any(
        pod.status.phase == "Running" and pod.status.start_time is not None and pod.status.start_time > look.looked_at
        for pod in pods
    )


def looked_words(hub: HubSight, look: SeenLook) -> str:
    """`seen 2 h ago by ana, by exec in the in-cluster server`."""
    ways = {"claim": "through the claim", "export": "through the export", "server": "in the in-cluster server"}
    return f"seen {age(look.looked_at, hub.now)} ago by {look.looked_by or 'somebody'}, {ways[look.through]}"


def _directory(hub: HubSight, directory: SeenDirectory, look: SeenLook) -> Iterator[Finding]:
    name = hub.path.rstrip("/").rpartition("/")[2] or hub.path
    if not directory.exists or directory.kind != "directory":
        others = [one for one in look.base or () if one != name]
        beside = sorted(others, key=lambda one: name not in one and one not in name)
        lines = (f"beside it: {some(beside, 8)}",) if beside else ("the base path is empty",) if look.base == () else ()
        yield MISSING.finding(
            f"hub directory {name} is {in_its_place(directory)}",
            cluster=hub.cluster,
            hub=hub.name,
            severity="warning" if directory.kind == "link" else "error",
            detail=(f"{hub.server}:{hub.path}", *lines, looked_words(hub, look)),
            subject=f"{hub.server}:{hub.path}",
        )
        return
    want = f"{hub.policy.expected_uid}:{hub.policy.expected_gid}"
    owner, mode = f"{directory.uid}:{directory.gid}", directory.mode or 0
    wrong_mode = mode & _ENTER != _ENTER
    if directory.uid == hub.policy.expected_uid and not wrong_mode:
        return
    shut = not mode & stat.S_IXOTH if directory.uid != hub.policy.expected_uid else wrong_mode
    squashes = hub.store is not None and hub.store.store.root_squash is True
    yield WRONG_OWNER.finding(
        f"hub directory is {owner} {mode:04o}, not {want}" if owner != want else f"hub directory has mode {mode:04o}",
        cluster=hub.cluster,
        hub=hub.name,
        severity="error" if shut or squashes else "warning",
        detail=(f"{hub.server}:{hub.path}", looked_words(hub, look)),
        subject=f"{hub.server}:{hub.path}",
    )


def _unfinished(hub: HubSight, look: SeenLook) -> Iterator[Finding]:
    """Why a look did not see all; mounts that fail and claims that are not bound are told with those of users."""
    failure = look.failure
    if failure is not None:
        if failure.kind in ("mount", "unbound"):
            return
        yield NOT_FINISHED.finding(
            failure.message[:100],
            cluster=hub.cluster,
            hub=hub.name,
            detail=tuple(line for line in (failure.words, looked_words(hub, look)) if line),
            next_step=failure.next_step,
        )
    elif not look.complete:
        yield NOT_FINISHED.finding(
            "the look was at another directory" if look.elsewhere else "not all of it was seen",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(look.why, looked_words(hub, look)),
        )
