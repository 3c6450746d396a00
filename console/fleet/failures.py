"""Turns what went wrong with a look into the words of a cluster's row."""

from __future__ import annotations

import logging
import traceback
from datetime import datetime

from console.chain.model import ClusterError
from providers.errors import ProviderError

log = logging.getLogger("hubhomes.fleet")


def cluster_error(name: str, failure: BaseException, *, now: datetime, deadline_s: float) -> ClusterError:
    """FAILURE of a look at cluster NAME. What nobody foresaw is logged, but never its text, which could hold a
    secret."""
    if isinstance(failure, ProviderError):
        return ClusterError(kind=failure.kind, message=failure.message, next_step=failure.next_step, since=now)
    if isinstance(failure, TimeoutError):
        message = f"no complete answer within {deadline_s:g} s"
        return ClusterError(kind="timeout", message=message, next_step="timeouts.cluster_s in settings", since=now)
    log_unforeseen(f"looking at {name}", failure)
    message = f"a mistake of hubhomes itself: {type(failure).__name__} while looking at {name}"
    return ClusterError(kind="internal", message=message, next_step="report it with the log", since=now)


def log_unforeseen(doing: str, failure: BaseException) -> None:
    """FAILURE by its type and frames."""
    frames = "".join(traceback.format_tb(failure.__traceback__))
    log.error("%s failed: %s\n%s", doing, type(failure).__name__, frames)
