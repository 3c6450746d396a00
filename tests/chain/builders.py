"""Plain data for the chain's tests: one healthy hub on one healthy cluster, and the ways to bend it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from console.chain.filestores import FilestoreInventory
from console.chain.join import cluster_state
from console.chain.model import ClusterError, ClusterState, Finding, HubState, ObservationState
from console.chain.policy import Policy
from console.chain.seen_facts import SeenFacts
from console.chain.usage import Sample
from console.inventory.model import DeclaredCluster, DeclaredHub, DeclaredMount, Origin, Problem, Setting
from console.inventory.terraform import TerraformSide
from providers.filestores.protocol import Filestore, FilestoreState, Usage
from providers.kubernetes.objects import (
    Annotations,
    ClaimSource,
    Container,
    ContainerState,
    ContainerStateWaiting,
    ContainerStatus,
    Deployment,
    DeploymentStatus,
    Event,
    HubMount,
    HubValues,
    Job,
    JobCondition,
    JobStatus,
    Labels,
    Metadata,
    NfsSource,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeSpec,
    PersistentVolumeStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
    Service,
    ServiceSpec,
    Volume,
    VolumeMount,
)
from providers.kubernetes.observation import ClusterObservation, Listing, Refusal, ShareCreatorLog
from providers.kubernetes.usage.shares import UsageAnswers

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
CLUSTER = "earth"
SERVER = "10.2.0.2"
OPTIONS = ("noatime", "vers=4.1")

SHARED_RO = ("/home/jovyan/shared", "_shared", True)
SHARED_RW = ("/home/jovyan/shared-readwrite", "_shared", False)
ALLUSERS = ("/home/jovyan/allusers", "", False)


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def origin(file: str = "earth/prod.values.yaml", line: int = 7) -> Origin:
    return Origin(file, line, 3, chart=file == "chart")


def declared_mounts(*mounts: tuple[str, str, bool], file: str = "chart") -> tuple[DeclaredMount, ...]:
    return tuple(
        DeclaredMount(
            key=str(number), name="home", mount_path=path, sub_path=sub, read_only=read_only, origin=origin(file)
        )
        for number, (path, sub, read_only) in enumerate(mounts)
    )


def hub(name: str = "prod", **changes: Any) -> DeclaredHub:
    values: dict[str, Any] = {
        "cluster": CLUSTER,
        "name": name,
        "chart": "basehub",
        "nfs_enabled": Setting(True, origin()),
        "server": Setting(SERVER, origin()),
        "base_share": Setting("/homes/", origin()),
        "path": Setting(f"/homes/{name}", origin()),
        "mount_options": Setting(OPTIONS, origin()),
        "user_mounts": declared_mounts(SHARED_RO),
        "admin_mounts": declared_mounts(SHARED_RW),
        "chart_admin_mounts": declared_mounts(SHARED_RW),
    }
    return DeclaredHub(**(values | changes))


def declared(*hubs: DeclaredHub, problems: tuple[Problem, ...] = (), provider: Any = "gcp") -> DeclaredCluster:
    return DeclaredCluster(name=CLUSTER, provider=provider, hubs=hubs or (hub(),), problems=problems)


def helms(name: str) -> dict[str, Any]:
    """What Helm puts on what it makes for hub NAME."""
    annotations = Annotations(release_name=name, release_namespace=name)
    return {"labels": Labels(managed_by="Helm"), "annotations": annotations}


def volume(name: str = "prod", **changes: Any) -> PersistentVolume:
    """The PersistentVolume of hub NAME; changes to spec fields, `phase`, `deleted`."""
    phase = changes.pop("phase", "Bound")
    message = changes.pop("message", "")
    metadata = Metadata(
        name=changes.pop("pv_name", f"{name}-home-nfs"),
        deletion_timestamp=changes.pop("deleted", None),
        **(helms(name) if changes.pop("marked", True) else {}),
    )
    spec: dict[str, Any] = {
        "nfs": NfsSource(server=SERVER, path=f"/homes/{name}"),
        "claim_ref": ObjectReference(kind="PersistentVolumeClaim", namespace=name, name="home-nfs"),
        "mount_options": OPTIONS,
    }
    return PersistentVolume(
        metadata=metadata,
        spec=PersistentVolumeSpec(**(spec | changes)),
        status=PersistentVolumeStatus(phase=phase, message=message),
    )


def claim(name: str = "prod", *, phase: str = "Bound", asks: str | None = None, deleted: datetime | None = None,
          claim_name: str = "home-nfs", marked: bool = True) -> PersistentVolumeClaim:  # fmt: skip
    marks = helms(name) if marked else {}
    return PersistentVolumeClaim(
        metadata=Metadata(name=claim_name, namespace=name, deletion_timestamp=deleted, **marks),
        spec=PersistentVolumeClaimSpec(volume_name=f"{name}-home-nfs" if asks is None else asks),
        status=PersistentVolumeClaimStatus(phase=phase),
    )


def live_mounts(*mounts: tuple[str, str, bool]) -> tuple[HubMount, ...]:
    return tuple(
        HubMount(key=None, name="home", mount_path=path, sub_path=sub, read_only=read_only)
        for path, sub, read_only in mounts
    )


def values(name: str = "prod", *, admin: tuple[tuple[str, str, bool], ...] = (SHARED_RW,), **changes: Any) -> HubValues:
    fields: dict[str, Any] = {
        "pvc_name": "home-nfs",
        "user_mounts": live_mounts(SHARED_RO),
        "admin_mounts": live_mounts(*admin),
    }
    return HubValues(namespace=name, **(fields | changes))


def deployment(name: str = "prod") -> Deployment:
    return Deployment(
        metadata=Metadata(name="hub", namespace=name, annotations=Annotations(release_name=name)),
        status=DeploymentStatus(replicas=1, ready_replicas=1, available_replicas=1),
    )


def pod(user: str, name: str = "prod", *, mounts: tuple[tuple[str, str, bool], ...] = (SHARED_RO,),
        phase: str = "Running", node: str = "node-1", started: datetime | None = None, waiting: str = "",
        waiting_message: str = "", conditions: tuple[PodCondition, ...] = (),
        deleted: datetime | None = None) -> Pod:  # fmt: skip
    own = VolumeMount(name="home", mount_path="/home/jovyan", sub_path=user)
    others = tuple(VolumeMount(name="home", mount_path=p, sub_path=s, read_only=ro) for p, s, ro in mounts)
    state = ContainerState(waiting=ContainerStateWaiting(reason=waiting, message=waiting_message)) if waiting else None
    return Pod(
        metadata=Metadata(
            name=f"jupyter-{user}", namespace=name, uid=f"uid-{name}-{user}", deletion_timestamp=deleted,
            annotations=Annotations(username=user),
        ),
        spec=PodSpec(
            node_name=node,
            volumes=(Volume(name="home", persistent_volume_claim=ClaimSource(claim_name="home-nfs")),),
            containers=(Container(name="notebook", volume_mounts=(own, *others)),),
        ),
        status=PodStatus(
            phase=phase,
            start_time=started or ago(hours=1),
            container_statuses=(ContainerStatus(name="notebook", state=state),) if state else (),
            conditions=conditions,
        ),
    )  # fmt: skip


def stuck(user: str, name: str = "prod", *, minutes: float = 10) -> Pod:
    """A pod that waits for its volumes."""
    return pod(user, name, phase="Pending", waiting="ContainerCreating", started=ago(minutes=minutes))


def event(user: str, words: str, name: str = "prod", *, reason: str = "FailedMount", minutes: float = 9,
          volume_name: str | None = None) -> Event:  # fmt: skip
    message = words
    if reason == "FailedMount" and volume_name != "":
        message = f'MountVolume.SetUp failed for volume "{volume_name or name + "-home-nfs"}" : mount failed: {words}'
    return Event(
        metadata=Metadata(name=f"e-{user}", namespace=name),
        involved_object=ObjectReference(
            kind="Pod", namespace=name, name=f"jupyter-{user}", uid=f"uid-{name}-{user}"
        ),
        reason=reason,
        message=message,
        first_timestamp=ago(minutes=minutes),
        last_timestamp=NOW,
    )  # fmt: skip


def job(name: str = "prod", *, failed: bool = True, minutes: float = 20) -> Job:
    conditions = (JobCondition(type="Failed", status="True", reason="BackoffLimitExceeded"),) if failed else ()
    return Job(
        metadata=Metadata(name="nfs-share-creator", namespace=name, creation_timestamp=ago(minutes=minutes)),
        status=JobStatus(active=0 if failed else 1, failed=int(failed), conditions=conditions),
    )


def service(name: str, namespace: str, ip: str) -> Service:
    return Service(metadata=Metadata(name=name, namespace=namespace), spec=ServiceSpec(cluster_ip=ip))


def forbidden(resource: str, namespace: str = "", verb: str = "list") -> Refusal:
    return Refusal(kind="forbidden", verb=verb, resource=resource, namespace=namespace, message=f"no {resource}")


def store(identity: str = "homes-nfs", *, address: str | tuple[str, ...] = SERVER,
          exports: tuple[str, ...] = ("/homes",), state: FilestoreState = "ready",
          used: float | None = None, backend: str = "gcp-filestore", **changes: Any) -> Filestore:  # fmt: skip
    usage = None
    if used is not None:
        usage = Usage(
            used_bytes=math.ceil(used * 1024**4), capacity_bytes=1024**4, source="Cloud Monitoring", observed_at=NOW
        )
    return Filestore(
        id=identity, name=identity, backend=backend, exports=exports, state=state, usage=usage,
        addresses=(address,) if isinstance(address, str) else address, **changes,
    )  # fmt: skip


def inventory(*stores: Filestore, listed: tuple[str, ...] = ("gcp-filestore", "home-nfs")) -> FilestoreInventory:
    return FilestoreInventory(filestores=stores, listed=listed)


def observation(**changes: Any) -> ClusterObservation:
    """Hub `prod`, healthy, with one user's server. A tuple stands for a complete listing."""
    fields: dict[str, Any] = {
        "persistent_volumes": (volume(),),
        "persistent_volume_claims": (claim(),),
        "hub_deployments": (deployment(),),
        "hub_values": (values(),),
        "user_pods": (pod("ana"),),
    }
    logs = changes.pop("share_creator_logs", ())
    for key, value in changes.items():
        fields[key] = value
    listings = {key: value if isinstance(value, Listing) else Listing(items=value) for key, value in fields.items()}
    return ClusterObservation(context="ctx", observed_at=NOW, share_creator_logs=logs, requests=9, **listings)


