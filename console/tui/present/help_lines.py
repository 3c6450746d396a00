"""Help for where one is: what the screen is, its keys, the marks, the filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.chain.marks import SHAPES, Mark
from console.tui.present.lines import Item, Line, fit, wrap
from console.tui.present.marks import MEANING, ROLE

KeyWords = tuple[str, str]

FILTER_WORDS: tuple[tuple[str, str], ...] = (
    ("prod climate", "both words, anywhere in the row: names, codes, findings, servers"),
    ("!climate", "not this word"),
    ("cluster:earth", "that cluster; hub: store: finding: likewise"),
    ("finding:PV", "findings whose code holds PV"),
    ("user:ana", "hubs where that user has a home or a server, the name escaped or not; Enter shows the user"),
    ("owner:0:0", "among homes: that owner; is:running, is:broken"),
    ("is:broken", "broken, warning, unobserved, pending, ok, prod"),
    ("^earth/(a|b)", "a regular expression, where a word holds such marks"),
)


def help_items(
    about: Sequence[str], keys: Iterable[KeyWords], everywhere: Iterable[KeyWords], width: int
) -> list[Item]:
    """The whole page."""
    lines = [_plain(piece) for piece in wrap(" ".join(about), width - 6)] if about else []
    items = [Item(None, tuple(lines))]
    items.append(Item(None, (*_head("Keys here"), *_pairs(keys, width))))
    items.append(Item(None, (*_head("Keys everywhere"), *_pairs(everywhere, width))))
    marks: list[Line] = [
        ((f"   {SHAPES[mark]}", ROLE[mark]), (f"             {MEANING[mark]}", "")) for mark in _marks()
    ]
    items.append(Item(None, (*_head("Marks"), *marks)))
    items.append(Item(None, (*_head("The filter"), *_pairs(FILTER_WORDS, width))))
    return items


def _marks() -> Iterable[Mark]:
    return SHAPES


def _head(text: str) -> tuple[Line, ...]:
    return (), ((f" {text}", "strong"),)


def _plain(text: str) -> Line:
    return ((f"   {text}", ""),)


def _pairs(pairs: Iterable[KeyWords], width: int) -> list[Line]:
    lines: list[Line] = []
    for name, text in pairs:
        for y, piece in enumerate(wrap(text, width - 20)):
            lines.append(((f"   {fit(name if y == 0 else '', 14)}", "strong"), (piece, "")))
    return lines
