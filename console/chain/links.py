"""One hub's chain link by link: a mark and what each side says, in the words that the screens show."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from console.chain.allusers import mount_words
from console.chain.filestore_words import whole_percent
from console.chain.findings.address import CLOUDS
from console.chain.marks import Mark
from console.chain.model import ClusterError, Finding, Link, LinkState, ObservationState
from console.chain.seen_words import seen_directory, seen_export, seen_homes_words
from console.chain.sight import HubSight, LiveHub
from console.chain.words import count, size
from providers.filestores.protocol import Filestore

_STORE_MARKS: dict[str, Mark] = {"ready": "ok", "down": "broken", "unknown": "unobserved"}

HUB_LINKS: tuple[Link, ...] = ("filestore", "export", "directory", "pv", "pvc", "mounts", "homes")


def unseen(state: ObservationState, error: ClusterError | None) -> tuple[Mark, str]:
    """What stands for a live side that is not there."""
    if state == "offline":
        return "unlooked", "offline: the cluster was not asked"
    if state == "failed" or error is not None:
        return "unobserved", error.message if error else "the cluster could not be observed"
    return "pending", "not observed yet"


def link_states(
    hub: HubSight, findings: Iterable[Finding], state: ObservationState, error: ClusterError | None
) -> tuple[LinkState, ...]:
    """The states of the seven links of a hub, in the chain's order."""
    reason = _out_of_chain(hub)
    if reason:
        return tuple(LinkState(link=link, mark="none", why=reason) for link in HUB_LINKS)
    found = list(findings)
    default = unseen(state, error)
    if hub.on_nfs is None:
        mark, why = _unread(hub) or (("unobserved", "where its homes are is not known") if hub.live else default)
        return tuple(_judged(LinkState(link=link, mark=mark, why=why), found) for link in HUB_LINKS)
    return tuple(_judged(_BUILDERS[link](hub, default), found) for link in HUB_LINKS)


def _out_of_chain(hub: HubSight) -> str:
    if hub.absent:
        return "declared, not deployed"
    return "homes are not on NFS" if hub.on_nfs is False else ""


def _judged(state: LinkState, findings: list[Finding]) -> LinkState:
    """The state with its findings' weight: an error breaks it, a warning is at least a warning."""
    severities = {finding.severity for finding in findings if finding.link == state.link}
    mark = state.mark
    if "error" in severities:
        mark = "broken"
    elif "warning" in severities and mark != "broken":
        mark = "warning"
    return LinkState(
        link=state.link, mark=mark, declared=state.declared, live=state.live, seen=state.seen, why=state.why
    )


def _unread(hub: HubSight) -> tuple[Mark, str] | None:
    """Where the declared side cannot be compared: not resolved yet, or broken."""
    if hub.declared is None or hub.declared.resolved:
        return None
    if hub.problems:
        return "unobserved", f"configuration: {hub.problems[0].message}"
    return "pending", "the configuration is being read"


def _settled(hub: HubSight, mark: Mark, why: str = "") -> tuple[Mark, str]:
    """A comparison's outcome; not healthy while one of its sides is unknown."""
    return (_unread(hub) if mark == "ok" else None) or (mark, why)


