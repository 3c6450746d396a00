"""A server of the AWS API, filled by the tests and asked through a wire."""

from __future__ import annotations

import itertools

import boto3
import pytest

from tests.filestores.aws_efs.account import Account
from tests.filestores.aws_efs.asking import REGION
from tests.filestores.aws_efs.wire import FAKE_CREDENTIALS, Wire
from tests.filestores.aws_server import aws_server_apart

NODE_IMAGE = "ami-12c6146b"
"""One that the server knows."""


@pytest.fixture(scope="session")
def moto():
    """One for all tests of this folder, in whatever order they come: what they leave there is known to nobody else."""
    with aws_server_apart() as url:
        yield url


@pytest.fixture
def wire(moto, monkeypatch, tmp_path):
    """The server behind a wire, and an environment that holds nobody's own credentials."""
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with Wire(moto).up() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        yield wire


class Cloud:
    """What the tests make in one region, straight at the server."""

    def __init__(self, moto, region):
        def client(name):
            return boto3.client(name, region_name=region, endpoint_url=moto,
                                aws_access_key_id="a", aws_secret_access_key="b")  # fmt: skip

        self.region, self.nodes, self.tagged, self.clusters = region, [], [], []
        self.made_subnets, self.made_vpcs, self.numbers = [], [], itertools.count()
        self.efs, self.ec2, self.eks = client("efs"), client("ec2"), client("eks")
        self.subnets = sorted(self.ec2.describe_subnets()["Subnets"], key=lambda subnet: subnet["AvailabilityZone"])

    def clear(self):
        for found in self.efs.describe_file_systems(MaxItems=100)["FileSystems"]:
            of = {"FileSystemId": found["FileSystemId"]}
            for target in self.efs.describe_mount_targets(**of, MaxItems=100)["MountTargets"]:
                self.efs.delete_mount_target(MountTargetId=target["MountTargetId"])
            self.efs.delete_file_system(**of)
        if self.nodes:
            self.ec2.terminate_instances(InstanceIds=self.nodes)
            self.nodes = []
        while self.tagged:
            resource, tags = self.tagged.pop()
            self.ec2.delete_tags(Resources=[resource], Tags=tags)
        while self.made_subnets:
            self.ec2.delete_subnet(SubnetId=self.made_subnets.pop())
        while self.made_vpcs:
            self.ec2.delete_vpc(VpcId=self.made_vpcs.pop())
        while self.clusters:
            self.eks.delete_cluster(name=self.clusters.pop())

    def file_system(self, name="hub-homedirs", *, zones=2, groups=None, **options):
        tags = [{"Key": "Name", "Value": name}] if name else []
        made = self.efs.create_file_system(CreationToken=name or "unnamed", Tags=tags, **options)["FileSystemId"]
        for subnet in self.subnets[:zones]:
            extra = {"SecurityGroups": groups} if groups else {}
            self.efs.create_mount_target(FileSystemId=made, SubnetId=subnet["SubnetId"], **extra)
        return made

    def group(self, name, *permissions):
        name = f"{name}-{next(self.numbers)}"
        vpc = self.subnets[0]["VpcId"]
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        if permissions:
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(permissions))
        return made

    def admit(self, into, source, port=2049):
        pairs = [{"GroupId": source}]
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": pairs}
        self.ec2.authorize_security_group_ingress(GroupId=into, IpPermissions=[rule])

    def tag(self, resource, tags):
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.ec2.create_tags(Resources=[resource], Tags=listed)
        self.tagged.append((resource, listed))

    def subnet(self, zone, vpc=None):
        """Its id; one more in ZONE, in the region's own VPC where no other is given."""
        vpc, block = vpc or self.subnets[0]["VpcId"], f"172.31.{128 + len(self.made_subnets)}.0/24"
        made = self.ec2.create_subnet(VpcId=vpc, AvailabilityZone=zone, CidrBlock=block)["Subnet"]["SubnetId"]
        self.made_subnets.append(made)
        return made

    def other_vpc(self):
        """The id of a subnet in another VPC."""
        self.made_vpcs.append(self.ec2.create_vpc(CidrBlock="172.31.0.0/16")["Vpc"]["VpcId"])
        return self.subnet(f"{self.region}a", self.made_vpcs[-1])

    def cluster(self, name, subnets):
        role = "arn:aws:iam::123456789012:role/eks"
        self.eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
        self.clusters.append(name)

    def node(self, *groups, cluster="ocean", tag=(), subnet=""):
        key, value = tag or (f"kubernetes.io/cluster/{cluster}", "owned")
        tags = [{"Key": key, "Value": value}]
        made = self.ec2.run_instances(ImageId=NODE_IMAGE, MinCount=1, MaxCount=1, SecurityGroupIds=list(groups),
                               SubnetId=subnet or self.subnets[0]["SubnetId"],
                               TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])  # fmt: skip
        self.nodes += [each["InstanceId"] for each in made["Instances"]]


@pytest.fixture(scope="session")
def empty_cloud(moto):
    return Cloud(moto, REGION)


@pytest.fixture
def cloud(empty_cloud, wire):
    yield empty_cloud
    empty_cloud.clear()


@pytest.fixture
def account(cloud, wire):
    return Account(cloud, wire)
