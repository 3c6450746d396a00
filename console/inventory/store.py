"""Cache files of one's own: readable by nobody else, written whole or not at all, never a reason to fail."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def read_private(path: Path) -> bytes | None:
    """The content of PATH; None where there is none."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def write_private(path: Path, content: bytes) -> bool:
    """Replaces PATH by CONTENT in one step, mode 0600 in a folder of mode 0700. False where that can't be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        return False
    return True
