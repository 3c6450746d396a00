"""Lines of text with roles, and how they are cut, wrapped and set in columns by terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

Role = Literal["", "error", "warning", "ok", "quiet", "strong", "badge", "accent", "rule"]
ROLES: tuple[Role, ...] = ("error", "warning", "ok", "quiet", "strong", "badge", "accent", "rule")

Span = tuple[str, Role]
Line = tuple[Span, ...]
EMPTY: Line = ()


class Item(NamedTuple):
    """Some lines that belong together in a list. `key` is None where the cursor does not stop."""

    key: str | None
    lines: tuple[Line, ...]


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """TEXT with every character that could move or restyle a terminal's cursor, or hides, written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def width_of(line: Line) -> int:
    """Terminal cells that LINE takes."""
    return sum(cell_len(text) for text, _ in line)


def plain(line: Line) -> str:
    """The words of LINE alone."""
    return "".join(text for text, _ in line).rstrip()


def cut(text: str, width: int) -> str:
    """TEXT in at most WIDTH cells, cut at its end."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…" if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """TEXT in at most WIDTH cells, cut in its middle: both ends of a name tell it apart."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 5:
        return cut(text, width)
    tail = (width - 1) // 2
    end = text[len(text) - tail :]
    while cell_len(end) > tail:
        end = end[1:]
    return f"{set_cell_size(text, width - 1 - cell_len(end))}…{end}"


def fit(text: str, width: int, *, right: bool = False, middle: bool = False) -> str:
    """TEXT in exactly WIDTH cells."""
    text = cut_middle(text, width) if middle else cut(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding


def wrap(text: str, width: int) -> list[str]:
    """TEXT in lines of at most WIDTH cells, broken at spaces, or after / , : @ - . _ in words longer than a line."""
    width = max(width, 2)
    lines: list[str] = []
    current = ""
    for at, word in enumerate(clean(text).split(" ")):
        candidate = f"{current} {word}" if at else word
        if cell_len(candidate) <= width:
            current = candidate
            continue
        if current.strip():
            lines.append(current)
        *full, current = _chopped(word, width)
        lines += full
    return [*lines, current]


def _chopped(word: str, width: int) -> list[str]:
    """WORD in pieces of at most WIDTH cells, broken after a separator where there is one in the second half."""
    pieces: list[str] = []
    while cell_len(word) > width:
        end = len(word)
        while cell_len(word[:end]) > width:
            end -= 1
        end = max(end, 1)
        breaks = [i + 1 for i in range(end // 2, end) if word[i] in "/,:@-._"]
        end = breaks[-1] if breaks else end
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def spread(left: Line, right: Line, width: int) -> Line:
    """LEFT and RIGHT at the two ends of WIDTH cells; where both do not fit, LEFT is cut."""
    room = width - width_of(right)
    if width_of(left) + 1 > room:
        left = crop(left, max(room - 1, 0))
    return (*left, (" " * max(room - width_of(left), 0), ""), *right)


def crop(line: Line, width: int) -> Line:
    """LINE in at most WIDTH cells."""
    spans: list[Span] = []
    for text, role in line:
        size = cell_len(text)
        if size > width:
            spans.append((cut(text, width), role))
            break
        spans.append((text, role))
        width -= size
    return tuple(spans)


def join(parts: Iterable[Line], separator: str = " · ") -> Line:
    """PARTS with SEPARATOR between them, empty ones left out."""
    spans: list[Span] = []
    for part in parts:
        if part:
            if spans:
                spans.append((separator, "quiet"))
            spans.extend(part)
    return tuple(spans)


def columns(
    cells: Sequence[Sequence[str]], widths: Sequence[int], roles: Sequence[Role], *, gap: int = 2
) -> list[Line]:
    """Side by side, as many lines as the longest of CELLS, which are already no wider than WIDTHS."""
    height = max((len(cell) for cell in cells), default=0)
    lines: list[Line] = []
    for y in range(height):
        spans: list[Span] = []
        for cell, width, role in zip(cells, widths, roles, strict=True):
            spans.append((fit(cell[y] if y < len(cell) else "", width), role))
            spans.append((" " * gap, ""))
        lines.append(tuple(spans[:-1]))
    return lines
