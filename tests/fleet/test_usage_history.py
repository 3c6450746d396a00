"""Earlier figures outlive the process, whoever else writes them, and whatever becomes of the file."""

from __future__ import annotations

import itertools
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.usage import LONGEST, Sample
from console.fleet.usage_history import EVERY, MOST_BYTES, MOST_SAMPLES, FileHistory, MemoryHistory, merged
from tests.fleet.worlds import NOW


def sample(minutes: float, used: int = 1, source: str = "kubelet of a") -> Sample:
    """A figure of some minutes ago."""
    return Sample(NOW - timedelta(minutes=minutes), used, 100, source)


def test_what_is_kept_is_there_for_the_next_process(tmp_path: Path) -> None:
    FileHistory(tmp_path / "usage").keep("earth", [("homes", sample(60))], now=NOW)
    kept = FileHistory(tmp_path / "usage").keep("earth", [("homes", sample(0, 2))], now=NOW)
    assert kept == FileHistory(tmp_path / "usage").of("earth") == {"homes": (sample(60), sample(0, 2))}
    assert FileHistory(tmp_path / "usage").of("ocean") == {}


def test_a_clusters_name_may_be_anything(tmp_path: Path) -> None:
    history = FileHistory(tmp_path)
    names = ["../../evil", "arn:aws:eks:us-west-2:1:cluster/ocean", "x" * 3000, ""]
    for name in names:
        history.keep(name, [(name, sample(0))], now=NOW)
    assert all(history.of(name) == {name: (sample(0),)} for name in names)
    assert len(list(tmp_path.iterdir())) == len(names)


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    FileHistory(tmp_path / "usage").keep("earth", [("homes", sample(0))], now=NOW)
    (file,) = (tmp_path / "usage").iterdir()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"version":2,"samples":{}}', b'{"version":1,"samples":{"homes":[[1]]}}']
)
def test_a_file_that_is_none_is_a_new_beginning(tmp_path: Path, content: bytes) -> None:
    history = FileHistory(tmp_path)
    history.keep("earth", [("homes", sample(60))], now=NOW)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert history.of("earth") == {}
    assert history.keep("earth", [("homes", sample(0))], now=NOW) == {"homes": (sample(0),)}
    assert history.of("earth") == {"homes": (sample(0),)}


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    history = FileHistory(tmp_path)
    history.keep("earth", [("homes", sample(60))], now=NOW)
    (file,) = tmp_path.iterdir()
    with file.open("ab") as stream:
        stream.truncate(MOST_BYTES + 1)
    assert history.of("earth") == {}


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "usage").write_text("no folder")
    history = FileHistory(tmp_path / "usage")
    assert history.keep("earth", [("homes", sample(0))], now=NOW) == {"homes": (sample(0),)}
    assert history.of("earth") == {}


def test_several_that_write_at_once_never_break_the_file(tmp_path: Path) -> None:
    def write(number: int) -> None:
        FileHistory(tmp_path).keep("earth", [(f"share-{number}", sample(0, number))], now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(64)))
    kept = FileHistory(tmp_path).of("earth")
    assert kept
    assert all(samples == (sample(0, int(name.removeprefix("share-"))),) for name, samples in kept.items())
    assert len(list(tmp_path.iterdir())) == 1


def test_memory_begins_with_what_it_is_given() -> None:
    history = MemoryHistory({"earth": {"homes": (sample(60),)}})
    assert history.keep("earth", [("homes", sample(0, 2))], now=NOW)["homes"] == (sample(60), sample(0, 2))


ages = st.floats(0, 20_000)
found = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.builds(sample, ages, st.integers(0, 9), st.sampled_from(["kubelet of a", "kubelet of b", "EFS"])),
    ),
    max_size=60,
)


@given(found, found)
def test_what_is_kept_is_bounded_ordered_and_stable(
    first: list[tuple[str, Sample]], more: list[tuple[str, Sample]]
) -> None:
    kept = merged(merged({}, first, now=NOW), more, now=NOW)
    for samples in kept.values():
        times = [one.at for one in samples]
        assert times == sorted(times)
        assert len(samples) <= MOST_SAMPLES
        assert all(NOW - at <= LONGEST for at in times)
        for kind in ("kubelet", "EFS"):
            own = [one.at for one in samples if one.source.startswith(kind)]
            assert all(after - before >= EVERY for before, after in itertools.pairwise(own))
    assert merged(kept, (), now=NOW) == kept
