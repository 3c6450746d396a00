from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.filestores.gcp_filestore.capacity import TIERS, capacity_warnings, least_gib, suitable_gib, tier_named


@pytest.mark.parametrize(
    ("tier", "now_gib", "least", "suits"),
    [
        ("BASIC_HDD", 1024, 1100.2, 1101),
        ("BASIC_HDD", 0, 1, 1024),
        ("BASIC_SSD", 0, 1, 2560),
        ("ZONAL", 1024, 1025, 1280),
        ("ZONAL", 1024, 9984, 9984),
        ("ZONAL", 1024, 10000, 10240),
        ("ZONAL", 0, 10000, 10240),
        ("ZONAL", 10240, 10241, 12800),
        ("REGIONAL", 2048, 2049, 2304),
        ("ENTERPRISE", 1024, 5000, 5120),
        ("HIGH_SCALE_SSD", 10240, 20000, 20480),
        ("99", 1024, 1100.2, 1101),
    ],
)
def test_the_next_size_is_one_of_the_tiers_steps(tier, now_gib, least, suits):
    assert suitable_gib(tier, least, now_gib=now_gib) == suits


@given(st.sampled_from(sorted(TIERS)), st.floats(1, 65_000))
def test_what_suits_is_enough_suits_itself_and_is_warned_of_only_beyond_the_tier(tier, gib):
    suits = suitable_gib(tier, gib)
    assert suits >= gib
    assert suitable_gib(tier, suits) == suits
    beyond = suits > TIERS[tier].bands[-1].most_gib
    assert bool(capacity_warnings(tier, suits)) is beyond


@given(st.sampled_from(sorted(TIERS)), st.data())
def test_an_instance_stays_in_the_range_that_it_was_made_in(tier, data):
    band = data.draw(st.sampled_from(TIERS[tier].bands))
    now_gib = data.draw(st.integers(band.least_gib, band.most_gib - band.step_gib))
    suits = suitable_gib(tier, now_gib + 1, now_gib=now_gib)
    assert band.holds(suits)
    assert (suits - band.least_gib) % band.step_gib == 0


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_the_least_of_a_tier_is_not_warned_of(tier):
    assert capacity_warnings(tier, least_gib(tier)) == ()


@pytest.mark.parametrize(
    ("word", "name"), [("standard", "BASIC_HDD"), ("PREMIUM", "BASIC_SSD"), (" basic-hdd ", "BASIC_HDD"), ("", "")]
)
def test_two_names_of_one_tier_are_one(word, name):
    assert tier_named(word) == name
