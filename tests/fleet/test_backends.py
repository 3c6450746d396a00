"""A fleet that asks a cloud: from the settings to the filestore that a hub is on."""

from __future__ import annotations

import pytest

from console.fleet.fleet import Fleet
from console.fleet.start import emulators, start_fleet
from console.inventory.model import DeclaredHub, Setting
from console.settings import Settings, SettingsError
from providers.filestores.registry import backends
from providers.simulated.apiserver import SimulatedApiServer
from tests.filestores.aws_efs.wire import FAKE_CREDENTIALS
from tests.filestores.aws_server import aws_server
from tests.fleet.worlds import Clock, Contexts, FakeSources, cluster, inventory

REGION = "us-west-2"


@pytest.fixture
def file_system(monkeypatch: pytest.MonkeyPatch, tmp_path) -> str:
    """The id of an EFS file system in an account of the test's own."""
    import boto3

    with aws_server() as url:
        for name, value in {**FAKE_CREDENTIALS, "AWS_ENDPOINT_URL": url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        efs = boto3.client("efs", region_name=REGION)
        made = efs.create_file_system(CreationToken=str(tmp_path), Tags=[{"Key": "Name", "Value": "hub-homedirs"}])
        yield made["FileSystemId"]
        efs.delete_file_system(FileSystemId=made["FileSystemId"])


def on(host: str) -> DeclaredHub:
    return DeclaredHub(
        cluster="ocean",
        name="prod",
        chart="basehub",
        nfs_enabled=Setting(True),
        server=Setting(host),
        path=Setting("/prod"),
    )


async def test_a_hub_finds_its_file_system_in_the_cloud(file_system: str) -> None:
    declared = cluster("ocean", on(f"{file_system}.efs.{REGION}.amazonaws.com"), provider="aws", region=REGION)
    sources = FakeSources(
        Contexts(ocean=SimulatedApiServer()), declared=inventory(declared), backends=backends(["home-nfs", "aws-efs"])
    )
    state = await Fleet(sources, Settings(), now=Clock(), coalesce_s=0).once()
    (found,) = state.clusters
    assert [(store.name, store.backend) for store in found.filestores] == [("hub-homedirs", "aws-efs")]
    assert found.hubs[0].filestores == (found.filestores[0].id,)
    # Without a mount target nobody can mount it.
    assert found.filestores[0].state == "down"
    assert "FST01" in {finding.code for finding in found.findings}


async def test_an_aws_cluster_without_a_region_is_not_known_rather_than_empty() -> None:
    declared = cluster("ocean", on("fs-1.efs.us-west-2.amazonaws.com"), provider="aws")
    sources = FakeSources(
        Contexts(ocean=SimulatedApiServer()), declared=inventory(declared), backends=backends(["aws-efs"])
    )
    state = await Fleet(sources, Settings(), now=Clock(), coalesce_s=0).once()
    assert "not known which AWS region ocean is in" in state.clusters[0].filestores_unknown


async def test_a_cloud_that_refuses_leaves_the_cluster_standing(file_system: str, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    declared = cluster("ocean", on(f"{file_system}.efs.{REGION}.amazonaws.com"), provider="aws", region=REGION)
    sources = FakeSources(
        Contexts(ocean=SimulatedApiServer()), declared=inventory(declared), backends=backends(["aws-efs"])
    )
    state = await Fleet(sources, Settings(), now=Clock(), coalesce_s=0).once()
    (found,) = state.clusters
    assert (found.state, found.error) == ("observed", None)
    assert "aws-efs" in found.filestores_unknown
    assert found.hubs[0].filestores == ()
    assert [finding.code for finding in found.findings if finding.link == "cluster"] == ["CLU08"]


def test_a_backend_that_nobody_installed_is_named() -> None:
    settings = Settings().decided("backends", ("home-nfs", "cephfs"), "settings.toml:1")
    with pytest.raises(SettingsError, match=r"settings.toml:1: backends: there is no cephfs; there are home-nfs, "):
        start_fleet(settings, contexts=("lab",))


def test_an_emulator_is_said_where_its_backend_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    settings = Settings().decided("backends", ("home-nfs", "aws-efs"), "settings.toml:1")
    assert emulators(settings) == ("AWS_ENDPOINT_URL",)
    assert emulators(settings.decided("backends", ("gcp-filestore",), "settings.toml:1")) == ()
    assert emulators(Settings()) == ("AWS_ENDPOINT_URL",)
    assert emulators(Settings().decided("backends", ("home-nfs",), "settings.toml:1")) == ()