def _filestore(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    store, verdict = hub.match.filestore, hub.match.verdict
    declared = (hub.declared.server.value,) if hub.declared and hub.declared.server.value else ()
    if store is not None:
        own = _STORE_MARKS.get(store.state, "warning")
        declared = (*declared, *hub.store_declared)
        return LinkState(link="filestore", mark=own, declared=declared, live=_store_words(store), why=hub.match.reason)
    if hub.live is None and verdict not in ("unknown", "ambiguous"):
        return LinkState(link="filestore", mark=default[0], declared=declared, why=default[1])
    unread = _unread(hub)
    if verdict == "none" and unread:
        return LinkState(link="filestore", mark=unread[0], declared=declared, why=unread[1])
    marks: dict[str, Mark] = {"ambiguous": "warning", "no-service": "broken", "none": "none", "unasked": "unlooked"}
    mark = marks.get(verdict, "unobserved")
    if verdict == "unknown" and hub.provider not in CLOUDS:
        mark = "none"
    return LinkState(link="filestore", mark=mark, declared=declared, live=_share_words(hub), why=hub.match.reason)


def _share_words(hub: HubSight) -> tuple[str, ...]:
    """How full the share is, where its filestore is not known."""
    usage = hub.share_usage.chosen
    if usage is None or usage.used_bytes is None:
        return ()
    if not usage.capacity_bytes:
        return (f"{size(usage.used_bytes)} used", usage.source)
    percent = whole_percent(usage.used_bytes / usage.capacity_bytes)
    return (f"{size(usage.capacity_bytes)}, {percent} % used", f"says {usage.source}")


def _store_words(store: Filestore) -> tuple[str, ...]:
    parts = [store.name, store.tier]
    usage = store.usage
    capacity = (usage.capacity_bytes if usage else None) or store.capacity_bytes
    full = f", {whole_percent(usage.used_bytes / capacity)} % used" if usage and usage.used_bytes and capacity else ""
    parts.append(f"{size(capacity)}{full}" if capacity else "")
    line = "  ".join(part for part in parts if part)
    state = "  ".join((store.state.upper(), *store.zones))
    source = f"says {usage.source}" if full and usage else ""
    return tuple(words for words in (line, state, store.detail, source) if words)


def _export(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    declared: tuple[str, ...] = ()
    if hub.declared and hub.declared.server.value:
        declared = (f"{hub.declared.server.value}:{hub.declared.base_share.value or ''}",)
    live = hub.live
    if live is None and hub.match.filestore is None:
        return LinkState(link="export", mark=default[0], declared=declared, why=default[1])
    shown: tuple[str, ...] = ()
    if hub.match.filestore is not None:
        shown = tuple(f"{hub.server}:{export}" for export in hub.match.filestore.exports) or (hub.server,)
    elif live is not None and live.volume.server:
        shown = (f"{live.volume.server}:{_parent(live.volume.path)}",)
    seen = seen_export(hub) or (("mounted",) if _is_mounted(live) else ())
    mark: Mark
    if hub.match.verdict == "wrong-export":
        mark, why = "broken", hub.match.reason
    elif seen or hub.match.verdict == "matched":
        mark, why = _settled(hub, "ok")
    else:
        mark, why = "unlooked", "no server has it mounted, and no filestore told of it"
    return LinkState(link="export", mark=mark, declared=declared, live=shown, seen=seen, why=why)


def _is_mounted(live: LiveHub | None) -> bool:
    running = live.pods.seen.running if live is not None and live.pods.seen else 0
    return live is not None and running > 0 and live.claim.phase == "Bound"


def _parent(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] or "/"


def _directory(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    declared = (hub.declared.path.value,) if hub.declared and hub.declared.path.value else ()
    want = f"want {hub.policy.expected_uid}:{hub.policy.expected_gid}"
    inside = seen_directory(hub)
    if inside is not None:
        return LinkState(link="directory", mark=inside.mark, declared=declared, seen=inside.words, why=inside.why)
    running = hub.live.pods.seen.running if hub.live and hub.live.pods.seen else 0
    seen = (f"in use by {count(running, 'server')}", want) if running else (want,)
    if hub.live is None and default[0] != "unlooked":
        return LinkState(link="directory", mark=default[0], declared=declared, why=default[1])
    return LinkState(
        link="directory", mark="unlooked", declared=declared, seen=seen, why="owner and mode need a look inside"
    )


def _pv(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    declared: tuple[str, ...] = ()
    if hub.declared is not None:
        options = ",".join(hub.declared.mount_options.value)
        name = "(of its storage class)" if hub.dynamic else hub.declared.pv_name
        declared = (name, options) if options else (name,)
    if hub.live is None:
        return LinkState(link="pv", mark=default[0], declared=declared, why=default[1])
    volume = hub.live.volume
    if volume.exists is None:
        return LinkState(link="pv", mark="unobserved", declared=declared, why=volume.why)
    if not volume.exists:
        return LinkState(link="pv", mark="broken", declared=declared, live=("missing",))
    words = ", ".join(part for part in (volume.phase, ",".join(volume.mount_options)) if part)
    where = f"{volume.server}:{volume.path}" if volume.server else "not NFS"
    mark, why = _settled(hub, "broken" if volume.phase in ("Released", "Failed") else "ok")
    return LinkState(link="pv", mark=mark, declared=declared, live=(words, where), why=why)


def _pvc(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    declared = (hub.declared.pvc_name,) if hub.declared is not None else ()
    if hub.live is None:
        return LinkState(link="pvc", mark=default[0], declared=declared, why=default[1])
    claim = hub.live.claim
    if claim.exists is None:
        return LinkState(link="pvc", mark="unobserved", declared=declared, why=claim.why)
    if not claim.exists:
        return LinkState(link="pvc", mark="broken", declared=declared, live=("missing",))
    mark: Mark = "ok" if claim.phase == "Bound" else "broken"
    return LinkState(link="pvc", mark=mark, declared=declared, live=(f"{claim.phase} {claim.volume}".strip(),))


def _mounts(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    declared: tuple[str, ...] = ()
    if hub.declared is not None:
        declared = _two_lines(mount_words(hub.declared.user_mounts), mount_words(hub.declared.admin_mounts))
    live = hub.live
    if live is None:
        return LinkState(link="mounts", mark=default[0], declared=declared, why=default[1])
    shown: tuple[str, ...] = ()
    if live.values is not None and not live.values.error:
        shown = _two_lines(mount_words(live.values.user_mounts), mount_words(live.values.admin_mounts))
    pods = live.pods.seen
    if pods is None:
        return LinkState(link="mounts", mark="unobserved", declared=declared, live=shown, why=live.pods.why)
    if pods.failing:
        mark, why = _settled(hub, "broken")
    elif live.values is None:
        mark, why = "unobserved", live.values_why
    else:
        mark, why = _settled(hub, "ok")
    return LinkState(link="mounts", mark=mark, declared=declared, live=shown, seen=_pod_words(hub), why=why)


def _two_lines(users: str, admins: str) -> tuple[str, ...]:
    return (f"home {users}".strip(), *((f"admins: {admins}",) if admins else ()))


def _pod_words(hub: HubSight) -> tuple[str, ...]:
    pods = hub.live.pods.seen if hub.live else None
    if pods is None:
        return ()
    if not pods.running and not pods.failing and not pods.pending:
        return ("no servers run",)
    first = [count(pods.running, "server")]
    if pods.failing:
        first.append(f"{pods.failing} failing")
    if pods.pending:
        first.append(f"{pods.pending} starting")
    second = [f"{pods.admin_running} of admins"] if pods.admin_running else []
    if pods.with_allusers:
        second.append(f"{pods.with_allusers} with allusers")
    if pods.older_mounts:
        second.append(f"{pods.older_mounts} older")
    return (", ".join(first), ", ".join(second)) if second else (", ".join(first),)


def _homes(hub: HubSight, default: tuple[Mark, str]) -> LinkState:
    inside = seen_homes_words(hub)
    if inside is not None:
        return LinkState(link="homes", mark=inside.mark, seen=inside.words, why=inside.why)
    if hub.live is None and default[0] != "unlooked":
        return LinkState(link="homes", mark=default[0], why=default[1])
    return LinkState(link="homes", mark="unlooked", why="homes need a look inside")


_BUILDERS: dict[Link, Callable[[HubSight, tuple[Mark, str]], LinkState]] = {
    "filestore": _filestore,
    "export": _export,
    "directory": _directory,
    "pv": _pv,
    "pvc": _pvc,
    "mounts": _mounts,
    "homes": _homes,
}
