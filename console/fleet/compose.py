"""Which clusters a fleet has: those of a configuration tree, or those of contexts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.chain.model import ClusterError
from console.fleet.accounts import provider_of
from console.fleet.record import ClusterRecord
from providers.errors import ProviderError

if TYPE_CHECKING:
    from console.inventory.model import Inventory
    from providers.kubernetes.protocol import KubeContext


def records_of_tree(inventory: Inventory, *, only: str | None) -> list[ClusterRecord]:
    """A record for each cluster of the tree, or for the one named ONLY."""
    return [
        ClusterRecord(name=cluster.name, provider=cluster.provider, declared=cluster)
        for cluster in inventory.clusters
        if only is None or cluster.name == only
    ]


def records_of_contexts(
    offered: Sequence[KubeContext],
    *,
    chosen: Sequence[str],
    only: str | None,
    now: datetime,
    accounts: Mapping[str, Mapping[str, str]],
) -> list[ClusterRecord]:
    """A record for each context CHOSEN, else for the current one; hubs are then found live. Named as the contexts.

    ACCOUNTS are the settings', by the context's name.
    """
    current = [context.name for context in offered if context.current]
    names = list(chosen) or ([only] if only else current)
    if not names:
        message = "no configuration tree is given, and no kubeconfig context is current"
        next_step = "hubhomes --config DIR, or --context NAME (kubectl config get-contexts lists them)"
        return [placeholder(ProviderError("no_context", message, next_step=next_step), now=now)]
    names = [name for name in dict.fromkeys(names) if only is None or name == only]
    return [ClusterRecord(name=name, provider=provider_of(name, accounts.get(name, {}))) for name in names]


def placeholder(error: ProviderError, *, now: datetime) -> ClusterRecord:
    """The row that stands for a fleet of which nothing is known, and says why."""
    failure = ClusterError(kind=error.kind, message=error.message, next_step=error.next_step, since=now)
    return ClusterRecord(name="kubeconfig", provider="kubeconfig", state="failed", error=failure, placeholder=True)
