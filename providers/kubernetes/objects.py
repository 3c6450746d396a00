"""Narrow views of Kubernetes objects: only the fields that the chain reads.

Lists are decoded from raw JSON straight into these; whatever is not named here is skipped by the decoder. Field
names are the API's own, in snake case. Times are RFC 3339 in the API and aware datetimes here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Narrow(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False):
    """Base of the decoded views.

    They hold no cycles, so the garbage collector need not walk them (`gc=False`): lists decode twice as fast.
    """


class OwnerReference(Narrow, frozen=True):
    kind: str = ""
    name: str = ""
    uid: str = ""


class Labels(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The labels that hubhomes reads; all others are skipped."""

    app: str | None = None
    component: str | None = None
    release: str | None = None
    app_name: str | None = msgspec.field(default=None, name="app.kubernetes.io/name")
    app_component: str | None = msgspec.field(default=None, name="app.kubernetes.io/component")
    app_instance: str | None = msgspec.field(default=None, name="app.kubernetes.io/instance")
    managed_by: str | None = msgspec.field(default=None, name="app.kubernetes.io/managed-by")
    chart: str | None = msgspec.field(default=None, name="helm.sh/chart")
    legacy_chart: str | None = msgspec.field(default=None, name="chart")
    zone: str | None = msgspec.field(default=None, name="topology.kubernetes.io/zone")
    region: str | None = msgspec.field(default=None, name="topology.kubernetes.io/region")
    job_name: str | None = msgspec.field(default=None, name="job-name")
    hub_username: str | None = msgspec.field(default=None, name="hub.jupyter.org/username")
    helper_owner: str | None = msgspec.field(default=None, name="hubhomes/owner")
    helper_purpose: str | None = msgspec.field(default=None, name="hubhomes/purpose")


