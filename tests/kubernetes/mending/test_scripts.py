"""The scripts on folders of this machine: what they find wrong, what they change, and what they must not touch."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH101, PTH102, PTH103, PTH108, PTH123, PTH211
from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.errors import ProviderError
from providers.kubernetes.commands import only_looks, watched
from providers.kubernetes.mending import mend as mending
from providers.kubernetes.mending import owners
from providers.kubernetes.mending.mend import batches, mend
from providers.kubernetes.mending.owners import states, wrong, wrong_command
from providers.kubernetes.mending.protocol import Change, Owned, Question
from tests.kubernetes.mending.local import BUSYBOX, Local, busybox_tools, inside_of

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not BUSYBOX.exists(), reason="needs root and busybox")

TOP = Question(uid=1000, gid=1000)
DEEP = msgspec.structs.replace(TOP, deep=True)
ODD = (b"-rf", b"a\nb\n", b"\xff\xfe", b"$(id)'\"", b"x" * 255, b" ", b"{}", b"\\x41", b"*")


@pytest.fixture(params=["busybox", "machine"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Local:
    return Local(busybox_tools(tmp_path / "bin") if request.param == "busybox" else None)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub's directory with nothing wrong and nothing in it."""
    folder = tmp_path / "share" / "hub"
    folder.mkdir(parents=True)
    os.chown(folder, 1000, 1000)
    return folder


def make(hub: Path, path: bytes, *, uid: int = 0, mode: int = 0o755, file: bool = False) -> bytes:
    whole = bytes(hub) + b"/" + path
    os.makedirs(os.path.dirname(whole), exist_ok=True)  # noqa: PTH120 - bytes
    if file:
        with open(whole, "wb"):
            pass
    else:
        os.makedirs(whole, exist_ok=True)
    os.chown(whole, uid, uid)
    os.chmod(whole, mode)
    return whole


def owner(whole: bytes) -> tuple[int, int, int]:
    found = os.lstat(whole)
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


def mended(owned: Owned) -> Change:
    closed = owned.kind == "directory" and owned.mode & 0o700 != 0o700
    return Change(was=owned, uid=1000, gid=1000, mode=owned.mode | 0o700 if closed else None)


async def test_only_what_is_wrong_is_told(local: Local, hub: Path) -> None:
    make(hub, b"right", uid=1000)
    make(hub, b"wrong")
    make(hub, b"closed", uid=1000, mode=0o070)
    make(hub, b"right/inside")
    make(hub, b".projects", file=True)
    make(hub, b".quota/inside")
    make(hub, b"lost+found/inside")
    make(hub, b"_trash-ana/ana/inside")
    make(hub, b"_trash.2-ana/ana")
    inside = inside_of(local, hub)
    top = await wrong(inside, TOP)
    assert {owned.path for owned in top.wrong} == {b"./wrong", b"./closed"}
    assert top.top is not None
    assert (top.top.uid, top.top.kind, top.unread) == (1000, "directory", ())
    deep = await wrong(inside, DEEP)
    assert {owned.path for owned in deep.wrong} == {b"./wrong", b"./closed", b"./right/inside"}
    chosen = await wrong(inside, msgspec.structs.replace(TOP, starts=(b"wrong", b"right")))
    assert [owned.path for owned in chosen.wrong] == [b"./wrong"]
    below = await wrong(inside, msgspec.structs.replace(DEEP, starts=(b"right",)))
    assert [owned.path for owned in below.wrong] == [b"./right/inside"]


async def test_names_of_any_bytes_are_told_and_changed(local: Local, hub: Path) -> None:
    wholes = [make(hub, name + b"/" + name, file=True) for name in ODD]
    answer = await wrong(inside_of(local, hub), DEEP)
    # The parents are makedirs' own, and root's as well.
    assert {owned.path for owned in answer.wrong} == {
        path for name in ODD for path in (b"./" + name, b"./" + name + b"/" + name)
    }
    for batch in batches([mended(owned) for owned in answer.wrong]):
        result = await mend(inside_of(local, hub), batch)
        assert result.words == ""
        assert all(change.done(result.now[change.was.path]) for change in batch)
    assert {owner(whole)[:2] for whole in wholes} == {(1000, 1000)}
    assert (await wrong(inside_of(local, hub), DEEP)).wrong == ()


async def test_a_closed_directory_is_opened_for_its_owner_only(local: Local, hub: Path) -> None:
    whole = make(hub, b"home/closed", uid=1000, mode=0o2055)
    os.chown(bytes(hub) + b"/home", 1000, 1000)
    answer = await wrong(inside_of(local, hub), DEEP)
    (batch,) = batches([mended(owned) for owned in answer.wrong])
    await mend(inside_of(local, hub), batch)
    assert owner(whole) == (1000, 1000, 0o2755)


