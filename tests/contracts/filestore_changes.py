"""What every cloud must keep to where filestores are made and grown. A backend's own suite subclasses these.

class TestMine(FilestoreCreationContract):       # SlowCreationContract where what is made takes its time
    changes_needed = 2                           # requests that change something until the wish is there

    @pytest.fixture
    def cloud(self): ...                         # a Cloud (a SlowCloud): an account of the test's own

class TestMineGrows(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self): ...                         # a GrowingCloud
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.changes import Draft, FilestoreChanges, Follow, Piece, Stopped, Unfit, Wish, rights_of
from providers.filestores.protocol import Filestore, FilestoreScope
from providers.kubernetes.permission import Permission


class Cloud(Protocol):
    """One account, and what came in there. Nothing of `wish` is there at first."""

    scope: FilestoreScope
    wish: Wish

    async def connect(self) -> FilestoreChanges:
        """Those of a new backend, which knows what a console knows that has just started."""
        ...

    def made(self) -> int:
        """How many filestores of the wish's name there are, whatever state they are in."""
        ...

    def changed(self) -> int:
        """How many requests that change something have come in."""
        ...

    def lose_answer(self, number: int) -> None:
        """The NUMBERth request that changes something, counted from now, is worked as any; its answer is lost."""
        ...

    def deny(self, *rights: str) -> None:
        """From now on whoever asks has not these RIGHTS; what he does all the same is done."""
        ...

    def refuse_to_tell(self) -> None:
        """The question which rights one has is refused the next time."""
        ...


class SlowCloud(Cloud, Protocol):
    """A cloud that takes its time: what is begun is there, and not ready."""

    def hold(self) -> None:
        """What is begun from now on does not come to its end."""
        ...

    def release(self) -> None:
        """Whatever was held is ready."""
        ...


class GrowingCloud(Cloud, Protocol):
    """A cloud with one filestore that has a size."""

    async def filestore(self) -> Filestore:
        """As the backend lists it now."""
        ...

    def capacity_gib(self) -> int: ...

    def rest(self) -> object:
        """Everything that the cloud keeps of it beside its capacity, to be compared."""
        ...


class Killed(BaseException):
    """The console's end, in the middle of something."""


def writing() -> Permission:
    permission = Permission()
    permission.grant("write", until=datetime.now(UTC) + timedelta(hours=1))
    return permission


def not_writing() -> list[Permission | None]:
    """What does not let a change out: none, one that only reads, one that probes, one that has ended."""
    ended = Permission()
    ended.grant("write", until=datetime.now(UTC) - timedelta(seconds=1))
    return [None, Permission(), Permission(probe_always=True), ended]


def as_recorded(piece: Piece) -> Piece:
    """PIECE after it was written to disk and read again."""
    return msgspec.json.decode(msgspec.json.encode(piece), type=Piece)


async def draft_of(cloud: Cloud) -> Draft:
    return await (await cloud.connect()).draft_creation(cloud.scope, cloud.wish)


async def make(cloud: Cloud, *pieces: Piece, follow: Follow | None = None) -> list[str]:
    """How each of PIECES ended, made one after the other by one backend."""
    changes = await cloud.connect()
    permission = writing()
    return [
        await changes.make(cloud.scope, piece, permission=permission, follow=follow or Follow()) for piece in pieces
    ]


async def finish(cloud: Cloud) -> Draft:
    """Makes what is left, as a console that has just started would; gives the draft of after."""
    await make(cloud, *(await draft_of(cloud)).pieces)
    return await draft_of(cloud)


def check_whole(draft: Draft, cloud: Cloud) -> None:
    assert cloud.made() == 1
    assert draft.pieces == ()
    assert draft.there is not None
    assert draft.there.state == "ready"
    assert draft.server
    assert draft.path.startswith("/")


def at_look(number: int, then: Callable[[], bool]) -> Follow:
    """Asks THEN at the NUMBERth question whether to break off, and goes on before."""
    looks = iter(range(1, number))
    return Follow(stopped=lambda: next(looks, None) is None and then())


def die() -> bool:
    raise Killed


