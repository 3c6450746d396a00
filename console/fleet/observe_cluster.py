"""What one look at a cluster asks: its API server in one pass, and the filestore backends that know its provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.fleet.accounts import account_of
from console.fleet.failures import log_unforeseen
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


async def listed(
    backend: FilestoreBackend, scope: FilestoreScope, *, timeout_s: float
) -> FilestoreListing | ProviderError:
    """BACKEND's list, or why there is none; what nobody foresaw is logged."""
    try:
        async with asyncio.timeout(timeout_s):
            return await backend.list_filestores(scope)
    except TimeoutError:
        return ProviderError("timeout", f"{backend.name} did not answer within {timeout_s:g} s")
    except ProviderError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a backend may come from another package
        log_unforeseen(f"asking {backend.name} for {scope.cluster}", error)
        words = f"a mistake of {backend.name}, or of hubhomes itself: {type(error).__name__} while listing"
        return ProviderError("internal", words, next_step="report it with the log")


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
            context=record.context or ("" if record.declared else record.name),
            stated=stated,
            terraform=record.terraform,
        ),
        observation=record.observation,
        now=now,
        since=began,
        grace_s=grace_s,
        declared=_declared(record),
    )


def _declared(record: ClusterRecord) -> tuple[tuple[str, str], ...]:
    hubs = record.declared.hubs if record.declared is not None else ()
    found = ((hub.server.value or "", hub.path.value or "") for hub in hubs if hub.nfs_enabled.value)
    return tuple(dict.fromkeys(place for place in found if all(place)))
