"""Google's packages write to the terminal from C, by logging and by warnings: all three are shut here."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import MutableMapping

_LOGGERS = ("google", "grpc", "urllib3", "requests")


def hush(environ: MutableMapping[str, str] = os.environ) -> None:
    """Must run before grpc is imported, which reads the environment once. Loggers that have handlers keep them."""
    environ.setdefault("GRPC_VERBOSITY", "NONE")
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:
            # Without any handler Python writes warnings to stderr itself.
            logger.addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module=r"(google|proto)\.")
