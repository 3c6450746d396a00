"""The whole lab: the cluster, its hubs, the clouds beside it; and a tree, settings and a kubeconfig as on call."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tests.cluster.node import RealCluster
from tests.lab.deploy import deploy_lab, wait_until_settled
from tests.lab.deploy_clouds import cloud_control_planes
from tests.lab.emulators import emulators
from tests.lab.terraform import write_terraform
from tests.lab.tree import write_cloud_clusters, write_lab_kubeconfig, write_lab_tree


class LabFleet(msgspec.Struct, frozen=True, kw_only=True):
    """A deployed lab. `config` is what --config takes; `environment` is to be set for the console."""

    cluster: RealCluster
    config: Path
    environment: Mapping[str, str]


@contextmanager
def lab_fleet(cluster: RealCluster) -> Iterator[LabFleet]:
    """Deploys the lab onto CLUSTER, for the length of a block."""
    folder = cluster.folder / "lab"
    config = write_lab_tree(folder)
    kubeconfig = folder / "kubeconfig"
    with ExitStack() as stack:
        mute = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
        refused = stack.enter_context(socket.socket())
        refused.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port meanwhile
        clouds = stack.enter_context(emulators())
        write_cloud_clusters(folder, clouds.servers)
        write_terraform(folder)
        planes = stack.enter_context(cloud_control_planes(clouds.servers))
        addresses = [f"https://127.0.0.1:{each.getsockname()[1]}" for each in (refused, mute)]
        write_lab_kubeconfig(kubeconfig, cluster, planes, refused=addresses[0], mute=addresses[1])
        deploy_lab(cluster)
        wait_until_settled(cluster)
        environment = {
            "KUBECONFIG": str(kubeconfig),
            "HUBHOMES_SETTINGS": str(folder / "settings.toml"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            **clouds.environment,
        }
        yield LabFleet(cluster=cluster, config=config, environment=environment)
