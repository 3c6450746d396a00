"""What actions on Kubernetes objects share: one object as it is now, and what a dry run says against a write."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from console.actions.protocol import Context

if TYPE_CHECKING:
    from providers.kubernetes.api import KubernetesApi
    from providers.kubernetes.resources import Resource
    from providers.kubernetes.writes import Writes

T = TypeVar("T")
Json = dict[str, Any]
"""A Kubernetes object as plain JSON."""


def api_of(context: Context) -> KubernetesApi:
    """Questions to the context's cluster. Raises ProviderError where it was not reached."""
    from providers.kubernetes.api import KubernetesApi

    return KubernetesApi(context.reached(), timeout_s=context.settings.timeouts.request_s)


def writes_of(context: Context) -> Writes:
    """Changes to the context's cluster. Raises ProviderError where it was not reached."""
    from providers.kubernetes.writes import Writes

    return Writes(context.reached(), timeout_s=context.settings.timeouts.request_s)


async def present(context: Context, resource: Resource[T], name: str, *, namespace: str = "") -> T | None:
    """An object as it is now; None when it is not there. Raises ProviderError."""
    from providers.kubernetes.status_errors import StatusError

    try:
        return await api_of(context).get(resource, name, namespace=namespace)
    except StatusError as error:
        if error.status == 404:
            return None
        raise


async def refusal(dry_run: Awaitable[object]) -> str:
    """What the API server says against DRY_RUN; "" where it would do it. Raises ProviderError for anything else."""
    from providers.kubernetes.status_errors import StatusError

    try:
        await dry_run
    except StatusError as error:
        return error.message
    return ""


async def refusals(dry_runs: Iterable[Awaitable[object]]) -> tuple[str, ...]:
    """What it says against DRY_RUNS, one after the other; none where it would do them all. Raises as `refusal` does."""
    said = [await refusal(dry_run) for dry_run in dry_runs]
    return tuple(words for words in said if words)
