"""What the Filestore API says of one instance, as a Filestore. Pure: what was asked is given."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from providers.errors import ProviderError
from providers.filestores.gcp_filestore.capacity import ALIASES
from providers.filestores.gcp_filestore.usage import SOURCE, Fullness, Fullnesses
from providers.filestores.protocol import Filestore, FilestoreState, Usage
from providers.kubernetes.redact import redacted

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Backup, Instance, NetworkConfig, NfsExportOptions

BACKEND = "gcp-filestore"
GIB = 2**30

STATES: dict[str, tuple[FilestoreState, str]] = {
    "CREATING": ("creating", "being created"),
    "READY": ("ready", ""),
    "REPAIRING": ("degraded", "Google works on it"),
    "DELETING": ("deleting", "being deleted"),
    "ERROR": ("down", "Google reports an error: it may be unusable"),
    "RESTORING": ("updating", "a backup is being restored: it may be unusable meanwhile"),
    "SUSPENDED": ("down", "suspended"),
    "SUSPENDING": ("degraded", "being suspended"),
    "RESUMING": ("updating", "being resumed"),
    "REVERTING": ("updating", "being reverted to a snapshot"),
    "PROMOTING": ("updating", "its replica is being promoted"),
}
"""Google's state → ours, and why it is that."""

REGULAR = timedelta(days=8)
"""How old the newest backup of one that is kept every week may be."""

_TIERS = ALIASES | {"TIER_UNSPECIFIED": ""}
_CONSOLE = "https://console.cloud.google.com/filestore/instances"
_ZONE = re.compile(r"[a-z]+-[a-z]+\d+-[a-z]")


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What other questions told of a project's instances; a ProviderError where they were refused, None: not asked."""

    usage: Fullnesses | ProviderError | None
    backups: Sequence[Backup] | ProviderError


def filestore_of(instance: Instance, extras: Extras | None, *, project: str, now: datetime) -> Filestore:
    """INSTANCE of PROJECT, as it is NOW; EXTRAS None: nothing else was asked."""
    location, name = _place(instance.name)
    capacity = sum(share.capacity_gb for share in instance.file_shares) * GIB or None
    state, detail = _state(instance)
    usage = _usage(extras, (location, name), capacity, now) if extras else None
    mine = _backups_of(extras, location, name) if extras else []
    return Filestore(
        id=instance.name,
        name=name,
        backend=BACKEND,
        addresses=tuple(_address(ip) for network in instance.networks for ip in network.ip_addresses),
        exports=tuple(f"/{share.name.strip('/')}" for share in instance.file_shares if share.name),
        state=state,
        detail=detail,
        tier=_TIERS.get(_word(instance.tier), _word(instance.tier)),
        capacity_bytes=capacity,
        usage=usage,
        zones=(location,) if _ZONE.fullmatch(location) else (),
        state_since=instance.create_time if state == "creating" else None,
        facts=tuple(_facts(instance, location, project)) + (_extra_facts(extras, usage, mine, now) if extras else ()),
        encrypted=True,
        backups=_is_recent(mine, now) if extras and isinstance(extras.backups, Sequence) else None,
        root_squash=_root_squash(instance),
        created_at=instance.create_time or None,
        page=f"{_CONSOLE}/locations/{quote(location)}/id/{quote(name)}?project={quote(project)}" if location else "",
    )


def _place(resource: str) -> tuple[str, str]:
    """("us-central1-b", "homes") of projects/P/locations/us-central1-b/instances/homes."""
    parts = resource.split("/")
    location = parts[3] if len(parts) > 3 and parts[2] == "locations" else ""
    return location, parts[-1]


def _word(value: object) -> str:
    """The name of an enumeration's value; the number of one that is newer than the package."""
    return str(getattr(value, "name", value))


def _state(instance: Instance) -> tuple[FilestoreState, str]:
    word = _word(instance.state)
    state, detail = STATES.get(word, ("unknown", f"Google calls its state {word}"))
    reasons = ", ".join(_word(each) for each in instance.suspension_reasons)
    said = redacted(instance.status_message)
    more = [words for words in (reasons, said) if words]
    return state, ": ".join([words for words in (detail, "; ".join(more)) if words])


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip().lower().rstrip(".")


def _usage(extras: Extras, key: tuple[str, str], capacity: int | None, now: datetime) -> Usage | None:
    seen = _fullness(extras.usage, key) if isinstance(extras.usage, dict) else None
    if seen is None or capacity is None:
        return None
    used = min(capacity, round(capacity * seen.percent / 100))
    return Usage(used_bytes=used, capacity_bytes=capacity, source=SOURCE, observed_at=min(seen.observed_at, now))


def _fullness(known: Fullnesses, key: tuple[str, str]) -> Fullness | None:
    """What is KNOWN of an instance by its place; one of a whole region may be labelled with a zone of it, or none."""
    location, name = key
    labelled = (place for place, called in known if called == name and (not place or place.startswith(f"{location}-")))
    return known.get(key) or next((known[place, name] for place in sorted(labelled)), None)


