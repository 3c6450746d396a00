"""Small files in the cache folder: each replaced whole, and readable by its owner alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def digest(name: str) -> str:
    """NAME as a part of a file's name: a context's may hold anything, and be long."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def replace_file(file: Path, content: bytes) -> None:
    """Puts CONTENT in FILE, and makes its folder. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with open(new, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
            stream.write(content)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
