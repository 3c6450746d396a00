"""Filestores over the wire, in clouds that servers on this machine stand in for: killed with SIGKILL at every boundary
of a run, as a real process, and finished by the next: there is one filestore, never two."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest

from console.actions.engine import target_of
from console.actions.protocol import Target
from console.actions.record import Record
from console.chain.model import ClusterState
from providers.filestores.protocol import Filestore
from tests.actions.killed_filestore import engine_over
from tests.fleet.clouds import EARTH, FOREST, OCEAN, REGION, World, four_clouds

GIB = 2**30
REPOSITORY = Path(__file__).parents[2]
LINES = ("Intent", "StepBegun", "StepDone", "Verification", "Ended")
ONE_STEP = ("told", *(str(number) for number in range(1, len(LINES) + 1)))
HEARD = "told"


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    async with four_clouds(tmp_path) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


class Killed:
    """One action in one cluster of WORLD, by a process that was killed."""

    def __init__(self, world: World, folder: Path, cluster: str, action: str, **parameters: Any) -> None:
        self.world, self.folder, self.cluster = world, folder / "state", cluster
        self.target = Target(action=action, cluster=cluster, parameters={"live": True, **parameters})
        self.fleet = world.fleet(cluster)
        self.engine = engine_over(self.fleet, Record(self.folder))

    async def killed(self, when: str) -> None:
        words = [sys.executable, "-m", "tests.actions.killed_filestore", str(self.folder), when]
        words += [msgspec.json.encode(self.world).decode(), self.cluster, self.target.action]
        words += [msgspec.json.encode(self.target.parameters).decode()]
        process = await asyncio.create_subprocess_exec(
            *words, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == -signal.SIGKILL, said.decode()

    async def finished(self) -> str:
        """How the next console ended what was cut short; where nothing was begun, the whole."""
        runs = await self.engine.open_runs()
        assert len(runs) <= 1
        target = target_of(runs[0]) if runs else self.target
        plan = (await self.engine.preview(target)).plan
        self.fleet.grant(self.cluster, "write")
        resumes = runs[0].id if runs else None
        result = await self.engine.run(target, approved=plan, confirmed=plan.place, resumes=resumes)
        assert await self.engine.open_runs() == ()
        assert (await self.engine.preview(target)).plan.empty
        return result.outcome

    async def state(self) -> ClusterState:
        await self.fleet.refresh(self.cluster)
        return next(one for one in self.fleet.state.clusters if one.name == self.cluster)

    async def stores(self, name: str) -> list[Filestore]:
        return [store for store in (await self.state()).filestores if store.name == name]


@pytest.mark.parametrize("when", ONE_STEP)
async def test_a_share_of_azure_is_made_once(world: World, tmp_path: Path, when: str) -> None:
    run = Killed(world, tmp_path, FOREST, "create-filestore", key="climate", capacity_gib=200)
    await run.killed(when)
    assert await run.finished() in ("done", "nothing")
    (made,) = await run.stores("foresthomes/climate")
    assert (made.state, made.capacity_bytes) == ("ready", 200 * GIB)


@pytest.mark.parametrize("when", [HEARD, "3"])
async def test_a_share_of_azure_is_grown_once(world: World, tmp_path: Path, when: str) -> None:
    run = Killed(world, tmp_path, FOREST, "grow", filestore="foresthomes/homes", to=1500)
    await run.killed(when)
    assert await run.finished() in ("done", "nothing")
    (grown,) = await run.stores("foresthomes/homes")
    assert grown.capacity_bytes == 1500 * GIB


@pytest.mark.parametrize("when", [HEARD, "3"])
async def test_an_instance_of_google_is_made_once(world: World, tmp_path: Path, when: str) -> None:
    run = Killed(world, tmp_path, EARTH, "create-filestore", key="climate")
    await run.killed(when)
    assert await run.finished() in ("done", "nothing")
    (made,) = await run.stores("earth-homedirs-climate")
    assert (made.state, made.capacity_bytes) == ("ready", 1024 * GIB)


async def test_an_instance_of_google_is_grown_once(world: World, tmp_path: Path) -> None:
    run = Killed(world, tmp_path, EARTH, "grow", filestore="earth-homedirs", to=2048)
    await run.killed(HEARD)
    assert await run.finished() in ("done", "nothing")
    (grown,) = await run.stores("earth-homedirs")
    assert grown.capacity_bytes == 2048 * GIB


@pytest.fixture
def eks(world: World, tmp_path: Path) -> Any:
    """The cluster `ocean` in two subnets that eksctl tagged, with a node."""
    keys = {"region_name": REGION, "endpoint_url": world.environment["AWS_ENDPOINT_URL"]}
    ec2, eks = boto3.client("ec2", **keys), boto3.client("eks", **keys)
    subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda one: one["AvailabilityZone"])[:2]
    group = ec2.create_security_group(GroupName=tmp_path.name, Description="nodes", VpcId=subnets[0]["VpcId"])[
        "GroupId"
    ]
    node = ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        SecurityGroupIds=[group],
        SubnetId=subnets[0]["SubnetId"],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "kubernetes.io/cluster/ocean", "Value": "owned"}]}
        ],
    )["Instances"][0]["InstanceId"]
    role = "arn:aws:iam::123456789012:role/eks"
    ids = [one["SubnetId"] for one in subnets]
    eks.create_cluster(name="ocean", roleArn=role, resourcesVpcConfig={"subnetIds": ids})
    yield ids
    efs = boto3.client("efs", **keys)
    for found in efs.describe_file_systems()["FileSystems"]:
        if found["Name"] == "hub-homedirs-kelp":
            for target in efs.describe_mount_targets(FileSystemId=found["FileSystemId"])["MountTargets"]:
                efs.delete_mount_target(MountTargetId=target["MountTargetId"])
            efs.delete_file_system(FileSystemId=found["FileSystemId"])
    eks.delete_cluster(name="ocean")
    ec2.terminate_instances(InstanceIds=[node])


@pytest.mark.parametrize("when", [HEARD, "3", "6"])
async def test_a_file_system_of_amazon_is_made_once(world: World, eks: Any, tmp_path: Path, when: str) -> None:
    run = Killed(world, tmp_path, OCEAN, "create-filestore", key="kelp")
    await run.killed(when)
    assert await run.finished() in ("done", "nothing")
    (made,) = await run.stores("hub-homedirs-kelp")
    assert made.state == "ready"
    assert sorted(target.subnet for target in made.mount_targets or ()) == sorted(eks)
