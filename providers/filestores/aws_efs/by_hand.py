"""The commands of AWS's own tool that would make the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from providers.filestores.aws_efs.orders import AnyOrder, NewFileSystem, NewLifecycle
from providers.filestores.aws_efs.parts import policies
from providers.filestores.aws_efs.place import Place

_VARIABLE = "FILE_SYSTEM"
"""Holds the id of a file system that the commands before it create."""


def by_hand(place: Place, orders: Sequence[AnyOrder], file_system: str) -> tuple[str, ...]:
    """One for each of ORDERS. FILE_SYSTEM is the id of the one that is there, "" where the first of them makes it."""
    return tuple(_commands(place, orders, file_system))


def _commands(place: Place, orders: Sequence[AnyOrder], file_system: str) -> Iterator[str]:
    own = file_system or f'"${_VARIABLE}"'
    for order in orders:
        if isinstance(order, NewFileSystem):
            yield (
                place.command("efs", "describe-file-systems", "--file-system-id", own)
                if file_system
                else (f"{_VARIABLE}=$({_creation(place, order)})")
            )
            continue
        if isinstance(order, NewLifecycle):
            line = place.command("efs", "put-lifecycle-configuration", "--lifecycle-policies", json.dumps(policies()))
        else:
            groups = ("--security-groups", *order.groups)
            line = place.command("efs", "create-mount-target", "--subnet-id", order.subnet, *groups)
        yield f"{line} --file-system-id {own}"


def _creation(place: Place, order: NewFileSystem) -> str:
    tags = [{"Key": key, "Value": value} for key, value in order.tags.items()]
    return place.command(
        "efs", "create-file-system", "--creation-token", order.token, "--encrypted", "--backup",
        "--performance-mode", order.mode, "--tags", json.dumps(tags), "--query", "FileSystemId", "--output", "text",
    )  # fmt: skip
