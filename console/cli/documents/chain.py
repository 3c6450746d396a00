"""Clusters, the chain of every hub, and the findings, as documents."""

from __future__ import annotations

from console.chain import model
from console.chain.marks import Severity
from console.cli.contract import chain as contract
from console.cli.contract.base import VERSION
from console.cli.documents.base import at, error, finding, seconds
from console.cli.documents.filestores import filestore, share_usage, terraform
from console.cli.documents.seen import seen
from console.cli.exits import Exit
from console.cli.scope import Scope
from console.inventory.model import DeclaredHub, DeclaredMount


def status(fleet: model.FleetState, scope: Scope) -> contract.Status:
    """The chain of every hub within SCOPE."""
    return contract.Status(
        version=VERSION,
        generated_at=seconds(fleet.generated_at),
        findings=tuple(finding(one) for one in fleet.findings),
        clusters=tuple(cluster(one, scope) for one in scope.clusters(fleet)),
    )


def check(
    fleet: model.FleetState,
    findings: list[model.Finding],
    missing: tuple[contract.Unobserved, ...],
    fail_on: Severity,
    outcome: Exit,
) -> contract.Check:
    """FINDINGS, what is MISSING to know whether there are more, and the OUTCOME of the two."""
    words = {Exit.FOUND: "found", Exit.UNOBSERVED: "unobserved"}
    return contract.Check(
        version=VERSION,
        generated_at=seconds(fleet.generated_at),
        fail_on=fail_on,
        outcome=words.get(outcome, "none"),  # type: ignore[arg-type]
        findings=tuple(finding(one) for one in findings),
        unobserved=missing,
    )


def cluster(state: model.ClusterState, scope: Scope) -> contract.Cluster:
    return contract.Cluster(
        name=state.name,
        provider=state.provider,
        context=state.context,
        state=state.state,
        observed_at=at(state.observed_at),
        user=state.user,
        requests=state.requests,
        error=error(state.error),
        findings=tuple(finding(one) for one in state.findings),
        terraform=terraform(state.terraform),
        filestores=tuple(filestore(state, one) for one in state.filestores),
        filestores_unknown=state.filestores_unknown,
        hubs=tuple(hub(one) for one in scope.hubs(state)),
    )


def hub(state: model.HubState) -> contract.Hub:
    return contract.Hub(
        name=state.name,
        namespace=state.namespace,
        release=state.release,
        chart=state.chart,
        backend=state.backend,
        production=state.production,
        declared=declared(state.declared, state.declared_allusers) if state.declared else None,
        live=live(state),
        seen=seen(state),
        filestores=state.filestores,
        filestore_reason=state.filestore_reason,
        links=tuple(chain_link(one) for one in state.links),
        findings=tuple(finding(one) for one in state.findings),
        share_usage=share_usage(state.share_usage),
    )


def declared(hub: DeclaredHub, allusers: model.Allusers) -> contract.Declared:
    return contract.Declared(
        resolved=hub.resolved,
        nfs_enabled=hub.nfs_enabled.value,
        server=hub.server.value,
        path=hub.path.value,
        mount_options=hub.mount_options.value,
        admin_mounts=tuple(admin_mount(mount) for mount in hub.admin_mounts),
        allusers=contract.DeclaredAllusers(
            enabled=allusers.enabled,
            read_only=allusers.read_only,
            mount_paths=allusers.mount_paths,
            source=allusers.source,
        ),
    )


def admin_mount(mount: DeclaredMount) -> contract.AdminMount:
    return contract.AdminMount(
        key=mount.key,
        name=mount.name,
        mount_path=mount.mount_path,
        sub_path=mount.sub_path,
        read_only=mount.read_only,
        source=mount.origin.source if mount.origin else None,
    )


def live(state: model.HubState) -> contract.Live | None:
    """The live side; None when nothing of it was observed."""
    found = contract.Live(pv=volume(state.pv), pvc=claim(state.pvc), allusers=allusers(state.live_allusers))
    return None if (found.pv, found.pvc, found.allusers) == (None, None, None) else found


def allusers(known: model.Allusers | None) -> contract.Allusers | None:
    if known is None:
        return None
    return contract.Allusers(enabled=known.enabled, read_only=known.read_only, mount_paths=known.mount_paths)


def volume(pv: model.LiveVolume | None) -> contract.Volume | None:
    if pv is None or pv.exists is None:
        return None
    return contract.Volume(
        exists=pv.exists,
        name=pv.name,
        phase=pv.phase or None,
        server=pv.server or None,
        path=pv.path or None,
        mount_options=pv.mount_options,
        reclaim_policy=pv.reclaim_policy or None,
        claim=pv.claim,
    )


def claim(pvc: model.LiveClaim | None) -> contract.Claim | None:
    if pvc is None or pvc.exists is None:
        return None
    return contract.Claim(exists=pvc.exists, name=pvc.name, phase=pvc.phase or None, volume=pvc.volume or None)


def chain_link(state: model.LinkState) -> contract.ChainLink:
    return contract.ChainLink(
        link=state.link, mark=state.mark, declared=state.declared, live=state.live, seen=state.seen, why=state.why
    )