class FilestoreCreationContract:
    """Runs over any cloud. `changes_needed`: how many requests that change something the wish takes."""

    changes_needed = 1
    tells_rights = True
    """Whether the cloud can be asked which rights one has."""

    @pytest.fixture
    def cloud(self) -> Cloud:
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "change" in metafunc.fixturenames:
            metafunc.parametrize("change", range(1, self.changes_needed + 1))

    async def test_a_draft_only_asks(self, cloud: Cloud) -> None:
        draft = await draft_of(cloud)
        assert draft.pieces
        assert draft.there is None
        assert (cloud.made(), cloud.changed()) == (0, 0)

    async def test_the_same_is_drafted_twice(self, cloud: Cloud) -> None:
        draft = await draft_of(cloud)
        assert await draft_of(cloud) == draft
        assert len({piece.key for piece in draft.pieces}) == len(draft.pieces)

    async def test_a_piece_says_what_it_does_and_which_rights_it_needs(self, cloud: Cloud) -> None:
        for piece in (await draft_of(cloud)).pieces:
            assert piece.what
            assert piece.after
            assert piece.before != piece.after
            assert piece.rights

    async def test_rights_that_are_given_are_neither_denied_nor_unknown(self, cloud: Cloud) -> None:
        pieces = (await draft_of(cloud)).pieces
        told = await (await cloud.connect()).rights(cloud.scope, pieces)
        assert told.denied == ()
        assert set(told.unknown) == (set() if self.tells_rights else set(rights_of(pieces)))
        assert all(told.unknown.values())
        assert (cloud.made(), cloud.changed()) == (0, 0)

    async def test_the_right_that_is_missing_is_named(self, cloud: Cloud) -> None:
        pieces = (await draft_of(cloud)).pieces
        missing = pieces[0].rights[0]
        cloud.deny(missing)
        told = await (await cloud.connect()).rights(cloud.scope, [as_recorded(piece) for piece in pieces])
        assert told.denied == ((missing,) if self.tells_rights else ())
        assert bool(told.next_step) == self.tells_rights

    async def test_a_cloud_that_does_not_tell_denies_nothing(self, cloud: Cloud) -> None:
        pieces = (await draft_of(cloud)).pieces
        cloud.refuse_to_tell()
        told = await (await cloud.connect()).rights(cloud.scope, pieces)
        assert (told.denied, set(told.unknown)) == ((), set(rights_of(pieces)))
        assert all(told.unknown.values())

    async def test_a_draft_keeps_what_the_wish_says(self, cloud: Cloud) -> None:
        filled = msgspec.structs.asdict((await draft_of(cloud)).wish)
        wished = msgspec.structs.asdict(cloud.wish)
        assert {name: filled[name] for name, value in wished.items() if value} == {
            name: value for name, value in wished.items() if value
        }

    async def test_a_draft_says_how_it_is_done_by_hand(self, cloud: Cloud) -> None:
        assert (await draft_of(cloud)).commands

    @pytest.mark.parametrize("permission", not_writing())
    async def test_nothing_is_sent_without_the_permission_to_write(
        self, cloud: Cloud, permission: Permission | None
    ) -> None:
        changes = await cloud.connect()
        for piece in (await changes.draft_creation(cloud.scope, cloud.wish)).pieces:
            with pytest.raises(ProviderError) as caught:
                await changes.make(cloud.scope, piece, permission=permission, follow=Follow())
            assert caught.value.kind == "forbidden"
            assert caught.value.next_step
        assert (cloud.made(), cloud.changed()) == (0, 0)

    async def test_what_is_recorded_is_enough_to_make_it(self, cloud: Cloud) -> None:
        pieces = [as_recorded(piece) for piece in (await draft_of(cloud)).pieces]
        for piece in pieces:
            (ended,) = await make(cloud, piece)
            assert ended
        check_whole(await draft_of(cloud), cloud)
        assert cloud.changed() == self.changes_needed

    async def test_made_twice_is_there_once(self, cloud: Cloud) -> None:
        pieces = (await draft_of(cloud)).pieces
        for _ in range(2):
            await make(cloud, *pieces)
        check_whole(await draft_of(cloud), cloud)

    async def test_an_answer_that_is_lost_costs_no_second_one(self, cloud: Cloud, change: int) -> None:
        pieces = (await draft_of(cloud)).pieces
        cloud.lose_answer(change)
        with suppress(ProviderError):
            await make(cloud, *pieces)
        check_whole(await finish(cloud), cloud)

    async def test_an_answer_that_is_lost_lets_the_same_pieces_be_made_again(self, cloud: Cloud, change: int) -> None:
        pieces = (await draft_of(cloud)).pieces
        cloud.lose_answer(change)
        with suppress(ProviderError):
            await make(cloud, *pieces)
        await make(cloud, *pieces)
        check_whole(await draft_of(cloud), cloud)

    @pytest.mark.parametrize("look", [1, 2, 3])
    async def test_killed_anywhere_goes_on(self, cloud: Cloud, look: int) -> None:
        pieces = (await draft_of(cloud)).pieces
        with suppress(Killed):
            await make(cloud, *pieces, follow=at_look(look, die))
        assert cloud.made() <= 1
        check_whole(await finish(cloud), cloud)

    @pytest.mark.parametrize("look", [1, 2, 3])
    async def test_broken_off_anywhere_goes_on_with_the_same_pieces(self, cloud: Cloud, look: int) -> None:
        pieces = (await draft_of(cloud)).pieces
        with suppress(Stopped):
            await make(cloud, *pieces, follow=at_look(look, lambda: True))
        assert cloud.made() <= 1
        await make(cloud, *pieces)
        check_whole(await draft_of(cloud), cloud)


