"""The synthetic tree that benchmarks read is what it says it is."""

from __future__ import annotations

from pathlib import Path

from console.inventory.read import read_inventory
from tests.trees import write_tree


def test_it_is_always_the_same(tmp_path: Path) -> None:
    first, second = (write_tree(tmp_path / name, clusters=4, hubs=9) for name in ("first", "second"))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())

    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


def test_its_hubs_have_every_shape_and_no_problem(tmp_path: Path) -> None:
    inventory = read_inventory(write_tree(tmp_path, clusters=8, hubs=45), cache_dir=None)
    hubs = [hub for cluster in inventory.clusters for hub in cluster.hubs]

    assert inventory.resolved
    assert inventory.problems == ()
    assert all(cluster.problems == () for cluster in inventory.clusters)
    assert len(hubs) == 45
    assert {hub.chart for hub in hubs} == {"basehub", "daskhub"}
    assert {cluster.provider for cluster in inventory.clusters} == {"gcp", "aws", "azure", "kubeconfig"}
    assert all(hub.nfs_enabled.value and hub.server.value and hub.path.value for hub in hubs)
    assert {len(hub.admin_mounts) for hub in hubs} == {1, 2, 3}
    assert {mount.key is None for hub in hubs for mount in hub.admin_mounts} == {True, False}
    assert any(hub.home_nfs_enabled.value and hub.home_nfs_volume_id.value for hub in hubs)
    assert {hub.home_nfs_quota_gib.value for hub in hubs} == {1.0, 10.0}


def test_its_size_is_that_of_a_large_fleet(tmp_path: Path) -> None:
    root = write_tree(tmp_path)
    files = [path for path in tmp_path.rglob("*.yaml") if not path.name.startswith("enc-")]

    assert len([folder for folder in root.iterdir() if folder.name != "templates"]) == 30
    assert 255 <= len(files) <= 285
    assert 700_000 <= sum(file.stat().st_size for file in files) <= 800_000
