"""Makes and grows instances of Google Cloud Filestore: one by its name, whatever was cut short before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from providers.errors import ProviderError
from providers.filestores.changes import Draft, Follow, Piece, Rights, Unfit, Wish, check_permitted, rights_of, untold
from providers.filestores.gcp_filestore.api import EDITOR, Api, Running
from providers.filestores.gcp_filestore.capacity import least_gib, suitable_gib, tier_named
from providers.filestores.gcp_filestore.drafts import (
    check_fits,
    check_growth,
    check_wish,
    draft_of_begun,
    draft_of_growth,
    draft_of_new,
    draft_of_ready,
)
from providers.filestores.gcp_filestore.operations import CONFLICT, Following, Pace, is_lost, state_of, status_of
from providers.filestores.gcp_filestore.pages import Pages
from providers.filestores.gcp_filestore.placing import (
    Neighbours,
    location_for,
    location_warnings,
    neighbours,
    network_for,
)
from providers.filestores.gcp_filestore.project import project_of
from providers.filestores.gcp_filestore.reading import GIB, filestore_of
from providers.filestores.gcp_filestore.shape import Shape, differences, shape_of
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.permission import Permission

if TYPE_CHECKING:
    from google.cloud.filestore_v1 import Instance

RESOURCE = re.compile(r"projects/[^/]+/locations/[^/]+/instances/[^/]+")
TIER = "BASIC_HDD"
"""Of a wish that names none."""


class GcpChanges:
    """See `FilestoreChanges`. An instance's name is what makes a request idempotent: Google gives it to one only."""

    def __init__(self, api: Api, *, pace: Pace) -> None:
        self._api, self._pace = api, pace

    async def draft_creation(self, scope: FilestoreScope, wish: Wish) -> Draft:
        """One piece, that makes the instance or waits for what was begun; none where it is there.

        What the wish leaves open is as with the instances that the cluster mounts, then as its account and nodes say.
        """
        check_wish(wish)
        project = _project(scope)
        tier = tier_named(wish.tier)
        pages = None if wish.location and wish.network else await self._api.instances(project)
        named = [each for each in pages.items if _name(each.name) == wish.name] if pages else []
        location = wish.location or _location_of(named, pages, wish.name)
        others = neighbours([each for each in pages.items if each not in named], scope) if pages else Neighbours()
        location = location or location_for(tier or TIER, scope, others)
        resource = f"projects/{project}/locations/{location}/instances/{wish.name}"
        wanted = Shape(
            instance=resource,
            tier=tier,
            share=wish.share,
            capacity_gib=wish.capacity_gib or 0,
            network=wish.network,
            labels=dict(wish.tags),
        )
        there = await self._api.instance(resource)
        if there is None:
            shape = _completed(wanted, others)
            return draft_of_new(shape, wish, warnings=location_warnings(shape.tier, location, scope) + _gaps(pages))
        check_fits(there, wanted)
        filestore = filestore_of(there, None, project=project, now=scope.now)
        if state_of(there) == "READY":
            return draft_of_ready(shape_of(there), filestore, wish)
        return draft_of_begun(_as_begun(there, wanted, others), filestore, wish)

    async def draft_growth(self, scope: FilestoreScope, filestore: Filestore, capacity_gib: int) -> Draft:
        """One piece, or none where it has that capacity."""
        resource = _own(filestore.id, scope)
        instance = await self._api.instance(resource)
        if instance is None:
            raise Unfit(f"the Filestore instance {filestore.name} is not there any more", next_step="refresh")
        return draft_of_growth(instance, filestore, capacity_gib, running=await self._changed_by(resource))

    def suitable_gib(self, filestore: Filestore, least_gib: float) -> int | None:
        """By the steps of its tier, within the range that it was made in."""
        now_gib = (filestore.capacity_bytes or 0) // GIB
        return suitable_gib(filestore.tier, least_gib, now_gib=now_gib)

    async def rights(self, scope: FilestoreScope, pieces: Sequence[Piece]) -> Rights:
        """By one question about the project, which needs no right."""
        named = rights_of(pieces)
        try:
            project = _project(scope)
            given = await self._api.given(project, named)
        except (ProviderError, Unfit) as error:
            return untold(pieces, error)
        denied = tuple(right for right in named if right not in given)
        remedy = f"ask for {EDITOR} on project {project}, or a role with these rights"
        return Rights(denied=denied, next_step=remedy if denied else "")

    async def make(self, scope: FilestoreScope, piece: Piece, *, permission: Permission | None, follow: Follow) -> str:
        """See `FilestoreChanges`. An instance is looked for by its name before anything is sent, and after an answer
        that was lost."""
        check_permitted(permission, piece.what)
        do, resource = piece.arguments.get("do"), _own(str(piece.arguments.get("instance", "")), scope)
        verb = "update" if do == "grow" else "create"
        following = Following(self._api, resource, verb, follow=follow, pace=self._pace)
        if do == "grow":
            return await self._grow(resource, int(piece.arguments["capacity_gib"]), permission, following)
        return await self._create(_shape(piece.arguments), permission, following)

    async def _changed_by(self, resource: str) -> str:
        """The operation that changes an instance now; "" where there is none, or where that may not be read."""
        with suppress(ProviderError):
            for each in await self._api.operations(resource):
                if not each.done:
                    return each.id
        return ""

    async def _create(self, shape: Shape, permission: Permission | None, following: Following) -> str:
        there = await following.ask(lambda: self._api.instance(shape.instance))
        begun: Running | None = None
        if there is not None:
            check_fits(there, shape)
            begun = await following.running() if state_of(there) == "CREATING" else None
        else:
            begun = await self._begin_creation(shape, permission, following)
        if begun is not None:
            await following.operation_ended(begun)
        ready = await following.ready()
        check_fits(ready, shape)
        addresses = ", ".join(address for network in ready.networks for address in network.ip_addresses)
        return f"{shape.name} is READY at {addresses or 'no address yet'}: {shape_of(ready).words()}"

    async def _begin_creation(
        self, shape: Shape, permission: Permission | None, following: Following
    ) -> Running | None:
        """The operation that makes SHAPE; None where it was begun and its operation is not known."""
        following.check_stop()
        following.say(f"asking Google to create {shape.name}")
        try:
            return await self._api.create(shape, permission=permission)
        except ProviderError as error:
            if not is_lost(error) and status_of(error) != CONFLICT:
                raise
            check_fits(await following.shown(error), shape)
        following.say(f"{shape.name} is there: it was begun, though no answer said so")
        return await following.running()

    async def _grow(self, resource: str, capacity_gib: int, permission: Permission | None, following: Following) -> str:
        instance = await following.settled()
        name, before_gib = _name(resource), shape_of(instance).capacity_gib
        if before_gib >= capacity_gib:
            return f"{name} has {before_gib} GiB"
        check_growth(instance, capacity_gib)
        following.check_stop()
        following.say(f"asking Google to give {name} {capacity_gib} GiB")
        try:
            begun: Running | None = await self._api.grow(instance, capacity_gib, permission=permission)
        except ProviderError as error:
            begun = await following.begun_after(error, lambda now: shape_of(now).capacity_gib >= capacity_gib)
        if begun is not None:
            await following.operation_ended(begun)
        after_gib = shape_of(await following.settled()).capacity_gib
        if after_gib < capacity_gib:
            message = f"Google has ended growing {name}, and it has {after_gib} GiB, not {capacity_gib}"
            raise ProviderError("internal", message, next_step="refresh, then plan it anew")
        return f"{name} has {after_gib} GiB, {before_gib} before"


