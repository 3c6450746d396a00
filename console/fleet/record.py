"""What the fleet holds of one cluster between two looks, and how that becomes a frozen state."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from console.chain.model import ClusterError, ClusterState, ObservationState
from console.chain.policy import Policy
from console.inventory.model import DeclaredCluster
from console.settings import Settings

if TYPE_CHECKING:
    from console.chain.filestores import FilestoreInventory
    from console.fleet.contexts import ContextChoice
    from providers.kubernetes.observation import ClusterObservation


class ClusterRecord(msgspec.Struct, kw_only=True):
    """One cluster. `observation` and `filestores` are the last good ones, also while `error` says that a later look
    failed. A `placeholder` stands for a fleet of which nothing is known: there is nothing to look at."""

    name: str
    provider: str
    declared: DeclaredCluster | None = None
    choice: ContextChoice | None = None
    state: ObservationState = "pending"
    error: ClusterError | None = None
    observation: ClusterObservation | None = None
    filestores: FilestoreInventory | None = None
    placeholder: bool = False

    @property
    def context(self) -> str | None:
        if self.choice is None:
            return None
        return self.choice.context or str(self.choice.kubeconfig)

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
        )


def policy_of(settings: Settings) -> Policy:
    """The limits that findings are measured against, as the settings have them."""
    thresholds = settings.thresholds
    return Policy(
        production=settings.production,
        nearly_full_percent=thresholds.nearly_full_percent,
        full_percent=thresholds.full_percent,
        hanging_minutes=thresholds.hanging_minutes,
        share_creator_minutes=thresholds.share_creator_minutes,
        grace_seconds=thresholds.grace_seconds,
        helper_deadline_s=thresholds.helper_deadline_s,
        expected_uid=settings.owner.uid,
        expected_gid=settings.owner.gid,
    )
