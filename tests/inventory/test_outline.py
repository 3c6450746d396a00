"""An outline: clusters and hubs by name, before any values file is read."""

from __future__ import annotations

from pathlib import Path

from console.inventory.model import Inventory, Setting
from console.inventory.read import read_inventory, read_outline
from tests.inventory.checkouts import CLUSTER, checkout, only_cluster, only_hub, only_problem, write


def _outline(root: Path) -> Inventory:
    return read_outline(root, cache_dir=None)


def test_it_names_what_the_whole_tree_has(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    inventory, whole = _outline(root), read_inventory(root, cache_dir=None)
    cluster, hub = only_cluster(inventory), only_hub(inventory)

    assert (inventory.evaluated, hub.resolved, whole.evaluated) == (False, False, True)
    assert (cluster.name, cluster.provider, cluster.account, cluster.origin) == (
        only_cluster(whole).name,
        only_cluster(whole).provider,
        only_cluster(whole).account,
        only_cluster(whole).origin,
    )
    told = only_hub(whole)
    assert (hub.name, hub.chart, hub.display_name, hub.domain, hub.origin) == (
        told.name,
        told.chart,
        told.display_name,
        told.domain,
        told.origin,
    )
    assert hub.values_files == told.values_files != ()
    assert hub.secret_files == told.secret_files
    assert (hub.nfs_enabled, hub.server, hub.path) == (Setting(False), Setting(None), Setting(None))


def test_a_values_file_is_no_problem_of_it(tmp_path: Path) -> None:
    root = checkout(tmp_path, common=None)
    write(root / "earth" / "prod.values.yaml", "a: [")

    assert only_cluster(_outline(root)).problems == ()
    assert only_cluster(read_inventory(root, cache_dir=None)).problems


def test_a_broken_cluster_file_is(tmp_path: Path) -> None:
    problem = only_problem(_outline(checkout(tmp_path, cluster=CLUSTER.replace("provider: gcp", "provider: moon"))))

    assert (problem.kind, problem.cluster, problem.hub) == ("wrong-type", "earth", None)
