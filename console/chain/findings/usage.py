"""Filestore: where sources do not agree how full it is, and how full a share is whose filestore is not known."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.findings.fullness import FULL, NEARLY_FULL
from console.chain.inodes import files_words, fuller_of_files, inode_percent, inodes_words
from console.chain.model import Finding, ShareUsage
from console.chain.rule import Rule
from console.chain.sight import HubSight
from console.chain.usage import days_words, disagreement, percent
from console.chain.words import size
from providers.filestores.protocol import Filestore, Usage

DISAGREE = Rule(
    code="FST40",
    severity="info",
    link="filestore",
    title="Sources disagree how full it is",
    meaning="One of the figures is wrong, or about something else: which one cannot be told from here.",
    found_by="Used of capacity from the cloud, a kubelet, an exporter, at about the same time: over 5 points apart.",
    mends="See which file system each source measures, and go by the fuller one until that is known.",
)
RULES = (DISAGREE,)


def findings(hub: HubSight) -> Iterator[Finding]:
    """What concerns the hub's filestore, or its share where the filestore is not known."""
    if hub.absent or hub.on_nfs is not True:
        return
    store = hub.match.filestore
    if store is not None:
        yield from store_findings(store, hub.share_usage, cluster=hub.cluster, hub=hub.name)
        return
    yield from _disagreement(hub.share_usage, hub.server, cluster=hub.cluster, hub=hub.name)
    full = _fullness(hub)
    if full is not None:
        yield full


def store_findings(store: Filestore, share: ShareUsage, *, cluster: str, hub: str | None) -> Iterator[Finding]:
    """As for a hub; HUB None for the cluster's list of filestores."""
    yield from _disagreement(share, store.name, cluster=cluster, hub=hub, filestore=store.id)


def _fullness(hub: HubSight) -> Finding | None:
    """How full the share of a server of one's own is."""
    usage = hub.share_usage.chosen
    full = percent(usage) if usage is not None else None
    files = hub.share_usage.of_inodes
    if files is not None and fuller_of_files(files, full, from_percent=hub.policy.nearly_full_percent):
        rule = FULL if (inode_percent(files) or 0) >= hub.policy.full_percent else NEARLY_FULL
        words = (f"{hub.server}: {inodes_words(files)}",)
        return rule.finding(files_words(files), cluster=hub.cluster, hub=hub.name, detail=words, subject=hub.server)
    if usage is None or full is None or full < hub.policy.nearly_full_percent:
        return None
    left = max(0, (usage.capacity_bytes or 0) - (usage.used_bytes or 0))
    days = hub.share_usage.days_left
    rule = FULL if full >= hub.policy.full_percent else NEARLY_FULL
    return rule.finding(
        f"share {int(full)} % full ({size(left)} left)",
        cluster=hub.cluster,
        hub=hub.name,
        detail=(f"{hub.server}: {_words(usage)}", *((f"full in {days_words(days)}",) if days is not None else ())),
        subject=hub.server,
    )


def _disagreement(
    share: ShareUsage, name: str, *, cluster: str, hub: str | None, filestore: str | None = None
) -> Iterator[Finding]:
    apart = disagreement(share.usages)
    if apart is None:
        return
    shares = " or ".join(f"{int(percent(usage) or 0)} %" for usage in apart)
    yield DISAGREE.finding(
        f"share {shares} full: sources disagree",
        cluster=cluster,
        hub=hub,
        detail=tuple(f"{name}: {_words(usage)}" for usage in share.usages),
        subject=filestore or name,
        filestore=filestore,
    )


def _words(usage: Usage) -> str:
    used = size(usage.used_bytes or 0)
    of = f" of {size(usage.capacity_bytes)}" if usage.capacity_bytes else ""
    return f"{used}{of}, says {usage.source}"
