"""Small checkouts written from plain texts."""

from __future__ import annotations

from pathlib import Path

from console.inventory.model import DeclaredCluster, DeclaredHub, Inventory, Problem
from console.inventory.read import read_inventory

CLUSTER = """\
name: earth
provider: gcp
gcp:
  project: planet
  cluster: earth-cluster
  zone: us-central1-b
hubs:
  - name: prod
    display_name: Earth
    domain: prod.example.org
    helm_chart: basehub
    helm_chart_values_files:
      - common.values.yaml
      - prod.values.yaml
      - enc-prod.secret.values.yaml
"""

BASEHUB = """\
nfs:
  enabled: false
  pv:
    mountOptions:
      - soft
      - noatime
    shareNameOverride: ""
jupyterhub:
  custom:
    singleuserAdmin:
      extraVolumeMounts:
        1-shared-readwrite:
          name: home
          mountPath: /home/jovyan/shared-readwrite
          subPath: _shared
"""

PROD = """\
nfs:
  enabled: true
  pv:
    serverIP: 10.2.0.2
    baseShareName: /homes/
"""


def checkout(folder: Path, **changes: str | bytes | None) -> Path:
    """Writes a checkout of one cluster and one hub; returns the folder of clusters.

    CHANGES are texts by file: `cluster`, `common`, `prod`, `basehub`, `daskhub` (values.yaml of the charts), `jsonnet`
    (basehub's values.jsonnet); None leaves the file out.
    """
    files: dict[str, str | bytes | None] = {
        "cluster": CLUSTER, "common": "", "prod": PROD, "basehub": BASEHUB, "daskhub": None, "jsonnet": None, **changes
    }  # fmt: skip
    paths = {
        "cluster": "config/clusters/earth/cluster.yaml",
        "common": "config/clusters/earth/common.values.yaml",
        "prod": "config/clusters/earth/prod.values.yaml",
        "basehub": "helm-charts/basehub/values.yaml",
        "daskhub": "helm-charts/daskhub/values.yaml",
        "jsonnet": "helm-charts/basehub/values.jsonnet",
    }
    for name, text in files.items():
        if text is not None:
            write(folder / paths[name], text)
    return folder / "config" / "clusters"


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def read(root: Path) -> Inventory:
    return read_inventory(root, cache_dir=None)


def only_cluster(inventory: Inventory) -> DeclaredCluster:
    (cluster,) = inventory.clusters
    return cluster


def only_hub(inventory: Inventory) -> DeclaredHub:
    (hub,) = only_cluster(inventory).hubs
    return hub


def only_problem(inventory: Inventory) -> Problem:
    (problem,) = [*inventory.problems, *(p for cluster in inventory.clusters for p in cluster.problems)]
    return problem
