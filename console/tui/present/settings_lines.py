"""The settings as lines: each value, and who decided it."""

from __future__ import annotations

from collections.abc import Sequence

from console.settings.keys import Entry
from console.tui.present.lines import Item, Line, cut, cut_middle, fit


def settings_items(entries: Sequence[Entry], width: int) -> list[Item]:
    """One item a setting: its key, value and origin, and below them what it means where there is no room beside."""
    name = min(max((len(entry.key) for entry in entries), default=10), 44)
    value = min(max(max((len(entry.value) for entry in entries), default=8), 8), 24 if width < 120 else 48)
    origin = 24 if width < 120 else 36
    beside = width - name - value - origin - 8
    items: list[Item] = []
    for entry in entries:
        decided = entry.origin != "default"
        line: Line = (
            (f" {fit(entry.key, name, middle=True)}", "strong"),
            ("  " + fit(entry.value or "not set", value, middle=True), "" if entry.value else "quiet"),
            (
                "  " + fit(entry.origin, min(origin, max(width - name - value - 6, 8)), middle=True),
                "accent" if decided else "quiet",
            ),
        )
        if beside >= 40:
            items.append(Item(entry.key, ((*line, ("  " + cut(entry.meaning, beside), "quiet")),)))
        else:
            items.append(Item(entry.key, (line, ((f"   {cut(entry.meaning, width - 4)}", "quiet"),))))
    return items


def entry_words(entry: Entry) -> str:
    """What a setting is found by."""
    return f"{entry.key} {entry.value} {entry.origin} {entry.meaning}".lower()


def file_line(file: str, width: int) -> Line:
    """Where the settings come from."""
    return ((" settings.toml  ", "quiet"), (cut_middle(file or "none", width - 18), ""))