class SlowCreationContract(FilestoreCreationContract):
    """Runs over clouds in which what is made takes its time."""

    @pytest.fixture
    def cloud(self) -> SlowCloud:
        raise NotImplementedError

    async def begin(self, cloud: SlowCloud, then: Callable[[], bool]) -> None:
        """Makes all of the wish, which is held, and asks THEN as soon as something came in."""
        pieces = (await draft_of(cloud)).pieces
        cloud.hold()
        await make(cloud, *pieces, follow=Follow(stopped=lambda: cloud.changed() > 0 and then()))

    async def test_a_stop_leaves_what_was_begun(self, cloud: SlowCloud) -> None:
        with pytest.raises(Stopped):
            await self.begin(cloud, lambda: True)
        assert cloud.made() == 1
        cloud.release()
        check_whole(await finish(cloud), cloud)
        assert cloud.changed() == self.changes_needed

    async def test_a_console_that_starts_again_follows_what_was_begun(self, cloud: SlowCloud) -> None:
        with pytest.raises(Killed):
            await self.begin(cloud, die)
        begun = cloud.changed()
        draft = await draft_of(cloud)
        assert draft.there is not None
        assert draft.pieces
        with pytest.raises(Stopped):
            await make(cloud, draft.pieces[0], follow=at_look(2, lambda: True))
        assert (cloud.made(), cloud.changed()) == (1, begun)
        cloud.release()
        check_whole(await finish(cloud), cloud)
        assert cloud.changed() == self.changes_needed

    async def test_what_is_under_way_is_drafted_as_before_it_was_begun(self, cloud: SlowCloud) -> None:
        before = await draft_of(cloud)
        with pytest.raises(Killed):
            await self.begin(cloud, die)
        under_way = await draft_of(cloud)
        drafted = {piece.key: piece.arguments for piece in before.pieces}
        assert under_way.pieces
        assert all(drafted[piece.key] == piece.arguments for piece in under_way.pieces)
        assert under_way.wish == before.wish

    async def test_is_told_what_the_cloud_says(self, cloud: SlowCloud) -> None:
        said: list[str] = []
        pieces = (await draft_of(cloud)).pieces
        cloud.hold()
        with pytest.raises(Stopped):
            await make(cloud, *pieces, follow=Follow(say=said.append, stopped=lambda: bool(said)))
        assert said[0]
        assert "\n" not in said[0]


