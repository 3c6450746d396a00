"""Where the record is kept. Nothing of the record itself is needed to know it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENVIRONMENT = "HUBHOMES_STATE"


def state_folder() -> Path:
    """Where the record is kept: HUBHOMES_STATE, else the user's state folder."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_state_path

    return user_state_path("hubhomes")


@contextmanager
def record_folder(*, demo: bool) -> Iterator[Path]:
    """Where the record is; of the demo, a folder that is gone afterwards: it changes nothing that is real."""
    if not demo:
        yield state_folder()
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="hubhomes-demo-") as folder:
        yield Path(folder)
