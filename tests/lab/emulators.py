"""The lab's clouds: servers that speak as theirs do, filled with filestores, and the environment that leads there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tests.filestores.arm_server import SUBSCRIPTION, ArmServer, account, aks, share
from tests.filestores.aws_efs.wire import FAKE_CREDENTIALS
from tests.filestores.aws_server import aws_server_apart
from tests.lab.clouds import ACCOUNT, GOOGLE_ZONE, PROJECT, REGION

GROUP = "lab-hubs"
_NETWORKS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks"
NODES = f"{_NETWORKS}/lab/subnets/nodes"
_TIB = 2**40
_NODE_IMAGE = "ami-12c6146b"
"""One that the stand-in for AWS knows."""


class Emulators(msgspec.Struct, frozen=True, kw_only=True):
    """Where they listen, as the environment says it. `servers` are the addresses of file systems, by their names."""

    environment: Mapping[str, str]
    servers: Mapping[str, str]


@contextmanager
def emulators() -> Iterator[Emulators]:
    """All three, for the length of a block."""
    with ExitStack() as stack:
        google = stack.enter_context(_google())
        amazon, servers = stack.enter_context(_amazon())
        azure = stack.enter_context(_azure())
        environment = {
            "FILESTORE_EMULATOR_HOST": google,
            "AWS_ENDPOINT_URL": amazon,
            "HUBHOMES_ARM_ENDPOINT": azure,
            **FAKE_CREDENTIALS,
        }
        yield Emulators(environment=environment, servers=servers)


@contextmanager
def _google() -> Iterator[str]:
    from google.cloud.filestore_v1 import Instance

    from tests.filestores.filestore_server import FilestoreServer, Project, backup, instance

    suspended = Instance.State.SUSPENDED
    held = Project(
        instances=[
            instance("lab-homedirs", project=PROJECT, location=GOOGLE_ZONE, ip="10.2.0.2"),
            instance("lab-suspended", project=PROJECT, location=GOOGLE_ZONE, ip="10.2.0.3", state=suspended),
            instance("lab-homedirs-left", project=PROJECT, location=GOOGLE_ZONE, ip="10.2.0.9", capacity_gb=2560),
        ],
        backups=[
            backup(f"nightly-{name}", name, at=datetime.now(UTC) - timedelta(hours=9), location=GOOGLE_ZONE)
            for name in ("lab-homedirs", "lab-suspended", "lab-homedirs-left")
        ],
    )
    with FilestoreServer(projects={PROJECT: held}).running() as server:
        server.changing.looks = 5
        yield server.address


@contextmanager
def _amazon() -> Iterator[tuple[str, Mapping[str, str]]]:
    import boto3

    # Tests of the adapter, which count and clear what they find, may run in this process while the lab is up.
    with aws_server_apart() as url:

        def client(name: str) -> Any:
            return boto3.client(
                name, region_name=REGION, endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b"
            )

        efs, ec2 = client("efs"), client("ec2")
        subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: subnet["AvailabilityZone"])
        group = _eks_cluster(client("eks"), ec2, subnets[:2])
        zones = {"hub-homedirs": 2, "hub-homedirs-one-zone": 1, "hub-homedirs-no-target": 0, "hub-homedirs-left": 2}
        servers = {
            name: f"{_file_system(efs, name, subnets[:number], group)}.efs.{REGION}.amazonaws.com"
            for name, number in zones.items()
        }
        yield url, servers


def _eks_cluster(eks: Any, ec2: Any, subnets: list[dict[str, Any]]) -> str:
    """The security group of the nodes, which let each other in: one in each of SUBNETS."""
    name, own = "on-aws", [subnet["SubnetId"] for subnet in subnets]
    group = str(
        ec2.create_security_group(GroupName=f"{name}-nodes", Description="nodes", VpcId=subnets[0]["VpcId"])["GroupId"]
    )
    rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    tags = [{"Key": f"kubernetes.io/cluster/{name}", "Value": "owned"}]
    for subnet in own:
        ec2.run_instances(ImageId=_NODE_IMAGE, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group],
                          TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])  # fmt: skip
    role = "arn:aws:iam::123456789012:role/eks"
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": own})
    return group


def _file_system(efs: Any, name: str, subnets: list[dict[str, Any]], group: str) -> str:
    """Its id. It is made as the project's Terraform makes one, with a mount target in each of SUBNETS."""
    tags = [{"Key": "Name", "Value": name}]
    made = str(efs.create_file_system(CreationToken=name, Encrypted=True, Tags=tags)["FileSystemId"])
    policies = [{"TransitionToIA": "AFTER_90_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}]
    efs.put_lifecycle_configuration(FileSystemId=made, LifecyclePolicies=policies)
    for subnet in subnets:
        efs.create_mount_target(FileSystemId=made, SubnetId=subnet["SubnetId"], SecurityGroups=[group])
    return made


@contextmanager
def _azure() -> Iterator[str]:
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": NODES, "action": "Allow", "state": "Succeeded"}]}
    owner = account(ACCOUNT, group=GROUP, networkAcls=rules)
    shares = [
        share("homes", of=owner),
        share("archive", of=owner),
        share("squashed", of=owner, rootSquash="RootSquash"),
    ]
    used = {f"{ACCOUNT}/homes": 0.4, f"{ACCOUNT}/archive": 0.985, f"{ACCOUNT}/squashed": 0.2}
    server = ArmServer(
        accounts=[owner],
        shares={ACCOUNT: shares},
        used={name: int(part * _TIB) for name, part in used.items()},
        clusters={"on-azure": aks(NODES)},
    )
    loop, ready, ending = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with server.running():
            ready.set()
            await ending.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server.address
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