@pytest.mark.parametrize("alone", [True, False])
async def test_links_are_changed_themselves_and_never_followed(local: Local, hub: Path, alone: bool) -> None:
    outside = make(hub.parent, b"outside", mode=0o700)
    make(hub.parent, b"outside/file", file=True)
    make(hub, b"home", uid=1000)
    os.symlink(b"../../outside", bytes(hub) + b"/home/away")
    os.symlink(b"../outside", bytes(hub) + b"/top")
    answer = await wrong(inside_of(local, hub, alone=alone), DEEP)
    assert {owned.path: owned.kind for owned in answer.wrong} == {b"./home/away": "link", b"./top": "link"}
    (batch,) = batches([mended(owned) for owned in answer.wrong])
    await mend(inside_of(local, hub, alone=alone), batch)
    assert owner(bytes(hub) + b"/home/away")[:2] == (1000, 1000)
    assert owner(outside) == (0, 0, 0o700)
    assert owner(outside + b"/file")[0] == 0


@pytest.mark.parametrize("many", [False, True])
async def test_a_directory_that_became_a_link_is_not_entered(
    local: Local, hub: Path, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if many:
        monkeypatch.setattr(mending, "_FEW_DIRECTORIES", 0)
    make(hub, b"home/sub/file", file=True)
    outside = make(hub.parent, b"outside/file", file=True)
    answer = await wrong(inside_of(local, hub), DEEP)
    os.rename(bytes(hub) + b"/home/sub", bytes(hub) + b"/home/old")  # noqa: PTH104 - bytes
    os.symlink(b"../../outside", bytes(hub) + b"/home/sub")
    (batch,) = batches([mended(owned) for owned in answer.wrong if owned.kind == "file"])
    result = await mend(inside_of(local, hub), batch)
    assert owner(outside)[0] == 0
    assert ("moved" in result.words) == many


@pytest.mark.parametrize("many", [False, True])
async def test_what_has_changed_since_is_left_as_it_is(
    local: Local, hub: Path, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if many:
        monkeypatch.setattr(mending, "_FEW_DIRECTORIES", 0)
    names = [b"a", b"b", b"c", b"d"]
    other, replaced, linked, gone = [make(hub, b"home/" + name, file=True) for name in names]
    answer = await wrong(inside_of(local, hub), DEEP)
    os.chown(other, 33, 33)
    os.unlink(replaced)
    os.mkdir(replaced)
    os.link(linked, bytes(hub) + b"/second")
    os.unlink(gone)
    (batch,) = batches([mended(owned) for owned in answer.wrong if owned.kind == "file"])
    result = await mend(inside_of(local, hub), batch)
    assert [owner(whole)[0] for whole in (other, replaced, linked)] == [33, 0, 0]
    assert b"./home/d" not in result.now


async def test_a_server_that_falls_silent_is_told(hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`find` never ends, nor `sleep`, as whatever asks a server that is silent."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in Path("/bin").iterdir():
        if tool.name not in ("find", "sleep"):
            (tools / tool.name).symlink_to(tool)
    for name in ("find", "sleep"):
        (tools / name).write_text("#!/bin/sh\nexec /bin/sleep 600\n")
        (tools / name).chmod(0o755)
    monkeypatch.setattr(owners, "_SILENCE_S", 1.0)
    with pytest.raises(ProviderError, match="the share stopped answering 1 s ago") as caught:
        await wrong(inside_of(Local(tools), hub), DEEP)
    assert caught.value.kind == "timeout"


async def test_a_search_that_takes_long_says_that_the_server_answers(hub: Path) -> None:
    slow = replaced(wrong_command(inside_of(Local(), hub), DEEP, "0123456789abcdef"), 'all "$@"', 'sleep 5; all "$@"')
    async with inside_of(Local(), hub).running(slow) as started:
        said = [(channel, piece) async for channel, piece in started]
    assert sum(piece.count(b"~\n") for channel, piece in said if channel == "stderr") >= 2
    assert [channel for channel, _ in said][-1] == "stdout"


def replaced(command: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    assert any(old in word for word in command)
    return tuple(word.replace(old, new) for word in command)


async def test_states_are_told_of_paths_that_are_there(local: Local, hub: Path) -> None:
    make(hub, b"home/\xff", uid=5, mode=0o640, file=True)
    found = await states(inside_of(local, hub), [b".", b"./home/\xff", b"./home/none"])
    assert set(found) == {b".", b"./home/\xff"}
    assert (found[b"./home/\xff"].uid, found[b"./home/\xff"].mode) == (5, 0o640)


async def test_a_hub_that_is_a_link_or_not_there_is_nothing(local: Local, hub: Path) -> None:
    (hub.parent / "link").symlink_to("hub")
    assert (await wrong(inside_of(local, hub.parent / "link"), TOP)).top is None
    assert (await wrong(inside_of(local, hub.parent / "none"), TOP)).top is None


def test_looking_for_wrong_ones_is_known_to_only_look_and_mending_is_not() -> None:
    inside = inside_of(Local(), Path("/export/prod"))
    assert only_looks(watched(wrong_command(inside, DEEP, "0")))
    assert not only_looks(("sh", "-c", mending.script(), "mend"))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(count=st.integers(0, 2 * mending.BATCH + 1), length=st.integers(1, 200))
def test_batches_hold_every_change_once_and_children_first(count: int, length: int) -> None:
    paths = [b"./" + b"d" * length + (b"/%06d" % number if number else b"") for number in range(count)]
    changes = [
        Change(was=Owned(path=path, kind="file", uid=0, gid=0, mode=0o644, links=1, device=1), uid=1, gid=1)
        for path in paths
    ]
    found = [change.was.path for batch in batches(changes) for change in batch]
    assert found == sorted(paths, reverse=True)
