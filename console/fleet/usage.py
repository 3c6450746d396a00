"""Asks a cluster how full its shares are, beside the list of its filestores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.fleet.record import ClusterRecord
    from console.settings import Settings
    from providers.kubernetes.observation import ClusterObservation
    from providers.kubernetes.protocol import Transport
    from providers.kubernetes.usage.shares import Share, UsageAnswers

DEADLINE_S = 12.0
"""How long a look waits for these figures at most."""


async def ask_how_full(
    transport: Transport, record: ClusterRecord, *, settings: Settings, now: Callable[[], datetime]
) -> UsageAnswers | None:
    """An answer for each share of RECORD's hubs, or why there is none; None where the cluster was not observed."""
    observation = record.observation
    if observation is None:
        return None
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.usage.ask import ask_usage

    shares = await asyncio.to_thread(_shares, record, observation)
    timeouts = settings.timeouts
    api = KubernetesApi(transport, timeout_s=timeouts.request_s, page_size=settings.limits.page_size)
    deadline_s = min(DEADLINE_S, timeouts.filestores_s)
    return await ask_usage(api, shares, observation, now=now, deadline_s=deadline_s)


def _shares(record: ClusterRecord, observation: ClusterObservation) -> tuple[Share, ...]:
    from console.chain.index import ObservedCluster
    from console.chain.usage import hub_shares, shares_to_ask

    return shares_to_ask(hub_shares(record.declared, ObservedCluster.of(observation)))
