"""Writes the lab's configuration tree, settings and kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from providers.simulated.chart import SHARED_MOUNTS, SHARED_READWRITE
from providers.simulated.hub import Mounts
from tests.cluster.files import Context, context_of, write_kubeconfig
from tests.cluster.node import RealCluster
from tests.filestores.arm_server import SUBSCRIPTION
from tests.lab.clouds import CLOUD_CLUSTERS, release_of
from tests.lab.hubs import BY_NAME, CLOSED_HUB, CLUSTER_FINDINGS, HUBS, OPEN_HUB, OPTIONS, SHARED_SERVER, LabHub

# Short, so that what takes minutes elsewhere shows at once.
SETTINGS = """\
[thresholds]
hanging_minutes = 0.05
share_creator_minutes = 0.05
grace_seconds = 0

[timeouts]
connect_s = 3
request_s = 5
cluster_s = 20
"""

_CHART = {
    "nfs": {"enabled": False, "shareCreator": {"enabled": True}, "pv": {"mountOptions": list(OPTIONS)}},
    "inClusterNFS": {"enabled": False},
    "jupyterhub-home-nfs": {"enabled": False},
    "jupyterhub": {
        "custom": {"singleuserAdmin": {"extraVolumeMounts": {key: dict(m) for key, m in SHARED_READWRITE.items()}}},
        "singleuser": {
            "storage": {
                "type": "static",
                "static": {"pvcName": "home-nfs", "subPath": "{escaped_username}"},
                "extraVolumeMounts": {key: dict(mount) for key, mount in SHARED_MOUNTS.items()},
            }
        },
    },
}

_COMMON = {"nfs": {"enabled": True, "pv": {"serverIP": SHARED_SERVER, "baseShareName": "/export/"}}}

_JSONNET = """\
local cluster = std.extVar('VARS_2I2C_CLUSTER_NAME');
{ jupyterhub: { custom: { cluster: cluster } } }
"""


def write_lab_tree(folder: Path) -> Path:
    """The tree of all clusters of CLUSTER_FINDINGS. Gives the folder to pass as --config."""
    chart = folder / "helm-charts" / "basehub"
    _write(chart / "values.yaml", _CHART)
    (chart / "values.jsonnet").write_text(_JSONNET)
    own = {"lab": [hub for hub in HUBS if hub.is_declared], "annex": [BY_NAME[OPEN_HUB], BY_NAME[CLOSED_HUB]]}
    for cluster in CLUSTER_FINDINGS:
        _write_cluster(folder / "config" / "clusters" / cluster, own.get(cluster, [BY_NAME[OPEN_HUB]]))
    (folder / "settings.toml").write_text(SETTINGS)
    return folder


def write_cloud_clusters(folder: Path, servers: Mapping[str, str]) -> None:
    """The clusters on clouds, into the tree in FOLDER. SERVERS are the addresses of filestores, by their names."""
    for cloud in CLOUD_CLUSTERS:
        place = folder / "config" / "clusters" / cloud.name
        account = {key: value or SUBSCRIPTION for key, value in cloud.account.items()}
        described = {"name": cloud.name, "provider": cloud.provider, cloud.provider: account}
        _write(place / "cluster.yaml", {**described, "hubs": [_hub_entry(hub.name) for hub in cloud.hubs]})
        _write(place / "common.values.yaml", {"nfs": {"enabled": True}})
        for hub in cloud.hubs:
            release = release_of(hub, servers)
            volume = {"serverIP": release.server, "baseShareName": release.base_share}
            _write(place / f"{hub.name}.values.yaml", {"nfs": {"pv": volume}})


def write_lab_kubeconfig(
    path: Path, cluster: RealCluster, clouds: Mapping[str, RealCluster], *, refused: str, mute: str
) -> None:
    """A context for each cluster of the tree but `nowhere`. REFUSED and MUTE are addresses that behave so."""
    reader = context_of(cluster.layout, "reader", name="lab")
    write_kubeconfig(
        path,
        [
            reader,
            context_of(cluster.layout, "namespaced", name="annex"),
            context_of(cluster.layout, "expired"),
            Context("imposter", reader.token, reader.server, cluster.layout.path("pki", "other-ca.pem")),
            Context("refused", reader.token, refused, reader.authority),
            Context("mute", reader.token, mute, reader.authority),
            *(context_of(plane.layout, "reader", name=name) for name, plane in clouds.items()),
        ],
    )


def _write_cluster(folder: Path, hubs: list[LabHub]) -> None:
    cluster: dict[str, Any] = {"name": folder.name, "provider": "kubeconfig"}
    cluster["hubs"] = [_hub_entry(hub.name) for hub in hubs]
    _write(folder / "cluster.yaml", cluster)
    _write(folder / "common.values.yaml", _COMMON)
    for hub in hubs:
        _write(folder / f"{hub.name}.values.yaml", _values(hub))


def _hub_entry(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "display_name": name.replace("-", " ").capitalize(),
        "domain": f"{name}.example.org",
        "helm_chart": "basehub",
        "helm_chart_values_files": ["common.values.yaml", f"{name}.values.yaml"],
    }


def _values(hub: LabHub) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if hub.server != "shared":
        values["nfs"] = {"pv": {"serverIP": hub.server_name}}
    if hub.in_cluster:
        values["jupyterhub-home-nfs"] = {"enabled": True}
    volume = values.setdefault("nfs", {}).setdefault("pv", {})
    if hub.base_share != "/export/":
        volume["baseShareName"] = hub.base_share
    if hub.share_name_override:
        volume["shareNameOverride"] = hub.share_name_override
    if not hub.creator_declared:
        values["nfs"]["shareCreator"] = {"enabled": False}
    if hub.declared_admin_mounts is not None:
        mounts = _plain(hub.declared_admin_mounts)
        values["jupyterhub"] = {"custom": {"singleuserAdmin": {"extraVolumeMounts": mounts}}}
    return values


def _plain(mounts: Mounts) -> Any:
    return dict(mounts) if isinstance(mounts, Mapping) else list(mounts)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False))
