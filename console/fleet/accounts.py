"""Where a cluster is in its cloud, and as whom it is asked: by the settings, cluster.yaml, and the context's name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.inventory.model import DeclaredCluster
from console.inventory.terraform import TerraformSide

_NAMES = (
    ("gcp", re.compile(r"gke_(?P<project>[^_]+)_(?P<zone>[^_]+)_(?P<cluster>.+)")),
    ("aws", re.compile(r"arn:aws[a-z-]*:eks:(?P<region>[a-z0-9-]+):(?P<account>[0-9]*):cluster/(?P<clusterName>.+)")),
    ("aws", re.compile(r"(?:[^@]+@)?(?P<clusterName>[^@.]+)\.(?P<region>[a-z0-9-]+)\.eksctl\.io")),
)
"""Provider, and what a context's name tells where the cloud's own tool gave it. AKS's tell nothing."""
_SAYS = {
    "azure": ("subscription", "tenant", "resource_group"),
    "gcp": ("project",),
    "aws": ("region", "account", "profile"),
}
"""Provider → the keys of the settings that only its clusters have."""


def provider_of(context: str, stated: Mapping[str, str]) -> str:
    """The cloud of a cluster that is only known by CONTEXT: what the settings have STATED of it decides, then the
    name; "kubeconfig" where neither tells."""
    for provider, keys in _SAYS.items():
        if any(key in stated for key in keys):
            return provider
    return next((provider for provider, pattern in _NAMES if pattern.fullmatch(context)), "kubeconfig")


def account_of(
    provider: str,
    *,
    declared: DeclaredCluster | None,
    context: str,
    stated: Mapping[str, str],
    terraform: TerraformSide | None = None,
) -> dict[str, str]:
    """PROVIDER's block of one cluster: what the settings have STATED, over cluster.yaml's, over what the name of its
    CONTEXT tells. Azure's subscription is that of TERRAFORM's variables where none of these has one."""
    own = {"clusterName" if key == "cluster" and provider == "aws" else key: text for key, text in stated.items()}
    block = {key: text for key, text in declared.account.items() if text} if declared is not None else {}
    found = {**_told(provider, context), **block, **own}
    if terraform is not None and terraform.subscription and lacks_subscription(provider, found):
        found["subscription"] = terraform.subscription
    return found


def lacks_subscription(provider: str, account: Mapping[str, str]) -> bool:
    """Whether only Terraform's variables can still tell which subscription an Azure cluster is in."""
    return provider == "azure" and not (account.get("subscription") or account.get("subscription_id"))


def _told(provider: str, context: str) -> dict[str, str]:
    for cloud, pattern in _NAMES:
        found = pattern.fullmatch(context)
        if found is not None and cloud == provider:
            return {key: text for key, text in found.groupdict().items() if text}
    return {}
