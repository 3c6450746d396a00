"""Joins what is declared with what was observed: one cluster's state, pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime

import msgspec

from console.chain.addresses import normal_host, normal_path, service_of
from console.chain.allusers import declared_allusers, live_allusers
from console.chain.filestore_hubs import as_told_to, filestore_hubs, hubs_known, running_on, with_store
from console.chain.filestores import FilestoreInventory
from console.chain.findings import cluster as cluster_findings
from console.chain.findings import terraform as terraform_findings
from console.chain.findings import usage as usage_findings
from console.chain.findings.configuration import problem_finding
from console.chain.findings.filestore import store_findings
from console.chain.findings.judge import hub_findings
from console.chain.homes_table import HomesTable
from console.chain.hub_inside import with_seen
from console.chain.index import ObservedCluster, refused
from console.chain.links import link_states
from console.chain.matching import Match, Matcher
from console.chain.model import ClusterError, ClusterState, Finding, HubState, ObservationState
from console.chain.needs import needed_backends
from console.chain.pods import pod_facts
from console.chain.policy import Policy
from console.chain.seen import looked_usage
from console.chain.seen_facts import SeenFacts
from console.chain.sight import HubSight, LiveHub
from console.chain.store_sight import store_sights
from console.chain.terraform import TerraformPlace, declared_words, terraform_state
from console.chain.terraform_model import TerraformState
from console.chain.usage import Sample, Usages, known_usages
from console.chain.volumes import claim_name, live_claim, live_volume, volume_name
from console.chain.words import worst_first
from console.inventory.model import DeclaredCluster, DeclaredHub, Problem
from console.inventory.terraform import TerraformSide
from providers.kubernetes.observation import ClusterObservation
from providers.kubernetes.usage.shares import UsageAnswers


def cluster_state(
    *,
    name: str,
    provider: str,
    context: str | None,
    declared: DeclaredCluster | None,
    observation: ClusterObservation | None,
    filestores: FilestoreInventory | None,
    state: ObservationState,
    error: ClusterError | None,
    policy: Policy,
    now: datetime,
    terraform: TerraformSide | None = None,
    account: Mapping[str, str] | None = None,
    usages: UsageAnswers | None = None,
    history: Mapping[str, Sequence[Sample]] | None = None,
    looks: Mapping[str, SeenFacts] | None = None,
    homes: MutableMapping[str, HomesTable] | None = None,
) -> ClusterState:
    """Everything that is known of one cluster, and what follows.

    OBSERVATION None: what the API server says is not known. It may be an older look while STATE is "failed" and ERROR
    says why the newest one failed. FILESTORES None: they were not asked. ACCOUNT is the provider's block that they
    were asked with; None: that of cluster.yaml. TERRAFORM None: not read yet. USAGES are the cluster's own answers to
    how full shares are, HISTORY earlier figures. LOOKS is what is known of hubs' insides, by the hub's name; HOMES what
    earlier joins worked out of that, to be taken over where it still stands, and kept up to date here.
    """
    seen = ObservedCluster.of(observation) if observation is not None else None
    facts = looks or {}
    looked = {hub: usage for hub, each in facts.items() if (usage := looked_usage(each)) is not None}
    full = known_usages(provider, declared, seen, filestores, usages, history or {}, now, looked=looked)
    filestores = full.inventory
    sights = [_with_usage(one, full) for one in _sights(name, provider, declared, seen, filestores, policy, now)]
    if seen is None and error is None:
        sights = [_undecided(one) for one in sights]
    worked = {} if homes is None else homes
    sights = [with_seen(one, facts.get(one.name), worked) for one in sights]
    on = filestore_hubs(sights)
    told = hubs_known(sights, observed=seen is not None, declared=declared is not None)
    if account is None:
        account = declared.account if declared is not None else {}
    place = TerraformPlace(cluster=name, provider=provider, account=account)
    made = terraform_state(terraform, place=place, inventory=filestores, used=on)
    stores = store_sights(
        filestores.filestores if filestores is not None else (),
        cluster=name,
        context=context,
        policy=policy,
        node_zones=_node_zones(observation),
        account=account,
        usages=full.by_filestore,
        running=running_on(sights),
        by_terraform={one.live for one in made.resources if one.live} if made is not None else (),
        hubs_known=told,
    )
    sights = [with_store(sight, stores) for sight in sights]
    drift = tuple(terraform_findings.findings(name, terraform, made, filestores, on, hubs_known=told))
    sights = [_with_terraform(sight, made, drift) for sight in sights]
    hubs = tuple(_hub_state(sight, tree=declared is not None, state=state, error=error) for sight in sights)
    needed = needed_backends(sights, observation)
    own = _cluster_findings(name, declared, observation, filestores, error, policy, now, needed)
    own.extend(drift)
    for store in stores.values():
        own.extend(as_told_to(hubs, store_findings(store), used=store.used))
        own.extend(
            usage_findings.store_findings(store.store, full.by_filestore[store.store.id], cluster=name, hub=None)
        )
    return ClusterState(
        name=name,
        provider=provider,
        context=context,
        state=state,
        observed_at=observation.observed_at if observation is not None else None,
        error=error,
        declared=declared,
        filestores=filestores.filestores if filestores is not None else (),
        filestores_unknown=filestores.unknown if filestores is not None else "not asked",
        filestore_hubs=on,
        usages=full.by_filestore,
        shares=full.by_share,
        terraform=made,
        hubs=hubs,
        findings=worst_first(own),
        requests=(observation.requests if observation is not None else 0) + (usages.requests if usages else 0),
        user=observation.user if observation is not None else None,
        bound_volumes=_bound_volumes(observation),
        node_zones=_node_zones(observation),
    )


def _bound_volumes(observation: ClusterObservation | None) -> tuple[tuple[str, str], ...] | None:
    volumes = observation.persistent_volumes if observation is not None else None
    if volumes is None or volumes.refusals or volumes.unreadable or volumes.partial:
        return None
    sources = (volume.spec.nfs for volume in volumes.items if volume.status.phase == "Bound")
    return tuple(sorted({(source.server, source.path) for source in sources if source is not None}))


def _node_zones(observation: ClusterObservation | None) -> Mapping[str, int] | None:
    """How many nodes run in each zone; None where they could not be listed whole, or tell no zone."""
    if observation is None or observation.nodes.refusals or observation.nodes.partial:
        return None
    zones = Counter(node.metadata.labels.zone for node in observation.nodes.items)
    named = {zone: number for zone, number in sorted(zones.items(), key=str) if zone}
    return named or None


def _cluster_findings(
    name: str,
    declared: DeclaredCluster | None,
    observation: ClusterObservation | None,
    filestores: FilestoreInventory | None,
    error: ClusterError | None,
    policy: Policy,
    now: datetime,
    needed: frozenset[str],
) -> list[Finding]:
    own = [problem_finding(problem) for problem in (declared.problems if declared else ()) if problem.hub is None]
    own.extend(
        cluster_findings.findings(
            name=name,
            error=error,
            observation=observation,
            filestores=filestores,
            policy=policy,
            now=now,
            needed=needed,
        )
    )
    return own


def _undecided(sight: HubSight) -> HubSight:
    """The hub while its cluster has not answered: its homes may be elsewhere than is declared."""
    if sight.match.verdict != "unknown":
        return sight
    return msgspec.structs.replace(sight, match=msgspec.structs.replace(sight.match, verdict="undetermined"))


def _with_usage(sight: HubSight, full: Usages) -> HubSight:
    store = sight.match.filestore
    usage = full.by_filestore.get(store.id) if store is not None else full.by_hub.get(sight.name)
    return msgspec.structs.replace(sight, share_usage=usage) if usage is not None else sight


def _with_terraform(sight: HubSight, made: TerraformState | None, drift: Iterable[Finding]) -> HubSight:
    """The hub with what Terraform says of its filestore. What is only worth knowing stays the cluster's."""
    store = sight.match.filestore
    if store is None or made is None or sight.on_nfs is not True or sight.absent:
        return sight
    about = tuple(
        msgspec.structs.replace(finding, hub=sight.name)
        for finding in drift
        if finding.filestore == store.id and finding.severity != "info"
    )
    return msgspec.structs.replace(sight, store_declared=declared_words(made, store), store_drift=about)


