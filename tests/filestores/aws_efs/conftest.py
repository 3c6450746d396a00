"""A server of the AWS API, filled by the tests and asked through a wire."""

from __future__ import annotations

import itertools
import logging

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.filestores.aws_efs.asking import REGION
from tests.filestores.aws_efs.wire import FAKE_CREDENTIALS, Wire

NODE_IMAGE = "ami-12c6146b"
"""One that the server knows."""


@pytest.fixture(scope="package")
def moto():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


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
            return boto3.client(name, region_name=region, endpoint_url="http://{}:{}".format(*moto),
                                aws_access_key_id="a", aws_secret_access_key="b")  # fmt: skip

        self.region, self.nodes, self.numbers = region, [], itertools.count()
        self.efs, self.ec2 = client("efs"), client("ec2")
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

    def node(self, *groups, cluster="ocean"):
        tags = [{"Key": f"kubernetes.io/cluster/{cluster}", "Value": "owned"}]
        made = self.ec2.run_instances(ImageId=NODE_IMAGE, MinCount=1, MaxCount=1, SubnetId=self.subnets[0]["SubnetId"],
                               SecurityGroupIds=list(groups),
                               TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])  # fmt: skip
        self.nodes += [each["InstanceId"] for each in made["Instances"]]


@pytest.fixture(scope="package")
def empty_cloud(moto):
    return Cloud(moto, REGION)


@pytest.fixture
def cloud(empty_cloud, wire):
    yield empty_cloud
    empty_cloud.clear()