def _project(scope: FilestoreScope) -> str:
    if scope.provider != "gcp":
        raise Unfit(f"{scope.cluster} is not on Google", next_step="make it in the cloud that the cluster is in")
    return project_of(scope)


def _own(resource: str, scope: FilestoreScope) -> str:
    """RESOURCE, an instance's whole name. Raises Unfit where it is of another project than SCOPE's."""
    project = _project(scope)
    if RESOURCE.fullmatch(resource) is None or resource.split("/")[1] != project:
        raise Unfit(f"{resource!r} is no Filestore instance of project {project}", next_step="refresh, then plan anew")
    return resource


def _completed(wanted: Shape, others: Neighbours) -> Shape:
    """WANTED with what it leaves open. Raises Unfit where the network can't be told."""
    network, mode = (wanted.network, "") if wanted.network else network_for(others)
    tier = wanted.tier or TIER
    capacity_gib = wanted.capacity_gib or least_gib(tier)
    return msgspec.structs.replace(wanted, tier=tier, capacity_gib=capacity_gib, network=network, connect_mode=mode)


def _as_begun(there: Instance, wanted: Shape, others: Neighbours) -> Shape:
    """What was asked for, where THERE comes of it: a piece is the same before it was begun and after. Else what THERE
    will be."""
    will_be = shape_of(there)
    try:
        asked = _completed(wanted, others)
    except Unfit:
        return will_be
    same = not differences(will_be, asked) and will_be.capacity_gib == asked.capacity_gib
    return asked if same else will_be


def _shape(arguments: Mapping[str, Any]) -> Shape:
    return msgspec.convert({key: value for key, value in arguments.items() if key != "do"}, Shape)


def _location_of(named: Sequence[Instance], pages: Pages[Instance] | None, name: str) -> str:
    """Where the one of that name is; "" where there is none. Raises Unfit where there are several, ProviderError where
    a location did not tell."""
    places = sorted(each.name.split("/")[3] for each in named)
    if len(places) > 1:
        raise Unfit(f"there are Filestore instances {name} in {', '.join(places)}", next_step="name the location")
    if places or pages is None:
        return "".join(places)
    if pages.cut is not None:
        raise pages.cut
    if pages.unreachable:
        where = ", ".join(pages.unreachable)
        message = f"whether there is a Filestore instance {name} is not known: {where} did not answer"
        raise ProviderError("unreachable", message, next_step="name the location, or try again later")
    return ""


def _gaps(pages: Pages[Instance] | None) -> tuple[str, ...]:
    """What the suggestions may miss, where the location was named and the network was not."""
    if pages is None or (pages.cut is None and not pages.unreachable):
        return ()
    return ("only a part of the project's instances is known: its network may be another",)


def _name(resource: str) -> str:
    return resource.rpartition("/")[2]