class FilestoreGrowthContract:
    """Runs over clouds whose filestores have a size."""

    @pytest.fixture
    def cloud(self) -> GrowingCloud:
        raise NotImplementedError

    async def draft(self, cloud: GrowingCloud, capacity_gib: int | None = None) -> Draft:
        """To CAPACITY_GIB, else to the next size that it may have."""
        changes = await cloud.connect()
        filestore = await cloud.filestore()
        target = capacity_gib or changes.suitable_gib(filestore, cloud.capacity_gib() + 1)
        assert target is not None
        return await changes.draft_growth(cloud.scope, filestore, target)

    def target(self, draft: Draft) -> int:
        assert draft.wish.capacity_gib is not None
        return draft.wish.capacity_gib

    async def test_a_size_that_suits_is_enough_and_suits_itself(self, cloud: GrowingCloud) -> None:
        changes, filestore = await cloud.connect(), await cloud.filestore()
        suitable = changes.suitable_gib(filestore, cloud.capacity_gib() + 0.5)
        assert suitable is not None
        assert suitable > cloud.capacity_gib()
        assert changes.suitable_gib(filestore, suitable) == suitable

    async def test_a_draft_only_asks(self, cloud: GrowingCloud) -> None:
        draft = await self.draft(cloud)
        assert draft.pieces
        assert draft.there is not None
        assert draft.there.id == (await cloud.filestore()).id
        assert draft.commands
        assert cloud.changed() == 0
        assert await self.draft(cloud) == draft

    async def test_nothing_is_left_to_do_where_it_has_that_size(self, cloud: GrowingCloud) -> None:
        assert (await self.draft(cloud, cloud.capacity_gib())).pieces == ()

    async def test_it_never_shrinks(self, cloud: GrowingCloud) -> None:
        with pytest.raises(Unfit) as caught:
            await self.draft(cloud, cloud.capacity_gib() - 1)
        assert caught.value.message

    @pytest.mark.parametrize("permission", not_writing())
    async def test_nothing_is_sent_without_the_permission_to_write(
        self, cloud: GrowingCloud, permission: Permission | None
    ) -> None:
        changes = await cloud.connect()
        for piece in (await self.draft(cloud)).pieces:
            with pytest.raises(ProviderError) as caught:
                await changes.make(cloud.scope, piece, permission=permission, follow=Follow())
            assert caught.value.kind == "forbidden"
        assert cloud.changed() == 0

    async def test_the_right_that_is_missing_is_named(self, cloud: GrowingCloud) -> None:
        (piece,) = (await self.draft(cloud)).pieces
        cloud.deny(piece.rights[0])
        told = await (await cloud.connect()).rights(cloud.scope, (piece,))
        assert (told.denied, told.unknown) == ((piece.rights[0],), {})
        assert cloud.changed() == 0

    async def test_it_grows_and_all_else_stays(self, cloud: GrowingCloud) -> None:
        draft, rest = await self.draft(cloud), cloud.rest()
        await make(cloud, *(as_recorded(piece) for piece in draft.pieces))
        assert cloud.capacity_gib() == self.target(draft)
        assert cloud.rest() == rest
        assert (await self.draft(cloud, self.target(draft))).pieces == ()

    async def test_made_twice_grows_once(self, cloud: GrowingCloud) -> None:
        draft = await self.draft(cloud)
        for _ in range(2):
            await make(cloud, *draft.pieces)
        assert cloud.capacity_gib() == self.target(draft)
        assert cloud.changed() == len(draft.pieces)

    async def test_an_answer_that_is_lost_is_found_out(self, cloud: GrowingCloud) -> None:
        draft, rest = await self.draft(cloud), cloud.rest()
        cloud.lose_answer(1)
        with suppress(ProviderError):
            await make(cloud, *draft.pieces)
        await make(cloud, *draft.pieces)
        assert cloud.capacity_gib() == self.target(draft)
        assert cloud.rest() == rest
        assert cloud.changed() == len(draft.pieces)

    @pytest.mark.parametrize("look", [1, 2, 3])
    async def test_killed_anywhere_goes_on(self, cloud: GrowingCloud, look: int) -> None:
        draft, rest = await self.draft(cloud), cloud.rest()
        with suppress(Killed):
            await make(cloud, *draft.pieces, follow=at_look(look, die))
        await make(cloud, *draft.pieces)
        assert cloud.capacity_gib() == self.target(draft)
        assert cloud.rest() == rest

    @pytest.mark.parametrize("look", [1, 2, 3])
    async def test_broken_off_anywhere_goes_on(self, cloud: GrowingCloud, look: int) -> None:
        draft = await self.draft(cloud)
        with suppress(Stopped):
            await make(cloud, *draft.pieces, follow=at_look(look, lambda: True))
        await make(cloud, *draft.pieces)
        assert cloud.capacity_gib() == self.target(draft)
