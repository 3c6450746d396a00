"""The file systems of one AWS region, for the clusters that live there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from providers.errors import ProviderError
from providers.filestores.aws_efs.answers import Details, FileSystem, FirstLook, caller_account, details, first_look
from providers.filestores.aws_efs.changes import EfsChanges
from providers.filestores.aws_efs.errors import Gone, of_another_account, too_slow
from providers.filestores.aws_efs.making import Pause
from providers.filestores.aws_efs.network import Reach, read_nodes, read_reach
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import CallBounds, Clients
from providers.filestores.aws_efs.values import BACKEND, filestore
from providers.filestores.changes import FilestoreChanges
from providers.filestores.protocol import FilestoreListing, FilestoreScope
from providers.filestores.shared import Shared
from providers.pool import run_blocking

T = TypeVar("T")


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """What all clusters of a place share: its file systems with what each told, the security groups before them
    (None: nothing has a mount target), and what was refused."""

    clients: Clients
    stores: tuple[tuple[FileSystem, Details], ...]
    reach: Reach | ProviderError | None
    refused: tuple[ProviderError, ...]


class AwsEfs:
    """Lists and makes EFS. A listing sends only calls that describe: of file systems, and for each its mount targets,
    lifecycle and backup policy; of EC2 the security groups and nodes. All but the nodes is asked once for all clusters
    of a region.

    `listing_s` is how long one listing may take in all: what is told by then is given, and what is not is named.
    `pause` waits between two looks at what is being made.
    """

    name = BACKEND

    def __init__(
        self, *, bounds: CallBounds = CallBounds(), listing_s: float = 25.0, pause: Pause = asyncio.sleep
    ) -> None:
        self._bounds = bounds
        self._listing_s = listing_s
        self._pause = pause
        self._clients: dict[Place, Clients] = {}
        self._regions: Shared[Region] = Shared()

    async def list_filestores(self, scope: FilestoreScope) -> FilestoreListing:
        """Raises ProviderError where the region can't be asked, or answers for another account than the cluster's."""
        place = Place.of(scope)
        if place is None:
            return FilestoreListing()
        listing = _Listing(place, self._listing_s)
        region = await self._regions.answer(place, scope, lambda: self._region(place))
        reach = await listing.reach(region, Place.eks_cluster(scope))
        return FilestoreListing(
            filestores=tuple(
                filestore(found, told, reach, place=place, now=scope.now) for found, told in region.stores
            ),
            refused=region.refused,
        )

    async def changes(self) -> FilestoreChanges:
        return EfsChanges(bounds=self._bounds, asking_s=self._listing_s, pause=self._pause)

    async def _region(self, place: Place) -> Region:
        listing = _Listing(place, self._listing_s)
        clients = self._clients.get(place)
        if clients is None:
            clients = self._clients[place] = await listing.run(lambda: Clients(place, self._bounds))
        try:
            region = await listing.region(clients)
        except ProviderError as error:
            self._forget_where_unauthorized(place, (error,))
            raise
        self._forget_where_unauthorized(place, region.refused)
        return region

    def _forget_where_unauthorized(self, place: Place, errors: Sequence[ProviderError]) -> None:
        """Credentials that are renewed are read by a new session alone."""
        if any(error.kind == "unauthorized" for error in errors):
            self._clients.pop(place, None)


class _Listing:
    """One look at one place, within its time."""

    def __init__(self, place: Place, seconds: float) -> None:
        self._place, self._seconds = place, seconds
        self._ends = asyncio.get_running_loop().time() + seconds

    async def run(self, call: Callable[[], T]) -> T:
        left = max(0.0, self._ends - asyncio.get_running_loop().time())
        try:
            return await run_blocking(call, timeout_s=left, lane=BACKEND)
        except TimeoutError as error:
            raise too_slow(self._place, self._seconds) from error

    async def region(self, clients: Clients) -> Region:
        look = await self.run(lambda: first_look(clients))
        unsure = await self._check_account(clients, look)
        found = [each for each in look.file_systems if each.life_cycle_state != "deleted"]
        told = await asyncio.gather(*(self._details(clients, each) for each in found))
        there = tuple((each, answer) for each, answer in zip(found, told, strict=True) if answer is not None)
        refused = (look.cut, unsure, *(_gap(each, answer) for each, answer in there))
        return Region(
            clients=clients,
            stores=there,
            reach=await self._groups(clients, [answer for _, answer in there]),
            refused=tuple(error for error in refused if error is not None),
        )

    async def reach(self, region: Region, eks_cluster: str) -> Reach | ProviderError | None:
        """REGION's groups with the nodes of one cluster."""
        if not isinstance(region.reach, Reach):
            return region.reach
        try:
            nodes = await self.run(lambda: read_nodes(region.clients, eks_cluster))
        except ProviderError as error:
            return error
        return msgspec.structs.replace(region.reach, nodes=nodes)

    async def _check_account(self, clients: Clients, look: FirstLook) -> ProviderError | None:
        """Raises ProviderError where another account answers. File systems name their owner; only where there are
        none is the caller asked for, since nothing found in another account says nothing of this one."""
        wanted = self._place.account
        owners = {each.owner_id for each in look.file_systems if each.owner_id}
        if wanted and not owners:
            try:
                owners = {await self.run(lambda: caller_account(clients))}
            except ProviderError as error:
                return error
        if not wanted or owners <= {wanted}:
            return None
        raise of_another_account(self._place, owners - {wanted}, wanted)

    async def _details(self, clients: Clients, found: FileSystem) -> Details | None:
        """None where the file system is no more."""
        try:
            return await self.run(lambda: details(clients, found.file_system_id))
        except Gone:
            return None
        except ProviderError as error:
            return Details(mount_targets=error, lifecycle=error, backup=error)

    async def _groups(self, clients: Clients, told: Sequence[Details]) -> Reach | ProviderError | None:
        interfaces = [
            target.network_interface_id
            for each in told
            if not isinstance(each.mount_targets, ProviderError)
            for target in each.mount_targets
            if target.network_interface_id
        ]
        if not interfaces:
            return None
        try:
            return await self.run(lambda: read_reach(clients, interfaces))
        except ProviderError as error:
            return error


def _gap(found: FileSystem, told: Details) -> ProviderError | None:
    """Without its mount targets a file system's addresses are not known, and hubs can't be matched by them."""
    error = told.mount_targets
    if not isinstance(error, ProviderError):
        return None
    message = f"mount targets of {found.file_system_id} are not known: {error.message}"
    return ProviderError(error.kind, message, next_step=error.next_step)
