"""Every shape of configuration that real trees have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.inventory.errors import ConfigurationError
from console.inventory.model import Origin
from console.inventory.tree import find_root
from tests.inventory.checkouts import BASEHUB, CLUSTER, PROD, checkout, only_cluster, only_hub, read, write

PROD_FILE = "config/clusters/earth/prod.values.yaml"
CHART_FILE = "helm-charts/basehub/values.yaml"


def _admin(text: str) -> str:
    """Values with TEXT as the admins' extraVolumeMounts."""
    indented = "".join(f"        {line}\n" for line in text.splitlines())
    return f"jupyterhub:\n  custom:\n    singleuserAdmin:\n      extraVolumeMounts:\n{indented}"


def _as_daskhub(text: str) -> str:
    return "basehub:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def test_a_hub_is_what_its_files_and_its_chart_say(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path))
    cluster, hub = only_cluster(inventory), only_hub(inventory)

    assert (cluster.name, cluster.provider, dict(cluster.account)) == (
        "earth",
        "gcp",
        {"project": "planet", "cluster": "earth-cluster", "zone": "us-central1-b"},
    )
    assert cluster.problems == ()
    assert inventory.problems == ()
    assert (hub.cluster, hub.name, hub.chart, hub.display_name, hub.domain) == (
        "earth", "prod", "basehub", "Earth", "prod.example.org"
    )  # fmt: skip
    assert hub.resolved
    assert hub.nfs_enabled.value
    assert hub.server.value == "10.2.0.2"
    assert hub.server.origin == Origin(PROD_FILE, 4, 15)
    assert (hub.path.value, hub.path.origin) == ("/homes/prod", Origin(PROD_FILE, 5, 20))
    assert hub.mount_options.value == ("soft", "noatime")
    assert hub.mount_options.origin == Origin(CHART_FILE, 5, 7, chart=True)
    assert hub.values_files == ("config/clusters/earth/common.values.yaml", PROD_FILE)
    assert hub.secret_files == ("config/clusters/earth/enc-prod.secret.values.yaml",)


def test_the_path_is_plain_concatenation(tmp_path: Path) -> None:
    prod = PROD.replace("/homes/", "/homes") + "    shareNameOverride: other\n"

    hub = only_hub(read(checkout(tmp_path, prod=prod)))

    assert (hub.path.value, hub.path.origin) == ("/homesother", Origin(PROD_FILE, 6, 24))
    assert hub.share_name_override.value == "other"


def test_later_files_decide(tmp_path: Path) -> None:
    common = "nfs:\n  pv:\n    serverIP: 10.9.9.9\n    mountOptions: [hard]\n"

    hub = only_hub(read(checkout(tmp_path, common=common)))

    assert hub.server.value == "10.2.0.2"
    assert hub.mount_options.value == ("hard",)
    assert hub.mount_options.origin == Origin("config/clusters/earth/common.values.yaml", 4, 19)


def test_a_hub_without_nfs(tmp_path: Path) -> None:
    hub = only_hub(read(checkout(tmp_path, prod="")))

    assert hub.nfs_enabled.value is False
    assert hub.nfs_enabled.origin == Origin(CHART_FILE, 2, 12, chart=True)
    assert hub.server.value is None
    assert hub.path.value is None


def test_null_takes_a_chart_default_away(tmp_path: Path) -> None:
    hub = only_hub(read(checkout(tmp_path, prod=PROD + "    mountOptions: null\n")))

    assert hub.mount_options.value == ()
    assert hub.mount_options.origin == Origin(PROD_FILE, 6, 19)


def test_yes_and_on_are_true_as_for_helm(tmp_path: Path) -> None:
    for word in ("yes", "on", "True", "y"):
        assert only_hub(read(checkout(tmp_path, prod=PROD.replace("true", word)))).nfs_enabled.value is True


def test_a_map_of_mounts_joins_the_charts(tmp_path: Path) -> None:
    prod = PROD + _admin("2-allusers:\n  name: home\n  mountPath: /home/jovyan/allusers\n  readOnly: true")

    hub = only_hub(read(checkout(tmp_path, prod=prod)))

    assert [(m.key, m.mount_path, m.sub_path, m.read_only) for m in hub.admin_mounts] == [
        ("1-shared-readwrite", "/home/jovyan/shared-readwrite", "_shared", False),
        ("2-allusers", "/home/jovyan/allusers", "", True),
    ]
    assert [mount.origin for mount in hub.admin_mounts] == [
        Origin(CHART_FILE, 12, 9, chart=True),
        Origin(PROD_FILE, 10, 9),
    ]
    assert [mount.key for mount in hub.chart_admin_mounts] == ["1-shared-readwrite"]


