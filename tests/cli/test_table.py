"""Tables: aligned, fitted, cut in the middle, and harmless."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.cli.table import Cell, Column, cells, cut, table

COLUMNS = [Column(heading="name", least=8), Column(heading="size", right=True), Column(heading="why", least=6)]


def lines(*rows: tuple[str, str, str], width: int | None = None, colour: bool = False) -> list[str]:
    return table(COLUMNS, [[Cell(text) for text in row] for row in rows], width=width, colour=colour)


def test_numbers_stand_right() -> None:
    assert lines(("earth", "1 TiB", "x"), ("o", "12 GiB", "y")) == [
        "name     size  why",
        "earth   1 TiB  x",
        "o      12 GiB  y",
    ]


def test_it_fits_the_terminal_by_cutting_the_middle() -> None:
    found = lines(("a-very-long-cluster-name", "1", "and a reason that goes on and on"), width=40)
    assert all(cells(line) <= 40 for line in found)
    assert found[1].startswith("a-very-")
    assert "…" in found[1]
    assert found[1].endswith("on")


def test_sentences_keep_their_beginning() -> None:
    columns = [Column(heading="c", least=4), Column(heading="why", least=4, sentences=True)]
    rows = [[Cell("earth"), Cell("share creator failed: operation not permitted")]]
    found = table(columns, rows, width=28, colour=False)[1]
    assert found.startswith("earth  share creator")
    assert found.endswith("…")
    assert cells(found) <= 28


def test_piped_nothing_is_cut() -> None:
    long = "x" * 300
    assert long in lines((long, "1", long))[1]


def test_what_a_terminal_would_obey_is_left_out() -> None:
    (_, line) = lines(("a\x1b[31mb\nc", "1", "\x9bevil\u202e"))
    assert all(character.isprintable() for character in line)


def test_colour_is_a_second_hint_only() -> None:
    row = [[Cell("broken", "red"), Cell("1"), Cell("x")]]
    assert table(COLUMNS, row, width=None, colour=False)[1] == "broken     1  x"
    assert "\x1b[31mbroken\x1b[0m" in table(COLUMNS, row, width=None, colour=True)[1]


@given(st.text(st.characters(exclude_categories=["C", "M", "Z"]), max_size=40), st.integers(0, 40), st.booleans())
def test_a_cut_text_fits_and_keeps_its_ends(text: str, room: int, unicode: bool) -> None:
    shown = cut(text, room, unicode=unicode)
    assert cells(shown) <= room
    assert shown == text or cells(text) > room