def _backups_of(extras: Extras, location: str, name: str) -> list[Backup]:
    """Whole backups of one instance, newest first. Google names their project by number: it is not compared."""
    if not isinstance(extras.backups, Sequence):
        return []
    mine = [
        each
        for each in extras.backups
        if _place(each.source_instance) == (location, name) and _word(each.state) == "READY"
    ]
    return sorted(mine, key=lambda each: each.create_time.timestamp() if each.create_time else 0.0, reverse=True)


def _facts(instance: Instance, location: str, project: str) -> Iterator[tuple[str, str]]:
    yield "project", project
    yield "location", location
    for network in instance.networks:
        yield "network", _network(network)
    protocol = _word(instance.protocol)
    # Instances older than the choice of a protocol say none: Google's default.
    yield "protocol", "NFS_V3" if protocol == "FILE_PROTOCOL_UNSPECIFIED" else protocol
    for share in instance.file_shares:
        for options in share.nfs_export_options:
            yield "export options", _export_options(options)
        if share.source_backup:
            yield "restored from", share.source_backup
    key = instance.kms_key_name
    yield "encrypted", f"yes, key {key}" if key else "yes, key of Google"
    limits = instance.performance_limits
    if limits.max_iops:
        yield "performance", f"{limits.max_iops} IOPS"
    elif limits.max_read_iops:
        yield "performance", f"{limits.max_read_iops} IOPS read, {limits.max_write_iops} IOPS write"
    yield "deletion protection", "on" if instance.deletion_protection_enabled else "off"
    yield from _replication(instance)
    if instance.create_time:
        yield "made", f"{instance.create_time:%Y-%m-%d}"
    if instance.description:
        yield "description", redacted(instance.description)
    if instance.labels:
        yield "labels", ", ".join(f"{key}={value}" for key, value in sorted(instance.labels.items()))


def _network(network: NetworkConfig) -> str:
    mode = _word(network.connect_mode)
    notes = [] if mode == "CONNECT_MODE_UNSPECIFIED" else [mode.lower().replace("_", " ")]
    notes += [network.reserved_ip_range] if network.reserved_ip_range else []
    name = network.network.removeprefix("https://www.googleapis.com/compute/v1/")
    return f"{name} ({', '.join(notes)})" if notes else name


def _export_options(options: NfsExportOptions) -> str:
    mode = {"READ_ONLY": "read only"}.get(_word(options.access_mode), "read-write")
    squash = "root squash" if _word(options.squash_mode) == "ROOT_SQUASH" else "no root squash"
    return f"{', '.join(options.ip_ranges) or 'every address'}: {mode}, {squash}"


def _root_squash(instance: Instance) -> bool | None:
    """None where it depends on the client's address. Without options Google squashes nobody."""
    options = [each for share in instance.file_shares for each in share.nfs_export_options]
    squashed = {_word(each.squash_mode) == "ROOT_SQUASH" for each in options} or {False}
    return squashed.pop() if len(squashed) == 1 else None


def _replication(instance: Instance) -> Iterator[tuple[str, str]]:
    role = _word(instance.replication.role).lower()
    for replica in instance.replication.replicas:
        reasons = "".join(f", {_word(each)}" for each in replica.state_reasons)
        yield "replication", f"{role}, {replica.peer_instance} is {_word(replica.state)}{reasons}"


def _is_recent(backups: Sequence[Backup], now: datetime) -> bool:
    """Filestore knows no schedule of its own: the newest backup tells whether somebody keeps one."""
    return bool(backups and backups[0].create_time and now - backups[0].create_time <= REGULAR)


def _extra_facts(
    extras: Extras, usage: Usage | None, backups: list[Backup], now: datetime
) -> tuple[tuple[str, str], ...]:
    """Why usage is not known, where it is not, and what is known of backups."""
    facts = []
    if isinstance(extras.usage, ProviderError):
        facts.append(("usage", _unknown(extras.usage)))
    elif extras.usage is None:
        facts.append(("usage", "not asked: an emulator has no Cloud Monitoring"))
    elif usage is None:
        facts.append(("usage", "not known: Cloud Monitoring has no recent figure"))
    if isinstance(extras.backups, ProviderError):
        facts.append(("backups", _unknown(extras.backups)))
    else:
        facts.append(("backups", _backups_words(backups, now)))
    return tuple(facts)


def _backups_words(backups: Sequence[Backup], now: datetime) -> str:
    if not backups:
        return "none"
    last = backups[0].create_time
    if not last:
        return str(len(backups))
    days = max(0, (now - last).days)
    return f"{len(backups)}, last {last:%Y-%m-%d}, {days} day{'' if days == 1 else 's'} ago"


def _unknown(error: ProviderError) -> str:
    return f"not known: {error.message}" + (f" ({error.next_step})" if error.next_step else "")
