"""From AWS's answers to a Filestore."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import Details, FileSystem, LifecyclePolicy, MountTargetAnswer
from providers.filestores.aws_efs.network import NFS_PORT, Reach, group_of
from providers.filestores.aws_efs.place import Place
from providers.filestores.protocol import Filestore, FilestoreState, MountTarget, Usage

BACKEND = "aws-efs"
USAGE_SOURCE = "EFS SizeInBytes, which lags by hours"
_GIB = 2**30
_STATES: dict[str, FilestoreState] = {
    "available": "ready", "creating": "creating", "updating": "updating", "deleting": "deleting", "error": "down",
}  # fmt: skip
_BACKUPS = {"ENABLED": (True, "on"), "ENABLING": (True, "being turned on"),
            "DISABLED": (False, "off"), "DISABLING": (False, "being turned off")}  # fmt: skip


class Health(msgspec.Struct, frozen=True, kw_only=True):
    state: FilestoreState
    detail: str = ""


def filestore(
    found: FileSystem, told: Details, reach: Reach | ProviderError | None, *, place: Place, now: datetime
) -> Filestore:
    """REACH None: nothing was to be asked, since nothing has a mount target."""
    listed = () if isinstance(told.mount_targets, ProviderError) else told.mount_targets
    answers = [each for each in listed if each.life_cycle_state != "deleted"]
    network = reach if isinstance(reach, Reach) else None
    targets = tuple(sorted((_target(each, network) for each in answers), key=lambda each: (each.zone, each.id)))
    known = not isinstance(told.mount_targets, ProviderError)
    health = _health(found, targets, known=known)
    zones = {target.zone for target in targets} | {found.availability_zone_name or ""}
    return Filestore(
        id=found.file_system_id,
        name=_name(found),
        backend=BACKEND,
        addresses=(place.host(found.file_system_id), *(address for target in targets for address in target.addresses)),
        exports=("/",),
        state=health.state,
        detail=health.detail,
        tier=found.performance_mode,
        usage=_usage(found, now),
        zones=tuple(sorted(zones - {""})),
        facts=tuple(_facts(found, told, targets, reach)),
        mount_targets=targets if known else None,
        encrypted=found.encrypted,
        backups=None if isinstance(told.backup, ProviderError) else _BACKUPS.get(told.backup, (None, ""))[0],
        lifecycle=None if isinstance(told.lifecycle, ProviderError) else moves_away(told.lifecycle),
        one_zone=bool(found.availability_zone_name),
        node_subnets=network.node_subnets({target.network for target in targets}) if network else (),
        created_at=_utc(found.creation_time),
        page=place.page(found.file_system_id),
    )


def _name(found: FileSystem) -> str:
    return name_tag(found) or found.name.strip() or found.file_system_id


def name_tag(found: FileSystem) -> str:
    return next((tag.value for tag in found.tags if tag.key == "Name"), "").strip()


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _usage(found: FileSystem, now: datetime) -> Usage | None:
    """A clock that runs ahead is not believed: nothing was measured later than now."""
    size = found.size_in_bytes
    if size is None:
        return None
    measured = _utc(size.timestamp)
    source = USAGE_SOURCE if measured else f"{USAGE_SOURCE}; its age is not told"
    return Usage(
        used_bytes=size.value, capacity_bytes=None, source=source, observed_at=min(measured or now, now.astimezone(UTC))
    )


def _target(answer: MountTargetAnswer, reach: Reach | None) -> MountTarget:
    interface = answer.network_interface_id or ""
    groups = reach.groups_of.get(interface, ()) if reach else ()
    admits = reach.admits_nodes(interface) if reach else None
    refusal = f"{', '.join(groups)} does not let every node in on port {NFS_PORT}" if admits is False else ""
    state = _STATES.get(answer.life_cycle_state, "unknown")
    return MountTarget(
        id=answer.mount_target_id,
        zone=answer.availability_zone_name or "",
        state=state,
        addresses=tuple(_addresses(answer)),
        subnet=answer.subnet_id,
        network=answer.vpc_id or "",
        security_groups=groups,
        admits_nodes=admits,
        detail=refusal,
        refused_group=group_of(reach.refused(interface)) if reach else "",
    )


def _addresses(answer: MountTargetAnswer) -> Iterator[str]:
    for text in (answer.ip_address, answer.ipv6_address):
        try:
            yield str(ipaddress.ip_address(text or ""))
        except ValueError:
            continue


def _health(found: FileSystem, targets: Sequence[MountTarget], *, known: bool) -> Health:
    state = _STATES.get(found.life_cycle_state, "unknown")
    if state != "ready":
        return Health(state=state, detail=f"AWS says: {found.life_cycle_state or 'no state'}")
    if not known:
        return Health(state="ready")
    if not targets:
        return Health(state="down", detail="it has no mount target: nothing can mount it")
    poor = [target for target in targets if target.state != "ready"]
    if not poor:
        return Health(state="ready")
    named = ", ".join(f"{target.zone or target.id} is {_word(target.state)}" for target in poor)
    detail = f"mount target: {named}"
    if len(poor) < len(targets):
        return Health(state="degraded", detail=detail)
    return Health(state="creating" if all(each.state == "creating" for each in poor) else "down", detail=detail)


def _word(state: FilestoreState) -> str:
    return "in error" if state == "down" else state


def _facts(
    found: FileSystem, told: Details, targets: Sequence[MountTarget], reach: Reach | ProviderError | None
) -> Iterator[tuple[str, str]]:
    if found.performance_mode:
        yield "performance mode", found.performance_mode
    if found.throughput_mode:
        yield "throughput", _throughput(found)
    yield "protocol", "NFS 4.1"
    if found.availability_zone_name:
        yield "kept in", f"one zone, {found.availability_zone_name}"
    yield from _classes(found)
    if found.encrypted is not None:
        yield "encrypted", f"yes, {found.kms_key_id}" if found.kms_key_id else "yes" if found.encrypted else "no"
    lifecycle = told.lifecycle
    yield "lifecycle", _not_known(lifecycle) if isinstance(lifecycle, ProviderError) else lifecycle_words(lifecycle)
    backup = told.backup
    yield (
        "backups",
        _not_known(backup) if isinstance(backup, ProviderError) else _BACKUPS.get(backup, (None, backup))[1],
    )
    yield from (("network", network) for network in sorted({each.network for each in targets} - {""}))
    if isinstance(told.mount_targets, ProviderError):
        yield "mount targets", _not_known(told.mount_targets)
    yield from (("mount target", _words(target)) for target in targets)
    if isinstance(reach, ProviderError):
        yield "security groups", _not_known(reach)
    yield from ((f"tag {tag.key}", tag.value) for tag in sorted(found.tags, key=lambda tag: tag.key))
    made = _utc(found.creation_time)
    if made is not None:
        yield "made", made.date().isoformat()


def _throughput(found: FileSystem) -> str:
    rate = found.provisioned_throughput_in_mibps
    return f"{found.throughput_mode}, {rate:g} MiB/s" if rate else found.throughput_mode


def _classes(found: FileSystem) -> Iterator[tuple[str, str]]:
    """How much lies in which class, where anything has moved out of the first."""
    size = found.size_in_bytes
    if size is None or not (size.value_in_ia or size.value_in_archive):
        return
    parts = (("standard", size.value_in_standard), ("infrequent access", size.value_in_ia),
             ("archive", size.value_in_archive))  # fmt: skip
    yield "storage classes", ", ".join(f"{name} {amount / _GIB:.1f} GiB" for name, amount in parts if amount)


def _steps(policies: Iterable[LifecyclePolicy]) -> Iterator[str]:
    for policy in policies:
        for where, when in (
            ("to infrequent access", policy.transition_to_ia),
            ("to archive", policy.transition_to_archive),
            ("back", policy.transition_to_primary_storage_class),
        ):
            if when:
                yield f"{where} {when.lower().replace('_', ' ')}"


def moves_away(policies: Iterable[LifecyclePolicy]) -> bool:
    return any(policy.transition_to_ia or policy.transition_to_archive for policy in policies)


def lifecycle_words(policies: Iterable[LifecyclePolicy]) -> str:
    return ", ".join(_steps(policies)) or "off"


def _words(target: MountTarget) -> str:
    state = "available" if target.state == "ready" else _word(target.state)
    places = (", ".join(target.addresses), state, target.subnet, *target.security_groups, target.detail)
    return f"{target.zone or target.id}: {', '.join(part for part in places if part)}"


def _not_known(error: ProviderError) -> str:
    return f"not known: {error.message}" + (f"; {error.next_step}" if error.next_step else "")
