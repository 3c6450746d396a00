from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from providers.filestores.home_nfs import HomeNfs
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.objects import (
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Deployment,
    Labels,
    Metadata,
    Node,
    OwnerReference,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
    ScaleSpec,
    Service,
    ServiceSpec,
)
from providers.kubernetes.observation import ClusterObservation, Listing, Refusal
from tests.contracts.filestores import FilestoreContract

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
NAME = "storage-quota-home-nfs"
NFS = Labels(app="nfs-server", app_component="nfs-server", app_instance="prod")


def deployment(name: str = NAME, *, replicas: int = 1) -> Deployment:
    return Deployment(metadata=Metadata(name=name, namespace="prod", labels=NFS), spec=ScaleSpec(replicas=replicas))


def running(name: str = "nfs-server", *, seconds: float = 7200, ready: bool = True) -> ContainerStatus:
    started = NOW - timedelta(seconds=seconds)
    return ContainerStatus(
        name=name, ready=ready, state=ContainerState(running=ContainerStateRunning(started_at=started))
    )


def waiting(reason: str, *, restarts: int = 0) -> ContainerStatus:
    state = ContainerState(waiting=ContainerStateWaiting(reason=reason, message="back-off 5m0s"))
    return ContainerStatus(name="nfs-server", restart_count=restarts, state=state)


def pod(*statuses: ContainerStatus, owner: str = NAME, phase: str = "Running", deleted: bool = False,
        conditions: tuple[PodCondition, ...] = ()) -> Pod:  # fmt: skip
    return Pod(
        metadata=Metadata(
            name=f"{owner}-7d9-x", namespace="prod", labels=NFS, deletion_timestamp=NOW if deleted else None,
            owner_references=(OwnerReference(kind="ReplicaSet", name=f"{owner}-7d9"),),
        ),
        spec=PodSpec(node_name="node-1"),
        status=PodStatus(phase=phase, container_statuses=statuses, conditions=conditions),
    )  # fmt: skip


def service(name: str = NAME, ip: str = "10.3.0.7", selector: dict[str, str] | None = None) -> Service:
    return Service(
        metadata=Metadata(name=name, namespace="prod"),
        spec=ServiceSpec(cluster_ip=ip, selector={"app": "nfs-server"} if selector is None else selector),
    )


def scope(
    *pods: Pod,
    deployments: tuple[Deployment, ...] = (deployment(),),
    services: tuple[Service, ...] = (service(),),
    refusals: tuple[Refusal, ...] = (),
    pods_refused: tuple[Refusal, ...] = (),
) -> FilestoreScope:
    seen = ClusterObservation(
        context="ctx",
        observed_at=NOW,
        home_nfs_deployments=Listing(items=deployments, refusals=refusals),
        home_nfs_pods=Listing(items=pods, refusals=pods_refused),
        services=Listing(items=services),
        nodes=Listing(items=(Node(metadata=Metadata(name="node-1", labels=Labels(zone="z-b"))),)),
    )
    return FilestoreScope(cluster="earth", provider="gcp", account={}, observation=seen, now=NOW)


def refusal(resource: str, namespace: str = "") -> Refusal:
    return Refusal(kind="forbidden", verb="list", resource=resource, namespace=namespace, message=f"no {resource}")


async def only(where: FilestoreScope, **options: float) -> Filestore:
    (store,) = (await HomeNfs(**options).list_filestores(where)).filestores
    return store


class TestHomeNfsContract(FilestoreContract):
    @pytest.fixture
    def backend(self):
        return HomeNfs()

    @pytest.fixture(params=["ready", "starting", "down", "sidecar"])
    def scope(self, request):
        return scope(
            {
                "ready": pod(running()),
                "starting": pod(running(seconds=5)),
                "down": pod(waiting("CrashLoopBackOff")),
                "sidecar": pod(running(), running("auto-xfs-resizer", ready=False)),
            }[request.param]
        )

    @pytest.fixture
    def empty_scope(self):
        return scope(deployments=())

    @pytest.fixture
    def refused_scope(self):
        return scope(deployments=(), refusals=(refusal("deployments"),))


