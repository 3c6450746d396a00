"""From what AWS tells to a draft: what is there of a file system, and what is left to make. Asks nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.by_hand import by_hand
from providers.filestores.aws_efs.existing import Found
from providers.filestores.aws_efs.orders import (
    NewFileSystem,
    NewLifecycle,
    NewMountTarget,
    order_of,
    recorded,
    token_of,
)
from providers.filestores.aws_efs.parts import FileSystemPart, LifecyclePart, MountTargetPart, in_zone
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.site import Site
from providers.filestores.aws_efs.values import filestore, lifecycle_words, moves_away
from providers.filestores.changes import Draft, Piece, Unfit, Wish

_MODES = {"generalpurpose": "generalPurpose", "maxio": "maxIO"}
_LIFECYCLE = "to infrequent access after 90 days, back after 1 access"

T = TypeVar("T")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wished, for which cluster, and where: `account` is the number of the one that the credentials are of."""

    wish: Wish
    place: Place
    account: str
    eks_cluster: str
    now: datetime

    @property
    def token(self) -> str:
        return token_of(self.eks_cluster, self.wish.name)


def check_wish(wish: Wish, place: Place) -> None:
    """Raises Unfit for what no file system here has."""
    if wish.capacity_gib is not None:
        raise Unfit("an EFS file system has no size: it takes whatever is written", next_step="ask for no capacity")
    if wish.tier and wish.tier.lower() not in _MODES:
        known = " and ".join(_MODES.values())
        raise Unfit(f"EFS has no performance mode {wish.tier}", next_step=f"leave it out; there are {known}")
    if wish.location not in ("", place.region):
        raise Unfit(
            f"the file system is kept in all zones of {place.region}, not in {wish.location}",
            next_step="leave out the location",
        )


def draft(request: Request, site: Site, found: tuple[Found, ...], node_zones: frozenset[str]) -> Draft:
    """NODE_ZONES are those where Kubernetes says that nodes run. Raises Unfit, and ProviderError where what is there
    is not known well enough."""
    wish, place = request.wish, request.place
    _check_fit(request, site, found)
    there = found[0] if found else None
    pieces = tuple(_pieces(request, site, there))
    return Draft(
        wish=msgspec.structs.replace(wish, location=place.region, network=site.vpc, tier=_mode(wish, there)),
        pieces=pieces,
        there=filestore(there.system, there.told, None, place=place, now=request.now) if there else None,
        server=place.host(there.system.file_system_id) if there else "",
        path="/",
        notes=tuple(_notes(request, site)),
        warnings=(*site.warnings, *_warnings(request, site, there, node_zones)),
        commands=by_hand(
            place, [order_of(piece.arguments) for piece in pieces], there.system.file_system_id if there else ""
        ),
        deletion="" if there else place.command("efs", "delete-file-system", "--file-system-id", "ID"),
    )


def _check_fit(request: Request, site: Site, found: tuple[Found, ...]) -> None:
    wish = request.wish
    if wish.network not in ("", site.vpc):
        raise Unfit(
            f"{request.eks_cluster} is in {site.vpc}: its nodes would not reach a file system in {wish.network}",
            next_step="leave out the network",
        )
    if len(found) > 1:
        named = ", ".join(each.system.file_system_id for each in found)
        raise Unfit(
            f"several file systems are called {wish.name}: {named}",
            next_step="give all but one another tag Name, or choose another name",
        )
    for each in found:
        _check_whole(each, site)


def _check_whole(found: Found, site: Site) -> None:
    system = found.system
    if system.life_cycle_state in ("deleting", "error"):
        raise Unfit(
            f"{system.file_system_id} is {_word(system.life_cycle_state)}",
            next_step="nothing is deleted from here: see to it in AWS, and ask again once it is gone or mended",
        )
    elsewhere = found.vpcs - {site.vpc}
    if elsewhere:
        raise Unfit(
            f"{system.file_system_id} is mounted in {', '.join(sorted(elsewhere))}: "
            f"a file system has mount targets in one VPC, and the cluster is in {site.vpc}",
            next_step="choose another name",
        )


def _word(state: str) -> str:
    return "in error" if state == "error" else "being deleted"


def _mode(wish: Wish, there: Found | None) -> str:
    """That of one that is there stays: it can't be changed."""
    return wish.tier or (there.system.performance_mode if there else "") or _MODES["generalpurpose"]


