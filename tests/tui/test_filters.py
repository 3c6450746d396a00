"""The filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.tui.present.filters import Filter, Searchable

HALF_TYPED = ["!", "cluster:", "!store:", "!staging("]

ROW = Searchable(
    "earth/prod gcp basehub pv02 pv is released 10.2.0.2",
    {
        "cluster": ("earth",),
        "hub": ("prod",),
        "store": ("homes-nfs", "10.2.0.2"),
        "finding": ("pv02",),
        "is": ("broken", "prod"),
    },
)


@pytest.mark.parametrize(
    "source",
    [
        "", "prod", "PROD", "prod earth", "!staging", "prod !staging", "cluster:earth", "store:10.2", "finding:PV",
        "is:broken", "!is:ok", "^earth/(prod|staging)", "p.*released", "10.2.0.2", *HALF_TYPED,
    ],
)  # fmt: skip
def test_matches(source: str) -> None:
    assert Filter(source).matches(ROW)


@pytest.mark.parametrize(
    "source",
    [
        "!prod",
        "prod staging",
        "cluster:ocean",
        "finding:MNT",
        "is:ok",
        "!is:broken",
        "^prod",
        "hub:earth",
        "!cluster:earth",
    ],
)
def test_does_not_match(source: str) -> None:
    assert not Filter(source).matches(ROW)


def test_empty_and_half_typed_filters_are_none() -> None:
    assert not Filter("")
    assert not Filter("!")
    assert not Filter("store:")
    assert Filter("store:x")


@given(st.text())
def test_whatever_is_typed_is_answered(source: str) -> None:
    assert Filter(source).matches(ROW) in (True, False)


@given(st.lists(st.sampled_from(["prod", "!staging", "is:broken", "ocean", "!earth"]), max_size=4))
def test_words_narrow(words: list[str]) -> None:
    whole = Filter(" ".join(words)).matches(ROW)
    assert whole == all(Filter(word).matches(ROW) for word in words)
