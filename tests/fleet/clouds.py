"""Four clusters on four backends, found by their contexts alone: one on each cloud, which servers on this machine stand
in for, and one with a server of its own. A cloud may be mute, or refuse connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3
import msgspec

from console.chain.model import ClusterState, FleetState
from console.fleet.fleet import Fleet
from console.settings import Settings, Timeouts
from providers.filestores.registry import backends
from providers.simulated import chart, statuses
from providers.simulated.apiserver import Faults, SimulatedApiServer
from tests.filestores.arm_server import SUBSCRIPTION, ArmServer, account, share
from tests.filestores.aws_efs.wire import FAKE_CREDENTIALS
from tests.filestores.aws_server import aws_server
from tests.filestores.filestore_server import FilestoreServer, Project, instance, listener, unused_port
from tests.fleet.worlds import Contexts, FakeSources

REGION = "us-west-2"
EARTH = "gke_earth-hubs_us-central1-b_earth"
OCEAN = f"arn:aws:eks:{REGION}:123456789012:cluster/ocean"
FOREST = "forest-aks"
LAB = "lab"
CLOUDS = (EARTH, OCEAN, FOREST)
BACKEND = {EARTH: "gcp-filestore", OCEAN: "aws-efs", FOREST: "azure-files", LAB: "home-nfs"}
VARIABLES = {EARTH: "FILESTORE_EMULATOR_HOST", OCEAN: "AWS_ENDPOINT_URL", FOREST: "HUBHOMES_ARM_ENDPOINT"}
IN_CLUSTER = "storage-quota-home-nfs.prod.svc.cluster.local"
DEPLOYED = datetime(2026, 3, 1, 8, tzinfo=UTC)
FOREST_ACCOUNT = {"subscription": SUBSCRIPTION}
"""What the context of an AKS cluster does not tell."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """`environment` leads the clouds' backends to the servers; `addresses` are where each cluster's homes are."""

    environment: Mapping[str, str]
    addresses: Mapping[str, tuple[str, str]]

    def fleet(self, *names: str, filestores_s: float = 30.0, latency_s: float = 0.0) -> Fleet:
        """The clusters NAMES, with the default settings beside what AKS does not tell. Each answer of their API servers
        takes LATENCY_S."""
        settings = Settings(accounts={FOREST: FOREST_ACCOUNT}, timeouts=Timeouts(filestores_s=filestores_s))
        servers = {name: api_server(*self.addresses[name], Faults(latency_s=latency_s)) for name in names}
        sources = FakeSources(Contexts(**servers), backends=backends(settings.backends))
        return Fleet(sources, settings, contexts=names, coalesce_s=0)


@asynccontextmanager
async def four_clouds(folder: Path, *, mute: str = "", refusing: str = "") -> AsyncIterator[World]:
    """MUTE and REFUSING are clusters whose cloud does not answer, or not even take connections."""
    async with AsyncExitStack() as stack:
        aws, file_system = stack.enter_context(efs(str(folder)))
        project = Project(instances=(instance(),))
        google = stack.enter_context(FilestoreServer(projects={"earth-hubs": project}).running())
        open_account = account(networkAcls={"defaultAction": "Allow"})
        azure = ArmServer(accounts=[open_account], shares={"foresthomes": [share()]}, used={"foresthomes/homes": 2**30})
        await stack.enter_async_context(azure.running())
        quiet = stack.enter_context(listener(says=None))
        at = {EARTH: google.address, OCEAN: aws, FOREST: azure.address}
        for name, address in ((mute, quiet), (refusing, unused_port())):
            if name:
                at[name] = address if name == EARTH else f"http://{address}"
        files = {f"AWS_{name}_FILE": str(folder / name) for name in ("CONFIG", "SHARED_CREDENTIALS")}
        environment = {VARIABLES[name]: address for name, address in at.items()} | FAKE_CREDENTIALS | files
        addresses = {
            EARTH: ("10.2.0.2", "/homes/"),
            OCEAN: (f"{file_system}.efs.{REGION}.amazonaws.com", "/"),
            FOREST: ("foresthomes.file.core.windows.net", "/foresthomes/homes/"),
            LAB: (IN_CLUSTER, "/export/"),
        }
        yield World(environment=environment, addresses=addresses)


@contextmanager
def efs(token: str) -> Iterator[tuple[str, str]]:
    """The address of a server of AWS's API, and the id of a file system there that can be mounted."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    with aws_server() as url:
        efs, ec2 = (boto3.client(name, region_name=REGION, endpoint_url=url, **keys) for name in ("efs", "ec2"))
        made = efs.create_file_system(CreationToken=token)["FileSystemId"]
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        target = efs.create_mount_target(FileSystemId=made, SubnetId=subnet)["MountTargetId"]
        try:
            yield url, made
        finally:
            efs.delete_mount_target(MountTargetId=target)
            efs.delete_file_system(FileSystemId=made)


def api_server(address: str, base: str, faults: Faults) -> SimulatedApiServer:
    """A cluster with one hub, `prod`, whose homes are at ADDRESS below BASE."""
    server = SimulatedApiServer(faults=faults)
    release = chart.Release(name="prod", server=address, base_share=base)
    claim = statuses.claim(chart.persistent_volume_claim(release), "Bound")
    objects = [
        chart.namespace(release.namespace),
        chart.hub_secret(release),
        statuses.deployment(chart.hub_deployment(release)),
    ]
    if address == IN_CLUSTER:
        pod = chart.home_nfs_pod(release)
        objects += [
            chart.home_nfs_service(release, cluster_ip="10.3.0.7"),
            statuses.deployment(chart.home_nfs_deployment(release)),
            statuses.running_pod(pod, DEPLOYED),
        ]
    for manifest in objects:
        server.store.put(statuses.created(manifest, DEPLOYED))
    own = server.store.put(statuses.created(claim, DEPLOYED))
    server.store.put(statuses.created(statuses.volume(chart.persistent_volume(release), "Bound", claim=own), DEPLOYED))
    return server


def complete(state: FleetState, names: Sequence[str]) -> bool:
    """Whether the clusters NAMES are observed to the end, each hub with its filestore."""
    found = {cluster.name: cluster for cluster in state.clusters}
    return all(name in found and is_complete(found[name]) for name in names)


def is_complete(cluster: ClusterState) -> bool:
    return cluster.state == "observed" and all(len(hub.filestores) == 1 for hub in cluster.hubs)
