"""Trees of any names and kinds for looks, and how they are made on a disk."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH101, PTH102, PTH211
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

_NASTY = (
    b"alice", b"-rf", b"--help", b"a\nb", b"\n", b"a\n", b" ", b"'", b'"', b"$(touch x)", b"`id`", b"\\", b"%n", b"*",
    b"\xff\xfe", b"\xc3", "ø".encode(), b"' -> 'x", b"a -> b", b"\x1b[31m", b"\r", b"x" * 255, b"_shared", b"...",
    b"\x01", b"0123456789abcde", b";exit", b"=", b"\t",
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(_NASTY),
    st.binary(min_size=1, max_size=255).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"\1")),
).filter(lambda name: name not in (b".", b".."))
_TARGETS = st.one_of(
    st.sampled_from((b"../x", b"a' -> 'b", b" -> ", b"t\n", b"/")), st.binary(min_size=1, max_size=80)
).map(lambda raw: raw.replace(b"\0", b"\1"))
_LEAVES = st.one_of(
    st.tuples(st.just("directory"), st.integers(0, 0o7777)),
    st.tuples(st.just("file"), st.integers(0, 0o7777)),
    st.tuples(st.just("fifo"), st.just(0o640)),
    st.tuples(st.just("link"), _TARGETS),
)
TREES = st.dictionaries(NAMES, st.tuples(_LEAVES, st.integers(-(2**31), 2**33)), max_size=8)


Tree = dict[bytes, tuple[tuple[str, int | bytes], int]]
"""By name: what it is, its mode or what it links to, and the second of its last change."""


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder, which goes away afterwards."""
    place = Path(tempfile.mkdtemp())
    try:
        yield place
    finally:
        for inside in place.iterdir():
            if inside.is_dir() and not inside.is_symlink():
                inside.chmod(0o700)
        shutil.rmtree(place)


def plant(place: Path, tree: Tree) -> None:
    """Makes TREE in PLACE."""
    for name, ((kind, how), seconds) in tree.items():
        path = bytes(place) + b"/" + name
        if kind == "link":
            os.symlink(how, path)
            os.utime(path, (seconds, seconds), follow_symlinks=False)
            continue
        if kind == "directory":
            os.mkdir(path)
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        assert isinstance(how, int)
        os.chmod(path, how)
        os.utime(path, (seconds, seconds))
