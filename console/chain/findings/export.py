"""Export: the base path is one that the filestore exports, at an address that it has."""

from __future__ import annotations

from collections.abc import Iterator

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
    action="rebind",
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
    action="rebind",
    explains=("timeout", "refused", "hanging", "name", "other", "creator", "server"),
)
RULES = (NOT_EXPORTED, NO_SERVER, OLD_ADDRESS)


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