def test_a_field_that_a_hub_changes_makes_the_mount_the_hubs(tmp_path: Path) -> None:
    prod = PROD + _admin("1-shared-readwrite:\n  readOnly: true")

    (mount,) = only_hub(read(checkout(tmp_path, prod=prod))).admin_mounts

    assert (mount.mount_path, mount.read_only) == ("/home/jovyan/shared-readwrite", True)
    assert mount.origin == Origin(PROD_FILE, 10, 9)


def test_null_turns_an_inherited_mount_off(tmp_path: Path) -> None:
    hub = only_hub(read(checkout(tmp_path, prod=PROD + _admin("1-shared-readwrite: null"))))

    assert (hub.admin_mounts, hub.admin_mounts_replace) == ((), False)
    assert [mount.key for mount in hub.chart_admin_mounts] == ["1-shared-readwrite"]


def test_an_empty_list_of_mounts_replaces_the_charts_too(tmp_path: Path) -> None:
    hub = only_hub(read(checkout(tmp_path, prod=PROD + _admin("[]"))))

    assert (hub.admin_mounts, hub.admin_mounts_replace) == ((), True)
    assert [mount.key for mount in hub.chart_admin_mounts] == ["1-shared-readwrite"]


def test_a_list_of_mounts_replaces_the_charts(tmp_path: Path) -> None:
    prod = PROD + _admin("- name: home\n  mountPath: /home/jovyan/allusers")

    hub = only_hub(read(checkout(tmp_path, prod=prod)))

    assert [(m.key, m.mount_path, m.origin) for m in hub.admin_mounts] == [
        (None, "/home/jovyan/allusers", Origin(PROD_FILE, 10, 11)),
    ]
    assert [mount.key for mount in hub.chart_admin_mounts] == ["1-shared-readwrite"]


def test_a_map_over_a_charts_list_drops_the_list(tmp_path: Path) -> None:
    basehub = _admin("- name: home\n  mountPath: /home/jovyan/shared-readwrite\n  subPath: _shared")
    prod = PROD + _admin("2-allusers:\n  name: home\n  mountPath: /home/jovyan/allusers")

    hub = only_hub(read(checkout(tmp_path, basehub=basehub, prod=prod)))

    assert ([mount.key for mount in hub.admin_mounts], hub.admin_mounts_replace) == (["2-allusers"], True)
    assert [mount.sub_path for mount in hub.chart_admin_mounts] == ["_shared"]


def test_daskhub_values_stand_under_basehub(tmp_path: Path) -> None:
    cluster = CLUSTER.replace("helm_chart: basehub", "helm_chart: daskhub")
    daskhub = "basehub:\n  nfs:\n    pv:\n      mountOptions: [hard]\n      serverIP: 10.0.0.1\n"

    hub = only_hub(read(checkout(tmp_path, cluster=cluster, daskhub=daskhub, prod=_as_daskhub(PROD))))

    assert (hub.chart, hub.nfs_enabled.value, hub.path.value) == ("daskhub", True, "/homes/prod")
    assert (hub.server.value, hub.server.origin) == ("10.2.0.2", Origin(PROD_FILE, 5, 17))
    assert hub.mount_options.value == ("hard",)
    assert hub.mount_options.origin == Origin("helm-charts/daskhub/values.yaml", 4, 21, chart=True)
    assert [mount.key for mount in hub.admin_mounts] == ["1-shared-readwrite"]


def test_a_null_in_a_wrapping_chart_removes_what_it_wraps(tmp_path: Path) -> None:
    cluster = CLUSTER.replace("helm_chart: basehub", "helm_chart: daskhub")
    daskhub = "basehub:\n  nfs:\n    pv:\n      mountOptions: null\n"

    hub = only_hub(read(checkout(tmp_path, cluster=cluster, daskhub=daskhub, prod=_as_daskhub(PROD))))

    assert hub.mount_options.value == ()


def test_the_in_cluster_server(tmp_path: Path) -> None:
    prod = PROD + (
        "jupyterhub-home-nfs:\n"
        "  enabled: true\n"
        "  gke: {enabled: false, volumeId: disks/one}\n"
        "  eks: {enabled: true, volumeId: vol-2}\n"
        "  quotaEnforcer: {config: {QuotaManager: {hard_quota: 2.5}}}\n"
    )

    hub = only_hub(read(checkout(tmp_path, prod=prod)))

    assert hub.home_nfs_enabled.value is True
    assert hub.home_nfs_volume_id.value == "vol-2"
    assert hub.home_nfs_quota_gib.value == 2.5


