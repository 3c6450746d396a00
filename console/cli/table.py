"""Tables in plain lines: aligned, and on a terminal cut so that each row stays one line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from console.chain.words import plain


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its heading, whether it may be cut and down to how many cells, whether it is a number, and the cells
    left free before it. Names are cut in the middle, `sentences` at their end."""

    heading: str
    least: int | None = None
    right: bool = False
    gap: int = 2
    sentences: bool = False


class Cell(msgspec.Struct, frozen=True):
    """Text of one line, and the colour that repeats what the text says."""

    text: str
    colour: str | None = None


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, width: int | None, colour: bool, unicode: bool = True
) -> list[str]:
    """ROWS under their headings. WIDTH None: nothing is cut. Remote text loses its control characters."""
    texts = [[plain(cell.text) for cell in row] for row in rows]
    widths = [
        max([cells(column.heading), *(cells(row[index]) for row in texts)]) for index, column in enumerate(columns)
    ]
    if width is not None:
        widths = fitted(widths, columns, width)
    lines = [line([column.heading for column in columns], widths, columns, unicode=unicode)]
    if colour:
        lines[0] = styled(lines[0], bold=True)
    for row, text in zip(rows, texts, strict=True):
        colours = [cell.colour if colour else None for cell in row]
        lines.append(line(text, widths, columns, colours=colours, unicode=unicode))
    return lines


def line(
    texts: Sequence[str],
    widths: Sequence[int],
    columns: Sequence[Column],
    *,
    colours: Sequence[str | None] | None = None,
    unicode: bool = True,
) -> str:
    parts: list[str] = []
    for index, (text, room, column) in enumerate(zip(texts, widths, columns, strict=True)):
        shown = (cut_end if column.sentences else cut)(text, room, unicode=unicode)
        padding = " " * (room - cells(shown))
        chosen = colours[index] if colours else None
        shown = styled(shown, fg=chosen) if chosen else shown
        if index:
            parts.append(" " * column.gap)
        parts.append(padding + shown if column.right else shown + padding)
    return "".join(parts).rstrip()


def fitted(widths: Sequence[int], columns: Sequence[Column], width: int) -> list[int]:
    """WIDTHS with the widest columns that may be cut made narrower until all fit into WIDTH, or none can give."""
    fitting = list(widths)
    least = [column.least if column.least is not None else room for column, room in zip(columns, widths, strict=True)]
    excess = sum(fitting) + sum(column.gap for column in columns[1:]) - width
    while excess > 0:
        giving = [index for index, room in enumerate(fitting) if room > least[index]]
        if not giving:
            break
        widest = max(giving, key=lambda index: fitting[index])
        fitting[widest] -= 1
        excess -= 1
    return fitting


def cut(text: str, room: int, *, unicode: bool = True) -> str:
    """TEXT within ROOM cells, its middle left out."""
    if cells(text) <= room:
        return text
    dots = "…" if unicode else ".."
    left = room - len(dots)
    if left <= 0:
        return dots[:room]
    head, tail = "", ""
    for character in text:
        if cells(head) + cells(character) > (left + 1) // 2:
            break
        head += character
    for character in reversed(text):
        if cells(tail) + cells(character) > left - cells(head):
            break
        tail = character + tail
    return head + dots + tail


def cut_end(text: str, room: int, *, unicode: bool = True) -> str:
    """TEXT within ROOM cells, its end left out."""
    if cells(text) <= room:
        return text
    dots = "…" if unicode else ".."
    head = text
    while head and cells(head) > room - len(dots):
        head = head[:-1]
    return head.rstrip() + dots[:room]


def cells(text: str) -> int:
    """How many cells of a terminal TEXT takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def styled(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    import click

    return click.style(text, fg=fg, bold=bold)
