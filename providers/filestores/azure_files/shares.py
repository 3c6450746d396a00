"""What Azure says of an account and a share, as a filestore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from providers.filestores.azure_files.firewall import firewall
from providers.filestores.azure_files.resources import Account, AccountProperties, Share
from providers.filestores.protocol import Filestore, FilestoreState, Usage

BACKEND = "azure-files"
SOURCE = "Azure share usage (expand=stats)"
_GIB = 1024**3
_PORTALS = {"core.usgovcloudapi.net": "portal.azure.us", "core.chinacloudapi.cn": "portal.azure.cn"}


class UsageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of how full a share is; `unknown` says why nothing was."""

    used_bytes: int | None = None
    unknown: str = ""


class NodeSubnets(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cluster's nodes are, by id; None with the reason where it is not known."""

    ids: tuple[str, ...] | None = None
    unknown: str = ""


def filestore(
    account: Account,
    share: Share,
    *,
    snapshots: Sequence[Share],
    usage: UsageAnswer | None,
    nodes: NodeSubnets,
    now: datetime,
) -> Filestore:
    """SHARE of ACCOUNT. USAGE None: it was not asked."""
    state, detail = _state(account.properties)
    quota = share.properties.share_quota
    capacity = quota * _GIB if quota else None
    squash = share.properties.root_squash
    encryption = account.properties.encryption
    services = encryption.services if encryption else None
    return Filestore(
        id=share.id,
        name=f"{account.name}/{share.name}",
        backend=BACKEND,
        addresses=(host(account),),
        exports=(f"/{account.name}/{share.name}",),
        state=state,
        detail=detail,
        tier=account.sku.name,
        capacity_bytes=capacity,
        usage=_usage(usage, capacity, now),
        zones=tuple(f"{account.location}-{zone}" for zone in account.zones or ()),
        facts=tuple(_facts(account, share, snapshots, usage)),
        encrypted=services.file.enabled if services and services.file else None,
        firewall=firewall(account.properties, nodes.ids, nodes.unknown),
        secure_transfer=account.properties.supports_https_traffic_only,
        root_squash=squash.lower() != "norootsquash" if squash else None,
        page=_page(account),
    )


def _usage(answer: UsageAnswer | None, capacity: int | None, now: datetime) -> Usage | None:
    if answer is None or answer.used_bytes is None:
        return None
    return Usage(used_bytes=answer.used_bytes, capacity_bytes=capacity, source=SOURCE, observed_at=now)


def _state(account: AccountProperties) -> tuple[FilestoreState, str]:
    """A share has no state of its own: its account's."""
    provisioning = account.provisioning_state or "Succeeded"
    if provisioning in ("Creating", "ResolvingDNS"):
        return "creating", f"its storage account is being made: {provisioning}"
    if (account.status_of_primary or "available").lower() == "unavailable":
        return "down", "Azure says that its storage account is unavailable"
    if account.failover_in_progress:
        return "degraded", "its storage account is failing over to another region"
    if account.account_migration_in_progress:
        return "updating", "its storage account is being moved to another redundancy"
    if provisioning == "Deleting":
        return "deleting", "its storage account is being deleted"
    if provisioning != "Succeeded":
        return "unknown", f"Azure says of its storage account: {provisioning}"
    return "ready", ""


def host(account: Account) -> str:
    """Where clients mount from: as Azure says, since clouds and DNS zones differ."""
    endpoints = account.properties.primary_endpoints
    host = urlsplit(endpoints.file).hostname if endpoints and endpoints.file else None
    return (host or f"{account.name}.file.core.windows.net").lower().rstrip(".")


def _page(account: Account) -> str:
    server = host(account)
    portal = next((site for suffix, site in _PORTALS.items() if server.endswith(suffix)), "portal.azure.com")
    return f"https://{portal}/#resource{account.id}/overview"


def _facts(
    account: Account, share: Share, snapshots: Sequence[Share], usage: UsageAnswer | None
) -> Iterator[tuple[str, str]]:
    properties = share.properties
    yield "account", account.name
    yield "resource group", account.resource_group
    yield "location", account.location
    yield "protocol", "NFS 4.1"
    yield "root squash", properties.root_squash or "not told"
    yield from _network_facts(account.properties)
    if usage is not None and usage.unknown:
        yield "used", f"not known: {usage.unknown}"
    if properties.provisioned_iops is not None:
        yield "provisioned IOPS", str(properties.provisioned_iops)
    if properties.provisioned_bandwidth_mibps is not None:
        yield "provisioned throughput", f"{properties.provisioned_bandwidth_mibps} MiB/s"
    if properties.next_allowed_quota_downgrade_time:
        yield "may shrink from", properties.next_allowed_quota_downgrade_time
    yield "snapshots", _snapshots(snapshots)
    if account.properties.encryption is not None:
        yield "encryption keys", account.properties.encryption.key_source or "not told"
    if account.properties.creation_time is not None:
        yield "account made", account.properties.creation_time.date().isoformat()
    if properties.last_modified_time is not None:
        yield "settings changed", properties.last_modified_time.date().isoformat()
    yield from ((f"tag {key}", value) for key, value in sorted((account.tags or {}).items()))
    yield from ((f"metadata {key}", value) for key, value in sorted((properties.metadata or {}).items()))


def _network_facts(account: AccountProperties) -> Iterator[tuple[str, str]]:
    rules = account.network_acls
    yield "public network access", account.public_network_access or "Enabled"
    if rules is not None:
        yield "firewall", rules.default_action
        for subnet in rules.virtual_network_rules or ():
            state = subnet.state or "Succeeded"
            yield "subnet", subnet.id if state == "Succeeded" else f"{subnet.id} ({state})"
        yield from (("IP range", rule.value) for rule in rules.ip_rules or ())
    for endpoint in account.private_endpoint_connections or ():
        yield "private endpoint", f"{endpoint.name}{'' if endpoint.approved else ' (not approved)'}"
    if account.supports_https_traffic_only is not None:
        only = account.supports_https_traffic_only
        yield "secure transfer", "required: plain NFS mounts are denied" if only else "not required"


def _snapshots(snapshots: Sequence[Share]) -> str:
    times = sorted(each.properties.snapshot_time for each in snapshots if each.properties.snapshot_time is not None)
    return f"{len(times)}, newest {times[-1].date().isoformat()}" if times else "none"
