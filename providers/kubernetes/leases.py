"""A lock that the cluster holds: a Lease in a hub's namespace, which says who works on the hub, on what, until when.

Times are the API server's own, from the Date of its answers, so that two people's clocks need not agree. A lease that
was not renewed ends by itself; whoever comes then takes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.kubernetes.decoding import decode_object
from providers.kubernetes.looking import PURPOSE
from providers.kubernetes.objects import Narrow
from providers.kubernetes.protocol import Response, Transport
from providers.kubernetes.resources import Resource
from providers.kubernetes.status_errors import AlreadyExists, Conflict, status_error
from providers.kubernetes.writes import Writes

NAME = "hubhomes"


class _Metadata(Narrow, frozen=True):
    name: str
    uid: str = ""
    resource_version: str = ""
    annotations: Mapping[str, str] = msgspec.field(default_factory=dict)


class _Spec(Narrow, frozen=True):
    holder_identity: str = ""
    lease_duration_seconds: int = 0
    renew_time: datetime | None = None


class _Lease(Narrow, frozen=True):
    metadata: _Metadata
    spec: _Spec = _Spec()


LEASES = Resource[_Lease](plural="leases", kind=_Lease, prefix="/apis/coordination.k8s.io/v1")


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a namespace's lease, for what, and until when if it is not renewed (UTC, the API server's clock)."""

    namespace: str
    holder: str
    purpose: str
    until: datetime
    uid: str
    resource_version: str


class LeaseHeld(ProviderError):
    """Somebody else is at work there; `by` says who."""

    def __init__(self, by: Holding) -> None:
        until = f"until {by.until:%H:%M:%S} UTC or longer"
        words = f"{by.holder} is at work in namespace {by.namespace} ({by.purpose}), {until}"
        super().__init__("internal", words, next_step=f"ask {by.holder}, or wait until it has ended")
        self.by = by


class Leases:
    """The leases of one cluster's namespaces. Changing them needs the permission to write.

    `now` is asked where an answer has no Date. Raises ProviderError: forbidden where there is no right to leases.
    """

    def __init__(
        self, transport: Transport, *, timeout_s: float = 15.0, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._transport = transport
        self._writes = Writes(transport, timeout_s=timeout_s)
        self._timeout_s = timeout_s
        self._now = now

    async def holder(self, namespace: str) -> Holding | None:
        """Who holds the lease of NAMESPACE now; None: nobody."""
        lease, now = await self._read(namespace)
        return _holding(namespace, lease, now) if lease is not None else None

    async def acquire(self, namespace: str, *, holder: str, purpose: str, duration_s: int) -> Holding:
        """Takes the lease of NAMESPACE for DURATION_S. Raises LeaseHeld where somebody else has it.

        HOLDER is unique to a run; asking again with the same one renews.
        """
        lease, now = await self._read(namespace)
        held = _holding(namespace, lease, now) if lease is not None else None
        if held is not None and held.holder != holder:
            raise LeaseHeld(held)
        spec = _spec(holder, duration_s, now)
        metadata: dict[str, Any] = {"name": NAME, "annotations": {PURPOSE: purpose}}
        until = now + timedelta(seconds=duration_s)
        try:
            if lease is None:
                manifest = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
                written = await self._writes.create(LEASES, manifest, namespace=namespace)
            else:
                change = {"metadata": {"annotations": {PURPOSE: purpose}}, "spec": spec}
                written = await self._writes.merge_patch(
                    LEASES, NAME, change, namespace=namespace, resource_version=lease.metadata.resource_version
                )
        except (AlreadyExists, Conflict):
            # Somebody was faster by an instant.
            other = await self.holder(namespace)
            if other is None or other.holder == holder:
                raise
            raise LeaseHeld(other) from None
        return Holding(
            namespace=namespace,
            holder=holder,
            purpose=purpose,
            until=until,
            uid=written.uid,
            resource_version=written.resource_version,
        )

    async def renew(self, holding: Holding, *, duration_s: int) -> Holding:
        """Keeps the lease for DURATION_S from now on. Raises LeaseHeld where somebody has taken it over meanwhile."""
        return await self.acquire(
            holding.namespace, holder=holding.holder, purpose=holding.purpose, duration_s=duration_s
        )

    async def release(self, holding: Holding) -> bool:
        """Gives the lease back; False where it is not ours any more: safe to repeat."""
        return await self._writes.delete(
            LEASES, NAME, namespace=holding.namespace, uid=holding.uid, resource_version=holding.resource_version
        )

    async def _read(self, namespace: str) -> tuple[_Lease | None, datetime]:
        what = f"get leases/{NAME} in namespace {namespace}"
        response = await self._transport.request("GET", LEASES.path(namespace, NAME), timeout_s=self._timeout_s)
        now = self._time_of(response)
        if response.status == 404:
            return None, now
        if response.status != 200:
            raise status_error(response, what)
        try:
            return decode_object(response.body, _Lease), now
        except (msgspec.DecodeError, UnicodeDecodeError):
            words = f"cannot {what}: the answer is not what an API server says"
            raise ProviderError("internal", words, next_step="look at the server address") from None

    def _time_of(self, response: Response) -> datetime:
        try:
            return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return self._now()


def _holding(namespace: str, lease: _Lease, now: datetime) -> Holding | None:
    """Who holds LEASE at NOW; None where it has ended, or was given back."""
    spec = lease.spec
    if not spec.holder_identity or spec.renew_time is None:
        return None
    until = spec.renew_time + timedelta(seconds=spec.lease_duration_seconds)
    if until <= now:
        return None
    return Holding(
        namespace=namespace,
        holder=spec.holder_identity,
        purpose=lease.metadata.annotations.get(PURPOSE, ""),
        until=until,
        uid=lease.metadata.uid,
        resource_version=lease.metadata.resource_version,
    )


def _spec(holder: str, duration_s: int, now: datetime) -> dict[str, Any]:
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "holderIdentity": holder,
        "leaseDurationSeconds": duration_s,
        "acquireTime": stamp,
        "renewTime": stamp,
    }
