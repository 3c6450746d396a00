"""How the command ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; `check` uses 1 and 3. Where both are true, what was found wins."""

    NONE = 0
    """Done; of `check`: nothing found at the level asked for, and everything was observed."""
    FOUND = 1
    """Findings at the level asked for."""
    FAILED = 1
    """Of an action: not done, or not seen to be done; of `history --check`: the record was changed."""
    USAGE = 2
    """A wrong option, or settings or a configuration that cannot be used."""
    UNOBSERVED = 3
    """Nothing found at the level asked for, but something could not be observed."""
    OUTPUT = 74
    """What it prints could not be written, as to a full disk: nothing is said of what it found."""
    INTERRUPTED = 130
    BROKEN_PIPE = 141
