"""Where a cluster is in its cloud: by the settings, cluster.yaml, and the context's name."""

from __future__ import annotations

import pytest

from console.fleet.accounts import account_of, provider_of
from tests.fleet.worlds import cluster

GKE = "gke_homes-project_us-central1-b_earth"
EKS = "arn:aws:eks:us-west-2:123456789012:cluster/ocean"
EKSCTL = "jo@ocean.us-west-2.eksctl.io"


@pytest.mark.parametrize(
    ("context", "stated", "provider"),
    [
        (GKE, {}, "gcp"),
        ("gke_example.com:homes_us-central1_earth", {}, "gcp"),
        (EKS, {}, "aws"),
        (EKS.replace("arn:aws:", "arn:aws-cn:"), {}, "aws"),
        (EKSCTL, {}, "aws"),
        ("forest-aks", {}, "kubeconfig"),
        ("forest-aks", {"subscription": "s"}, "azure"),
        ("lab", {"project": "p"}, "gcp"),
        ("lab", {"region": "us-west-2", "profile": "hubs"}, "aws"),
        ("lab", {"cluster": "x"}, "kubeconfig"),
        ("gke_broken", {}, "kubeconfig"),
        ("arn:aws:eks:nothing", {}, "kubeconfig"),
    ],
)
def test_the_cloud_of_a_context(context: str, stated: dict[str, str], provider: str) -> None:
    assert provider_of(context, stated) == provider


@pytest.mark.parametrize(
    ("context", "provider", "account"),
    [
        (GKE, "gcp", {"project": "homes-project", "zone": "us-central1-b", "cluster": "earth"}),
        (EKS, "aws", {"region": "us-west-2", "account": "123456789012", "clusterName": "ocean"}),
        (EKSCTL, "aws", {"region": "us-west-2", "clusterName": "ocean"}),
        ("forest-aks", "azure", {}),
        # A context of another cloud than the cluster's says nothing of its account.
        (EKS, "gcp", {}),
    ],
)
def test_a_contexts_name_tells_the_account(context: str, provider: str, account: dict[str, str]) -> None:
    assert account_of(provider, declared=None, context=context, stated={}) == account


def test_the_settings_win_over_cluster_yaml_and_that_over_the_contexts_name() -> None:
    declared = cluster("ocean", provider="aws", account="210987654321", clusterName="", region="")
    block = account_of("aws", declared=declared, context=EKS, stated={"profile": "hubs", "cluster": "deep"})
    assert block == {"region": "us-west-2", "account": "210987654321", "clusterName": "deep", "profile": "hubs"}
