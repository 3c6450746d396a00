"""Names of homes: shown without loss, and found by their user's name, whichever way it was escaped."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.home_names import escaped, is_home, may_be_called, shown, slug, unescaped

users = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(st.binary(min_size=1, max_size=60), st.binary(min_size=1, max_size=60))
def test_different_names_are_shown_differently_and_printably(one: bytes, other: bytes) -> None:
    assert shown(one).isprintable()
    assert (shown(one) == shown(other)) == (one == other)


@given(users)
def test_a_user_is_found_by_each_way_of_escaping(user: str) -> None:
    called = may_be_called(user)
    assert {user.encode(), escaped(user).encode(), slug(user).encode()} <= called


@pytest.mark.parametrize(
    ("user", "directory"),
    [("ana@example.org", "ana-40example-2eorg"), ("jo-an", "jo-2dan"), ("josé", "jos-c3-a9"), ("ana", "ana")],
)
def test_the_older_escape_is_read_back(user: str, directory: str) -> None:
    assert escaped(user) == directory
    assert unescaped(directory.encode()) == user


def test_the_newer_form_leaves_valid_names_and_hashes_all_others() -> None:
    assert slug("course-a-01") == "course-a-01"
    digest = hashlib.sha256(b"Ana@Example.org").hexdigest()[:8]
    assert slug("Ana@Example.org") == f"ana-example-org---{digest}"
    assert slug("1st") == f"x-1st---{hashlib.sha256(b'1st').hexdigest()[:8]}"
    assert len(slug("a" * 80)) <= 32


def test_a_name_that_no_escape_made_is_not_read_as_one() -> None:
    for name in ("group-ab", "user-42", "course-23", "lab-40", "class-20"):
        assert unescaped(name.encode()) == name
    assert unescaped(b"x---0123abcd") == "x---0123abcd"


def test_what_is_nobodys() -> None:
    assert not any(is_home(name) for name in (b"_shared", b".projects", b"lost+found"))
    assert is_home(b"-rf")
