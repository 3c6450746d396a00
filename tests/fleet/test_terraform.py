"""Terraform's declaration in the fleet: read beside everything else, matched to its cluster, never in the way."""

from __future__ import annotations

import threading

import msgspec
import pytest

from console.chain.model import FleetState
from console.inventory.terraform import DeclaredTerraform
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from providers.simulated.apiserver import SimulatedApiServer
from tests.chain.terraform_builders import broken, declaration, disk, filestore, instance, share
from tests.fleet.test_fleet import fleet_of, named, running, state_when
from tests.fleet.worlds import Contexts, FakeSources, Filestores, cluster, inventory


def declared_of(state: FleetState, name: str) -> list[str]:
    made = named(state, name).terraform
    return [resource.address for resource in made.resources] if made else []


def sources_of(*declarations: DeclaredTerraform, **more: object) -> FakeSources:
    contexts = Contexts(earth=SimulatedApiServer(), ocean=SimulatedApiServer())
    tree = inventory(
        cluster("earth", cluster="lake-cluster", project="earth-hubs"), cluster("ocean", project="ocean-hubs")
    )
    return FakeSources(contexts, declared=tree, terraform=declarations, **more)  # type: ignore[arg-type]


async def test_each_cluster_has_the_declaration_that_is_its_own() -> None:
    lake = declaration("gcp", filestore("lake-homedirs"), name="lake", cluster_name="lake-cluster")
    ocean = declaration("gcp", disk(), name="ocean")
    state = await fleet_of(sources_of(lake, ocean)).once()
    assert declared_of(state, "earth") == ['google_filestore_instance.homedirs["filestore"]']
    assert declared_of(state, "ocean") == ['google_compute_disk.nfs_homedirs["prod"]']
    earth = named(state, "earth").terraform
    assert earth is not None
    assert (earth.file, earth.workspace) == ("terraform/gcp/projects/lake.tfvars", "lake")


async def test_what_differs_is_a_finding() -> None:
    sources = sources_of(
        declaration("gcp", filestore()),
        backends=[Filestores(FilestoreListing(filestores=(instance(gib=2048),)))],
    )
    earth = named(await fleet_of(sources).once(), "earth")
    assert "TFM03" in {finding.code for finding in earth.findings}


async def test_offline_reads_it_too() -> None:
    state = await fleet_of(sources_of(declaration("gcp", filestore())), offline=True).once()
    made = named(state, "earth").terraform
    assert made is not None
    assert [(one.found, one.why) for one in made.resources] == [("unknown", "filestores were not asked")]


async def test_a_failure_is_logged_without_its_text_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sources = sources_of()
    sources.declarations = RuntimeError("password is hunter2")
    state = await fleet_of(sources).once()
    assert {one.state for one in state.clusters} == {"observed"}
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text


async def test_files_of_nobody_and_of_everybody_are_one_finding_of_the_tree() -> None:
    shared = "terraform/gcp/variables.tf"
    state = await fleet_of(
        sources_of(broken(name="earth", file=shared), broken(name="ocean", file=shared), broken(name="nobody"))
    ).once()
    assert [(one.code, one.cluster, one.message) for one in state.findings] == [
        ("TFM06", "", f"{shared}:7:2 can't be read"),
        ("TFM06", "", "terraform/gcp/projects/nobody.tfvars:7:2 can't be read"),
    ]
    assert [one.terraform.error for one in state.clusters if one.terraform] == [f"{shared}:7:2: no HCL"] * 2
    assert all(finding.code != "TFM06" for one in state.clusters for finding in one.findings)


async def test_the_first_state_and_the_looks_do_not_wait_for_it() -> None:
    go_on = threading.Event()

    class Slow(FakeSources):
        def terraform(self) -> tuple[DeclaredTerraform, ...]:
            assert go_on.wait(10)
            return super().terraform()

    tree = inventory(cluster("earth"))
    fleet = fleet_of(Slow(Contexts(earth=SimulatedApiServer()), declared=tree, terraform=[declaration("gcp", disk())]))
    try:
        async with running(fleet):
            seen = await state_when(
                fleet, lambda state: bool(state.clusters) and named(state, "earth").state == "observed"
            )
            assert named(seen, "earth").terraform is None
            go_on.set()
            later = await state_when(fleet, lambda state: named(state, "earth").terraform is not None)
    finally:
        go_on.set()
    assert declared_of(later, "earth") == ['google_compute_disk.nfs_homedirs["prod"]']


async def test_changed_variables_are_noticed_on_refresh() -> None:
    sources = sources_of(declaration("gcp", disk()))
    fleet = fleet_of(sources)
    async with running(fleet):
        await state_when(fleet, lambda state: bool(state.clusters) and named(state, "earth").terraform is not None)
        (before,) = sources.declarations  # type: ignore[misc]
        sources.declarations = [msgspec.structs.replace(before, resources=())]
        await fleet.refresh()
    assert declared_of(fleet.state, "earth") == []


SUBSCRIPTION = "8a3f2c1e-0b5d-4e7a-9c61-2d4f6a8b0c1e"


class Asked(Filestores):
    """Remembers the accounts that it was asked for."""

    name = "azure-files"

    def __init__(self) -> None:
        super().__init__(FilestoreListing())
        self.accounts: list[dict[str, str]] = []

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        self.accounts.append(dict(scope.account))
        return await super().list_filestores(scope)


def azure_sources(backend: Asked, **account: str) -> FakeSources:
    tree = inventory(cluster("forest", provider="azure", **account))
    made = declaration("azure", share(), name="forest", account=SUBSCRIPTION)
    return FakeSources(Contexts(forest=SimulatedApiServer()), declared=tree, terraform=[made], backends=[backend])


async def test_azure_is_asked_in_the_subscription_that_only_terraform_names() -> None:
    backend = Asked()
    forest = (await fleet_of(azure_sources(backend, resource_group="forest-hubs")).once()).clusters[0]
    assert backend.accounts == [{"resource_group": "forest-hubs", "subscription": SUBSCRIPTION}]
    assert forest.terraform is not None
    assert [one.found for one in forest.terraform.resources] == ["missing"]


async def test_the_subscription_of_cluster_yaml_goes_first_and_what_another_declares_is_not_missing() -> None:
    backend = Asked()
    forest = (await fleet_of(azure_sources(backend, subscription="another")).once()).clusters[0]
    assert backend.accounts == [{"subscription": "another"}]
    assert forest.terraform is not None
    (resource,) = forest.terraform.resources
    assert (resource.found, resource.why) == ("unknown", f"it is declared in {SUBSCRIPTION}, and another was asked")
