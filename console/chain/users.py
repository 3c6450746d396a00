"""One user across hubs: their homes wherever a look, quotas or an exporter tell of them, and their servers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from console.chain.home_names import may_be_called
from console.chain.model import Finding, FleetState, HubState
from console.chain.pods import username
from console.chain.seen_model import SeenHome
from console.chain.words import age, plain, size
from providers.kubernetes.objects import Pod
from providers.kubernetes.observation import ClusterObservation

_MOUNTED = frozenset({"filestore", "export", "directory", "pv", "pvc", "mounts"})
"""The links that a server's home comes through."""


class ServerMount(msgspec.Struct, frozen=True, kw_only=True):
    """One mount of the home volume in a user's pod. `sub_path` "": every home at once."""

    mount_path: str
    sub_path: str
    read_only: bool


class UserServer(msgspec.Struct, frozen=True, kw_only=True):
    """A user's pod, and what it mounts of the hub's homes."""

    cluster: str
    namespace: str
    user: str
    pod: str
    phase: str
    node: str = ""
    began: datetime | None = None
    mounts: tuple[ServerMount, ...] = ()


class UserHome(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a user on one hub. `home` None: nothing tells of one; `known` says whether all homes there were
    listed, so that there is none, and `why` why nothing tells. `findings` are the hub's that name this home and, where
    the user has a server there, the errors of what it mounts."""

    cluster: str
    hub: str
    home: SeenHome | None
    known: bool
    why: str = ""
    servers: tuple[UserServer, ...] = ()
    seen_at: datetime | None = None
    seen_by: str = ""
    findings: tuple[Finding, ...] = ()


def servers_of(cluster: str, observation: ClusterObservation, user: str) -> tuple[UserServer, ...]:
    """The pods of USER, given escaped or not."""
    names = may_be_called(user)
    return tuple(_server(cluster, pod) for pod in observation.user_pods.items if _is_of(pod, user, names))


def homes_of(fleet: FleetState, servers: Sequence[UserServer], user: str) -> tuple[UserHome, ...]:
    """Where USER, given escaped or not, has a home or a server; hubs with a server first."""
    names = may_be_called(user)
    found = []
    for cluster in fleet.clusters:
        for hub in cluster.hubs:
            own = tuple(one for one in servers if (one.cluster, one.namespace) == (cluster.name, hub.namespace))
            row = next((one for one in _rows(hub) if one.name in names or user in (one.user, one.shown)), None)
            if row is not None or own:
                found.append(_home(cluster.name, hub, row, own))
    return tuple(sorted(found, key=lambda one: (not one.servers, one.cluster, one.hub)))


def not_listed(fleet: FleetState) -> tuple[str, ...]:
    """The hubs, as cluster/hub, whose homes are not known: a user may have one there."""
    return tuple(
        hub.key for hub in fleet.hubs() if hub.homes is None and all(link.mark != "none" for link in hub.links[-1:])
    )


def user_lines(one: UserHome, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """ONE as labels and words, top down."""
    home = one.home
    lines = [("home", _home_words(one))]
    if home is not None and home.kind is not None:
        mode = f" {home.mode:04o}" if home.mode is not None else ""
        lines.append(("owner", f"{home.uid}:{home.gid}{mode}"))
    if home is not None:
        lines.append(("size", _size_words(home, now)))
        lines += [("wrong", problem) for problem in home.problems]
        if home.active_at is not None:
            lines.append(("active", f"{age(home.active_at, now)} ago"))
    if not one.servers:
        lines.append(("server", "none runs"))
    for server in one.servers:
        began = f", for {age(server.began, now)}" if server.began is not None else ""
        lines.append(("server", f"{server.pod}  {server.phase}{began}  {server.node}".rstrip()))
        lines += [("mount", mount_words(mount)) for mount in server.mounts]
    for finding in one.findings:
        lines.append(("finding", f"{finding.code} {finding.message}"))
        lines += [("next", finding.next_step)] if finding.next_step else []
    if one.seen_at is not None:
        lines.append(("seen", f"{age(one.seen_at, now)} ago" + (f" by {one.seen_by}" if one.seen_by else "")))
    return tuple(lines)


def mount_words(mount: ServerMount) -> str:
    """`/home/jovyan/shared  _shared  read-only`."""
    what = mount.sub_path or "every home"
    return f"{mount.mount_path}  {what}  {'read-only' if mount.read_only else 'read-write'}"


def _home_words(one: UserHome) -> str:
    if one.home is None:
        return "there is none" if one.known else one.why or "not looked at yet"
    return one.home.shown if one.home.kind is not None or not one.known else f"{one.home.shown} is missing"


def _size_words(home: SeenHome, now: datetime) -> str:
    if home.usage is None:
        return "not known"
    limit = (home.quota.hard_bytes or home.quota.soft_bytes) if home.quota is not None else None
    of = f" of {size(limit)}" if limit else ""
    return f"{size(home.usage.used_bytes)}{of}, says {home.usage.source} {age(home.usage.observed_at, now)} ago"


def _home(cluster: str, hub: HubState, row: SeenHome | None, servers: tuple[UserServer, ...]) -> UserHome:
    look = hub.look
    return UserHome(
        cluster=cluster,
        hub=hub.name,
        home=row,
        known=hub.homes is not None and hub.homes.listed,
        why=_why_unknown(hub),
        servers=servers,
        seen_at=look.looked_at if look is not None else hub.homes.sizes_at if hub.homes is not None else None,
        seen_by=look.looked_by if look is not None else "",
        findings=tuple(one for one in hub.findings if _names(one, row) or (servers and _hits(one))),
    )


def _why_unknown(hub: HubState) -> str:
    """Why nothing tells of homes there; "" where nobody has looked yet."""
    if hub.link("homes").mark == "none":
        return "homes are not on NFS here"
    return hub.link("homes").why if hub.look is not None and hub.homes is None else ""


def _names(finding: Finding, row: SeenHome | None) -> bool:
    if finding.link != "homes" or row is None or not row.problems:
        return False
    whole = re.compile(rf"(?<![\w-]){re.escape(row.shown)}(?![\w-])")
    return any(whole.search(line) for line in (finding.message, *finding.detail))


def _hits(finding: Finding) -> bool:
    """Whether it keeps servers from starting, or users from saving."""
    return finding.severity == "error" and finding.link in _MOUNTED


def _rows(hub: HubState) -> Iterable[SeenHome]:
    return (row for row in hub.homes.rows if row.home) if hub.homes is not None else ()


def _is_of(pod: Pod, user: str, names: frozenset[bytes]) -> bool:
    told = username(pod)
    if told == user or told.encode(errors="surrogateescape") in names:
        return True
    paths = (mount.sub_path for container in pod.spec.containers for mount in container.volume_mounts)
    return any(path.strip("/").rpartition("/")[2].encode(errors="surrogateescape") in names for path in paths if path)


def _server(cluster: str, pod: Pod) -> UserServer:
    claims = {volume.name for volume in pod.spec.volumes if volume.persistent_volume_claim or volume.nfs}
    mounts = [
        ServerMount(mount_path=plain(one.mount_path), sub_path=plain(one.sub_path), read_only=one.read_only)
        for container in pod.spec.containers
        for one in container.volume_mounts
        if one.name in claims
    ]
    return UserServer(
        cluster=cluster,
        namespace=pod.metadata.namespace,
        user=plain(username(pod)),
        pod=pod.metadata.name,
        phase=pod.status.phase or "Pending",
        node=pod.spec.node_name,
        began=pod.status.start_time or pod.metadata.creation_timestamp,
        mounts=tuple(sorted(mounts, key=lambda mount: mount.mount_path)),
    )