async def test_is_known_by_its_service_address_and_names():
    store = await only(scope(pod(running())))
    assert store.id == f"home-nfs/prod/{NAME}"
    assert store.addresses == ("10.3.0.7", f"{NAME}.prod.svc.cluster.local", f"{NAME}.prod.svc", f"{NAME}.prod")
    assert store.exports == ("/", "/export")
    assert store.zones == ("z-b",)
    assert store.state == "ready"


async def test_a_service_of_another_name_is_found_by_its_selector():
    store = await only(scope(pod(running()), services=(service("homes", "10.3.0.8"),)))
    assert store.addresses[0] == "10.3.0.8"


@pytest.mark.parametrize("selector", [{}, {"app": "hub"}, {"app": "nfs-server", "unread/label": "x"}])
async def test_a_service_that_leads_elsewhere_gives_no_address(selector):
    assert (await only(scope(pod(running()), services=(service("hub", selector=selector),)))).addresses == ()


async def test_a_headless_service_has_names_only():
    assert (await only(scope(pod(running()), services=(service(ip="None"),)))).addresses == (
        f"{NAME}.prod.svc.cluster.local", f"{NAME}.prod.svc", f"{NAME}.prod",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pods", "replicas", "state", "words"),
    [
        ((pod(running()),), 1, "ready", ""),
        ((pod(running(seconds=89)),), 1, "starting", "started 89 s ago: files may seem missing"),
        ((pod(running(seconds=91)),), 1, "ready", ""),
        ((pod(running(ready=False)),), 1, "degraded", "its pod is not ready"),
        ((pod(running(), running("enforce-xfs-quota", ready=False)),), 1, "degraded", "enforce-xfs-quota"),
        ((pod(waiting("CrashLoopBackOff", restarts=9)),), 1, "down", "nfs-server is in CrashLoopBackOff: back-off"),
        ((), 1, "down", "no pod of it runs"),
        ((pod(running()),), 0, "down", "scaled to 0"),
        ((pod(running(), deleted=True),), 1, "down", "no pod of it runs"),
        ((pod(phase="Failed"),), 1, "down", "no pod of it runs"),
        ((pod(running()), pod(waiting("ContainerCreating"))), 1, "ready", ""),
    ],
)
async def test_its_state_is_its_pods(pods, replicas, state, words):
    store = await only(scope(*pods, deployments=(deployment(replicas=replicas),)))
    assert store.state == state
    assert words in store.detail


async def test_grace_is_a_setting():
    assert (await only(scope(pod(running(seconds=89))), grace_s=60)).state == "ready"


async def test_a_pod_that_is_not_scheduled_says_why():
    unscheduled = PodCondition(type="PodScheduled", status="False", message="0/3 nodes are available")
    store = await only(scope(pod(phase="Pending", conditions=(unscheduled,))))
    assert store.detail == "its pod is not scheduled: 0/3 nodes are available"


async def test_a_server_that_ended_says_how():
    ended = ContainerStatus(
        name="nfs-server",
        state=ContainerState(terminated=ContainerStateTerminated(exit_code=137, reason="OOMKilled")),
    )
    assert "exit code 137 OOMKilled" in (await only(scope(pod(ended)))).detail


async def test_two_servers_in_a_namespace_keep_their_own_pods():
    where = scope(
        pod(running()),
        pod(waiting("CrashLoopBackOff"), owner="other-home-nfs"),
        deployments=(deployment(), deployment("other-home-nfs")),
        services=(service(selector={}), service("other-home-nfs", "10.3.0.9", selector={})),
    )
    stores = (await HomeNfs().list_filestores(where)).filestores
    assert {store.name: store.state for store in stores} == {f"prod/{NAME}": "ready", "prod/other-home-nfs": "down"}


async def test_pods_that_may_not_be_read_leave_the_state_unknown():
    store = await only(scope(pods_refused=(refusal("pods", "prod"),)))
    assert store.state == "unknown"
    assert "no pods" in store.detail


async def test_namespaces_that_did_not_answer_are_named():
    listing = await HomeNfs().list_filestores(scope(deployments=(), refusals=(refusal("deployments", "prod"),)))
    assert [(error.kind, error.message) for error in listing.refused] == [
        ("forbidden", "forbidden: list deployments in prod")
    ]
