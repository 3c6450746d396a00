"""What the fleet holds of one cluster between two looks, and how that becomes a frozen state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.chain.model import ClusterError, ClusterState, ObservationState
from console.chain.policy import Policy
from console.inventory.model import DeclaredCluster
from console.settings import Settings

if TYPE_CHECKING:
    from console.chain.filestores import FilestoreInventory
    from console.chain.homes_table import HomesTable
    from console.chain.seen_facts import SeenFacts
    from console.fleet.contexts import ContextChoice
    from console.fleet.usage_history import Samples
    from console.inventory.terraform import TerraformSide
    from providers.errors import ProviderError
    from providers.filestores.protocol import FilestoreListing
    from providers.kubernetes.observation import ClusterObservation
    from providers.kubernetes.usage.shares import UsageAnswers


class ClusterRecord(msgspec.Struct, kw_only=True):
    """One cluster. `observation` is the last good one, also while `error` says that a later look failed. `backends` are
    those that are asked for its filestores, None: not known yet; `answers` are their newest. `account` is the
    provider's block that they were asked with. `terraform` None: not read yet, or it has no file there. A `placeholder`
    stands for a fleet of which nothing is known: there is nothing to look at."""

    name: str
    provider: str
    declared: DeclaredCluster | None = None
    choice: ContextChoice | None = None
    state: ObservationState = "pending"
    error: ClusterError | None = None
    observation: ClusterObservation | None = None
    backends: tuple[str, ...] | None = None
    answers: dict[str, FilestoreListing | ProviderError] = msgspec.field(default_factory=dict)
    account: Mapping[str, str] | None = None
    terraform: TerraformSide | None = None
    usages: UsageAnswers | None = None
    history: Samples = msgspec.field(default_factory=dict)
    looks: dict[str, SeenFacts] = msgspec.field(default_factory=dict)
    """What is known of hubs' insides, by the hub's name."""
    homes: dict[str, HomesTable] = msgspec.field(default_factory=dict)
    """What was worked out of that."""
    recalled: bool = False
    placeholder: bool = False

    @property
    def context(self) -> str | None:
        if self.choice is None:
            return None
        return self.choice.context or str(self.choice.kubeconfig)

    @property
    def filestores(self) -> FilestoreInventory | None:
        """What is known of its filestores; None: nobody was asked."""
        if self.backends is None:
            return None
        from console.chain.filestores import FilestoreInventory

        answers = {name: self.answers[name] for name in self.backends if name in self.answers}
        return FilestoreInventory.of(answers, awaited=(name for name in self.backends if name not in answers))

    def failed(self, error: ClusterError) -> None:
        """Keeps what was known before, and since when the same error stands."""
        if self.error is not None and self.error.kind == error.kind and self.error.since is not None:
            error = msgspec.structs.replace(error, since=self.error.since)
        self.error = error
        self.state = "failed"

    def joined(self, *, policy: Policy, now: datetime) -> ClusterState:
        """This cluster's chain, computed anew."""
        from console.chain.join import cluster_state

        return cluster_state(
            name=self.name,
            provider=self.provider,
            context=self.context,
            declared=self.declared,
            observation=self.observation,
            filestores=self.filestores,
            state=self.state,
            error=self.error,
            policy=policy,
            now=now,
            terraform=self.terraform,
            account=self.account,
            usages=self.usages,
            history=self.history,
            looks=dict(self.looks),
            homes=self.homes,
        )


def policy_of(settings: Settings) -> Policy:
    """The limits that findings are measured against, as the settings have them."""
    return Policy(
        production=settings.production,
        expected_uid=settings.owner.uid,
        expected_gid=settings.owner.gid,
        **msgspec.structs.asdict(settings.thresholds),
    )
