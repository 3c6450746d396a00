"""The exporters' sizes of directories, whatever their names are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ProviderError
from providers.kubernetes.usage.metrics import directory_sizes
from providers.kubernetes.usage.shares import DirectorySize

PAGE = b"""\
# HELP dirsize_latest_mtime Latest mtime
# TYPE dirsize_latest_mtime gauge
dirsize_latest_mtime{directory="ana"} 1.7730000005e+09
# TYPE dirsize_total_size_bytes gauge
dirsize_total_size_bytes{directory="ana"} 3.145728e+06
dirsize_total_size_bytes{directory="_shared"} 12
# TYPE dirsize_entries_count gauge
dirsize_entries_count{directory="ana"} 41
dirsize_processing_time{directory="ana"} 0.2
dirsize_last_updated{directory="ana"} 1.773e+09
dirsize_hard_limit_bytes{directory="ana"} 1.073741824e+10
dirsize_hard_limit_bytes{directory="bo"} 0
python_gc_objects_collected_total{generation="0"} 1
"""


def test_everything_that_is_told_of_a_directory() -> None:
    assert directory_sizes(PAGE, source="x") == (
        DirectorySize(directory="_shared", total_bytes=12),
        DirectorySize(
            directory="ana",
            total_bytes=3_145_728,
            entries=41,
            latest_mtime_s=1_773_000_000.5,
            last_updated_s=1_773_000_000,
            hard_limit_bytes=10 * 1024**3,
        ),
        DirectorySize(directory="bo", hard_limit_bytes=0),
    )


def test_what_is_no_metrics_page_is_an_error() -> None:
    with pytest.raises(ProviderError, match="no metrics page"):
        directory_sizes(b'dirsize_total_size_bytes{directory="a} 1\n', source="x")


def escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(names, st.integers(0, 2**53)))
def test_any_name_of_a_directory_survives(sizes: dict[str, int]) -> None:
    page = "".join(f'dirsize_total_size_bytes{{directory="{escaped(name)}"}} {size}\n' for name, size in sizes.items())
    found = directory_sizes(page.encode(), source="x")
    assert {each.directory: each.total_bytes for each in found} == sizes


@given(st.sampled_from(["NaN", "+Inf", "-Inf", "-1"]))
def test_a_figure_that_can_be_none_is_left_out(figure: str) -> None:
    page = f'dirsize_total_size_bytes{{directory="ana"}} {figure}\ndirsize_entries_count{{directory="ana"}} 2\n'
    assert directory_sizes(page.encode(), source="x") == (DirectorySize(directory="ana", entries=2),)
