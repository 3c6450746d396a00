"""Writes configuration trees of realistic size and shape, always the same for the same numbers.

Needs nothing but Python, so that benchmarks can use it: `python -m tests.trees FOLDER [CLUSTERS [HUBS]]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tree_texts import (
    BASEHUB_VALUES,
    CHART_YAML,
    COMMON_VALUES,
    DASKHUB_VALUES,
    HUB_VALUES,
    SECRET,
    SUPPORT_VALUES,
    VALUES_JSONNET,
    filler,
)

BACKENDS = ("home-nfs", "home-nfs", "home-nfs", "gcp-filestore", "home-nfs", "aws-efs", "azure-files")
PROVIDERS = {"gcp-filestore": "gcp", "aws-efs": "aws", "azure-files": "azure"}
HOME_NFS_PROVIDERS = ("gcp", "aws", "kubeconfig")
HUB_NAMES = ("prod", "staging", "climate", "biology", "workshop", "teaching", "ocean", "imaging")


def write_tree(folder: Path, *, clusters: int = 30, hubs: int = 170) -> Path:
    """Writes a checkout into FOLDER: HUBS hubs spread over CLUSTERS clusters, and two charts.

    Returns the folder of clusters, FOLDER/config/clusters. Every fifth cluster uses daskhub for one of its hubs; hubs
    declare admin mounts as a map, as a list, with nulls, or not at all.
    """
    _write_charts(folder / "helm-charts")
    root = folder / "config" / "clusters"
    for number in range(clusters):
        count = hubs // clusters + (1 if number < hubs % clusters else 0)
        _write_cluster(root, number, count)
    _write(root / "templates" / "cluster.yaml", "name: {{ cluster_name }}\nhubs: {{ hubs }}\n")
    return root


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_charts(charts: Path) -> None:
    _write(charts / "basehub" / "Chart.yaml", CHART_YAML.format(name="basehub", dependency="jupyterhub"))
    _write(charts / "basehub" / "values.yaml", BASEHUB_VALUES + filler("basehub", lines=700))
    _write(charts / "basehub" / "values.jsonnet", VALUES_JSONNET)
    _write(charts / "daskhub" / "Chart.yaml", CHART_YAML.format(name="daskhub", dependency="basehub"))
    _write(charts / "daskhub" / "values.yaml", DASKHUB_VALUES)
    link = charts / "daskhub" / "values.jsonnet"
    if not link.is_symlink():
        link.symlink_to("../basehub/values.jsonnet")


def _write_cluster(root: Path, number: int, hubs: int) -> None:
    name = f"cluster-{number:02d}"
    backend = BACKENDS[number % len(BACKENDS)]
    provider = PROVIDERS.get(backend) or HOME_NFS_PROVIDERS[number % len(HOME_NFS_PROVIDERS)]
    folder = root / name
    text = [f"name: {name}", f"provider: {provider}", f"provider_url: https://console.example.org/{name}"]
    text += _provider_block(provider, name, number)
    text += ["support:", "  helm_chart_values_files:", "    - support.values.yaml"]
    text += ["hubs:"] if hubs else ["hubs: []"]
    for index in range(hubs):
        hub = _hub_name(index)
        daskhub = number % 5 == 0 and index == 1
        text += _hub_entry(name, hub, daskhub=daskhub)
        _write(folder / f"{hub}.values.yaml", _hub_values(backend, name, hub, number, index, daskhub=daskhub))
        _write(folder / f"enc-{hub}.secret.values.yaml", SECRET)
    _write(folder / "cluster.yaml", "\n".join(text) + "\n")
    _write(folder / "common.values.yaml", COMMON_VALUES + filler(name, lines=88))
    if number % 5 != 4:
        _write(folder / "support.values.yaml", SUPPORT_VALUES.format(cluster=name))
    if number % 5 == 0:
        _write(folder / "common-dask.values.yaml", "basehub:\n" + _indented(COMMON_VALUES))


def _hub_name(index: int) -> str:
    return HUB_NAMES[index] if index < len(HUB_NAMES) else f"hub-{index}"


def _provider_block(provider: str, name: str, number: int) -> list[str]:
    blocks = {
        "gcp": [f"project: project-{number}", f"cluster: {name}-cluster", "zone: us-central1-b"],
        "aws": [f"clusterName: {name}", "region: us-west-2", f'account: "{100000000000 + number}"'],
        "azure": [f"cluster: {name}", f"resource_group: {name}-group"],
        "kubeconfig": ["file: enc-deployer-credentials.secret.yaml"],
    }
    return [f"{provider}:", *(f"  {line}" for line in blocks[provider])]


def _hub_entry(cluster: str, hub: str, *, daskhub: bool) -> list[str]:
    common = "common-dask.values.yaml" if daskhub else "common.values.yaml"
    return [
        f"  - name: {hub}",
        f"    display_name: {hub.title()} of {cluster}",
        f"    domain: {hub}.{cluster}.example.org",
        f"    helm_chart: {'daskhub' if daskhub else 'basehub'}",
        "    helm_chart_values_files:",
        f"      - {common}",
        f"      - {hub}.values.yaml",
        f"      - enc-{hub}.secret.values.yaml",
    ]


def _hub_values(backend: str, cluster: str, hub: str, number: int, index: int, *, daskhub: bool) -> str:
    text = HUB_VALUES.format(
        hub=hub, cluster=cluster, mounts=_mounts(number + index), storage=_storage(backend, number)
    )
    text += filler(f"{cluster} {hub}", lines=2 + 20 * ((number + index) % 4))
    return "basehub:\n" + _indented(text) if daskhub else text


def _storage(backend: str, number: int) -> str:
    pv = {
        "gcp-filestore": (f"10.{number}.0.2", "/homes/"),
        "aws-efs": (f"fs-0{number:07x}.efs.us-west-2.amazonaws.com", "/"),
        "azure-files": (f"storage{number}.file.core.windows.net", f"/storage{number}/homes/"),
        "home-nfs": (f"10.100.{number}.7", "/"),
    }
    server, base = pv[backend]
    lines = ["nfs:", "  enabled: true", "  pv:", f"    serverIP: {server}", f"    baseShareName: {base}"]
    if backend == "home-nfs":
        cloud = ("gke", "eks", "openstack")[number % 3]
        lines += ["jupyterhub-home-nfs:", "  enabled: true", f"  {cloud}:", f"    volumeId: disks/homes-{number}"]
    return "\n".join(lines)


def _mounts(number: int) -> str:
    shapes = (
        "      extraEnv: {}",
        "      extraVolumeMounts:\n"
        "        3-allusers:\n          name: home\n          mountPath: /home/jovyan/allusers",
        "      extraVolumeMounts:\n        2-rstudio-shared-readwrite: null",
        "      extraVolumeMounts:\n"
        "        - name: home\n          mountPath: /home/jovyan/shared-readwrite\n          subPath: _shared\n"
        "        - name: home\n          mountPath: /home/jovyan/allusers\n          readOnly: true",
    )
    return shapes[number % len(shapes)]


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[2:]]
    print(write_tree(Path(sys.argv[1]), **dict(zip(("clusters", "hubs"), sizes, strict=False))))
