"""One look at one cluster: its API server in one pass, then every filestore backend that knows its provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.chain.filestores import FilestoreInventory
from console.fleet.accounts import account_of
from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreBackend, FilestoreListing, FilestoreScope
from providers.kubernetes.observation import ClusterObservation

if TYPE_CHECKING:
    from console.fleet.record import ClusterRecord
    from console.settings import Settings
    from providers.kubernetes.protocol import Transport


async def observe_api(
    transport: Transport, *, context: str, namespaces: Sequence[str], settings: Settings, now: Callable[[], datetime]
) -> ClusterObservation:
    """Everything that one pass over the API server finds. Raises ProviderError when it can't be asked at all."""
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.observe import observe

    api = KubernetesApi(transport, timeout_s=settings.timeouts.request_s, page_size=settings.limits.page_size)
    deadline_s = settings.timeouts.cluster_s
    return await observe(api, context=context, namespaces=namespaces, now=now, deadline_s=deadline_s)


async def list_filestores(
    backends: Sequence[FilestoreBackend], scope: FilestoreScope, *, timeout_s: float
) -> FilestoreInventory:
    """What every backend that is for clusters of SCOPE's provider lists, and what is not known because one failed."""
    from providers.filestores.registry import serves

    asked = [backend for backend in backends if serves(backend.name, scope.provider)]
    answers = await asyncio.gather(*(listed(backend, scope, timeout_s=timeout_s) for backend in asked))
    return FilestoreInventory.of({backend.name: answer for backend, answer in zip(asked, answers, strict=True)})


async def listed(
    backend: FilestoreBackend, scope: FilestoreScope, *, timeout_s: float
) -> FilestoreListing | ProviderError:
    """BACKEND's list, or why there is none."""
    try:
        async with asyncio.timeout(timeout_s):
            return await backend.list_filestores(scope)
    except TimeoutError:
        return ProviderError("timeout", f"{backend.name} did not answer within {timeout_s:g} s")
    except ProviderError as error:
        return error


def scope_of(
    record: ClusterRecord, *, stated: Mapping[str, str], began: datetime, grace_s: float, now: datetime
) -> FilestoreScope:
    """Where the backends look for the filestores of RECORD's cluster. STATED is what the settings say of its account;
    answers that another cluster was given since the look BEGAN are as good as new."""
    return FilestoreScope(
        cluster=record.name,
        provider=record.provider,
        account=account_of(
            record.provider,
            declared=record.declared,
            context=record.context or "",
            stated=stated,
            terraform=record.terraform,
        ),
        observation=record.observation,
        now=now,
        since=began,
        grace_s=grace_s,
    )
