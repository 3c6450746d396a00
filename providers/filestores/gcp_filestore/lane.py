"""The threads that ask Google, and how long they may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from providers.errors import ProviderError
from providers.pool import run_blocking

T = TypeVar("T")
LANE = "gcp-filestore"


async def within(call: Callable[[], T], timeout_s: float, what: str) -> T:
    """CALL bounds itself by `timeout_s`; a second more is for what it does around its questions."""
    try:
        return await run_blocking(call, timeout_s=timeout_s + 1.0, lane=LANE)
    except TimeoutError as error:
        raise ProviderError("timeout", f"cannot {what}: no answer in time", next_step="refresh") from error
