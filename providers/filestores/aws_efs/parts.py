"""The parts of a file system: each is looked for, and begun where it is not there. All of it blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import FileSystem, MountTargetAnswer, ask, lifecycle, mount_targets
from providers.filestores.aws_efs.errors import in_our_words
from providers.filestores.aws_efs.existing import find, of_name
from providers.filestores.aws_efs.orders import LIFECYCLE, AnyOrder, NewFileSystem, NewLifecycle, NewMountTarget, Order
from providers.filestores.aws_efs.session import Clients
from providers.filestores.aws_efs.values import lifecycle_words, moves_away

_BROKEN = ("error", "deleting")


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """How a part stands: not there, on its way, or ready; and in words."""

    state: Literal["absent", "coming", "there"]
    words: str


class Part(Protocol):
    def look(self) -> Sight:
        """Only asks. Raises ProviderError, also where it can't come any more."""
        ...

    def begin(self) -> None:
        """One request that makes it. What is there already is left, and found by the next look. Raises ProviderError,
        Unsettled among them."""
        ...


class FileSystemPart:
    """`rights`, here and below, are those that beginning it needs."""

    rights = ("elasticfilesystem:CreateFileSystem", "elasticfilesystem:TagResource")

    def __init__(self, clients: Clients, order: NewFileSystem) -> None:
        self._clients, self._order = clients, order

    def look(self) -> Sight:
        found = find(self._clients, self._order)
        if found is None and not self._order.token:
            raise _missing(self._clients, self._order)
        if found is None:
            return Sight(state="absent", words=f"{self._order.name}: being created")
        return _sight(self._clients, found, f"file system {self._order.name} ({found.file_system_id})")

    def begin(self) -> None:
        """Refuses where another of the name came meanwhile: a cluster would have two."""
        order = self._order
        others = of_name(self._clients, name=order.name, token=order.token, vpc=order.vpc)
        if others:
            named = ", ".join(each.system.file_system_id for each in others)
            raise ProviderError(
                "internal",
                f"{self._clients.place}: {order.name} is there meanwhile ({named}): none is created besides",
                next_step="plan again: it goes on with what is there",
            )
        tags = [{"Key": key, "Value": value} for key, value in order.tags.items()]
        with _making(self._clients, self.rights[0]) as efs:
            ask(
                efs.create_file_system, CreationToken=order.token, PerformanceMode=order.mode, Encrypted=True,
                Backup=True, Tags=tags,
            )  # fmt: skip


class LifecyclePart:
    rights = ("elasticfilesystem:PutLifecycleConfiguration",)

    def __init__(self, clients: Clients, order: NewLifecycle) -> None:
        self._clients, self._order = clients, order

    def look(self) -> Sight:
        found, sight = _of_order(self._clients, self._order)
        if sight.state != "there":
            return sight
        policies = lifecycle(self._clients, found.file_system_id)
        words = f"lifecycle of {found.file_system_id}: {lifecycle_words(policies)}"
        return Sight(state="there" if moves_away(policies) else "absent", words=words)

    def begin(self) -> None:
        found, _ = _of_order(self._clients, self._order)
        with _making(self._clients, self.rights[0]) as efs:
            ask(efs.put_lifecycle_configuration, FileSystemId=found.file_system_id, LifecyclePolicies=policies())


class MountTargetPart:
    rights = (
        "elasticfilesystem:CreateMountTarget", "ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces",
        "ec2:CreateNetworkInterface",
    )  # fmt: skip

    def __init__(self, clients: Clients, order: NewMountTarget) -> None:
        self._clients, self._order = clients, order

    def look(self) -> Sight:
        found, sight = _of_order(self._clients, self._order)
        if sight.state != "there":
            return sight
        zone = self._order.zone
        target = in_zone(mount_targets(self._clients, found.file_system_id), zone)
        if target is None:
            return Sight(state="absent", words=f"mount target in {zone}: being created")
        at = f" at {target.ip_address}" if target.ip_address else ""
        return _sight(self._clients, target, f"mount target in {zone} ({target.mount_target_id}{at})")

    def begin(self) -> None:
        found, _ = _of_order(self._clients, self._order)
        order = self._order
        groups = {"SecurityGroups": list(order.groups)} if order.groups else {}
        with _making(self._clients, self.rights[0]) as efs:
            ask(efs.create_mount_target, FileSystemId=found.file_system_id, SubnetId=order.subnet, **groups)


def part_of(clients: Clients, order: AnyOrder) -> Part:
    if isinstance(order, NewFileSystem):
        return FileSystemPart(clients, order)
    if isinstance(order, NewLifecycle):
        return LifecyclePart(clients, order)
    return MountTargetPart(clients, order)


def policies() -> list[dict[str, str]]:
    """As a request and the command line say them."""
    found: list[dict[str, str]] = [
        {key: value for key, value in msgspec.to_builtins(each).items() if value} for each in LIFECYCLE
    ]
    return found


def in_zone(targets: tuple[MountTargetAnswer, ...], zone: str) -> MountTargetAnswer | None:
    there = (each for each in targets if each.availability_zone_name == zone)
    return next((each for each in there if each.life_cycle_state != "deleted"), None)


def _of_order(clients: Clients, order: Order) -> tuple[FileSystem, Sight]:
    found = find(clients, order)
    if found is None:
        raise _missing(clients, order)
    return found, _sight(clients, found, f"file system {order.name} ({found.file_system_id})")


def _missing(clients: Clients, order: Order) -> ProviderError:
    message = f"{clients.place}: the file system {order.name} is not there (any more)"
    return ProviderError("internal", message, next_step="plan again: it is created before its parts")


def _sight(clients: Clients, found: FileSystem | MountTargetAnswer, what: str) -> Sight:
    state = found.life_cycle_state
    if state in _BROKEN:
        raise ProviderError(
            "internal",
            f"{clients.place}: {what} is {'in error' if state == 'error' else state}",
            next_step="nothing is deleted from here: see to it in AWS, and plan again once it is gone or mended",
        )
    return Sight(state="there" if state in ("available", "updating") else "coming", words=f"{what}: {state}")


@contextmanager
def _making(clients: Clients, right: str) -> Iterator[Any]:
    """The client that sends each request once. That the file system is not that far yet is left to the next look."""
    from botocore.exceptions import ClientError

    with in_our_words(clients.place, right=right, renew=clients.renew):
        try:
            yield clients.of("efs", once=True)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") != "IncorrectFileSystemLifeCycleState":
                raise
