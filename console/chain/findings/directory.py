"""Hub directory: its creator, its name, and that it is one hub's alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.sight import HubSight, LiveHub
from console.chain.words import age, some
from providers.kubernetes.objects import Job

CREATOR_FAILED = Rule(
    code="DIR01",
    severity="error",
    link="directory",
    title="Share creator failed",
    meaning="The hub directory may be missing or owned by root: servers of a new hub cannot start.",
    found_by="The Job nfs-share-creator is still there and failed; its pod's log says why.",
    mends="Mend what its log says, then run it again.",
    action="rerun-share-creator",
    explains=("missing-directory", "subpath", "volume", "claim", "unbound", "directory"),
)
CREATOR_RUNNING = Rule(
    code="DIR02",
    severity="warning",
    link="directory",
    title="Share creator is still there",
    meaning="A deploy waits for it: the hub directory is not made yet.",
    found_by="The Job nfs-share-creator is there for minutes and neither done nor failed.",
    mends="See what its pod waits for, then run it again.",
    action="rerun-share-creator",
)
OVERRIDE = Rule(
    code="DIR05",
    severity="warning",
    or_severity="error",
    when="user pods find no such directory",
    link="directory",
    title="Share creator ignores the name override",
    meaning="The share creator makes a directory of the release's name; the volume points to the overriding one.",
    found_by="nfs.pv.shareNameOverride against the release name, with the share creator on.",
    mends="Make the directory where it is missing, by create-share; or drop the override.",
    or_action="create-share",
    explains=("missing-directory", "directory"),
)
SHARED = Rule(
    code="DIR06",
    severity="error",
    link="directory",
    title="Two hubs on one directory",
    meaning="Users of equal name share one home across hubs, and each hub's admins reach the other's homes.",
    found_by="Server and path of every hub of the cluster against each other.",
    mends="Declare a directory of its own for each hub, move the homes, and rebind.",
)
RULES = (CREATOR_FAILED, CREATOR_RUNNING, OVERRIDE, SHARED)


def findings(hub: HubSight) -> Iterator[Finding]:
    if hub.live is not None:
        for job in hub.live.jobs:
            yield from _creator(hub, hub.live, job)
    if hub.on_nfs is not True:
        return
    yield from _override(hub)
    if hub.neighbours:
        yield SHARED.finding(
            f"shares its directory with {some(hub.neighbours, 2)}",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(f"{hub.server}:{hub.path}", *hub.neighbours),
            subject=f"{hub.server}:{hub.path}",
        )


def failed(job: Job) -> bool:
    return any(c.type == "Failed" and c.status == "True" for c in job.status.conditions) or (
        job.status.failed > 0 and job.status.active == 0 and job.status.succeeded == 0
    )


def _creator(hub: HubSight, live: LiveHub, job: Job) -> Iterator[Finding]:
    subject = f"Job/{hub.namespace}/{job.metadata.name}"
    began = job.status.start_time or job.metadata.creation_timestamp
    if failed(job):
        log = live.log
        lines = log.lines if log else ()
        unread = (f"its log could not be read: {log.error}",) if log and log.error else ()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        yield CREATOR_FAILED.finding(
            "share creator failed" + (f": {_cut(last)}" if last else ""),
            cluster=hub.cluster,
            hub=hub.name,
            detail=(*lines, *unread),
            next_step=hub.kubectl("-n", hub.namespace, "logs", f"job/{job.metadata.name}"),
            subject=subject,
            since=began,
        )
    elif _lingers(hub, job):
        yield CREATOR_RUNNING.finding(
            f"share creator runs for {age(began, hub.now)}" if began else "share creator is still there",
            cluster=hub.cluster,
            hub=hub.name,
            next_step=hub.kubectl("-n", hub.namespace, "describe", f"job/{job.metadata.name}"),
            subject=subject,
            since=began,
        )


def _lingers(hub: HubSight, job: Job) -> bool:
    began = job.status.start_time or job.metadata.creation_timestamp
    patience = timedelta(minutes=hub.policy.share_creator_minutes)
    return job.status.succeeded == 0 and began is not None and hub.now - began > patience


def _cut(line: str, width: int = 72) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


def _override(hub: HubSight) -> Iterator[Finding]:
    declared = hub.known
    if declared is None or hub.dynamic or not declared.share_creator_enabled.value:
        return
    override = declared.share_name_override
    if override.value and override.value.strip("/") != hub.release:
        yield OVERRIDE.finding(
            f"share creator makes {hub.release}, not {override.value}",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(f"nfs.pv.shareNameOverride: {override.origin}",) if override.origin else (),
            next_step=f"Make sure that {declared.path.value or override.value} exists and is owned by "
            f"{hub.policy.expected_uid}:{hub.policy.expected_gid}",
            subject=override.origin.file if override.origin else "",
        )