def test_aliases_and_merge_keys(tmp_path: Path) -> None:
    prod = "defaults: &pv\n  serverIP: 10.2.0.2\n  baseShareName: /homes/\nnfs:\n  enabled: true\n  pv:\n    <<: *pv\n"

    hub = only_hub(read(checkout(tmp_path, prod=prod)))

    assert (hub.server.value, hub.server.origin) == ("10.2.0.2", Origin(PROD_FILE, 2, 13))
    assert hub.path.value == "/homes/prod"


def test_a_merge_key_wins_over_what_stands_before_it_as_for_helm(tmp_path: Path) -> None:
    prod = "defaults: &pv\n  serverIP: 10.0.0.1\nnfs:\n  enabled: true\n  pv:\n    serverIP: 10.0.0.2\n    <<: *pv\n"

    assert only_hub(read(checkout(tmp_path, prod=prod))).server.value == "10.0.0.1"


def test_a_chart_outside_of_the_tree_hides_only_what_it_alone_knows(tmp_path: Path) -> None:
    inventory = read(checkout(tmp_path, basehub=None))
    hub = only_hub(inventory)

    assert (hub.resolved, hub.server.value, hub.path.value) == (True, "10.2.0.2", "/homes/prod")
    assert only_cluster(inventory).problems == ()


def test_a_chart_outside_of_the_tree_that_is_needed(tmp_path: Path) -> None:
    prod = PROD.replace("    baseShareName: /homes/\n", "")

    inventory = read(checkout(tmp_path, basehub=None, prod=prod))
    hub = only_hub(inventory)
    (problem,) = only_cluster(inventory).problems

    assert (hub.resolved, hub.server.value) == (False, "10.2.0.2")
    assert (problem.kind, problem.hub) == ("missing-chart", "prod")
    assert problem.origin == Origin("config/clusters/earth/cluster.yaml", 8, 11)


def test_secret_files_are_never_opened(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    write(root / "earth" / "enc-prod.secret.values.yaml", "nfs: {enabled: false}\n")
    program = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "from pathlib import Path\n"
        "from console.inventory.read import read_inventory\n"
        "inventory = read_inventory(Path(sys.argv[1]), cache_dir=None)\n"
        "print(any('prod.values.yaml' in name for name in opened), any('enc-' in name for name in opened))\n"
    )

    output = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)

    assert output.stdout == "True False\n"


def test_a_folder_named_templates_is_no_cluster(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    write(root / "templates" / "cluster.yaml", "name: {{ name }}\n")
    write(root / "notes" / "README.md", "nothing\n")

    assert [cluster.name for cluster in read(root).clusters] == ["earth"]


def test_the_kubeconfig_that_a_cluster_names(tmp_path: Path) -> None:
    cluster = CLUSTER.replace("provider: gcp", "provider: kubeconfig\nkubeconfig:\n  file: earth.kubeconfig")

    assert only_cluster(read(checkout(tmp_path, cluster=cluster))).kubeconfig == str(
        tmp_path / "config/clusters/earth/earth.kubeconfig"
    )


def test_a_checkout_or_its_folder_of_clusters(tmp_path: Path) -> None:
    root = checkout(tmp_path)

    assert find_root(tmp_path) == root
    assert find_root(root) == root


def test_a_folder_of_clusters_without_a_checkout(tmp_path: Path) -> None:
    checkout(tmp_path / "all")
    root = (tmp_path / "all" / "config" / "clusters").rename(tmp_path / "clusters")

    hub = only_hub(read(find_root(root)))

    assert hub.server.origin == Origin("earth/prod.values.yaml", 4, 15)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere", "does not exist"),
        ("config/clusters/earth/cluster.yaml", "is not a folder"),
        ("config/clusters/earth", "is one cluster"),
        ("helm-charts", "holds no clusters"),
    ],
)
def test_paths_that_are_no_tree(tmp_path: Path, path: str, words: str) -> None:
    checkout(tmp_path, basehub=BASEHUB)

    with pytest.raises(ConfigurationError) as caught:
        find_root(tmp_path / path)

    assert words in caught.value.message
    assert caught.value.next_step
