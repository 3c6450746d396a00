"""Turns the fleet's state into the documents of the JSON contract."""

from __future__ import annotations

from datetime import UTC, datetime

from console.chain import model
from console.cli import contract
from console.cli.scope import Scope
from console.inventory.model import DeclaredHub, DeclaredMount
from providers.filestores import protocol


def status(fleet: model.FleetState, scope: Scope) -> contract.Status:
    """The chain of every hub within SCOPE."""
    return contract.Status(
        version=contract.VERSION,
        generated_at=seconds(fleet.generated_at),
        findings=tuple(finding(one) for one in fleet.findings),
        clusters=tuple(cluster(one, scope) for one in scope.clusters(fleet)),
    )


def filestores(fleet: model.FleetState, scope: Scope) -> contract.Filestores:
    """Every filestore within SCOPE, with the hubs on it."""
    return contract.Filestores(
        version=contract.VERSION,
        generated_at=seconds(fleet.generated_at),
        clusters=tuple(
            contract.ClusterFilestores(
                name=one.name,
                provider=one.provider,
                context=one.context,
                observed_at=at(one.observed_at),
                error=error(one.error),
                filestores=tuple(filestore(one, store) for store in scope.filestores(one)),
                filestores_unknown=one.filestores_unknown,
            )
            for one in scope.clusters(fleet)
        ),
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
        terraform=None,
        filestores=tuple(filestore(state, one) for one in state.filestores),
        filestores_unknown=state.filestores_unknown,
        hubs=tuple(hub(one) for one in scope.hubs(state)),
    )


def error(failure: model.ClusterError | None) -> contract.Error | None:
    if failure is None:
        return None
    return contract.Error(
        kind=failure.kind, message=failure.message, next_step=failure.next_step, since=at(failure.since)
    )


def finding(found: model.Finding) -> contract.Finding:
    return contract.Finding(
        code=found.code,
        severity=found.severity,
        link=found.link,
        message=found.message,
        action=found.action,
        cluster=found.cluster,
        hub=found.hub,
        consequence=found.consequence,
        detail=found.detail,
        next_step=found.next_step,
        subject=found.subject,
        filestore=found.filestore,
        since=at(found.since),
    )


def filestore(state: model.ClusterState, store: protocol.Filestore) -> contract.Filestore:
    """A filestore with what is wrong with it and its export, each once; what hangs on it stands with the hubs."""
    about = [*state.findings, *(one for member in state.hubs for one in member.findings)]
    findings = {(one.code, one.message): one for one in reversed(about) if _concerns(one, store)}
    return contract.Filestore(
        id=store.id,
        name=store.name,
        backend=store.backend,
        server=store.addresses[0] if store.addresses else None,
        addresses=store.addresses,
        exports=store.exports,
        state=store.state,
        detail=store.detail,
        tier=store.tier,
        zones=store.zones,
        capacity_bytes=store.capacity_bytes,
        hubs=tuple(state.filestore_hubs.get(store.id, ())),
        usage=usage(store.usage),
        findings=tuple(finding(one) for one in reversed(findings.values())),
    )


def _concerns(about: model.Finding, store: protocol.Filestore) -> bool:
    return about.filestore == store.id and about.link in ("filestore", "export")


def usage(known: protocol.Usage | None) -> contract.Usage | None:
    if known is None:
        return None
    return contract.Usage(
        used_bytes=known.used_bytes,
        capacity_bytes=known.capacity_bytes,
        source=known.source,
        observed_at=seconds(known.observed_at),
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


def seen(state: model.HubState) -> contract.Seen | None:
    if state.pods is None:
        return None
    pods = contract.Pods(
        running=state.pods.running,
        pending=state.pods.pending,
        failing=state.pods.failing,
        admin_running=state.pods.admin_running,
        with_allusers=state.pods.with_allusers,
        older_mounts=state.pods.older_mounts,
    )
    return contract.Seen(directory=None, homes=None, pods=pods)


def chain_link(state: model.LinkState) -> contract.ChainLink:
    return contract.ChainLink(
        link=state.link, mark=state.mark, declared=state.declared, live=state.live, seen=state.seen, why=state.why
    )


def seconds(moment: datetime) -> datetime:
    """MOMENT in UTC, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0)


def at(moment: datetime | None) -> datetime | None:
    return None if moment is None else seconds(moment)
