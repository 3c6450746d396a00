"""Filestore: up, not full, and known."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.model import Finding
from console.chain.policy import Policy
from console.chain.rule import NO_MOUNT, Rule
from console.chain.sight import HubSight
from console.chain.words import kubectl, size
from providers.filestores.protocol import Filestore

DOWN = Rule(
    code="FST01",
    severity="error",
    when="info where no hub lives on it",
    link="filestore",
    title="Filestore is down",
    meaning="Servers cannot start, and running ones hang at every file.",
    found_by="State of the filestore; for an in-cluster server its Deployment and pod.",
    mends="See why the server does not run: events, its disk, its node.",
    explains=NO_MOUNT,
)
NOT_READY = Rule(
    code="FST02",
    severity="warning",
    when="info where no hub lives on it",
    link="filestore",
    title="Filestore is not ready",
    meaning="New servers may not start until it is ready.",
    found_by="State of the filestore: being made, changed or deleted, or a part of it does not run.",
    mends="Wait while it changes; else see what its detail says.",
    explains=NO_MOUNT,
)
GRACE = Rule(
    code="FST03",
    severity="warning",
    when="info where no hub lives on it",
    link="filestore",
    title="NFS server is in its grace period",
    meaning="The server was restarted: for some seconds files seem missing or hang. It passes by itself.",
    found_by="How long the container of the in-cluster server has been running.",
    mends="Wait; see why it restarted.",
    explains=NO_MOUNT,
)
FULL = Rule(
    code="FST04",
    severity="error",
    link="filestore",
    title="Filestore is full",
    meaning="Users cannot save, and servers that write at start do not start.",
    found_by="Used against capacity, from the source named beside it.",
    mends="Grow it, or free space.",
    action="grow",
)
NEARLY_FULL = Rule(
    code="FST05",
    severity="warning",
    link="filestore",
    title="Filestore is nearly full",
    meaning="Users cannot save once it is full: to be grown the same day.",
    found_by="Used against capacity, from the source named beside it.",
    mends="Grow it, or free space.",
    action="grow",
)
UNKNOWN = Rule(
    code="FST06",
    severity="warning",
    or_severity="error",
    when="user pods cannot mount it; info while servers run on it",
    link="filestore",
    title="No filestore has this address",
    meaning="The server of the homes is none that is known here: a wrong address, or a server of one's own.",
    found_by="The server's address against every address of the cluster's filestores.",
    mends="Check nfs.pv.serverIP against the filestores of the account.",
    explains=("timeout", "refused", "name", "hanging", "creator"),
)
AMBIGUOUS = Rule(
    code="FST07",
    severity="warning",
    link="filestore",
    title="Several filestores have this address",
    meaning="Which of them holds the homes cannot be told: none is chosen.",
    found_by="The server's address is an address of several filestores of the account.",
    mends="Name the account or network of the cluster more narrowly.",
)
NO_SERVICE = Rule(
    code="FST08",
    severity="error",
    link="filestore",
    title="NFS server's Service is missing",
    meaning="Servers cannot start: the name of the NFS server leads nowhere.",
    found_by="The server's address is a Service's name, and the cluster has no such Service.",
    mends="Deploy the NFS server again, or correct nfs.pv.serverIP.",
    explains=NO_MOUNT,
)
RULES = (DOWN, NOT_READY, GRACE, FULL, NEARLY_FULL, UNKNOWN, AMBIGUOUS, NO_SERVICE)

CLOUDS = ("gcp", "aws", "azure")
"""Where a server that no backend lists is worth a word; elsewhere it is a server of one's own."""

_STATES = {"down": DOWN, "starting": GRACE, "degraded": NOT_READY, "creating": NOT_READY,
           "updating": NOT_READY, "deleting": NOT_READY}  # fmt: skip


def findings(hub: HubSight) -> Iterator[Finding]:
    """What concerns the hub's filestore, and whether it has one."""
    if hub.absent or hub.on_nfs is not True:
        return
    if hub.match.filestore is not None:
        yield from store_findings(
            hub.match.filestore, cluster=hub.cluster, context=hub.context, hub=hub.name, policy=hub.policy
        )
    elif hub.match.verdict in ("ambiguous", "no-service") or (
        hub.match.verdict == "unknown" and hub.provider in CLOUDS
    ):
        yield _unmatched(hub)


def store_findings(
    store: Filestore, *, cluster: str, context: str | None, hub: str | None, policy: Policy, used: bool = True
) -> Iterator[Finding]:
    """The filestore's own trouble; HUB None for the cluster's list of filestores. USED: some hub lives on it."""
    rule = _STATES.get(store.state)
    if rule is not None:
        word = {"down": "down", "starting": "in its grace period"}.get(store.state, f"not ready: {store.state}")
        yield rule.finding(
            f"{store.name} is {word}",
            cluster=cluster,
            hub=hub,
            severity=None if used else "info",
            detail=(store.detail,) if store.detail else (),
            next_step=_look(store, context),
            subject=_subject(store),
            filestore=store.id,
            since=store.state_since,
        )
    full = _fullness(store, cluster, hub, policy)
    if full is not None:
        yield full


def _subject(store: Filestore) -> str:
    return f"Deployment/{store.name}" if store.namespace else store.id


def _look(store: Filestore, context: str | None) -> str:
    if not store.namespace:
        return ""
    selector = "app.kubernetes.io/component=nfs-server"
    return kubectl(context, "-n", store.namespace, "describe", "pods", "-l", selector)


def _fullness(store: Filestore, cluster: str, hub: str | None, policy: Policy) -> Finding | None:
    usage = store.usage
    if usage is None or usage.used_bytes is None or not usage.capacity_bytes:
        return None
    percent = 100 * usage.used_bytes / usage.capacity_bytes
    if percent < policy.nearly_full_percent:
        return None
    left = max(0, usage.capacity_bytes - usage.used_bytes)
    rule = FULL if percent >= policy.full_percent else NEARLY_FULL
    return rule.finding(
        f"share {int(percent)} % full ({size(left)} left)",
        cluster=cluster,
        hub=hub,
        detail=(f"{store.name}: {size(usage.used_bytes)} of {size(usage.capacity_bytes)}, says {usage.source}",),
        subject=_subject(store),
        filestore=store.id,
    )


def _unmatched(hub: HubSight) -> Finding:
    rule = {"unknown": UNKNOWN, "ambiguous": AMBIGUOUS, "no-service": NO_SERVICE}[hub.match.verdict]
    message = {
        "unknown": f"no filestore has address {hub.server}",
        "ambiguous": f"{hub.server}: {len(hub.match.filestores)} filestores have it",
        "no-service": f"no Service behind {hub.server}",
    }[hub.match.verdict]
    seen = hub.live.pods.seen if hub.live else None
    works = hub.match.verdict == "unknown" and seen is not None and seen.running > 0
    return rule.finding(
        message,
        cluster=hub.cluster,
        hub=hub.name,
        severity="info" if works else None,
        detail=(hub.match.reason,),
        subject=hub.server,
    )
