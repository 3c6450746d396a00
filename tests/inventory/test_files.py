"""How a later run tells that a file has changed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.inventory.files import MAXIMUM_BYTES, Consulted, Files, Unreadable, unchanged

SECOND_NS = 1_000_000_000


def _consulted(path: Path) -> Consulted:
    files = Files()
    files.read(path)
    (entry,) = files.consulted()
    return entry


def _other_content(entry: Consulted) -> Consulted:
    """As if the file had held something else, of the same size, at the very same times."""
    return msgspec.structs.replace(entry, digest="0" * 32)


def test_a_recently_modified_file_is_compared_by_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a")
    entry = _consulted(path)
    modified_ns = max(entry.mtime_ns, entry.ctime_ns)

    assert unchanged((entry,), taken_ns=modified_ns + SECOND_NS)
    assert not unchanged((_other_content(entry),), taken_ns=modified_ns + SECOND_NS)


def test_a_file_that_was_at_rest_is_compared_by_its_times(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a")
    entry = _consulted(path)
    modified_ns = max(entry.mtime_ns, entry.ctime_ns)

    assert unchanged((_other_content(entry),), taken_ns=modified_ns + 3 * SECOND_NS)


def test_a_folder_is_compared_by_its_names(tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    files = Files()
    assert files.names(tmp_path) == ["one"]
    (entry,) = files.consulted()
    assert unchanged((entry,), taken_ns=entry.mtime_ns)

    (tmp_path / "two").touch()
    assert not unchanged((entry,), taken_ns=entry.mtime_ns)


def test_a_file_replaced_by_another_is_seen(tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_text("a")
    entry = _consulted(path)
    other.write_text("a")
    other.replace(path)

    assert not unchanged((entry,), taken_ns=entry.mtime_ns + 10 * SECOND_NS)


def test_a_file_that_is_gone_or_appears_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files = Files()
    with pytest.raises(Unreadable) as caught:
        files.read(path)
    (absent,) = files.consulted()
    assert caught.value.missing
    assert unchanged((absent,), taken_ns=0)

    path.write_text("a")
    assert not unchanged((absent,), taken_ns=0)
    present = _consulted(path)
    path.unlink()
    assert not unchanged((present,), taken_ns=0)


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"#" * MAXIMUM_BYTES)
    assert len(Files().read(path)) == MAXIMUM_BYTES

    path.write_bytes(b"#" * (MAXIMUM_BYTES + 1))
    with pytest.raises(Unreadable, match=r"4\.0 MiB"):
        Files().read(path)
