"""The settings as lines: each value, and who decided it."""

from __future__ import annotations

from collections.abc import Sequence

from console.settings.keys import Entry
from console.tui.present.lines import Item, Line, Role, cut_middle, fit, wrap


def settings_items(entries: Sequence[Entry], width: int) -> list[Item]:
    """One item a setting: its key, value and origin, and below them what it means where there is no room beside."""
    name = min(max((len(entry.key) for entry in entries), default=10), 44)
    value = min(max(max((len(entry.value) for entry in entries), default=8), 8), 24 if width < 120 else 48)
    origin = 24 if width < 120 else 36
    beside = width - name - value - origin - 8
    items: list[Item] = []
    said = min(origin, max(width - name - value - 6, 8))
    for entry in entries:
        decided = entry.origin != "default"
        line: Line = (
            (f" {fit(entry.key, name, middle=True)}", "strong"),
            ("  " + fit(entry.value or "not set", value, middle=True), "" if entry.value else "quiet"),
            (
                "  " + fit(entry.origin, said, middle=True),
                "accent" if decided else "quiet",
            ),
        )
        whole = len(entry.value) <= value and len(entry.origin) <= said
        below: list[Line] = [] if whole else _below(f"{entry.value or 'not set'}  by {entry.origin}", width, "")
        if beside >= 40 and len(entry.meaning) <= beside:
            line = (*line, ("  " + entry.meaning, "quiet"))
        else:
            below += _below(entry.meaning, width, "quiet")
        items.append(Item(entry.key, (line, *below)))
    return items


def _below(text: str, width: int, role: Role) -> list[Line]:
    """TEXT to its end, below a line that has no room for it."""
    return [((f"   {piece}", role),) for piece in wrap(text, width - 4)]


def entry_words(entry: Entry) -> str:
    """What a setting is found by."""
    return f"{entry.key} {entry.value} {entry.origin} {entry.meaning}".lower()


def file_line(file: str, width: int) -> Line:
    """Where the settings come from."""
    return ((" settings.toml  ", "quiet"), (cut_middle(file or "none", width - 18), ""))
