"""What is read of Azure's answers: narrow, and checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class _Resource(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class SubnetRule(_Resource, frozen=True):
    """A subnet that is let in; one whose `state` is not Succeeded is not, or not yet."""

    id: str
    state: str | None = None


class IpRule(_Resource, frozen=True):
    value: str


class NetworkRules(_Resource, frozen=True):
    default_action: str = "Allow"
    virtual_network_rules: list[SubnetRule] | None = None
    ip_rules: list[IpRule] | None = None


class ConnectionState(_Resource, frozen=True):
    status: str | None = None


class EndpointProperties(_Resource, frozen=True):
    private_link_service_connection_state: ConnectionState | None = None


class PrivateEndpoint(_Resource, frozen=True):
    name: str | None = None
    properties: EndpointProperties | None = None

    @property
    def approved(self) -> bool:
        state = self.properties.private_link_service_connection_state if self.properties else None
        return state is not None and (state.status or "").lower() == "approved"


class EncryptedService(_Resource, frozen=True):
    enabled: bool | None = None


class EncryptedServices(_Resource, frozen=True):
    file: EncryptedService | None = None


class Encryption(_Resource, frozen=True):
    services: EncryptedServices | None = None
    key_source: str | None = None


class Endpoints(_Resource, frozen=True):
    file: str | None = None


class AccountProperties(_Resource, frozen=True):
    provisioning_state: str | None = None
    status_of_primary: str | None = None
    failover_in_progress: bool | None = None
    account_migration_in_progress: bool | None = None
    creation_time: datetime | None = None
    primary_endpoints: Endpoints | None = None
    network_acls: NetworkRules | None = None
    public_network_access: str | None = None
    private_endpoint_connections: list[PrivateEndpoint] | None = None
    supports_https_traffic_only: bool | None = None
    encryption: Encryption | None = None


class Sku(_Resource, frozen=True):
    name: str = ""


class Account(_Resource, frozen=True):
    id: str
    name: str
    kind: str | None = None
    location: str = ""
    sku: Sku = Sku()
    zones: list[str] | None = None
    tags: dict[str, str] | None = None
    properties: AccountProperties = AccountProperties()

    @property
    def resource_group(self) -> str:
        """Told only by the account's id."""
        parts = self.id.split("/")
        keys = [part.lower() for part in parts]
        at = keys.index("resourcegroups") + 1 if "resourcegroups" in keys else len(parts)
        return parts[at] if at < len(parts) else ""


class ShareProperties(_Resource, frozen=True):
    enabled_protocols: str | None = None
    share_quota: int | None = None
    share_usage_bytes: int | None = None
    root_squash: str | None = None
    access_tier: str | None = None
    provisioned_iops: int | None = None
    provisioned_bandwidth_mibps: int | None = None
    next_allowed_quota_downgrade_time: str | None = None
    last_modified_time: datetime | None = None
    snapshot_time: datetime | None = None
    deleted: bool | None = None
    lease_state: str | None = None
    metadata: dict[str, str] | None = None


class Share(_Resource, frozen=True):
    id: str
    name: str
    properties: ShareProperties = ShareProperties()

    @property
    def is_nfs(self) -> bool:
        return (self.properties.enabled_protocols or "").upper() == "NFS" and not self.properties.deleted


class NodePool(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    subnet: str | None = msgspec.field(name="vnetSubnetID", default=None)


class ManagedClusterProperties(_Resource, frozen=True):
    agent_pool_profiles: list[NodePool] | None = None


class ManagedCluster(_Resource, frozen=True):
    properties: ManagedClusterProperties = ManagedClusterProperties()


def read(answer: Any, kind: type[T]) -> T:
    """Raises msgspec.ValidationError where the answer is something else."""
    return msgspec.convert(answer, type=kind)
