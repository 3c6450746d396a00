"""Which file systems of a region are the one that is asked for, whole or half made."""

from __future__ import annotations

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import Details, FileSystem, ask, details, first_look, items
from providers.filestores.aws_efs.errors import Gone, in_our_words
from providers.filestores.aws_efs.orders import TOKENS, Order
from providers.filestores.aws_efs.session import Clients
from providers.filestores.aws_efs.values import name_tag


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A file system with what its own calls told."""

    system: FileSystem
    told: Details

    @property
    def vpcs(self) -> set[str]:
        """Where it can be mounted. Raises ProviderError where that may not be read."""
        if isinstance(self.told.mount_targets, ProviderError):
            raise self.told.mount_targets
        return {target.vpc_id or "" for target in self.told.mount_targets if target.life_cycle_state != "deleted"}


def of_name(clients: Clients, *, name: str, token: str, vpc: str) -> tuple[Found, ...]:
    """The file systems with the tag Name NAME that a cluster in VPC has or was about to have, and the one that was
    created with TOKEN. Names repeat in a region: those that are mounted elsewhere, or were begun from here for another
    cluster, are another's. Raises ProviderError, also where not all could be seen."""
    look = first_look(clients)
    if look.cut is not None:
        raise look.cut
    found: list[Found] = []
    for system in look.file_systems:
        if system.life_cycle_state == "deleted" or (system.creation_token != token and name_tag(system) != name):
            continue
        try:
            each = Found(system=system, told=details(clients, system.file_system_id))
        except Gone:
            continue
        if system.creation_token == token or _may_be_of(each, vpc):
            found.append(each)
    return tuple(found)


def _may_be_of(found: Found, vpc: str) -> bool:
    return vpc in found.vpcs or (not found.vpcs and not found.system.creation_token.startswith(TOKENS))


def find(clients: Clients, order: Order) -> FileSystem | None:
    """The file system of ORDER; None where there is none. Raises ProviderError."""
    only = {"CreationToken": order.token} if order.token else {"FileSystemId": order.file_system}
    try:
        with in_our_words(clients.place, right="elasticfilesystem:DescribeFileSystems", renew=clients.renew):
            answer = ask(clients.of("efs").describe_file_systems, **only)
            listed = items(answer, "FileSystems", FileSystem)
    except Gone:
        return None
    return next((each for each in listed if each.life_cycle_state != "deleted"), None)
