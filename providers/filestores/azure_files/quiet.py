"""Azure's packages log warnings, which Python writes to the terminal where nobody listens."""

from __future__ import annotations

import logging

_LOGGERS = ("azure", "msal", "msal_extensions", "urllib3", "aiohttp")


def hush() -> None:
    """Gives every logger of theirs that has no handler one that says nothing; those of the program still hear them."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