def _sights(
    name: str,
    provider: str,
    declared: DeclaredCluster | None,
    seen: ObservedCluster | None,
    filestores: FilestoreInventory | None,
    policy: Policy,
    now: datetime,
) -> list[HubSight]:
    hubs = declared.hubs if declared is not None else ()
    problems: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in declared.problems if declared is not None else ():
        if problem.hub is not None:
            problems[problem.hub].append(problem)
    found: list[tuple[str, DeclaredHub | None]] = [(hub.name, hub) for hub in hubs]
    if seen is not None:
        names = {hub.namespace for hub in hubs}
        found.extend((namespace, None) for namespace in sorted(set(seen.hubs) - names))
    matcher = Matcher(
        provider=provider,
        inventory=filestores,
        services=seen.services if seen is not None else {},
        services_known=seen is not None and seen.services_known,
    )
    sights = [
        _sight(name, provider, hub_name, hub, tuple(problems.get(hub_name, ())), seen, matcher, policy, now)
        for hub_name, hub in found
    ]
    return _with_neighbours(sights, seen)


def _sight(
    cluster: str,
    provider: str,
    hub_name: str,
    hub: DeclaredHub | None,
    problems: tuple[Problem, ...],
    seen: ObservedCluster | None,
    matcher: Matcher,
    policy: Policy,
    now: datetime,
) -> HubSight:
    namespace = hub.namespace if hub else hub_name
    live = _live(seen, namespace, hub, policy, now) if seen is not None else None
    server, path = _where(hub, live)
    sight = HubSight(
        cluster=cluster,
        provider=provider,
        name=hub_name,
        namespace=namespace,
        release=hub.release if hub else _release(live, hub_name),
        declared=hub,
        problems=problems,
        live=live,
        server=server,
        path=path,
        match=Match(verdict="none", reason="homes are not on NFS"),
        declared_allusers=declared_allusers(hub),
        policy=policy,
        now=now,
    )
    if sight.on_nfs is False:
        return sight
    return msgspec.structs.replace(sight, match=matcher.match(server, path))


