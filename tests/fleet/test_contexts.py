"""Which context serves a cluster."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.fleet.contexts import choose_context
from console.inventory.model import DeclaredCluster
from providers.errors import ProviderError
from providers.kubernetes.protocol import KubeContext
from tests.fleet.worlds import cluster

GCP = cluster("earth", provider="gcp", project="proj", zone="us-central1-b", cluster="earth-hubs")
AWS = cluster("polar", provider="aws", clusterName="polarhubs", region="us-west-2", account="123456789012")
AZURE = cluster("desert", provider="azure", cluster="hub-cluster", resource_group="rg")
PLAIN = cluster("lab", provider="kubeconfig")
ARN = "arn:aws:eks:us-west-2:123456789012:cluster/polarhubs"


def offered(*names: str) -> tuple[KubeContext, ...]:
    return tuple(KubeContext(name=name, cluster=name, user="jo") for name in names)


@pytest.mark.parametrize(
    ("declared", "contexts", "chosen"),
    [
        (GCP, ["other", "earth"], "earth"),
        (GCP, ["gke_proj_us-central1-b_earth-hubs"], "gke_proj_us-central1-b_earth-hubs"),
        (GCP, ["gke_proj_us-central1-b_earth-hubs", "earth"], "earth"),
        (AWS, [ARN], ARN),
        (AWS, ["jo@polarhubs.us-west-2.eksctl.io"], "jo@polarhubs.us-west-2.eksctl.io"),
        (AWS, ["arn:aws-us-gov:eks:us-west-2:123456789012:cluster/polarhubs"],
         "arn:aws-us-gov:eks:us-west-2:123456789012:cluster/polarhubs"),
        (AZURE, ["hub-cluster"], "hub-cluster"),
        (AZURE, ["hub-cluster-admin"], "hub-cluster-admin"),
        (AZURE, ["hub-cluster-admin", "hub-cluster"], "hub-cluster"),
        (PLAIN, ["lab"], "lab"),
    ],
)  # fmt: skip
def test_by_name(declared: DeclaredCluster, contexts: list[str], chosen: str) -> None:
    assert choose_context(declared, root=None, offered=offered(*contexts), mapping={}).context == chosen


@pytest.mark.parametrize(
    ("declared", "near"),
    [
        (GCP, "gke_proj_us-central1-c_earth-hubs"),
        (GCP, "gke_other_us-central1-b_earth-hubs"),
        (GCP, "earth-hubs"),
        (AWS, "arn:aws:eks:us-east-1:123456789012:cluster/polarhubs"),
        (AWS, "arn:aws:eks:us-west-2:999999999999:cluster/polarhubs"),
        (AZURE, "hub-cluster-two"),
        (PLAIN, "lab2"),
    ],
)
def test_near_misses_are_no_context(declared: DeclaredCluster, near: str) -> None:
    with pytest.raises(ProviderError) as refused:
        choose_context(declared, root=None, offered=offered(near), mapping={})
    assert refused.value.kind == "no_context"


@pytest.mark.parametrize(
    ("declared", "command"),
    [
        (GCP, "gcloud container clusters get-credentials earth-hubs --zone us-central1-b --project proj"),
        (
            cluster("r", provider="gcp", project="p", zone="us-central1", cluster="c"),
            "gcloud container clusters get-credentials c --region us-central1 --project p",
        ),
        (AWS, "aws eks update-kubeconfig --name polarhubs --region us-west-2"),
        (AZURE, "az aks get-credentials --name hub-cluster --resource-group rg"),
        (PLAIN, 'say which in settings.toml: [contexts] lab = "…"'),
        (
            cluster("x", provider="aws", clusterName="a; rm -r /", region="r"),
            "aws eks update-kubeconfig --name 'a; rm -r /' --region r",
        ),
    ],
)
def test_the_next_step_creates_one(declared: DeclaredCluster, command: str) -> None:
    with pytest.raises(ProviderError) as refused:
        choose_context(declared, root=None, offered=(), mapping={})
    assert refused.value.next_step == command


def test_the_settings_win_over_every_name() -> None:
    choice = choose_context(GCP, root=None, offered=offered("earth", "mine"), mapping={"earth": "mine"})
    assert (choice.context, choice.reason) == ("mine", "the settings say so")


def test_a_mapped_context_that_is_not_there_is_never_replaced() -> None:
    with pytest.raises(ProviderError, match="context mine is chosen for earth"):
        choose_context(GCP, root=None, offered=offered("earth"), mapping={"earth": "mine"})


def test_several_that_fit_by_one_rule_are_never_guessed() -> None:
    anywhere = cluster("polar", provider="aws", clusterName="polarhubs", region="us-west-2")
    two = offered(ARN, ARN.replace("1234", "9999"))
    with pytest.raises(ProviderError, match=r"several contexts fit polar: .*1234.*9999") as refused:
        choose_context(anywhere, root=None, offered=two, mapping={})
    assert "[contexts] polar" in refused.value.next_step


def test_a_weaker_rule_that_fits_too_is_said() -> None:
    choice = choose_context(GCP, root=None, offered=offered("earth", "gke_proj_us-central1-b_earth-hubs"), mapping={})
    assert choice.reason == "the cluster's own name; gke_proj_us-central1-b_earth-hubs would fit too"


def test_the_kubeconfig_that_cluster_yaml_names(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    file = tmp_path / "lab" / "kube.yaml"
    declared = msgspec.structs.replace(PLAIN, kubeconfig="kube.yaml")
    with pytest.raises(ProviderError, match=r"no file lab/kube\.yaml"):
        choose_context(declared, root=tmp_path, offered=(), mapping={})
    file.touch()
    choice = choose_context(declared, root=tmp_path, offered=(), mapping={})
    assert (choice.context, choice.kubeconfig) == ("", file)


def test_an_encrypted_kubeconfig_is_not_opened(tmp_path: Path) -> None:
    declared = msgspec.structs.replace(PLAIN, kubeconfig="enc-kube.secret.yaml")
    with pytest.raises(ProviderError, match="encrypted") as refused:
        choose_context(declared, root=tmp_path, offered=(), mapping={})
    assert refused.value.next_step.startswith("sops --decrypt ")
