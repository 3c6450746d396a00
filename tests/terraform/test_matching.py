"""Which cluster a variables file belongs to."""

from __future__ import annotations

from pathlib import Path

from console.inventory.model import DeclaredCluster, Provider
from console.inventory.terraform import DeclaredTerraform, matched, read_terraform
from tests.terraform import folders
from tests.terraform.folders import AWS_START, GCP_START, write_folder


def cluster(name: str, provider: Provider, **account: str) -> DeclaredCluster:
    return DeclaredCluster(name=name, provider=provider, account=account)


def gcp(name: str, *, cluster_name: str = "", account: str = "") -> DeclaredTerraform:
    file = f"terraform/gcp/projects/{name}.tfvars"
    return DeclaredTerraform(file=file, cloud="gcp", name=name, cluster_name=cluster_name, account=account)


def test_a_namesake_and_a_cluster_named_by_its_prefix(tmp_path: Path) -> None:
    write_folder(tmp_path, "gcp", folders.GCP, sea=GCP_START, other=GCP_START.replace('"sea"', '"lake"'))
    write_folder(tmp_path, "aws", folders.AWS, river=AWS_START, nobody=AWS_START)
    clusters = [
        cluster("sea", "gcp", cluster="sea-cluster", project="sea-one"),
        cluster("lakes", "gcp", cluster="lake-cluster", project="sea-one"),
        cluster("river", "aws", clusterName="river"),
    ]
    found = matched(read_terraform(tmp_path, cache_dir=None), clusters)
    names = {name: [one.name for one in declarations] for name, declarations in found.of_cluster.items()}
    assert names == {"sea": ["sea"], "lakes": ["other"], "river": ["river"]}
    assert [one.name for one in found.of_none] == ["nobody"]


def test_a_namesake_in_another_cloud_is_somebody_else() -> None:
    found = matched([gcp("sea")], [cluster("sea", "aws", clusterName="sea")])
    assert found.of_cluster == {}
    assert len(found.of_none) == 1


def test_a_cluster_reached_by_a_kubeconfig_may_be_in_any_cloud() -> None:
    assert list(matched([gcp("sea")], [cluster("sea", "kubeconfig")]).of_cluster) == ["sea"]


def test_the_name_made_of_the_prefix_counts_within_its_project_only() -> None:
    declaration = gcp("other", cluster_name="sea-cluster", account="two")
    assert matched([declaration], [cluster("sea", "gcp", cluster="sea-cluster", project="one")]).of_cluster == {}


def test_a_broken_file_is_its_namesakes_too(tmp_path: Path) -> None:
    write_folder(tmp_path, "gcp", folders.GCP, sea="a = {\n")
    found = matched(read_terraform(tmp_path, cache_dir=None), [cluster("sea", "gcp")])
    (declaration,) = found.of_cluster["sea"]
    assert declaration.error is not None