def _where(hub: DeclaredHub | None, live: LiveHub | None) -> tuple[str, str]:
    """Server and path of the homes: the live volume's, since users are there; else the declared ones."""
    if live is not None and live.volume.exists and live.volume.server:
        return live.volume.server, live.volume.path
    return (hub.server.value or "", hub.path.value or "") if hub is not None else ("", "")


def _release(live: LiveHub | None, fallback: str) -> str:
    made = live.deployment.metadata if live is not None and live.deployment is not None else None
    return (
        made.annotations.release_name or made.labels.release or made.labels.app_instance if made else ""
    ) or fallback


def _live(seen: ObservedCluster, namespace: str, hub: DeclaredHub | None, policy: Policy, now: datetime) -> LiveHub:
    claim = live_claim(seen, namespace, claim_name(seen, namespace, hub))
    deployment, values = seen.hubs.get(namespace), seen.values.get(namespace)
    release = hub.release if hub else namespace
    volume = live_volume(seen, volume_name(hub, release, claim))
    deployment_why = refused(seen.observation.hub_deployments, namespace)
    jobs = tuple(seen.jobs.get(namespace, ()))
    there = bool(deployment or values or claim.exists or volume.exists or jobs or seen.pods.get(namespace))
    return LiveHub(
        cluster=seen,
        volume=volume,
        volume_object=seen.volumes.get(volume.name),
        claim=claim,
        claim_object=seen.claim(namespace, claim.name),
        deployment=deployment,
        deployment_why=deployment_why,
        values=values,
        values_why=refused(seen.observation.hub_values, namespace) or ("" if values else "the Secret hub is not there"),
        allusers=live_allusers(values),
        pods=pod_facts(seen, namespace, claim=claim.name, volume=volume.name, policy=policy, now=now),
        jobs=jobs,
        log=seen.logs.get(namespace),
        deployed=True if there else (None if deployment_why or claim.exists is None else False),
        holder=_holder(seen, namespace, claim.volume or volume.name),
    )