def log(*lines: str, name: str = "prod", error: str | None = None) -> ShareCreatorLog:
    return ShareCreatorLog(namespace=name, lines=lines, error=error)


def cluster(
    seen: ClusterObservation | None = None,
    tree: DeclaredCluster | None = None,
    *,
    stores: FilestoreInventory | None = None,
    provider: str = "gcp",
    state: ObservationState = "observed",
    error: ClusterError | None = None,
    policy: Policy | None = None,
    offline: bool = False,
    undeclared: bool = False,
    terraform: TerraformSide | None = None,
    usages: UsageAnswers | None = None,
    history: Mapping[str, Sequence[Sample]] | None = None,
    looks: Mapping[str, SeenFacts] | None = None,
) -> ClusterState:
    """The state of the cluster: healthy where nothing else is said. OFFLINE: nothing but STORES is known, if those."""
    return cluster_state(
        name=CLUSTER,
        provider=provider,
        context="ctx",
        declared=None if undeclared else (tree or declared()),
        observation=None if offline else (seen or observation()),
        filestores=stores if offline else (stores or inventory(store())),
        state=state,
        error=error,
        policy=policy or Policy(),
        now=NOW,
        terraform=terraform,
        usages=usages,
        history=history,
        looks=looks,
    )


def only(state: ClusterState, name: str = "prod") -> HubState:
    return next(each for each in state.hubs if each.name == name)


def codes(found: ClusterState | HubState) -> list[str]:
    return [finding.code for finding in found.findings]


def finding(found: ClusterState | HubState, code: str) -> Finding:
    return next(each for each in found.findings if each.code == code)


def marks(found: HubState) -> dict[str, str]:
    return {link.link: link.mark for link in found.links}


def changed(value: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(value, **changes)
