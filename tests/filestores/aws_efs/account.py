"""An EKS cluster in an account without file systems, and what the tests see and do there behind the adapter's back."""

from __future__ import annotations

import asyncio

from providers.filestores.aws_efs import AwsEfs
from providers.filestores.changes import FilestoreChanges, Wish
from tests.filestores.aws_efs.asking import PATIENT, scope_in
from tests.filestores.aws_efs.wire import Request, Wire, forward, lost, refuse, told

CHANGES = ("CreateFileSystem", "PutLifecycleConfiguration", "CreateMountTarget")
NAME = "hub-homedirs-new"
LOGICAL_ID = "aws:cloudformation:logical-id"
OF_CLUSTER = "alpha.eksctl.io/cluster-name"


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


class Account:
    """What contracts ask of a cloud. The cluster `ocean` is in the region's own VPC, with a subnet in each of `zones`
    zones that eksctl tagged, a shared security group, and a node."""

    wish = Wish(name=NAME, tags={"owner": "institute"})

    def __init__(self, cloud, wire: Wire, *, zones: int = 2) -> None:
        self.cloud, self.wire = cloud, wire
        self.scope, self.bounds = scope_in(cloud.region), PATIENT
        self.subnets = [subnet["SubnetId"] for subnet in cloud.subnets[:zones]]
        self.vpc = cloud.subnets[0]["VpcId"]
        self.held: set[str] | None = None
        for number, subnet in enumerate(self.subnets):
            cloud.tag(subnet, {LOGICAL_ID: f"SubnetPublic{number}", OF_CLUSTER: "ocean"})
        self.group = cloud.group("shared")
        cloud.tag(self.group, {LOGICAL_ID: "ClusterSharedNodeSecurityGroup", OF_CLUSTER: "ocean"})
        cloud.admit(self.group, self.group)
        cloud.node(self.group)
        cloud.cluster("ocean", self.subnets)
        self.of_cluster = {"vpcId": self.vpc}
        wire.fail("DescribeCluster", told(self._in_vpc))

    def _in_vpc(self, answer):
        answer["cluster"]["resourcesVpcConfig"].update(self.of_cluster)

    async def connect(self) -> FilestoreChanges:
        return await AwsEfs(bounds=self.bounds, pause=no_pause).changes()

    # What is there

    def file_systems(self, name=NAME):
        listed = self.cloud.efs.describe_file_systems(MaxItems=100)["FileSystems"]
        return [each for each in listed if each["Name"] == name]

    def targets(self):
        (made,) = self.file_systems()
        return self.cloud.efs.describe_mount_targets(FileSystemId=made["FileSystemId"])["MountTargets"]

    def made(self) -> int:
        return len(self.file_systems())

    def sent(self) -> list[str]:
        return [operation for operation in self.wire.seen if operation in CHANGES]

    def changed(self) -> int:
        return len(self.sent())

    # What befalls it

    def lose_answer(self, number: int) -> None:
        self.at_change(number, lost)

    def at_change(self, number: int, fault) -> None:
        """FAULT befalls the NUMBERth request that changes something, counted from now."""
        left = iter(range(1, number))

        def nth(request: Request) -> None:
            if next(left, None) is None:
                for operation in CHANGES:
                    self.wire.faults.pop(operation)
                fault(request)
            else:
                forward(request)

        for operation in CHANGES:
            self.wire.fail(operation, nth)

    def deny(self, *rights: str) -> None:
        """Nobody is told."""

    def refuse_to_tell(self) -> None:
        """It never does."""

    def hold(self) -> None:
        self.held = {each["FileSystemId"] for each in self.file_systems()}
        self.wire.fail("DescribeFileSystems", told(self._hold("FileSystems", "FileSystemId")))
        self.wire.fail("DescribeMountTargets", told(self._hold("MountTargets", "MountTargetId")))
        self.wire.fail("CreateMountTarget", refuse(409, "IncorrectFileSystemLifeCycleState"))

    def _hold(self, listed: str, key: str):
        def change(answer):
            for each in answer[listed]:
                if each[key] not in self.held:
                    each["LifeCycleState"] = "creating"

        return change

    def release(self) -> None:
        for operation in ("DescribeFileSystems", "DescribeMountTargets", "CreateMountTarget"):
            self.wire.faults.pop(operation)
