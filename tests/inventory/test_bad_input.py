"""Bad files: each is one clear problem, and the rest of the fleet stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.inventory.model import Origin
from console.inventory.read import read_inventory
from tests.inventory.checkouts import (
    CLUSTER,
    PROD,
    checkout,
    only_cluster,
    only_hub,
    only_problem,
    read,
    write,
)

PROD_FILE = "config/clusters/earth/prod.values.yaml"
CLUSTER_FILE = "config/clusters/earth/cluster.yaml"


@pytest.mark.parametrize(
    ("prod", "kind", "place", "words"),
    [
        (b"nfs:\n\tenabled: true\n", "yaml", (2, 1), "a tab is used for indentation"),
        (b"nfs: [1, 2\nother: 3\n", "yaml", (2, 6), "is not valid YAML"),
        (b"a: 1\nb: x\xff\n", "yaml", (2, 5), "is not UTF-8"),
        (b"- nfs\n", "not-a-map", (1, 1), "holds a list"),
        (b"nfs\n", "not-a-map", (1, 1), "holds a single value"),
        (b"a: *nothing\n", "yaml", (1, 4), "undefined alias"),
        (b"a: " + b"[" * 60_000, "yaml", (1, 0), "nests more than"),
        (b"a: b\n" * 2_000_000, "unreadable", (0, 0), "is 9.5 MiB large"),
    ],
)
def test_a_values_file_that_can_not_be_used(
    tmp_path: Path, prod: bytes, kind: str, place: tuple[int, int], words: str
) -> None:
    inventory = read(checkout(tmp_path, prod=prod))
    hub, problem = only_hub(inventory), only_problem(inventory)

    assert (problem.kind, problem.cluster, problem.hub) == (kind, "earth", "prod")
    assert problem.origin == Origin(PROD_FILE, *place)
    assert words in problem.message
    assert problem.message.startswith(PROD_FILE)
    assert not hub.resolved
    assert [mount.key for mount in hub.admin_mounts] == ["1-shared-readwrite"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n"])
def test_an_empty_values_file_says_nothing(tmp_path: Path, text: str) -> None:
    inventory = read(checkout(tmp_path, common=text))

    assert only_hub(inventory).resolved
    assert only_cluster(inventory).problems == ()


def test_a_missing_values_file_is_told_where_it_is_named(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, common=None))
    problem = only_problem(inventory)

    assert (problem.kind, problem.hub, problem.origin) == ("missing-file", "prod", Origin(CLUSTER_FILE, 13, 9))
    assert problem.message == "config/clusters/earth/common.values.yaml does not exist"
    assert problem.next_step
    assert only_hub(inventory).server.value == "10.2.0.2"
    assert not only_hub(inventory).resolved


def test_a_duplicate_key_names_both_lines_and_helms_choice(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, prod=PROD + "    serverIP: 10.3.0.3\n"))
    problem, hub = only_problem(inventory), only_hub(inventory)

    assert (problem.kind, problem.origin) == ("yaml", Origin(PROD_FILE, 6, 5))
    assert 'has the key "serverIP" twice, in lines 4 and 6; Helm takes the last' in problem.message
    assert (hub.server.value, hub.server.origin) == ("10.3.0.3", Origin(PROD_FILE, 6, 15))
    assert hub.resolved


def test_a_second_document_is_not_read(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, prod=PROD + "---\nnfs: {enabled: false}\n"))

    assert only_problem(inventory).origin == Origin(PROD_FILE, 7, 1)
    assert only_hub(inventory).nfs_enabled.value is True


def test_aliases_upon_aliases_cost_no_more_than_their_text(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60))
    merges = "m0: &m0 {k: 1}\n" + "".join(
        f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 9)}]\n" for n in range(1, 60)
    )

    inventory = read(checkout(tmp_path, prod=PROD + bomb + merges + "jupyterhub: *m59\n"))

    assert only_hub(inventory).server.value == "10.2.0.2"
    assert only_cluster(inventory).problems == ()


def test_an_alias_to_itself_ends(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, prod=PROD + "jupyterhub: &j\n  <<: *j\n  custom: *j\n"))

    assert only_hub(inventory).server.value == "10.2.0.2"


def test_one_broken_file_of_several_hubs_is_one_problem(tmp_path: Path) -> None:
    second = CLUSTER[CLUSTER.index("  - name") :].replace("prod", "staging")
    root = checkout(tmp_path, cluster=CLUSTER + second, common="a: [")
    write(root / "earth" / "staging.values.yaml", PROD)

    inventory = read(root)
    problem = only_problem(inventory)

    assert (problem.cluster, problem.hub) == ("earth", None)
    assert problem.message.endswith("(hits prod, staging)")
    assert [hub.server.value for hub in only_cluster(inventory).hubs] == ["10.2.0.2", "10.2.0.2"]


def test_a_broken_chart_file_of_several_clusters_is_the_trees(tmp_path: Path) -> None:
    root = checkout(tmp_path, basehub="nfs: [")
    write(root / "ocean" / "cluster.yaml", CLUSTER.replace("earth", "ocean"))
    write(root / "ocean" / "prod.values.yaml", PROD)
    write(root / "ocean" / "common.values.yaml", "")

    inventory = read(root)
    (problem,) = inventory.problems

    assert (problem.kind, problem.cluster, problem.hub) == ("yaml", "", None)
    assert problem.origin.file == "helm-charts/basehub/values.yaml"
    assert problem.message.endswith("(hits earth/prod, ocean/prod)")


@pytest.mark.parametrize(
    ("cluster", "kind", "place", "words"),
    [
        ("name: earth\nprovider: gcp\n", "missing-key", (1, 1), "has no hubs"),
        ("name: earth\nprovider: gcp\nhubs:\n", "missing-key", (3, 6), "has no hubs"),
        ("name: earth\nprovider: gcp\nhubs: {a: 1}\n", "wrong-type", (3, 7), "hubs that are no list"),
        ("name: earth\nprovider: gcp\nhubs:\n  - domain: x\n", "missing-key", (4, 5), "a hub without a name"),
        ("name: earth\nprovider: moon\nhubs: []\n", "wrong-type", (2, 11), 'unknown provider, "moon"'),
        ("name: earth\nhubs: []\n", "missing-key", (1, 1), "has no provider"),
        ("provider: gcp\nhubs: []\n", "missing-key", (1, 1), "has no name"),
        ("", "not-a-map", (0, 0), "is empty"),
        ("- a\n", "not-a-map", (1, 1), "holds a list"),
        ("name: [\n", "yaml", (2, 1), "is not valid YAML"),
    ],
)
def test_a_cluster_file_that_is_wrong(
    tmp_path: Path, cluster: str, kind: str, place: tuple[int, int], words: str
) -> None:
    root = checkout(tmp_path, cluster=cluster)
    write(root / "ocean" / "cluster.yaml", "name: ocean\nprovider: gcp\nhubs: []\n")

    inventory = read(root)
    problem = only_problem(inventory)

    assert [found.name for found in inventory.clusters] == ["earth", "ocean"]
    assert (problem.kind, problem.cluster, problem.hub) == (kind, "earth", None)
    assert problem.origin == Origin(CLUSTER_FILE, *place)
    assert words in problem.message


def test_a_cluster_file_that_is_a_folder(tmp_path: Path) -> None:
    root = checkout(tmp_path, cluster=None)
    (root / "earth" / "cluster.yaml").mkdir()

    problem = only_problem(read(root))

    assert (problem.kind, problem.message) == ("unreadable", f"{CLUSTER_FILE} is a folder, not a file")


def test_a_folder_that_lost_its_cluster_file(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, cluster=None))

    assert only_cluster(inventory).name == "earth"
    assert only_problem(inventory).message == f"{CLUSTER_FILE} does not exist"


def test_two_clusters_of_one_name_are_both_shown(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    write(root / "another" / "cluster.yaml", CLUSTER)
    write(root / "another" / "prod.values.yaml", PROD)
    write(root / "another" / "common.values.yaml", "")

    inventory = read(root)
    problem = only_problem(inventory)

    assert [cluster.name for cluster in inventory.clusters] == ["another", "earth"]
    assert [hub.cluster for cluster in inventory.clusters for hub in cluster.hubs] == ["another", "earth"]
    assert (problem.kind, problem.cluster) == ("duplicate-cluster", "another")
    assert problem.origin == Origin("config/clusters/another/cluster.yaml", 1, 7)
    assert CLUSTER_FILE in problem.message


def test_two_hubs_of_one_name_are_told_with_both_lines(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, cluster=CLUSTER + CLUSTER[CLUSTER.index("  - name") :]))
    problem = only_problem(inventory)

    assert [hub.name for hub in only_cluster(inventory).hubs] == ["prod"]
    assert (problem.kind, problem.hub) == ("duplicate-hub", "prod")
    assert "in lines 8 and 16" in problem.message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ('nfs:\n  enabled: "false"\n', "nfs.enabled is a text, not true or false; templates take it as true"),
        ("nfs: on-the-server\n", "nfs is a text, not a map"),
        ("nfs:\n  pv: [1]\n", "nfs.pv is a list, not a map"),
        ("nfs:\n  pv: {serverIP: [1]}\n", "nfs.pv.serverIP is a list, not a single text"),
        ("nfs:\n  pv: {mountOptions: hard}\n", "nfs.pv.mountOptions is a text, not a list of texts"),
        (
            "jupyterhub: {custom: {singleuserAdmin: {extraVolumeMounts: {2-x: {name: home}}}}}\n",
            "jupyterhub.custom.singleuserAdmin.extraVolumeMounts.2-x is no mount: name and mountPath are needed",
        ),
        (
            "jupyterhub: {custom: {singleuserAdmin: {extraVolumeMounts: home}}}\n",
            "jupyterhub.custom.singleuserAdmin.extraVolumeMounts is neither a map nor a list of mounts",
        ),
    ],
)
def test_values_of_the_wrong_type(tmp_path: Path, values: str, words: str) -> None:
    problem = only_problem(read(checkout(tmp_path, prod=values)))

    assert (problem.kind, problem.hub, problem.origin.file) == ("wrong-type", "prod", PROD_FILE)
    assert problem.message == words


def test_a_folder_of_clusters_that_is_gone(tmp_path: Path) -> None:
    inventory = read(tmp_path / "gone")

    assert inventory.clusters == ()
    assert only_problem(inventory).message == f"{tmp_path / 'gone'} can't be listed"


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    (root / os.fsdecode(b"b\xff")).mkdir()
    cache = tmp_path / "cache"

    inventory = read_inventory(root, cache_dir=cache)

    assert [cluster.name for cluster in inventory.clusters] == ["earth"]
    assert "is left out: its name is not UTF-8" in only_problem(inventory).message
    assert read_inventory(root, cache_dir=cache) == inventory
