"""The script that renames, on folders of this machine: into the trash and back, and what it must not touch."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH102, PTH118, PTH123, PTH208
from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.errors import ProviderError
from providers.kubernetes.mending.pods import Inside
from providers.kubernetes.moving.move import rename, restore, retire
from providers.kubernetes.moving.protocol import Move
from tests.kubernetes.mending.local import BUSYBOX, Local, busybox_tools, inside_of

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not BUSYBOX.exists(), reason="needs root and busybox")

ODD = (b"-rf", b"a\nb\n", b"\xff\xfe", b"$(id)'\"", b"x" * 255, b" ", b"{}", b"\\x41", b"*", b"_manifest.json")
NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: name not in (b".", b"..") and not {0, 47} & {*name})
TRASH = b"_trash-x"
MANIFEST = b'{"name": "x"}\n'


@pytest.fixture(params=["busybox", "machine"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Local:
    return Local(busybox_tools(tmp_path / "bin") if request.param == "busybox" else None)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    folder = tmp_path / "share" / "hub"
    folder.mkdir(parents=True)
    return folder


def home_of(hub: Path, name: bytes) -> os.stat_result:
    """A home with a file in it; what lstat says of it."""
    whole = os.path.join(bytes(hub), name)
    os.mkdir(whole, 0o750)
    with open(os.path.join(whole, b"notebook"), "wb") as file:
        file.write(b"months of work")
    os.chown(whole, 1000, 1000)
    return os.lstat(whole)


def names_in(folder: Path, *below: bytes) -> set[bytes]:
    return set(os.listdir(os.path.join(bytes(folder), *below)))


def retiring(name: bytes) -> Move:
    return Move(old=name, into=TRASH, new=name)


async def gone_and_back(inside: Inside, hub: Path, name: bytes) -> None:
    was = home_of(hub, name)
    move = retiring(name)
    assert await retire(inside, move, MANIFEST) == "moved"
    assert names_in(hub) == {TRASH}
    assert names_in(hub, TRASH) == {name, b"_manifest.json"}
    now = os.lstat(os.path.join(bytes(hub), TRASH, name))
    assert (now.st_ino, now.st_uid, now.st_mode) == (was.st_ino, 1000, was.st_mode)
    closed = (hub / TRASH.decode()).stat()
    assert (closed.st_uid, stat.S_IMODE(closed.st_mode)) == (0, 0o700)
    assert (hub / TRASH.decode() / "_manifest.json").read_bytes() == MANIFEST
    assert await restore(inside, move.back()) == "moved"
    assert names_in(hub) == {name}
    assert os.lstat(os.path.join(bytes(hub), name)).st_ino == was.st_ino


@pytest.mark.parametrize("name", ODD[:-1], ids=repr)
async def test_into_the_trash_and_back(local: Local, hub: Path, name: bytes) -> None:
    await gone_and_back(inside_of(local, hub), hub, name)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(name=NAMES.filter(lambda name: name not in (TRASH, b"_manifest.json")))
async def test_any_name_goes_into_the_trash_and_comes_back(local: Local, hub: Path, name: bytes) -> None:
    await gone_and_back(inside_of(local, hub), hub, name)
    os.remove(os.path.join(bytes(hub), name, b"notebook"))  # noqa: PTH107 - bytes
    os.rmdir(os.path.join(bytes(hub), name))  # noqa: PTH106 - bytes


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(old=NAMES, new=NAMES)
async def test_any_name_becomes_any_other(local: Local, hub: Path, old: bytes, new: bytes) -> None:
    was = home_of(hub, old)
    ended = await rename(inside_of(local, hub), Move(old=old, new=new))
    assert ended == ("taken" if old == new else "moved")
    assert names_in(hub) == {new}
    assert os.lstat(os.path.join(bytes(hub), new)).st_ino == was.st_ino
    os.remove(os.path.join(bytes(hub), new, b"notebook"))  # noqa: PTH107 - bytes
    os.rmdir(os.path.join(bytes(hub), new))  # noqa: PTH106 - bytes


async def test_nothing_is_overwritten(local: Local, hub: Path) -> None:
    inside = inside_of(local, hub)
    for name in (b"ana", b"bo"):
        home_of(hub, name)
    assert await rename(inside, Move(old=b"ana", new=b"bo")) == "taken"
    assert await rename(inside, Move(old=b"nobody", new=b"x")) == "missing"
    assert await retire(inside, retiring(b"ana"), MANIFEST) == "moved"
    assert await retire(inside, Move(old=b"bo", into=TRASH, new=b"bo"), MANIFEST) == "taken"
    assert await retire(inside, retiring(b"ana"), MANIFEST) == "missing"
    home_of(hub, b"ana")
    assert await restore(inside, retiring(b"ana").back()) == "taken"
    assert names_in(hub) == {b"ana", b"bo", TRASH}
    assert names_in(hub, TRASH) == {b"ana", b"_manifest.json"}


async def test_a_folder_left_of_a_run_that_was_cut_short_is_made_anew_and_one_with_something_else_is_kept(
    local: Local, hub: Path
) -> None:
    inside = inside_of(local, hub)
    left = hub / TRASH.decode()
    left.mkdir()
    left.chmod(0o755)
    (left / "_manifest.json.new").write_text("{")
    home_of(hub, b"ana")
    assert await retire(inside, retiring(b"ana"), MANIFEST) == "moved"
    assert names_in(hub, TRASH) == {b"ana", b"_manifest.json"}
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    (left / ".notes").write_text("why")
    assert await restore(inside, retiring(b"ana").back()) == "moved"
    assert names_in(hub) == {b"ana", TRASH}
    assert (left / ".notes").read_text() == "why"
    (left / ".notes").unlink()
    # Killed between the renaming and the removing: only that is left to do.
    assert await restore(inside, retiring(b"ana").back()) == "moved"
    assert names_in(hub) == {b"ana"}
    assert await restore(inside, retiring(b"ana").back()) == "no-folder"


@pytest.mark.parametrize("verb", ["retire", "rename"])
async def test_no_link_is_followed(local: Local, hub: Path, verb: str) -> None:
    inside = inside_of(local, hub)
    outside = hub.parent / "outside"
    outside.mkdir()
    (hub / "away").symlink_to("../outside")
    home_of(hub, b"ana")
    (hub / TRASH.decode()).symlink_to("../outside")
    if verb == "retire":
        assert await retire(inside, retiring(b"ana"), MANIFEST) == "taken"
    else:
        assert await rename(inside, Move(old=b"ana", into=b"away", new=b"ana")) == "no-folder"
        assert await rename(inside, Move(folder=b"away", old=b"x", into=b"away", new=b"y")) == "no-folder"
    assert list(outside.iterdir()) == []
    (hub / TRASH.decode()).unlink()
    assert await retire(inside, retiring(b"away"), MANIFEST) == "moved"
    assert (hub / TRASH.decode() / "away").is_symlink()


@pytest.mark.node  # where nothing may be mounted there is no other file system
async def test_what_can_not_be_renamed_is_not_copied(local: Local, hub: Path) -> None:
    inside = inside_of(local, hub)
    home_of(hub, b"ana")
    with another_file_system(hub / "other"):
        with pytest.raises(ProviderError, match="takes no renaming there, and it is not copied"):
            await rename(inside, Move(old=b"ana", into=b"other", new=b"ana"))
        assert (hub / "ana" / "notebook").read_text() == "months of work"


@contextmanager
def another_file_system(at: Path) -> Iterator[None]:
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)
