"""An edited file as people read it."""

from __future__ import annotations

import difflib


def unified(file: str, before: bytes, after: bytes) -> str:
    """What `diff -u` shows of FILE, with the names that git uses. Both contents are UTF-8."""
    old, new = (content.decode().splitlines(keepends=True) for content in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{file}", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
