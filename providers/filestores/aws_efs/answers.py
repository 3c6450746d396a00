"""What EFS and EC2 answer, narrowed to what is used, and the calls that ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.errors import Gone, WrongAnswer, in_our_words
from providers.filestores.aws_efs.session import Clients

PAGE = 100
"""Items a page, the most that EFS gives."""
_MOST_PAGES = 100
_HOPELESS = ("timeout", "unreachable", "tls", "unauthorized")
"""Where one call failed so, the next of the same kind would too, and as slowly."""

T = TypeVar("T")


class Narrow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    pass


class Tag(Narrow, frozen=True):
    key: str
    value: str = ""


class Size(Narrow, frozen=True):
    """In bytes, as it was at `timestamp`."""

    value: int
    timestamp: datetime | None = None
    value_in_standard: int | None = None
    value_in_ia: int | None = msgspec.field(default=None, name="ValueInIA")
    value_in_archive: int | None = None


class FileSystem(Narrow, frozen=True):
    file_system_id: str
    creation_token: str = ""
    owner_id: str = ""
    life_cycle_state: str = ""
    creation_time: datetime | None = None
    name: str = ""
    size_in_bytes: Size | None = None
    performance_mode: str = ""
    throughput_mode: str = ""
    provisioned_throughput_in_mibps: float | None = None
    availability_zone_name: str | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None
    tags: tuple[Tag, ...] = ()


class MountTargetAnswer(Narrow, frozen=True):
    mount_target_id: str
    life_cycle_state: str = ""
    subnet_id: str = ""
    ip_address: str | None = None
    ipv6_address: str | None = None
    network_interface_id: str | None = None
    availability_zone_name: str | None = None
    vpc_id: str | None = None


class LifecyclePolicy(Narrow, frozen=True):
    """One step, in AWS's words, such as AFTER_90_DAYS."""

    transition_to_ia: str | None = msgspec.field(default=None, name="TransitionToIA")
    transition_to_archive: str | None = None
    transition_to_primary_storage_class: str | None = None


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What one file system's own calls told, or why each was not answered. `backup` is AWS's word for the policy."""

    mount_targets: tuple[MountTargetAnswer, ...] | ProviderError
    lifecycle: tuple[LifecyclePolicy, ...] | ProviderError
    backup: str | ProviderError


class FirstLook(msgspec.Struct, frozen=True, kw_only=True):
    """The file systems of a region; `cut` says why there may be more."""

    file_systems: tuple[FileSystem, ...]
    cut: ProviderError | None = None


def ask(call: Callable[..., Any], **arguments: Any) -> Any:
    """What CALL of a client gives. Raises WrongAnswer besides what it raises: its parser stumbles over JSON and XML
    of another shape."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call(**arguments)
    except (BotoCoreError, ClientError):
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise WrongAnswer("the answer is of another shape") from error


def pages(call: Callable[..., Any], *, marker: str, next_marker: str, **arguments: Any) -> Iterator[Any]:
    """Every page that CALL gives. Raises WrongAnswer where it goes on without end."""
    seen: set[str] = set()
    page = ask(call, **arguments)
    yield page
    while (token := page.get(next_marker)) and isinstance(token, str):
        if token in seen or len(seen) >= _MOST_PAGES:
            raise WrongAnswer("its pages do not end")
        seen.add(token)
        page = ask(call, **arguments, **{marker: token})
        yield page


def items(page: Any, key: str, kind: type[T]) -> tuple[T, ...]:
    """What PAGE lists under KEY. Raises WrongAnswer where it has none: no list is not an empty list."""
    if key not in page:
        raise WrongAnswer(f"the answer has no {key}")
    return msgspec.convert(page[key], tuple[kind, ...], strict=False)  # type: ignore[valid-type]


def first_look(clients: Clients) -> FirstLook:
    """Raises ProviderError where the first page can't be had."""
    found: list[FileSystem] = []
    right = "elasticfilesystem:DescribeFileSystems"
    try:
        with in_our_words(clients.place, right=right, renew=clients.renew):
            call = clients.of("efs").describe_file_systems
            for page in pages(call, marker="Marker", next_marker="NextMarker", MaxItems=PAGE):
                found += items(page, "FileSystems", FileSystem)
    except ProviderError as error:
        if not found:
            raise
        return FirstLook(file_systems=tuple(found), cut=error)
    return FirstLook(file_systems=tuple(found))


def caller_account(clients: Clients) -> str:
    """The number of the account that the credentials are of. Raises ProviderError."""
    with in_our_words(clients.place, right="sts:GetCallerIdentity", renew=clients.renew):
        return msgspec.convert(ask(clients.of("sts").get_caller_identity).get("Account"), str)


def details(clients: Clients, file_system_id: str) -> Details:
    """Raises Gone where the file system was deleted meanwhile."""
    targets = _told(lambda: mount_targets(clients, file_system_id))
    if isinstance(targets, ProviderError) and targets.kind in _HOPELESS:
        return Details(mount_targets=targets, lifecycle=targets, backup=targets)
    return Details(
        mount_targets=targets,
        lifecycle=_told(lambda: lifecycle(clients, file_system_id)),
        backup=_told(lambda: _backup(clients, file_system_id)),
    )


def _told(ask: Callable[[], T]) -> T | ProviderError:
    try:
        return ask()
    except Gone:
        raise
    except ProviderError as error:
        return error


def mount_targets(clients: Clients, file_system_id: str) -> tuple[MountTargetAnswer, ...]:
    """Raises ProviderError."""
    with in_our_words(clients.place, right="elasticfilesystem:DescribeMountTargets", renew=clients.renew):
        call = clients.of("efs").describe_mount_targets
        listed = pages(call, marker="Marker", next_marker="NextMarker", FileSystemId=file_system_id, MaxItems=PAGE)
        return tuple(target for page in listed for target in items(page, "MountTargets", MountTargetAnswer))


def lifecycle(clients: Clients, file_system_id: str) -> tuple[LifecyclePolicy, ...]:
    """Raises ProviderError."""
    right = "elasticfilesystem:DescribeLifecycleConfiguration"
    with in_our_words(clients.place, right=right, renew=clients.renew):
        answer = ask(clients.of("efs").describe_lifecycle_configuration, FileSystemId=file_system_id)
        return items(answer, "LifecyclePolicies", LifecyclePolicy)


def _backup(clients: Clients, file_system_id: str) -> str:
    """PolicyNotFound is how AWS says that there never was one."""
    right = "elasticfilesystem:DescribeBackupPolicy"
    with in_our_words(clients.place, right=right, renew=clients.renew):
        efs = clients.of("efs")
        try:
            answer = ask(efs.describe_backup_policy, FileSystemId=file_system_id)
        except efs.exceptions.PolicyNotFound:
            return "DISABLED"
        return msgspec.convert(answer.get("BackupPolicy", {}).get("Status"), str)
