"""What is made of a file system, one by one, as a piece records it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import LifecyclePolicy

TOKENS = "hubhomes-"
"""How the creation tokens of file systems begin that were made from here."""
LIFECYCLE = (
    LifecyclePolicy(transition_to_ia="AFTER_90_DAYS"),
    LifecyclePolicy(transition_to_primary_storage_class="AFTER_1_ACCESS"),
)


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="make", omit_defaults=True):
    """`name` is the file system's tag Name, `account` the number of whose it is. It is found by `token`, with which it
    is or was created, or, where it was made elsewhere, by `file_system`, its id."""

    name: str
    account: str
    token: str = ""
    file_system: str = ""


class NewFileSystem(Order, frozen=True, kw_only=True, tag="file-system"):
    """Encrypted, with daily backups. `mode` is AWS's performance mode; `vpc` the only one it will be mounted from."""

    vpc: str
    mode: str
    tags: Mapping[str, str] = {}


class NewLifecycle(Order, frozen=True, kw_only=True, tag="lifecycle"):
    """What is unused moves to infrequent access, and back when it is used."""


class NewMountTarget(Order, frozen=True, kw_only=True, tag="mount-target"):
    """A zone has at most one, in any of its subnets."""

    zone: str
    subnet: str
    groups: tuple[str, ...]


AnyOrder = NewFileSystem | NewLifecycle | NewMountTarget


def token_of(eks_cluster: str, name: str) -> str:
    """The creation token of the file system NAME of a cluster: the same whoever asks, and within AWS's 64 letters."""
    return TOKENS + hashlib.sha256(f"{eks_cluster}\0{name}".encode()).hexdigest()[:32]


def recorded(order: AnyOrder) -> Mapping[str, Any]:
    """As JSON has it, without what is left open."""
    found: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(order))
    return found


def order_of(arguments: Mapping[str, Any]) -> AnyOrder:
    """Raises ProviderError where ARGUMENTS are not of an order."""
    try:
        order: AnyOrder = msgspec.convert(arguments, AnyOrder)
    except msgspec.ValidationError as error:
        raise ProviderError("internal", f"this is nothing that is made in EFS: {error}") from error
    return order
