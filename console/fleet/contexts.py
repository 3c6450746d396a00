"""Which kubeconfig context serves a cluster, by the rules that people name contexts with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from console.inventory.model import DeclaredCluster
from providers.errors import ProviderError
from providers.kubernetes.protocol import KubeContext


class ContextChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The context of a cluster and the rule that chose it, in words. `kubeconfig` is set where a file of the tree
    has it; `context` "" is then that file's own current context."""

    context: str
    reason: str
    kubeconfig: Path | None = None


def choose_context(
    cluster: DeclaredCluster, *, root: Path | None, offered: Sequence[KubeContext], mapping: Mapping[str, str]
) -> ContextChoice:
    """The context for CLUSTER out of OFFERED; MAPPING is cluster to context, from the settings.

    Raises ProviderError no_context, with the command that creates one, when no rule fits or a rule fits several.
    """
    names = tuple(dict.fromkeys(context.name for context in offered))
    mapped = mapping.get(cluster.name)
    if mapped is not None:
        return mapped_context(cluster, mapped, names)
    matches = [(rule, [name for name in names if fits(name)]) for rule, fits in rules(cluster)]
    hits = [(rule, found) for rule, found in matches if found]
    if hits:
        rule, found = hits[0]
        if len(found) > 1:
            raise ambiguous(cluster, found)
        others = sorted({name for _, more in hits[1:] for name in more} - {found[0]})
        also = f"; {' and '.join(others)} would fit too" if others else ""
        return ContextChoice(context=found[0], reason=f"{rule}{also}")
    return kubeconfig_of_the_tree(cluster, root, any_offered=bool(offered))


def mapped_context(cluster: DeclaredCluster, mapped: str, names: Sequence[str]) -> ContextChoice:
    if mapped not in names:
        raise ProviderError(
            "no_context",
            f"context {mapped} is chosen for {cluster.name}, and no kubeconfig has it",
            next_step=creating_command(cluster) or "kubectl config get-contexts",
        )
    return ContextChoice(context=mapped, reason="the settings say so")


def rules(cluster: DeclaredCluster) -> list[tuple[str, Callable[[str], object]]]:
    """Rule in words with its test, strongest first."""
    account = cluster.account
    patterns: list[tuple[str, str]] = [("the cluster's own name", re.escape(cluster.name))]
    if cluster.provider == "gcp" and account.get("cluster"):
        place = [re.escape(account[key]) if account.get(key) else "[^_]+" for key in ("project", "zone")]
        patterns.append(("the name that gcloud gives", f"gke_{'_'.join(place)}_{re.escape(account['cluster'])}"))
    if cluster.provider == "aws" and account.get("clusterName"):
        region = re.escape(account["region"]) if account.get("region") else "[a-z0-9-]+"
        owner = re.escape(account["account"]) if account.get("account") else "[0-9]*"
        name = re.escape(account["clusterName"])
        patterns.append(("the ARN that aws gives", f"arn:aws[a-z-]*:eks:{region}:{owner}:cluster/{name}"))
        patterns.append(("the name that eksctl gives", rf"[^@]+@{name}\.{region}\.eksctl\.io"))
    if cluster.provider == "azure" and account.get("cluster"):
        name = re.escape(account["cluster"])
        patterns += [("the name that az gives", name), ("the name that az gives with --admin", f"{name}-admin")]
    return [(rule, re.compile(pattern).fullmatch) for rule, pattern in patterns]


def ambiguous(cluster: DeclaredCluster, found: Sequence[str]) -> ProviderError:
    return ProviderError(
        "no_context",
        f"several contexts fit {cluster.name}: {', '.join(found)}",
        next_step=f'say which in settings.toml: [contexts] {cluster.name} = "{found[0]}"',
    )


def kubeconfig_of_the_tree(cluster: DeclaredCluster, root: Path | None, *, any_offered: bool = True) -> ContextChoice:
    """The kubeconfig file that cluster.yaml names, beside it. Raises ProviderError when there is none to use."""
    if cluster.kubeconfig is None or root is None:
        why = "" if any_offered else ": there is none at all, neither in KUBECONFIG nor in ~/.kube/config"
        message = f"no kubeconfig context serves {cluster.name}{why}"
        raise ProviderError("no_context", message, next_step=next_step(cluster))
    folder = PurePosixPath(cluster.origin.file).parent.name if cluster.origin else cluster.name
    file = root / folder / cluster.kubeconfig
    if file.name.startswith("enc-"):
        raise ProviderError(
            "no_context",
            f"the kubeconfig of {cluster.name}, {folder}/{cluster.kubeconfig}, is encrypted",
            next_step=f"sops --decrypt {shlex.quote(str(file))}, kept as a context named {cluster.name}",
        )
    if not file.is_file():
        raise ProviderError(
            "no_context",
            f"there is no file {folder}/{cluster.kubeconfig}, the kubeconfig of {cluster.name}",
            next_step=next_step(cluster),
        )
    return ContextChoice(context="", kubeconfig=file, reason=f"the kubeconfig that cluster.yaml names, {file.name}")


def next_step(cluster: DeclaredCluster) -> str:
    """What makes the context: the cloud's own command, else a line of the settings."""
    by_hand = f'say which in settings.toml: [contexts] {cluster.name} = "…"'
    return creating_command(cluster) or by_hand


def creating_command(cluster: DeclaredCluster) -> str:
    """The shell command that creates CLUSTER's context; "" where the configuration does not say enough."""
    account = {key: shlex.quote(value) for key, value in cluster.account.items() if value}
    match cluster.provider:
        case "gcp" if {"cluster", "project", "zone"} <= set(account):
            where = "--zone" if re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]", account["zone"]) else "--region"
            return (
                f"gcloud container clusters get-credentials {account['cluster']} "
                f"{where} {account['zone']} --project {account['project']}"
            )
        case "aws" if {"clusterName", "region"} <= set(account):
            return f"aws eks update-kubeconfig --name {account['clusterName']} --region {account['region']}"
        case "azure" if {"cluster", "resource_group"} <= set(account):
            return f"az aks get-credentials --name {account['cluster']} --resource-group {account['resource_group']}"
    return ""
