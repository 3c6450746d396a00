"""The size that is suggested leaves 10 to 15 % free, and how long it lasts follows from the pace that is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.growth import GIB, larger_gib, lasts_days, lasts_words, roomy_gib, taken_gib
from tests.chain.builders import store


@given(st.integers(40 * GIB, 300 * 1024 * GIB))
def test_the_suggested_size_leaves_10_to_15_percent_free(used_bytes: int) -> None:
    wanted = roomy_gib(used_bytes) * GIB
    assert 0.10 < (wanted - used_bytes) / wanted < 0.15


@pytest.mark.parametrize(("used_gib", "wanted"), [(1, 2), (43, 50), (199, 230), (455, 520), (994, 1140), (2539, 2950)])
def test_the_suggested_size_is_a_round_one(used_gib: int, wanted: int) -> None:
    assert roomy_gib(used_gib * GIB) == wanted


def test_it_lasts_as_long_as_the_pace_of_lately_says() -> None:
    assert lasts_days(450, 500, 5.0, grown_bytes=600) == pytest.approx(15.0)
    assert lasts_words(450, 500, 5.0, grown_bytes=600) == "leaves 25 % free, and lasts 15 days at the pace of lately"


@pytest.mark.parametrize(("used", "days", "word"), [(500, 0.0, "it is full"), (450, None, "earlier figures")])
def test_a_pace_that_is_not_known_is_not_made_up(used: int, days: float | None, word: str) -> None:
    assert lasts_days(used, 500, days, grown_bytes=600) is None
    assert word in lasts_words(used, 500, days, grown_bytes=600)


@given(st.integers(40 * GIB, 60 * 1024 * GIB), st.floats(0.2, 1.0), st.floats(0.1, 90))
def test_a_larger_size_is_larger_and_the_roomy_one_where_that_is(capacity: int, full: float, days: float) -> None:
    used = int(capacity * full)
    wanted = larger_gib(used, capacity, days)
    assert wanted * GIB > capacity
    assert wanted >= roomy_gib(used)


def test_where_there_is_room_that_fills_fast_it_is_a_size_that_lasts_a_month() -> None:
    wanted = larger_gib(700 * GIB, 1000 * GIB, 3.0)
    assert lasts_days(700 * GIB, 1000 * GIB, 3.0, grown_bytes=wanted * GIB) == pytest.approx(30, rel=0.05)


def test_it_is_one_that_its_tier_takes() -> None:
    zonal = store(tier="ZONAL", capacity_bytes=1024 * GIB)
    assert taken_gib(zonal, 1140) == 1280
    assert taken_gib(store(tier="BASIC_HDD", capacity_bytes=1024 * GIB), 1140) == 1140