class Annotations(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The annotations that hubhomes reads; all others are skipped."""

    username: str | None = msgspec.field(default=None, name="hub.jupyter.org/username")
    release_name: str | None = msgspec.field(default=None, name="meta.helm.sh/release-name")
    release_namespace: str | None = msgspec.field(default=None, name="meta.helm.sh/release-namespace")
    helper_owner: str | None = msgspec.field(default=None, name="hubhomes/owner")
    changed: str | None = msgspec.field(default=None, name="hubhomes/changed")


class Metadata(Narrow, frozen=True):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: Labels = Labels()
    annotations: Annotations = Annotations()
    owner_references: tuple[OwnerReference, ...] = ()


class ObjectReference(Narrow, frozen=True):
    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""


# PersistentVolume


class NfsSource(Narrow, frozen=True):
    server: str = ""
    path: str = ""


class PersistentVolumeSpec(Narrow, frozen=True):
    nfs: NfsSource | None = None
    claim_ref: ObjectReference | None = None
    mount_options: tuple[str, ...] = ()
    access_modes: tuple[str, ...] = ()
    persistent_volume_reclaim_policy: str = "Retain"
    storage_class_name: str | None = None


class PersistentVolumeStatus(Narrow, frozen=True):
    """`last_phase_transition_time` is told from Kubernetes 1.29 on."""

    phase: str = ""
    message: str = ""
    reason: str = ""
    last_phase_transition_time: datetime | None = None


class PersistentVolume(Narrow, frozen=True):
    metadata: Metadata
    spec: PersistentVolumeSpec = PersistentVolumeSpec()
    status: PersistentVolumeStatus = PersistentVolumeStatus()


# PersistentVolumeClaim


class PersistentVolumeClaimSpec(Narrow, frozen=True):
    volume_name: str = ""
    storage_class_name: str | None = None
    access_modes: tuple[str, ...] = ()


class PersistentVolumeClaimStatus(Narrow, frozen=True):
    phase: str = ""


class PersistentVolumeClaim(Narrow, frozen=True):
    metadata: Metadata
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()


# Pod


class ClaimSource(Narrow, frozen=True):
    claim_name: str = ""
    read_only: bool = False


class Volume(Narrow, frozen=True):
    name: str
    persistent_volume_claim: ClaimSource | None = None
    nfs: NfsSource | None = None


class VolumeMount(Narrow, frozen=True):
    name: str
    mount_path: str = ""
    sub_path: str = ""
    read_only: bool = False


class Container(Narrow, frozen=True):
    name: str = ""
    volume_mounts: tuple[VolumeMount, ...] = ()


class PodSpec(Narrow, frozen=True):
    node_name: str = ""
    volumes: tuple[Volume, ...] = ()
    containers: tuple[Container, ...] = ()


class ContainerStateWaiting(Narrow, frozen=True):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(Narrow, frozen=True):
    started_at: datetime | None = None


class ContainerStateTerminated(Narrow, frozen=True):
    exit_code: int = 0
    reason: str = ""


class ContainerState(Narrow, frozen=True):
    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(Narrow, frozen=True):
    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()


class PodCondition(Narrow, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class PodStatus(Narrow, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    start_time: datetime | None = None
    container_statuses: tuple[ContainerStatus, ...] = ()
    conditions: tuple[PodCondition, ...] = ()


class Pod(Narrow, frozen=True):
    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


# Deployment, Job, Service, Node, Namespace, Event, Secret


class ScaleSpec(Narrow, frozen=True):
    replicas: int = 1


class DeploymentCondition(Narrow, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class DeploymentStatus(Narrow, frozen=True):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[DeploymentCondition, ...] = ()


class Deployment(Narrow, frozen=True):
    metadata: Metadata
    spec: ScaleSpec = ScaleSpec()
    status: DeploymentStatus = DeploymentStatus()


class JobCondition(Narrow, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class JobStatus(Narrow, frozen=True):
    active: int = 0
    failed: int = 0
    succeeded: int = 0
    start_time: datetime | None = None
    conditions: tuple[JobCondition, ...] = ()


class Job(Narrow, frozen=True):
    metadata: Metadata
    status: JobStatus = JobStatus()


class ServiceSpec(Narrow, frozen=True):
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    selector: dict[str, str] = {}


class Service(Narrow, frozen=True):
    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()


class Node(Narrow, frozen=True):
    metadata: Metadata


class Namespace(Narrow, frozen=True):
    metadata: Metadata


class Event(Narrow, frozen=True):
    """A core/v1 Event. `last_timestamp` may be absent: then `event_time` or the object's creation is the time."""

    metadata: Metadata
    involved_object: ObjectReference = ObjectReference()
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None


class Secret(Narrow, frozen=True):
    """Only while decoding a list: never kept, never shown."""

    metadata: Metadata
    data: dict[str, str] = {}


class HubMount(msgspec.Struct, frozen=True, kw_only=True):
    """One mount that the running hub gives to servers; `key` is the entry's key where the hub's values use a map."""

    key: str | None
    name: str
    mount_path: str
    sub_path: str = ""
    read_only: bool = False


class HubValues(msgspec.Struct, frozen=True, kw_only=True):
    """What the chain keeps of a hub's Secret `hub`, key values.yaml: its mounts and where its homes are; nothing else.

    `admin_mounts` is `custom.singleuserAdmin.extraVolumeMounts`, `user_mounts` is
    `singleuser.storage.extraVolumeMounts`; `pvc_name` and `sub_path` are `singleuser.storage.static`'s.
    `error` says why the values could not be read (never with their content); the rest is then empty.
    """

    namespace: str
    resource_version: str = ""
    storage_type: str | None = None
    pvc_name: str | None = None
    sub_path: str | None = None
    home_mount_path: str | None = None
    user_mounts: tuple[HubMount, ...] = ()
    admin_mounts: tuple[HubMount, ...] = ()
    error: str | None = None


class AccessReview(Narrow, frozen=True):
    """Answer of a SelfSubjectAccessReview."""

    status: dict[str, Any] = {}
