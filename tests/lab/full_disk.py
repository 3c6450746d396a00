"""A share that is truly full: a small file system on a loop device, and an exporter that measures it in a pod."""

from __future__ import annotations

from providers.simulated.chart import Release
from tests.cluster.node import RealCluster
from tests.cluster.rights import grant_exporters

_SIZE = "32M"
_IMAGE = "localhost/busybox:1.36.1"
_MEASURE = r"""
tell() { printf 'node_filesystem_%s{mountpoint="/shared-volume"} %s\n' "$1" "$2"; }
measure() {
  stat -f -c '%S %b %f %a %c %d' /shared-volume | while read -r block size free avail files spare; do
    tell size_bytes $((size * block)); tell free_bytes $((free * block)); tell avail_bytes $((avail * block))
    tell files "$files"; tell files_free "$spare"
  done
}
mkdir -p /tmp/www
while measure > /tmp/new && mv /tmp/new /tmp/www/metrics; do sleep 2; done &
exec httpd -f -p 9100 -h /tmp/www
"""
"""What a node exporter says of the file system, in its own words, as busybox measures it."""


def fill_share(cluster: RealCluster, release: Release) -> None:
    """Puts the export of RELEASE onto a small disk, and fills that as a user would, to the last block."""
    folder = cluster.export(release.server, release.base_share)
    image, home = cluster.folder / f"{release.name}.img", folder / release.name
    cluster.run_inside("truncate", "-s", _SIZE, str(image))
    cluster.run_inside("mkfs.ext4", "-q", str(image))
    cluster.run_inside("mount", "-o", "loop", str(image), str(folder))
    cluster.run_inside("install", "-d", "-o", "1000", "-g", "1000", str(home))
    fill = "setpriv --reuid=1000 --regid=1000 --clear-groups dd if=/dev/zero of=data bs=64k"
    said = cluster.run_inside("sh", "-c", f"exec 2>&1; cd {home} && {fill} || true")
    assert "No space left on device" in said


def measure_share(cluster: RealCluster, release: Release) -> None:
    """Runs an exporter where the chart's runs, which the readers may ask, and returns when it has measured."""
    container = {
        "name": "node-exporter",
        "image": _IMAGE,
        "command": ["sh", "-c", _MEASURE],
        "readinessProbe": {"httpGet": {"path": "/metrics", "port": 9100}, "periodSeconds": 1},
        "volumeMounts": [{"name": "shared-volume", "mountPath": "/shared-volume", "readOnly": True}],
    }
    volume = {"name": "shared-volume", "persistentVolumeClaim": {"claimName": "home-nfs"}}
    name, labels = "shared-volume-metrics", {"app": "jupyterhub", "component": "shared-volume-metrics"}
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
