"""Which cluster of the configuration a variables file belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from console.inventory.model import DeclaredCluster
from console.inventory.terraform.model import DeclaredTerraform

_CLOUDS = frozenset({"gcp", "aws", "azure"})


class Matched(msgspec.Struct, frozen=True):
    """Declarations by the name of their cluster, in the order of the files; and those that belong to none."""

    of_cluster: Mapping[str, tuple[DeclaredTerraform, ...]]
    of_none: tuple[DeclaredTerraform, ...] = ()


def matched(declarations: Sequence[DeclaredTerraform], clusters: Iterable[DeclaredCluster]) -> Matched:
    """A file is its namesake's; one that is nobody's namesake is that of the GKE cluster which it would name so."""
    everyone = list(clusters)
    of_cluster: dict[str, list[DeclaredTerraform]] = {cluster.name: [] for cluster in everyone}
    of_none: list[DeclaredTerraform] = []
    for declaration in declarations:
        owners = [cluster for cluster in everyone if _is_namesake(declaration, cluster)]
        owners = owners or [cluster for cluster in everyone if _makes(declaration, cluster)]
        for owner in owners:
            of_cluster[owner.name].append(declaration)
        if not owners:
            of_none.append(declaration)
    return Matched({name: tuple(found) for name, found in of_cluster.items() if found}, tuple(of_none))


def _is_namesake(declaration: DeclaredTerraform, cluster: DeclaredCluster) -> bool:
    """Same name, and not in another cloud: a cluster that is reached by a kubeconfig may be in any."""
    return declaration.name == cluster.name and (
        cluster.provider not in _CLOUDS or cluster.provider == declaration.cloud
    )


def _makes(declaration: DeclaredTerraform, cluster: DeclaredCluster) -> bool:
    """Whether the cluster that Terraform makes from this file is CLUSTER: by its name in the cloud and its project."""
    if declaration.cloud != "gcp" or cluster.provider != "gcp" or not declaration.cluster_name:
        return False
    project = cluster.account.get("project", "")
    same_project = not project or not declaration.account or project == declaration.account
    return same_project and cluster.account.get("cluster") == declaration.cluster_name
