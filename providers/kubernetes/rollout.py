"""Restarts a Deployment and tells when it is ready, as `kubectl rollout` does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from providers.kubernetes.api import KubernetesApi
from providers.kubernetes.objects import Narrow
from providers.kubernetes.protocol import Transport
from providers.kubernetes.resources import Resource
from providers.kubernetes.writes import Writes

RESTARTED_FOR = "hubhomes/restarted-for"
"""The annotation of the pod template that names why it was restarted last: the same reason restarts it once."""
_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


class _Reasons(msgspec.Struct, frozen=True):
    reason: str | None = msgspec.field(default=None, name=RESTARTED_FOR)


class _Metadata(Narrow, frozen=True):
    name: str = ""
    namespace: str = ""
    generation: int = 0
    resource_version: str = ""


class _TemplateMetadata(msgspec.Struct, frozen=True):
    annotations: _Reasons = _Reasons()


class _Template(msgspec.Struct, frozen=True):
    metadata: _TemplateMetadata = _TemplateMetadata()


class _Spec(Narrow, frozen=True):
    replicas: int = 1
    template: _Template = _Template()


class _Status(Narrow, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0


class _Deployment(Narrow, frozen=True):
    metadata: _Metadata
    spec: _Spec = _Spec()
    status: _Status = _Status()


_DEPLOYMENTS = Resource[_Deployment](plural="deployments", kind=_Deployment, prefix="/apis/apps/v1")


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """How far a Deployment is. `waits_for` says what is not so yet, "" when all its pods are new and available."""

    restarted_for: str
    replicas: int
    waits_for: str


async def rollout(transport: Transport, namespace: str, name: str, *, timeout_s: float) -> Rollout:
    """How the Deployment stands now. Raises ProviderError."""
    found = await KubernetesApi(transport, timeout_s=timeout_s).get(_DEPLOYMENTS, name, namespace=namespace)
    return Rollout(
        restarted_for=found.spec.template.metadata.annotations.reason or "",
        replicas=found.spec.replicas,
        waits_for=_waits_for(found),
    )


async def restart(
    transport: Transport,
    namespace: str,
    name: str,
    *,
    reason: str,
    dry_run: bool = False,
    timeout_s: float,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bool:
    """Makes the Deployment's pods anew; False where it was restarted for that REASON last, and is not again. Raises
    ProviderError."""
    if (await rollout(transport, namespace, name, timeout_s=timeout_s)).restarted_for == reason:
        return False
    annotations = {RESTARTED_FOR: reason, _RESTARTED_AT: now().strftime("%Y-%m-%dT%H:%M:%SZ")}
    change = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    writes = Writes(transport, timeout_s=timeout_s)
    await writes.merge_patch(_DEPLOYMENTS, name, change, namespace=namespace, dry_run=dry_run)
    return True


def _waits_for(found: _Deployment) -> str:
    wanted, status = found.spec.replicas, found.status
    if status.observed_generation < found.metadata.generation:
        return "the controller has not seen the change yet"
    if status.updated_replicas < wanted:
        return f"{status.updated_replicas} of {wanted} pods are new"
    if status.replicas > status.updated_replicas:
        return "an old pod is still ending"
    if status.available_replicas < wanted:
        return f"{status.available_replicas} of {wanted} pods are ready"
    return ""
