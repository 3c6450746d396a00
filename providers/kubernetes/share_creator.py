"""What failed share-creator Jobs said last: the log of the newest pod of each, a few Jobs at most."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from providers.errors import ProviderError
from providers.kubernetes import resources
from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Job, Pod
from providers.kubernetes.observation import ShareCreatorLog
from providers.kubernetes.redact import redacted

_CONTAINER = "dummy"
_JOBS = 20
_LINES = 10
_TIMEOUT_S = 5.0


async def share_creator_logs(api: KubernetesApi, jobs: Sequence[Job]) -> tuple[ShareCreatorLog, ...]:
    """The last lines of each failed Job, in the order of JOBS; 20 Jobs at most. Never raises ProviderError."""
    failed = [job for job in jobs if _failed(job)][:_JOBS]
    return tuple(await asyncio.gather(*(_log(api, job) for job in failed)))


def _failed(job: Job) -> bool:
    return job.status.failed > 0 or any(c.type == "Failed" and c.status == "True" for c in job.status.conditions)


async def _log(api: KubernetesApi, job: Job) -> ShareCreatorLog:
    namespace = job.metadata.namespace
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            pods = await api.list(resources.PODS, namespace=namespace, labels=f"job-name={job.metadata.name}")
            pod = newest(pods.items or ())
            if pod is None:
                return ShareCreatorLog(namespace=namespace, error="its pods are gone, and their log with them")
            container = next((c.name for c in pod.spec.containers), _CONTAINER)
            text = await api.pod_log(namespace, pod.metadata.name, container, _LINES, timeout_s=_TIMEOUT_S)
    except ProviderError as error:
        return ShareCreatorLog(namespace=namespace, error=error.message)
    except TimeoutError:
        return ShareCreatorLog(namespace=namespace, error=f"no log within {_TIMEOUT_S:g} s")
    return ShareCreatorLog(namespace=namespace, lines=tuple(redacted(line) for line in text.splitlines()[-_LINES:]))


def newest(pods: Sequence[Pod]) -> Pod | None:
    """The pod that was made last; None of none."""
    return max(pods, key=_created, default=None)


def _created(pod: Pod) -> datetime:
    return pod.metadata.creation_timestamp or datetime.min.replace(tzinfo=UTC)