def _holder(seen: ObservedCluster, namespace: str, asked: str) -> str:
    """The claim of another namespace that holds the PersistentVolume ASKED for."""
    volume = seen.volumes.get(asked)
    owner = volume.spec.claim_ref if volume is not None else None
    return f"{owner.namespace}/{owner.name}" if owner is not None and owner.namespace != namespace else ""


def _with_neighbours(sights: list[HubSight], seen: ObservedCluster | None) -> list[HubSight]:
    """Each hub with the others whose homes are in its very directory. Undeployed and unresolved ones do not count."""
    places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for sight in sights:
        place = _place(sight, seen)
        if place is not None:
            places[place].append(sight.name)
    crowded = {place: names for place, names in places.items() if len(names) > 1}
    if not crowded:
        return sights
    return [_crowded(sight, crowded.get(_place(sight, seen) or ("", ""), [])) for sight in sights]


def _crowded(sight: HubSight, names: list[str]) -> HubSight:
    others = tuple(name for name in names if name != sight.name)
    return msgspec.structs.replace(sight, neighbours=others) if others else sight


def _place(sight: HubSight, seen: ObservedCluster | None) -> tuple[str, str] | None:
    if not sight.server or not sight.path or sight.on_nfs is not True or sight.absent:
        return None
    if sight.live is not None and sight.live.holder:
        return None
    if (sight.live is None or not sight.live.volume.exists) and sight.known is None:
        return None
    service = service_of(sight.server)
    named = seen.services.get(service, "") if service and seen else ""
    return named or normal_host(sight.server), normal_path(sight.path)


def _hub_state(sight: HubSight, *, tree: bool, state: ObservationState, error: ClusterError | None) -> HubState:
    found = worst_first((*hub_findings(sight, tree=tree), *sight.store_drift))
    live, hub = sight.live, sight.declared
    return HubState(
        cluster=sight.cluster,
        name=sight.name,
        namespace=sight.namespace,
        release=sight.release,
        chart=hub.chart if hub else _chart(live),
        backend=_backend(sight),
        production=sight.policy.is_production(sight.cluster, sight.name),
        declared=hub,
        declared_allusers=sight.declared_allusers,
        pv=live.volume if live is not None else None,
        pvc=live.claim if live is not None else None,
        live_allusers=live.allusers if live is not None else None,
        hub_running=_running(live),
        pods=live.pods.seen if live is not None else None,
        filestores=tuple(store.id for store in sight.match.filestores),
        filestore_reason=sight.match.reason,
        share_usage=sight.share_usage if sight.match.filestore is None and sight.on_nfs and not sight.absent else None,
        directory=sight.seen.directory,
        look=sight.seen.look,
        homes=sight.seen.homes,
        links=link_states(sight, found, state, error),
        findings=found,
    )


def _chart(live: LiveHub | None) -> str:
    labels = live.deployment.metadata.labels if live is not None and live.deployment is not None else None
    return (labels.chart or labels.legacy_chart or "") if labels else ""


def _running(live: LiveHub | None) -> bool | None:
    if live is None or live.deployment_why:
        return None
    return live.deployment is not None and live.deployment.status.ready_replicas > 0


def _backend(sight: HubSight) -> str:
    """The matched filestore's, else what the address says, else what the values say."""
    if sight.on_nfs is False:
        return "none"
    if sight.match.filestore is not None:
        return sight.match.filestore.backend
    declared = sight.declared
    if declared is not None and (declared.home_nfs_enabled.value or declared.in_cluster_nfs.value):
        return "home-nfs"
    return sight.match.backend
