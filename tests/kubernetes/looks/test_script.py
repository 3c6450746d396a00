"""The packaged script against the kernel's own word: any tree, read by busybox's tools and by GNU's."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH102, PTH115, PTH119, PTH208
from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.kubernetes.looks.framing import BEAT
from providers.kubernetes.looks.protocol import BaseRead, EntriesRead, Entry, Missing, SizeBegun, SizeCounted
from providers.kubernetes.looks.records import LookReading
from tests.kubernetes.looks.scripts import NONCE, NOW, SHELLS, command_of, encoded, read, request, said
from tests.kubernetes.looks.trees import NAMES, TREES, folder, plant

_ALL = stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO


def _as_the_kernel_says(path: bytes) -> Entry:
    status = os.lstat(path)
    kinds = dict(zip(_ALL, ("directory", "file", "link", "other"), strict=True))
    kind = kinds[stat.S_IFMT(status.st_mode)]
    return Entry(
        name=os.path.basename(path),
        kind=kind,  # type: ignore[arg-type]
        uid=status.st_uid,
        gid=status.st_gid,
        mode=stat.S_IMODE(status.st_mode),
        modified_at=datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC),
        link_target=os.readlink(path) if kind == "link" else None,
    )


def _all_below(folder: Path) -> dict[bytes, Entry]:
    return {name: _as_the_kernel_says(bytes(folder) + b"/" + name) for name in os.listdir(bytes(folder))}


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@settings(max_examples=60)
@given(tree=TREES, pieces=st.integers(1, 4096))
def test_any_tree_comes_through_as_the_kernel_tells_it(shell: tuple[str, ...], tree: dict, pieces: int) -> None:
    with folder() as place:
        plant(place, tree)
        asked = request()
        look, events = read(said(place, asked, shell), asked, pieces=pieces)

        assert look.entries is not None
        assert {entry.name: entry for entry in look.entries} == _all_below(place)
        assert len(look.entries) == len(tree)
        assert look.complete, look.why
        told = [entry for event in events if isinstance(event, EntriesRead) for entry in event.entries]
        assert tuple(told) == look.entries


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@settings(max_examples=25)
@given(hub=NAMES, home=NAMES)
def test_names_given_as_arguments_reach_the_very_directory(shell: tuple[str, ...], hub: bytes, home: bytes) -> None:
    with folder() as place:
        inside = bytes(place) + b"/" + hub
        os.mkdir(inside)
        os.mkdir(inside + b"/" + home)
        asked = request(homes=(home,), through="export")
        look, events = read(said(place, asked, shell, hub=hub), asked)

        assert look.hub == _as_the_kernel_says(inside)
        assert [entry.name for entry in look.entries or ()] == [home]
        assert [entry.name for entry in look.base or ()] == [hub]
        assert [size.home for size in look.sizes] == [home]
        assert look.sizes[0].used_bytes is not None
        assert SizeBegun(home=home) in events


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
class TestOneLook:
    def test_a_hub_directory_that_is_not_there(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        (tmp_path / "prod-old").mkdir()
        asked = request(through="export")
        look, events = read(said(tmp_path, asked, shell, hub=b"prod"), asked)

        assert isinstance(look.hub, Missing)
        assert look.entries is None
        assert [entry.name for entry in look.base or ()] == [b"prod-old"]
        assert look.complete
        assert any(isinstance(event, BaseRead) for event in events)

    def test_a_file_in_its_place_is_told_and_not_entered(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        (tmp_path / "prod").write_text("x")
        asked = request(through="export")
        look, _ = read(said(tmp_path, asked, shell, hub=b"prod"), asked)

        assert isinstance(look.hub, Entry)
        assert look.hub.kind == "file"
        assert look.entries is None

    def test_a_link_in_its_place_is_not_followed(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        (tmp_path / "prod").symlink_to("/etc")
        asked = request(through="export")
        look, _ = read(said(tmp_path, asked, shell, hub=b"prod"), asked)

        assert isinstance(look.hub, Entry)
        assert look.hub.link_target == b"/etc"
        assert look.entries is None

    def test_space_is_what_statvfs_says(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        asked = request()
        look, _ = read(said(tmp_path, asked, shell), asked)

        truth = os.statvfs(tmp_path)
        assert look.space is not None
        assert look.space.capacity_bytes == truth.f_blocks * truth.f_frsize
        assert look.space.inodes == truth.f_files
        assert look.space.used_bytes + look.space.free_bytes <= look.space.capacity_bytes
        assert abs(look.space.free_bytes - truth.f_bavail * truth.f_frsize) < 2**30
        assert look.round_trip_s is not None

    def test_sizes_are_those_of_du_and_links_are_not_followed(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        (tmp_path / "alice").mkdir()
        (tmp_path / "alice" / "data").write_bytes(bytes(300_000))
        (tmp_path / "bob").symlink_to("alice")
        asked = request(homes=(b"alice", b"bob", b"nobody"), entries=False)
        look, events = read(said(tmp_path, asked, shell), asked)

        sizes = {size.home: size.used_bytes for size in look.sizes}
        assert 300_000 <= (sizes[b"alice"] or 0) < 400_000
        assert sizes[b"bob"] is None
        assert sizes[b"nobody"] is None
        assert look.entries is None
        assert sum(isinstance(event, SizeCounted) for event in events) == 3

    def test_a_share_that_cannot_be_entered_says_so(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        asked = request()
        look, _ = read(said(tmp_path / "nowhere", asked, shell), asked)

        assert not look.complete
        assert look.hub is None
        assert look.entries is None
        assert "cannot be entered" in look.why

    @pytest.mark.skipif(os.geteuid() != 0, reason="gives files to others")
    def test_owners_one_level_deeper_that_are_not_the_expected(self, shell: tuple[str, ...], tmp_path: Path) -> None:
        for home, uid in ((b"alice", 1000), (b"b\nob", 0)):
            path = bytes(tmp_path) + b"/" + home
            os.mkdir(path)
            for name, owner in ((b"mine", 1000), (b"-ro\xffot", uid)):
                os.mkdir(path + b"/" + name)
                os.chown(path + b"/" + name, owner, owner)
        asked = request(deep=True)
        look, _ = read(said(tmp_path, asked, shell), asked)

        assert look.deeper is not None
        assert [(deep.parent, deep.entry.name, deep.entry.uid) for deep in look.deeper] == [(b"b\nob", b"-ro\xffot", 0)]


def test_100000_entries_come_in_many_pieces(tmp_path: Path) -> None:
    count = 100_000
    for number in range(count):
        os.close(os.open(f"{tmp_path}/user-{number:06}", os.O_CREAT | os.O_WRONLY))
    asked = request()
    look, events = read(said(tmp_path, asked), asked, pieces=16384)

    assert len(look.entries or ()) == count
    assert look.complete
    assert sum(isinstance(event, EntriesRead) for event in events) > 20


@pytest.mark.parametrize(
    "said_of_it",
    [b"noroot sh: cd: can't cd to /homes: Stale file handle", b"nohub stat: cannot stat './prod': Stale file handle"],
)
def test_a_mount_that_the_server_no_longer_knows_is_told_as_stale(said_of_it: bytes) -> None:
    reading = LookReading(request(), NONCE, now=lambda: NOW)
    reading.feed(encoded(b"begin 1 plain", said_of_it, b"end"))
    reading.finish()

    assert "Stale file handle" in reading.stale
    assert reading.hub is None
    assert reading.ended


class TestBeats:
    """Standard error says that the server answers, for as long as the script runs and no longer."""

    @pytest.fixture
    def counting(self, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
        """The script while it counts, for as long as nobody writes to the fifo `go`."""
        (tmp_path / "bin").mkdir()
        (tmp_path / "homes" / "ana").mkdir(parents=True)
        os.mkfifo(tmp_path / "go")
        du = tmp_path / "bin" / "du"
        du.write_text(f"#!/bin/sh\nread -r line <{tmp_path}/go\necho 4 .\n")
        du.chmod(0o755)
        command = command_of(request(homes=(b"ana",)), tmp_path / "homes")
        path = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        process = subprocess.Popen(["dash", *command[1:]], stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, env=path)
        with process:
            yield process
            process.kill()

    def test_they_come_while_nothing_else_is_said(self, counting: subprocess.Popen[bytes], tmp_path: Path) -> None:
        assert counting.stderr is not None
        beats = [counting.stderr.readline() for _ in range(3)]
        (tmp_path / "go").write_bytes(b"\n")
        output, rest = counting.communicate()
        look, _ = read(output + b"".join(beats) + rest, request())

        assert beats == [BEAT + b"\n"] * 3
        assert look.complete
        assert [size.used_bytes for size in look.sizes] == [4096]

    def test_they_end_with_a_script_that_is_killed(self, counting: subprocess.Popen[bytes], tmp_path: Path) -> None:
        assert counting.stderr is not None
        assert counting.stderr.readline() == BEAT + b"\n"
        counting.kill()
        counting.wait()
        with (tmp_path / "go").open("r+b", buffering=0) as go:  # also where nothing counts yet
            go.write(b"\n")
            counting.communicate(timeout=300)  # ends when nothing holds its ends any more
