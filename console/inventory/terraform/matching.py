"""Which cluster of the configuration a variables file belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from console.inventory.model import DeclaredCluster
from console.inventory.terraform.model import Cloud, DeclaredTerraform

_CLOUDS = frozenset({"gcp", "aws", "azure"})
_ACCOUNT_KEYS: Mapping[Cloud, tuple[str, ...]] = {
    "gcp": ("project",),
    "aws": ("account", "account_id"),
    "azure": ("subscription", "subscription_id"),
    "openstack": (),
}


class Matched(msgspec.Struct, frozen=True):
    """Declarations by the name of their cluster, in the order of the files; and those that belong to none."""

    of_cluster: Mapping[str, tuple[DeclaredTerraform, ...]]
    of_none: tuple[DeclaredTerraform, ...] = ()


class TerraformSide(msgspec.Struct, frozen=True, kw_only=True):
    """What Terraform declares for one cluster: `own` are its files, `others` those of everybody else.

    The account and region of the others are those of their cluster.yaml where the file itself does not tell them.
    """

    own: tuple[DeclaredTerraform, ...] = ()
    others: tuple[DeclaredTerraform, ...] = ()

    @property
    def subscription(self) -> str:
        """The Azure subscription that the cluster's own files name; "" where they name none, or several."""
        named = {one.account for one in self.own if one.cloud == "azure" and one.account}
        return named.pop() if len(named) == 1 else ""


def terraform_sides(
    declarations: Sequence[DeclaredTerraform], clusters: Iterable[DeclaredCluster]
) -> dict[str, TerraformSide]:
    """The declared side of each cluster that has a file, by the cluster's name."""
    everyone = list(clusters)
    found = matched(declarations, everyone)
    placed = [
        (cluster.name, _placed(one, cluster)) for cluster in everyone for one in found.of_cluster.get(cluster.name, ())
    ]
    strays = [("", one) for one in found.of_none]
    return {
        name: TerraformSide(own=own, others=tuple(one for owner, one in (*placed, *strays) if owner != name))
        for name, own in found.of_cluster.items()
    }


def account_in(cloud: Cloud, block: Mapping[str, str]) -> str:
    """The project, account or subscription that a provider's BLOCK names; "" where it names none."""
    return next((block[key] for key in _ACCOUNT_KEYS[cloud] if block.get(key)), "")


def _placed(declaration: DeclaredTerraform, cluster: DeclaredCluster) -> DeclaredTerraform:
    return msgspec.structs.replace(
        declaration,
        account=declaration.account or account_in(declaration.cloud, cluster.account),
        region=declaration.region or cluster.account.get("region", ""),
    )


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
