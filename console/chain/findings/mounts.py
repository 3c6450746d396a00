"""Mounts in user pods: those that fail, by cause, when nothing further up the chain explains them."""

from __future__ import annotations

from console.chain.model import Finding
from console.chain.pods import Trouble
from console.chain.rule import Rule, Symptom
from console.chain.sight import HubSight
from console.chain.words import age, count, some
from providers.kubernetes.looks.protocol import LookFailure


def _rule(code: str, title: str, meaning: str, mends: str, action: str | None = None) -> Rule:
    return Rule(
        code=code,
        severity="error",
        link="mounts",
        title=title,
        meaning=meaning,
        found_by="FailedMount events on user pods that do not start, in the kubelet's own words.",
        mends=mends,
        action=action,
    )


NO_DIRECTORY = _rule(
    "MNT10",
    "Mount fails: no such directory",
    "Servers cannot start: the hub directory is not on the server.",
    "Make the hub directory, or rebind to the one that is there.",
    "create-share",
)
DENIED = _rule(
    "MNT11",
    "Mount fails: access denied",
    "Servers cannot start: the NFS server refuses the nodes.",
    "Let the nodes' network in at the export, and check the path.",
)
TIMED_OUT = _rule(
    "MNT12",
    "Mount fails: timed out",
    "Servers cannot start: no answer from the NFS server.",
    "Check server address, firewall and security groups on port 2049.",
)
REFUSED = _rule(
    "MNT13",
    "Mount fails: connection refused",
    "Servers cannot start: the host answers, but no NFS server listens there.",
    "Start the NFS server, or correct the address.",
)
PROTOCOL = _rule(
    "MNT14",
    "Mount fails: protocol not supported",
    "Servers cannot start: the server does not speak the NFS version that is asked for.",
    "Correct vers= in nfs.pv.mountOptions, and rebind.",
)
STALE = _rule(
    "MNT15",
    "Mount fails: stale file handle",
    "Servers cannot start, and running ones fail at every file: the directory was replaced on the server.",
    "Restart the servers concerned, once the directory is right.",
    "restart-server",
)
HANGING = Rule(
    code="MNT16",
    severity="error",
    link="mounts",
    title="Mount hangs",
    meaning="Servers stay in ContainerCreating: the NFS server does not answer, and the kubelet says nothing yet.",
    found_by="User pods in ContainerCreating for minutes, volumes not mounted, and no FailedMount event.",
    mends="Check server address, firewall and path; on EFS a path that does not exist hangs, too.",
)
OTHER = _rule(
    "MNT17",
    "Mount fails",
    "Servers cannot start.",
    "See the kubelet's own words.",
)
UNBOUND = Rule(
    code="MNT18",
    severity="error",
    link="mounts",
    title="User pods wait for the claim",
    meaning="Servers cannot start: their pods are not scheduled.",
    found_by="FailedScheduling events on user pods that name the claim.",
    mends="See what the scheduler says of the claim.",
)
NAME = _rule(
    "MNT19",
    "Mount fails: server name unknown",
    "Servers cannot start: the node cannot resolve the NFS server's name.",
    "Correct the name, or use the Service's cluster IP, since nodes do not ask the cluster's DNS; then rebind.",
)
BAD_OPTIONS = _rule(
    "MNT20",
    "Mount fails: mount options refused",
    "Servers cannot start: the node or the server refuses a mount option.",
    "Correct nfs.pv.mountOptions, and rebind.",
)
SUB_PATH = Rule(
    code="MNT21",
    severity="error",
    link="mounts",
    title="Home folder cannot be made",
    meaning="Servers of new users cannot start: the kubelet may not make their folder.",
    found_by="User pods whose container is refused for its subPath.",
    mends="Mend owner and mode of the hub directory.",
    action="fix-permissions",
)
RULES = (NO_DIRECTORY, DENIED, TIMED_OUT, REFUSED, PROTOCOL, STALE, HANGING, OTHER, UNBOUND, NAME, BAD_OPTIONS,
         SUB_PATH)  # fmt: skip

_BY_SYMPTOM: dict[Symptom, tuple[Rule, str]] = {
    "missing-directory": (NO_DIRECTORY, "no such directory"),
    "denied": (DENIED, "access denied"),
    "timeout": (TIMED_OUT, "timed out"),
    "refused": (REFUSED, "connection refused"),
    "protocol": (PROTOCOL, "protocol not supported"),
    "stale": (STALE, "stale file handle"),
    "hanging": (HANGING, "mount hangs"),
    "other": (OTHER, "mount fails"),
    "unbound": (UNBOUND, "waits for its claim"),
    "name": (NAME, "server name unknown"),
    "options": (BAD_OPTIONS, "mount options refused"),
    "subpath": (SUB_PATH, "home folder cannot be made"),
}


def look_finding(hub: HubSight, failure: LookFailure, symptom: Symptom, *, looked: str) -> Finding:
    """The finding for a look that cannot mount, with no cause further up and no user who is hit by the same."""
    rule, words = _BY_SYMPTOM[symptom]
    return rule.finding(
        f"{words}: a look",
        cluster=hub.cluster,
        hub=hub.name,
        detail=tuple(line for line in (failure.message, failure.words, looked) if line),
        next_step=failure.next_step,
        subject=f"{hub.server}:{hub.path}",
        filestore=hub.match.filestore.id if hub.match.filestore else None,
    )


def code_of(symptom: Symptom) -> str:
    """The code of the finding that mounts fail so."""
    return _BY_SYMPTOM[symptom][0].code


def trouble_finding(hub: HubSight, trouble: Trouble) -> Finding:
    """The finding for mounts that fail with no cause further up."""
    rule, words = _BY_SYMPTOM[trouble.symptom]
    describe = hub.kubectl("-n", hub.namespace, "describe", "pod", trouble.pods[0])
    unread = hub.live.pods.events_unread if hub.live and not trouble.words else ""
    return rule.finding(
        f"{words}: {count(len(trouble.users), 'user')}{_since(hub, trouble)}",
        cluster=hub.cluster,
        hub=hub.name,
        detail=(*trouble.words, *((f"cause not read: events {unread}",) if unread else ()), _users(trouble)),
        next_step=describe if rule in (OTHER, UNBOUND) else "",
        asks={"user": trouble.users[0]} if rule is STALE else None,
        subject=f"Pod/{hub.namespace}/{trouble.pods[0]}",
        since=trouble.since,
        filestore=hub.match.filestore.id if hub.match.filestore else None,
    )


def consequence(hub: HubSight, trouble: Trouble) -> str:
    """The same trouble as one sentence in its cause's text."""
    return f"{count(len(trouble.users), 'user')} cannot start{_since(hub, trouble)}: {_BY_SYMPTOM[trouble.symptom][1]}."


def _since(hub: HubSight, trouble: Trouble) -> str:
    return f", for {age(trouble.since, hub.now)}" if trouble.since else ""


def _users(trouble: Trouble) -> str:
    return f"users: {some(trouble.users, 5)}"
