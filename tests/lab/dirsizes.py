"""An exporter of directory sizes, which walks the homes of a hub as the chart's does, and tells in its words."""

from __future__ import annotations

from providers.simulated.chart import Release
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_exporters

_IMAGE = "localhost/busybox:1.36.1"
_WALK = r"""
cd /shared-volume || exit 1
mkdir -p /tmp/www
for home; do
  printf 'dirsize_total_size_bytes{directory="%s"} %s\n' "$home" "$(($(du -sk "$home" | cut -f1) * 1024))"
  printf 'dirsize_entries_count{directory="%s"} %s\n' "$home" "$(find "$home" | wc -l)"
  printf 'dirsize_latest_mtime{directory="%s"} %s\n' "$home" "$(stat -c %Y "$home")"
  printf 'dirsize_last_updated{directory="%s"} %s\n' "$home" "$(date +%s)"
done > /tmp/www/metrics
exec httpd -f -p 8000 -h /tmp/www
"""


def walk_homes(cluster: RealCluster, release: Release, homes: tuple[str, ...]) -> None:
    """Runs the exporter of RELEASE over HOMES, which the readers may ask, and returns when it tells."""
    container = {
        "name": "dirsize-exporter",
        "image": _IMAGE,
        "command": ["sh", "-c", _WALK, "walk", *homes],
        "readinessProbe": {"httpGet": {"path": "/metrics", "port": 8000}, "periodSeconds": 1},
        "volumeMounts": [{"name": "shared-volume", "mountPath": "/shared-volume", "readOnly": True}],
    }
    volume = {"name": "shared-volume", "persistentVolumeClaim": {"claimName": "home-nfs"}}
    name, labels = "shared-dirsize-metrics", {"app": "jupyterhub", "component": "shared-dirsize-metrics"}
    cluster.api.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": release.namespace, "labels": labels},
            "spec": {"containers": [container], "volumes": [volume], "terminationGracePeriodSeconds": 0},
        }
    )
    grant_exporters(cluster.api, release.namespace)

    def ready() -> bool:
        status = cluster.api.get("Pod", name, release.namespace)["status"]
        return any(each.get("ready") for each in status.get("containerStatuses", ()))

    cluster.api.wait(f"the exporter of {release.name}", ready)
