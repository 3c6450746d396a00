"""The address of the homes leads to one filestore that is known."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.model import Finding
from console.chain.rule import NO_MOUNT, Rule
from console.chain.sight import HubSight

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
RULES = (UNKNOWN, AMBIGUOUS, NO_SERVICE)

CLOUDS = ("gcp", "aws", "azure")
"""Where a server that no backend lists is worth a word; elsewhere it is a server of one's own."""


def findings(hub: HubSight) -> Iterator[Finding]:
    """Of a hub whose filestore was not found."""
    verdict = hub.match.verdict
    if verdict in ("ambiguous", "no-service") or (verdict == "unknown" and hub.provider in CLOUDS):
        yield _unmatched(hub)


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
