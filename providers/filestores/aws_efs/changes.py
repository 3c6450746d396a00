"""Makes file systems, and says why none needs to grow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from providers.filestores.aws_efs.drafting import Request, check_wish, draft
from providers.filestores.aws_efs.existing import of_name
from providers.filestores.aws_efs.making import Asker, Making, Pause, check_account
from providers.filestores.aws_efs.orders import order_of
from providers.filestores.aws_efs.parts import part_of
from providers.filestores.aws_efs.place import Place
from providers.filestores.aws_efs.session import CallBounds, Clients
from providers.filestores.aws_efs.site import find_site
from providers.filestores.changes import Draft, Follow, Piece, Rights, Unfit, Wish, check_permitted, rights_of
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.permission import Permission

UNASKED = "AWS answers no question about it: it is found out when it is done"


class EfsChanges:
    """Asks with credentials read anew for each draft and each piece. `asking_s` is how long one draft, or one question
    while something is made, may take."""

    def __init__(self, *, bounds: CallBounds, asking_s: float, pause: Pause = asyncio.sleep) -> None:
        self._bounds, self._asking_s, self._pause = bounds, asking_s, pause

    async def draft_creation(self, scope: FilestoreScope, wish: Wish) -> Draft:
        place = _place(scope)
        check_wish(wish, place)
        return await Asker(place, self._asking_s)(lambda: self._draft(scope, place, wish))

    def _draft(self, scope: FilestoreScope, place: Place, wish: Wish) -> Draft:
        clients = Clients(place, self._bounds)
        account, cluster = check_account(clients, place.account), Place.eks_cluster(scope)
        request = Request(wish=wish, place=place, account=account, eks_cluster=cluster, now=scope.now)
        site = find_site(clients, cluster)
        found = of_name(clients, name=wish.name, token=request.token, vpc=site.vpc)
        return draft(request, site, found, _node_zones(scope))

    async def draft_growth(
        self,
        scope: FilestoreScope,  # noqa: ARG002 - the protocol's
        filestore: Filestore,
        capacity_gib: int,  # noqa: ARG002 - the protocol's
    ) -> Draft:
        raise Unfit(
            f"{filestore.name} is an EFS file system: it has no size, takes whatever is written and is never full",
            next_step="where writing fails for want of room all the same, it is a quota of files or locks that one "
            "client has open; where it is slow, its throughput",
        )

    def suitable_gib(self, filestore: Filestore, least_gib: float) -> int | None:  # noqa: ARG002 - the protocol's
        return None

    async def rights(self, scope: FilestoreScope, pieces: Sequence[Piece]) -> Rights:  # noqa: ARG002 - the protocol's
        """None is asked: AWS lets nobody ask what he may do but by a right that people seldom have."""
        return Rights(unknown=dict.fromkeys(rights_of(pieces), UNASKED))

    async def make(self, scope: FilestoreScope, piece: Piece, *, permission: Permission | None, follow: Follow) -> str:
        check_permitted(permission, piece.what)
        place, order = _place(scope), order_of(piece.arguments)
        ask = Asker(place, self._asking_s)
        clients = await ask(lambda: Clients(place, self._bounds, permission))
        await ask(lambda: check_account(clients, order.account))
        return await Making(ask, follow, self._pause).make(part_of(clients, order))


def _place(scope: FilestoreScope) -> Place:
    place = Place.of(scope)
    if place is None:
        raise Unfit(f"{scope.cluster} is not on AWS: EFS is not for it")
    return place


def _node_zones(scope: FilestoreScope) -> frozenset[str]:
    nodes = scope.observation.nodes.items if scope.observation else ()
    return frozenset(node.metadata.labels.zone for node in nodes if node.metadata.labels.zone)
