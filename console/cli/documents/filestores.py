"""Filestores as documents, with what Terraform declares of them."""

from __future__ import annotations

from console.chain import model, terraform_model
from console.chain.filestore_words import findings_on, mount_places, unused, usages_of
from console.cli.contract import filestores as contract
from console.cli.contract.base import VERSION
from console.cli.documents.base import at, error, finding, seconds
from console.cli.scope import Scope
from providers.filestores import protocol


def filestores(fleet: model.FleetState, scope: Scope) -> contract.Filestores:
    """Every filestore within SCOPE, with the hubs on it."""
    return contract.Filestores(
        version=VERSION,
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
                terraform=terraform(one.terraform),
            )
            for one in scope.clusters(fleet)
        ),
    )


def terraform(made: terraform_model.TerraformState | None) -> contract.Terraform | None:
    if made is None:
        return None
    return contract.Terraform(
        file=made.file,
        error=made.error,
        resources=tuple(terraform_resource(one) for one in made.resources),
        folder=made.folder,
        workspace=made.workspace,
        undeclared=made.undeclared,
    )


def terraform_resource(declared: terraform_model.TerraformResource) -> contract.TerraformResource:
    return contract.TerraformResource(
        address=declared.address,
        name=declared.name,
        capacity_gib=declared.capacity_gib,
        tier=declared.tier or None,
        live=declared.live,
        kind=declared.kind,
        source=str(declared.origin),
        zone=declared.zone or None,
        parent=declared.parent or None,
        found=declared.found,
        why=declared.why,
        drift=tuple(
            contract.TerraformDrift(what=one.what, declared=one.declared, live=one.live) for one in declared.drift
        ),
    )


def filestore(state: model.ClusterState, store: protocol.Filestore) -> contract.Filestore:
    """A filestore with what is wrong with it and its export, each once; what hangs on it stands with the hubs."""
    shared, made = state.usages.get(store.id), state.terraform
    known = made.of(store.id) if made else None
    targets, without = mount_targets(state, store)
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
        usage=usage(next(iter(usages_of(state, store)), None)),
        findings=tuple(finding(one) for one in findings_on(state, store)),
        namespace=store.namespace,
        state_since=at(store.state_since),
        usages=tuple(usage_of(one) for one in usages_of(state, store)),
        days_left=shared.days_left if shared else None,
        usage_unknown=shared.why if shared else "",
        unused=unused(state, store),
        mount_targets=targets,
        zones_without_target=without,
        encrypted=store.encrypted,
        backups=store.backups,
        lifecycle=store.lifecycle,
        firewall=firewall(store.firewall),
        root_squash=store.root_squash,
        created_at=at(store.created_at),
        facts=tuple(contract.Fact(name=name, value=value) for name, value in store.facts),
        page=store.page,
        in_terraform=True if known else False if made and store.id in made.undeclared else None,
        terraform_address=known.address if known else None,
    )


def mount_targets(
    state: model.ClusterState, store: protocol.Filestore
) -> tuple[tuple[contract.MountTarget, ...] | None, tuple[str, ...]]:
    """Those of STORE, None where they are not known or it is of a kind that has none; and the zones that lack one."""
    if store.mount_targets is None:
        return None, ()
    places = mount_places(store, state.node_zones)
    found = tuple(mount_target(place.target, place.nodes) for place in places if place.target)
    return found, tuple(place.zone for place in places if place.target is None)


def mount_target(target: protocol.MountTarget, nodes: int | None) -> contract.MountTarget:
    return contract.MountTarget(
        id=target.id,
        zone=target.zone,
        state=target.state,
        addresses=target.addresses,
        subnet=target.subnet,
        network=target.network,
        security_groups=target.security_groups,
        admits_nodes=target.admits_nodes,
        nodes=nodes,
        detail=target.detail,
    )


def firewall(known: protocol.Firewall | None) -> contract.Firewall | None:
    if known is None:
        return None
    return contract.Firewall(
        admits_all=known.admits_all,
        subnets=known.subnets,
        endpoints=known.endpoints,
        admits_nodes=known.admits_nodes,
        detail=known.detail,
    )


def usage(known: protocol.Usage | None) -> contract.Usage | None:
    return None if known is None else usage_of(known)


def usage_of(known: protocol.Usage) -> contract.Usage:
    return contract.Usage(
        used_bytes=known.used_bytes,
        capacity_bytes=known.capacity_bytes,
        source=known.source,
        observed_at=seconds(known.observed_at),
        inodes=known.inodes,
        inodes_used=known.inodes_used,
    )


def share_usage(known: model.ShareUsage | None) -> contract.ShareUsage | None:
    if known is None:
        return None
    usages = tuple(usage_of(one) for one in known.usages)
    return contract.ShareUsage(usages=usages, days_left=known.days_left, usage_unknown=known.why)
