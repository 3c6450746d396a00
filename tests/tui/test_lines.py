"""Cutting, wrapping and escaping, by terminal cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.tui.plain_terminal import ascii_text, lacks_utf8
from console.tui.present.lines import clean, columns, crop, cut, cut_middle, fit, spread, width_of, wrap
from console.tui.widgets.painted import changed_cells

TEXTS = st.text(max_size=120)


@given(TEXTS)
def test_clean_text_moves_no_cursor(text: str) -> None:
    shown = clean(text)
    assert all(character.isprintable() for character in shown)
    assert clean(shown) == shown


def test_control_characters_are_written_out() -> None:
    assert clean("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\\nc\\u202e"
    assert clean("naïve 名前 ✓") == "naïve 名前 ✓"


@given(TEXTS, st.integers(0, 60))
def test_fit_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, right=True)) == width
    assert cell_len(fit(text, width, middle=True)) == width


@given(TEXTS, st.integers(2, 60))
def test_wrap_loses_no_word_and_keeps_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


def test_long_words_break_after_separators() -> None:
    assert wrap("fs-01.efs.us-west-2.amazonaws.com:/homes", 20) == ["fs-01.efs.us-west-2.", "amazonaws.com:/homes"]


def test_cuts_say_that_they_cut() -> None:
    assert cut("worst finding", 8) == "worst f…"
    assert cut_middle("staging-home-nfs", 9) == "stag…-nfs"
    assert cut("fits", 4) == "fits"


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4), st.integers(0, 80))
def test_spread_and_crop_keep_the_width(left: list[str], right: list[str], width: int) -> None:
    a = crop(tuple((clean(text), "") for text in left), width)
    b = crop(tuple((clean(text), "") for text in right), width // 2)
    assert width_of(a) <= width
    assert width_of(spread(a, b, width)) <= max(width, width_of(b))


def test_columns_stand_side_by_side() -> None:
    lines = columns([["a", "b"], ["c"]], [3, 2], ["", "quiet"])
    assert ["".join(text for text, _ in line) for line in lines] == ["a    c ", "b      "]


@given(TEXTS)
def test_ascii_takes_as_many_cells(text: str) -> None:
    shown = ascii_text(clean(text))
    assert shown.isascii()
    assert cell_len(shown) == cell_len(clean(text))


def test_marks_stay_apart_in_ascii() -> None:
    assert ascii_text("✓!✗?·–…") == "+!x?.-~"


def test_which_terminals_lack_utf8() -> None:
    assert lacks_utf8({"LANG": "C"})
    assert lacks_utf8({"LANG": "C", "LC_CTYPE": "C.UTF-8"})
    assert lacks_utf8({"LANG": "en_GB.UTF-8", "LC_ALL": "C"})
    assert lacks_utf8({"LANG": "en_GB.UTF-8", "TERM": "linux"})
    assert lacks_utf8({"LANG": "de_DE.ISO-8859-1"})
    assert lacks_utf8({})
    assert not lacks_utf8({"LANG": "en_GB.UTF-8"})
    assert not lacks_utf8({"LANG": "C.utf8", "LC_CTYPE": "C.UTF-8"})
    assert not lacks_utf8({"LC_CTYPE": "en_US.UTF-8"})


def test_changed_cells_are_as_few_as_the_spans_allow() -> None:
    old = (("ab", ""), ("cd", ""), ("ef", ""))
    assert changed_cells(old, (("ab", ""), ("xy", ""), ("ef", ""))) == (2, 4)
    assert changed_cells(old, (("ab", ""), ("cde", ""), ("ef", ""))) == (2, 7)
    assert changed_cells((), old) == (0, 6)