def _pieces(request: Request, site: Site, there: Found | None) -> Iterator[Piece]:
    """Those that are not there, and those on their way, which are waited for."""
    name = request.wish.name
    whose = _whose(request, there)
    state = there.system.life_cycle_state if there else ""
    if there is None or state == "creating":
        yield _file_system(request, site, whose, there)
    if there is None or not moves_away(_known(there.told.lifecycle)):
        before = lifecycle_words(_known(there.told.lifecycle)) if there else "off"
        yield Piece(
            key=f"lifecycle:{name}",
            what=f"turn on the lifecycle of {name}",
            before=f"lifecycle: {before}",
            after=f"lifecycle: {_LIFECYCLE}",
            rights=LifecyclePart.rights,
            arguments=recorded(NewLifecycle(**whose)),
        )
    for zone in _zones(site, there):
        yield from _mount_target(name, zone, site, whose, there)


def _whose(request: Request, there: Found | None) -> dict[str, str]:
    """By which a file system is found: by the token where it is, or would be, created with it."""
    whose = {"name": request.wish.name, "account": request.account}
    if there is None or there.system.creation_token == request.token:
        return {**whose, "token": request.token}
    return {**whose, "file_system": there.system.file_system_id}


def _file_system(request: Request, site: Site, whose: Mapping[str, str], there: Found | None) -> Piece:
    wish = request.wish
    mode = _MODES[_mode(wish, there).lower()]
    tags = {**wish.tags, "Name": wish.name}
    tagged = ", ".join(f"{key}={value}" for key, value in sorted(tags.items()))
    return Piece(
        key=f"file-system:{wish.name}",
        what=f"create the file system {wish.name} in {request.place.region}",
        before=f"{there.system.file_system_id} is being created" if there else "there is none",
        after=f"encrypted, in all zones, mode {mode}, daily backups; tags {tagged}",
        rights=FileSystemPart.rights,
        arguments=recorded(NewFileSystem(**whose, vpc=site.vpc, mode=mode, tags=dict(sorted(tags.items())))),
    )


def _zones(site: Site, there: Found | None) -> list[str]:
    """A file system that is kept in one zone has its only mount target there."""
    only = there.system.availability_zone_name if there else None
    return [zone for zone in site.subnets if only in (None, "", zone)]


def _mount_target(name: str, zone: str, site: Site, whose: Mapping[str, str], there: Found | None) -> Iterator[Piece]:
    target = in_zone(_known(there.told.mount_targets), zone) if there else None
    state = target.life_cycle_state if target else ""
    if target is not None and state in ("deleting", "error"):
        raise Unfit(
            f"mount target {target.mount_target_id} in {zone} is {_word(state)}",
            next_step="nothing is deleted from here: see to it in AWS, and ask again once it is gone or mended",
        )
    if target is not None and state != "creating":
        return
    subnet, groups = site.subnets[zone], site.groups
    yield Piece(
        key=f"mount-target:{name}:{zone}",
        what=f"create the mount target of {name} in {zone}",
        before=f"{target.mount_target_id} is being created" if target else "there is none",
        after=f"in {subnet}, in security group {', '.join(groups)}",
        rights=MountTargetPart.rights,
        arguments=recorded(NewMountTarget(**whose, zone=zone, subnet=subnet, groups=groups)),
    )


def _known(told: T | ProviderError) -> T:
    if isinstance(told, ProviderError):
        raise told
    return told


def _notes(request: Request, site: Site) -> Iterator[str]:
    yield f"in account {request.account}, {request.place.region}"
    yield f"nodes of {site.vpc} mount it, by a mount target in each of {', '.join(site.subnets)}"
    yield f"security group {', '.join(site.groups)}: {site.why}"


def _warnings(request: Request, site: Site, there: Found | None, node_zones: frozenset[str]) -> Iterator[str]:
    lacking = sorted(node_zones - set(site.subnets))
    if lacking:
        yield f"nodes run in {', '.join(lacking)}, of which no subnet is known: no mount target will be there"
    if there is None:
        return
    system, told = there.system, there.told
    own = system.file_system_id
    if not there.vpcs and system.creation_token != request.token:
        yield f"{own} has no mount target and was not begun from here: make sure that it is meant"
    mode = system.performance_mode
    if request.wish.tier and mode and mode.lower() != request.wish.tier.lower():
        yield f"{own} has the performance mode {mode}: that can't be changed"
    if system.encrypted is False:
        yield f"{own} is not encrypted: that can't be changed"
    if system.availability_zone_name:
        yield f"{own} is kept in one zone, {system.availability_zone_name}: nodes of others mount it from there"
    if told.backup == "DISABLED":
        policy = request.place.command(
            "efs", "put-backup-policy", "--file-system-id", own, "--backup-policy", "Status=ENABLED"
        )
        yield f"{own} has no backups: {policy}"
