"""Export: the base path is one that the filestore exports, at an address that it has."""

from __future__ import annotations

from collections.abc import Iterator

from console.chain.addresses import is_ip, normal_path
from console.chain.matching import shape_of
from console.chain.model import Finding
from console.chain.rule import Rule
from console.chain.sight import HubSight

NOT_EXPORTED = Rule(
    code="EXP01",
    severity="error",
    link="export",
    title="Path is not in what the filestore exports",
    meaning="Servers cannot start: the filestore has no such share.",
    found_by="The path of the homes against the exports of the filestore that has the server's address.",
    mends="Correct nfs.pv.baseShareName, and rebind.",
    explains=("missing-directory", "denied", "timeout", "hanging", "creator"),
)
NO_SERVER = Rule(
    code="EXP02",
    severity="error",
    link="export",
    title="NFS is on, but no server is declared",
    meaning="The hub cannot be deployed, or its volume has no server.",
    found_by="nfs.enabled is true and nfs.pv.serverIP is empty in the merged values.",
    mends="Set nfs.pv.serverIP in the hub's values file.",
)
OLD_ADDRESS = Rule(
    code="EXP03",
    severity="error",
    link="export",
    title="In-cluster server has another address than declared",
    meaning="Servers cannot start: nothing answers at the declared address.",
    found_by="nfs.pv.serverIP against the cluster IP of the hub's own NFS Service.",
    mends="Set nfs.pv.serverIP to the Service's cluster IP or name, and rebind.",
    explains=("timeout", "refused", "hanging", "name", "other", "creator", "server"),
)
NOT_ROOTED = Rule(
    code="EXP04",
    severity="warning",
    or_severity="error",
    when="user pods cannot mount it, or the share creator hangs; info while servers run on it",
    link="export",
    title="EFS is not mounted at its root",
    meaning="The share creator mounts the base path itself: what does not exist hangs, and the deploy with it.",
    found_by="nfs.pv.baseShareName in the merged values, where the homes are on EFS, which exports / alone.",
    mends="Set nfs.pv.baseShareName to /, move the homes there, and rebind.",
    explains=("missing-directory", "timeout", "hanging", "creator"),
)
RULES = (NOT_EXPORTED, NO_SERVER, OLD_ADDRESS, NOT_ROOTED)


def findings(hub: HubSight) -> Iterator[Finding]:
    declared = hub.known
    if declared is not None and declared.nfs_enabled.value and not declared.server.value and not hub.dynamic:
        origin = declared.nfs_enabled.origin
        yield NO_SERVER.finding(
            "nfs.pv.serverIP is not set",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(f"nfs.enabled: {origin}",) if origin else (),
            next_step="set nfs.pv.serverIP in the hub's values file",
            subject=origin.file if origin else "",
        )
    if hub.absent or hub.on_nfs is not True:
        return
    if hub.match.verdict == "wrong-export" and hub.match.filestore is not None:
        store = hub.match.filestore
        yield NOT_EXPORTED.finding(
            f"{hub.path} is not exported by {store.name}",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(f"exported: {', '.join(store.exports)}", hub.match.reason),
            subject=store.id,
            filestore=store.id,
        )
    yield from _old_address(hub)
    yield from _not_rooted(hub)


def _not_rooted(hub: HubSight) -> Iterator[Finding]:
    declared = hub.known
    base = declared.base_share.value if declared is not None else None
    if declared is None or not base or normal_path(base) == "/" or not _is_efs(hub, declared.server.value or ""):
        return
    origin = declared.base_share.origin
    seen = hub.live.pods.seen if hub.live else None
    yield NOT_ROOTED.finding(
        f"nfs.pv.baseShareName is {base}, but EFS is mounted at /",
        cluster=hub.cluster,
        hub=hub.name,
        severity="info" if seen is not None and seen.running else None,
        detail=(f"nfs.pv.baseShareName: {origin}",) if origin else (),
        subject=origin.file if origin else "",
        filestore=hub.match.filestore.id if hub.match.filestore is not None else None,
    )


def _is_efs(hub: HubSight, server: str) -> bool:
    """By the name of a file system; an address alone only where a file system has it."""
    if not is_ip(server):
        return shape_of(server, hub.provider) == "aws-efs"
    return hub.match.filestore is not None and hub.match.filestore.backend == "aws-efs"


def _old_address(hub: HubSight) -> Iterator[Finding]:
    declared, live = hub.known, hub.live
    if hub.match.verdict != "unknown" or declared is None or live is None or not declared.home_nfs_enabled.value:
        return
    own = [(name, ip) for (name, space), ip in live.cluster.services.items() if space == hub.namespace]
    nfs = [(name, ip) for name, ip in own if name.endswith("home-nfs")]
    if len(nfs) == 1:
        name, address = nfs[0]
        yield OLD_ADDRESS.finding(
            f"server {hub.server}, but Service has {address}",
            cluster=hub.cluster,
            hub=hub.name,
            detail=(f"Service {hub.namespace}/{name} has cluster IP {address}.",),
            subject=f"Service/{hub.namespace}/{name}",
        )
